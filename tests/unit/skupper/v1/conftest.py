# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of v1 tokens share."""

from __future__ import annotations

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1 import settling
from tests.unit.skupper.v1.sites import World


@pytest.fixture
def world() -> World:
    """Two sites that are not linked."""
    return World()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routers in memory connect at once."""
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 0.0)
