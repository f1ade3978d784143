# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of gateways share."""

from __future__ import annotations

import pytest

from tests.unit.skupper_gateway.world import GatewayWorld


@pytest.fixture
def world() -> GatewayWorld:
    """A site and a host without a gateway."""
    return GatewayWorld()


@pytest.fixture
def standing(world: GatewayWorld) -> GatewayWorld:
    """With a gateway, and nothing noted yet."""
    world.perform()
    world.changes()
    return world
