# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that ends at any write: Argo CD never has a token that does not work, and the next run completes the work."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.unit.apply.fake_cluster import Crash
from tests.unit.argocd.clusters import SECRET, Clusters

MOMENTS = [(write, effect) for write in range(1, 8) for effect in (False, True)]


def watched(clusters: Clusters) -> None:
    """Have the invariant checked after every write to either cluster."""

    def check(write: str) -> None:
        if SECRET in clusters.hub.objects:
            assert clusters.argo_has_access(), f"after {write} Argo CD has a token that does not work"

    clusters.hub.after_write = clusters.managed.after_write = check


def crash_at(clusters: Clusters, number: int, with_effect: bool) -> None:
    """Have the process end at a write, before it or after it."""
    counter = itertools.count(1)
    check = clusters.hub.after_write

    def count(write: str) -> None:
        if next(counter) == number:
            raise Crash(write)

    def count_after(write: str) -> None:
        check(write)
        count(write)

    for cluster in (clusters.hub, clusters.managed):
        if with_effect:
            cluster.after_write = count_after
        else:
            cluster.on_write = count


def go_on(clusters: Clusters) -> None:
    for cluster in (clusters.hub, clusters.managed):
        cluster.on_write = lambda write: None
    watched(clusters)


def crashed(act: Callable[[], object]) -> bool:
    try:
        act()
    except Crash:
        return True
    return False


@pytest.mark.parametrize(("number", "with_effect"), MOMENTS)
@pytest.mark.parametrize("state", ["present", "rotated"])
@pytest.mark.parametrize("next_state", ["present", "rotated"])
def test_the_next_run_completes_what_was_interrupted(
    state: str, next_state: str, number: int, with_effect: bool
) -> None:
    clusters = Clusters()
    watched(clusters)
    if state == "rotated":
        clusters.perform()
    crash_at(clusters, number, with_effect)
    happened = crashed(lambda: clusters.perform(state=state))
    assert happened == (number <= (3 if state == "rotated" else 5)), "each write, and no other, was interrupted"
    go_on(clusters)
    clusters.perform(state=next_state)
    assert clusters.argo_has_access()
    assert len(clusters.tokens()) == 1
    assert clusters.perform()["changed"] is False


@pytest.mark.parametrize(("number", "with_effect"), MOMENTS)
def test_the_next_removal_completes_what_was_interrupted(number: int, with_effect: bool) -> None:
    clusters = Clusters()
    before = set(clusters.managed.objects), set(clusters.hub.objects)
    clusters.perform()
    crash_at(clusters, number, with_effect)
    assert crashed(lambda: clusters.perform(state="absent")) == (number <= 5)
    for cluster in (clusters.hub, clusters.managed):
        cluster.on_write = cluster.after_write = lambda write: None
    clusters.perform(state="absent")
    assert (set(clusters.managed.objects), set(clusters.hub.objects)) == before
