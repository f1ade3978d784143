# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._podman import units
from tests.unit.podman.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A host without systemd, whatever the machine has that the tests run on."""
    monkeypatch.setattr(units, "offered", lambda version: units.Boot(systemd=False, quadlet=False))
    return World(tmp_path / "skupper" / "gateway")
