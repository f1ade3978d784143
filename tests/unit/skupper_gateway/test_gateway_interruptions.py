# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that ended anywhere: the next one completes them, whatever they had been asked for."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tests.unit.apply.fake_cluster import Crash
from tests.unit.skupper.v1.sites import config_map_ref, secret_ref
from tests.unit.skupper_gateway.world import NAME, RESOURCE, GatewayWorld


class Fuse:
    """Ends the process at one of its writes, on either side."""

    def __init__(self, world: GatewayWorld, number: int, before: bool) -> None:
        self._left = number
        self.blown = False
        if before:
            world.cluster.on_write = self._count
        else:
            world.cluster.after_write = self._count
        ask = world.host.ask

        def interrupted(arguments: Any, check: bool = False) -> dict[str, Any]:
            changes = arguments["state"] != "probed"
            if changes and before:
                self._count("host")
            result = ask(arguments, check)
            if changes and not before:
                self._count("host")
            return result

        world.host.ask = interrupted  # type: ignore[method-assign]
        self._world, self._ask = world, ask

    def _count(self, write: str) -> None:
        self._left -= 1
        if self._left == 0:
            self.blown = True
            raise Crash(write)

    def take_out(self) -> None:
        """Let the next run through."""
        self._world.cluster.on_write = self._world.cluster.after_write = lambda write: None
        self._world.host.ask = self._ask  # type: ignore[method-assign]


def interrupted(world: GatewayWorld, number: int, before: bool, **params: Any) -> bool:
    """Run up to a write; whether there were that many."""
    fuse = Fuse(world, number, before)
    with contextlib.suppress(Crash):
        world.perform(**params)
    fuse.take_out()
    return fuse.blown


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 7))
def test_the_making_is_completed(world: GatewayWorld, number: int, before: bool) -> None:
    assert interrupted(world, number, before)
    assert world.perform()["gateway"]["link"]["up"]
    assert not world.perform()["changed"]
    assert world.host.entities("tcpConnector").keys() == {"redis-cart:6379"}


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 4))
def test_the_renewal_is_completed(standing: GatewayWorld, number: int, before: bool) -> None:
    standing.cluster.revoke()
    assert interrupted(standing, number, before)
    assert standing.perform()["gateway"]["link"]["up"]
    assert not standing.perform()["changed"]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 5))
def test_the_removal_is_completed(standing: GatewayWorld, number: int, before: bool) -> None:
    assert interrupted(standing, number, before, state="absent", address=None)
    standing.perform(state="absent", address=None)
    objects = standing.cluster.objects
    assert secret_ref(RESOURCE) not in objects
    assert config_map_ref(RESOURCE) not in objects
    assert not objects[config_map_ref("skupper-services")].get("data")
    assert NAME not in standing.host.containers
    assert not standing.perform(state="absent", address=None)["changed"]
