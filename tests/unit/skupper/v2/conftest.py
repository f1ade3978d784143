# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of v2 tokens share."""

from __future__ import annotations

import pytest

from tests.unit.skupper.v2.sites import World


@pytest.fixture
def world() -> World:
    """Two sites that are not linked."""
    return World()
