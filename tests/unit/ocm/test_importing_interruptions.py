# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports and detachments that end at any write, and parts that get lost: the next run completes the work."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable

import pytest

from tests.unit.apply.fake_cluster import Crash
from tests.unit.ocm.importing_clusters import (
    AGENT_NAMESPACE,
    BOOTSTRAP,
    CREDENTIALS,
    IMPORT,
    KLUSTERLET,
    World,
    joined,
    remaining,
    request_ref,
)


def crash_at(world: World, number: int, with_effect: bool) -> None:
    counter = itertools.count(1)

    def count(write: str) -> None:
        if next(counter) == number:
            raise Crash(write)

    for cluster in (world.hub, world.managed):
        setattr(cluster, "after_write" if with_effect else "on_write", count)


def go_on(world: World) -> None:
    for cluster in (world.hub, world.managed):
        cluster.after_write = cluster.on_write = lambda write: None


def crashed(act: Callable[[], object]) -> bool:
    try:
        act()
    except Crash:
        return True
    return False


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, len(IMPORT) + 2))
def test_an_import_that_was_interrupted_is_completed(world: World, number: int, with_effect: bool) -> None:
    crash_at(world, number, with_effect)
    assert crashed(world.perform) == (number <= len(IMPORT)), "each write, and no other, was interrupted"
    go_on(world)
    world.perform()
    assert joined(world)
    world.forget_writes()
    assert (world.perform()["changed"], world.writes()) == (False, [])


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, 5))
def test_a_detachment_that_was_interrupted_is_completed(world: World, number: int, with_effect: bool) -> None:
    world.perform()
    crash_at(world, number, with_effect)
    crashed(lambda: world.perform(state="absent"))
    go_on(world)
    world.perform(state="absent")
    assert remaining(world) == set()
    world.forget_writes()
    assert (world.perform(state="absent")["changed"], world.writes()) == (False, [])


@pytest.mark.parametrize("loss", ["Secret", "token", "request", "credentials", "agent"])
def test_what_has_been_lost_is_made_anew(world: World, loss: str) -> None:
    world.agent_runs = False
    world.perform(wait=False)
    world.agent_runs = True
    if loss == "Secret":
        del world.managed.objects[BOOTSTRAP]
    elif loss == "token":
        world.tokens["token-1"] = False
        _age_token(world)
    elif loss == "request":
        world.work()
        assert world.hub.objects[request_ref(1)]["status"] == {}
    else:
        world.perform()
        del world.managed.objects[CREDENTIALS]
        if loss == "agent":  # somebody has cleaned up the cluster, and the hub has not noticed yet
            for ref in (BOOTSTRAP, KLUSTERLET, AGENT_NAMESPACE):
                del world.managed.objects[ref]
    tokens = len(world.tokens)
    world.forget_writes()
    world.perform()
    assert joined(world)
    assert CREDENTIALS in world.managed.objects
    asked = len(world.tokens) - tokens
    assert asked == (1 if loss in ("Secret", "token", "agent") else 0)


def _age_token(world: World) -> None:
    secret = world.managed.objects[BOOTSTRAP]
    config = json.loads(base64.b64decode(secret["data"]["kubeconfig"]))
    header, payload, signature = config["users"][0]["user"]["token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    aged = base64.urlsafe_b64encode(json.dumps({**claims, "exp": 1}).encode()).decode().rstrip("=")
    config["users"][0]["user"]["token"] = f"{header}.{aged}.{signature}"
    secret["data"]["kubeconfig"] = base64.b64encode(json.dumps(config).encode()).decode()
