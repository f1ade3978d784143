# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories: what counts as the same."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.lab.inventory import Found, difference, digest

THING: dict[str, Any] = {
    "metadata": {
        "name": "ca-toronto",
        "uid": "1",
        "resourceVersion": "7",
        "generation": 3,
        "managedFields": [{"manager": "x"}],
        "labels": {"name": "ca-toronto", "kubernetes.io/legacy-token-last-used": "2026-01-01"},
    },
    "spec": {"hubAcceptsClient": True},
    "status": {"phase": "new"},
}


def changed(*place: str, value: Any) -> dict[str, Any]:
    thing = deepcopy(THING)
    inner: Any = thing
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return thing


@pytest.mark.parametrize(
    "place",
    [
        ("metadata", "resourceVersion"),
        ("metadata", "generation"),
        ("metadata", "managedFields"),
        ("metadata", "labels", "kubernetes.io/legacy-token-last-used"),
        ("status", "phase"),
    ],
)
def test_counters_clocks_and_status_do_not_count(place: tuple[str, ...]) -> None:
    assert digest(changed(*place, value="other")) == digest(THING)


@pytest.mark.parametrize("place", [("metadata", "labels", "name"), ("metadata", "finalizers"), ("spec", "x")])
def test_everything_else_counts(place: tuple[str, ...]) -> None:
    assert digest(changed(*place, value="other")) != digest(THING)


def test_a_difference_names_each_object_and_what_became_of_it() -> None:
    before = {
        "hub": {"same": Found("1", "a"), "lost": Found("2", "a"), "again": Found("3", "a"), "new": Found("4", "a")}
    }
    after = {
        "hub": {"same": Found("1", "a"), "again": Found("9", "a"), "new": Found("4", "b"), "left": Found("5", "a")}
    }

    assert difference(before, before) == []
    assert difference(before, after) == [
        "hub: left behind: left",
        "hub: gone: lost",
        "hub: made anew: again",
        "hub: changed: new",
    ]
