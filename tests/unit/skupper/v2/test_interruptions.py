# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end at any write, before or after it took effect: the next one completes the work."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.unit.apply.fake_cluster import Crash
from tests.unit.skupper.v2.sites import LINK, SECOND, World


def crash_at(world: World, number: int, with_effect: bool) -> None:
    counter = itertools.count(1)

    def count(write: str) -> None:
        if next(counter) == number:
            raise Crash(write)

    for cluster in (world.issuer, world.linking):
        setattr(cluster, "after_write" if with_effect else "on_write", count)


def interrupted(world: World, number: int, with_effect: bool, **params: Any) -> bool:
    """Whether there is so many a write to interrupt."""
    crash_at(world, number, with_effect)
    try:
        world.perform(**params)
    except Crash:
        return True
    finally:
        world.listen()
    return False


def settled(world: World, **params: Any) -> None:
    """Another run has nothing to do."""
    assert world.writes_of(**params) == []


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_link_that_was_begun_is_completed(world: World, number: int, with_effect: bool) -> None:
    assert interrupted(world, number, with_effect)
    world.perform()
    assert world.tokens() == world.certificate_token()
    settled(world)


@pytest.mark.parametrize("next_state", ["rotated", "linked"])
@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, 7))
def test_a_rotation_that_was_begun_is_completed(world: World, number: int, with_effect: bool, next_state: str) -> None:
    world.perform()
    assert interrupted(world, number, with_effect, state="rotated")
    assert any(world._is_up(link) for link in world.linking.of("Link").values()), "the link was never cut"
    begun = SECOND in world.issuer.of("Certificate")
    world.perform(state=next_state)
    wanted = SECOND if begun or next_state == "rotated" else LINK
    complete = number == 6 and with_effect and next_state == "rotated"
    if complete:  # nothing tells that a rotation was under way: this is another one
        wanted = f"{LINK}-3"
    assert world.tokens() == world.certificate_token(wanted)
    settled(world)


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", [1, 2])
def test_a_claim_that_was_begun_is_completed(world: World, number: int, with_effect: bool) -> None:
    assert interrupted(world, number, with_effect, type="claim")
    world.perform(type="claim")
    assert world.tokens() == {kind: [LINK] for kind in ("AccessGrant", "AccessToken", "Link", "Secret")}
    settled(world, type="claim")


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("kind", ["certificate", "claim"])
def test_a_removal_that_was_begun_is_completed(world: World, kind: str, number: int, with_effect: bool) -> None:
    world.perform(type=kind)
    assert interrupted(world, number, with_effect, state="absent")
    world.perform(state="absent")
    assert world.tokens() == {}
    settled(world, state="absent")
