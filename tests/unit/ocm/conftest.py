# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of imports share."""

from __future__ import annotations

import pytest

from tests.unit.ocm.importing_clusters import World


@pytest.fixture
def world() -> World:
    """A hub and a cluster that it does not manage."""
    return World()
