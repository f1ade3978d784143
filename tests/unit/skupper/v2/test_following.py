# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation that somebody else carries out at the linking site."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.replacing import LinkLost
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.skupper.v2.sites import LINK, SECOND, World, ref

FOLLOWED: dict[str, Any] = {"state": "rotated", "distribution": "none"}


@pytest.fixture
def both(world: World) -> World:
    """Both tokens are at the linking site."""
    world.perform()
    world.perform(state="rotated", wait=False)
    assert world.linking.names("Link") == [LINK, SECOND]
    return world


def take_the_older_away(world: World, after: int) -> None:
    """Take it away while the module is looking: at so many requests from now on."""
    work, requests = world.work, 0

    def count() -> None:
        nonlocal requests
        requests += 1
        if requests == after:
            for kind in ("Link", "Secret"):
                world.linking.objects.pop(ref(kind, LINK), None)
        work()

    world.work = count  # type: ignore[method-assign]


def test_it_is_watched_until_the_newest_token_carries_the_link_alone(both: World) -> None:
    take_the_older_away(both, after=30)
    both.log.clear()
    found = both.perform(**FOLLOWED, wait_timeout=5)
    assert both.log == []
    assert (found["changed"], found["token"], found["link"]["up"]) == (False, SECOND, True)
    assert found["observed"]["down"] == 0
    assert found["observed"]["polls"] > 3


def test_what_does_not_go_is_named(both: World) -> None:
    with pytest.raises(WaitTimeout, match=f"{LINK} has not been taken away yet"):
        both.perform(**FOLLOWED)


def test_a_link_that_goes_down_without_the_older_token_is_lost(both: World) -> None:
    both.carries = lambda link: LINK in both.linking.of("Link")
    take_the_older_away(both, after=30)
    with pytest.raises(LinkLost, match="give them back") as raised:
        both.perform(**FOLLOWED, wait_timeout=5)
    assert raised.value.details["observed"]["down"] >= 2


@pytest.mark.parametrize("how", [{"wait": False}, {"check": True}])
def test_a_run_that_does_not_wait_only_looks(both: World, how: dict[str, bool]) -> None:
    assert both.perform(**FOLLOWED, **how)["observed"] == {"polls": 1, "down": 0}
