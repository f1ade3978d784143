# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A detachment takes out what an import has made, in the order that holds, and tells what it could not."""

from __future__ import annotations

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef, Unreachable
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.ocm.importing_clusters import (
    AGENT_NAMESPACE,
    BOOTSTRAP,
    KLUSTERLET,
    MANAGED_CLUSTER,
    NAME,
    World,
    made,
    remaining,
    shown,
)


def test_a_detachment_leaves_what_was_there_before(world: World) -> None:
    world.perform()
    world.forget_writes()
    predicted = world.perform(check=True, state="absent")
    assert world.writes() == []
    result = world.perform(state="absent")
    assert shown(predicted) == shown(result)
    assert result["remaining"] == []
    assert remaining(world) == set()
    # The hub takes back what it has placed on the cluster, and needs the agent for that.
    assert world.hub.writes[0] == f"delete {MANAGED_CLUSTER}"
    assert world.managed.writes[0] == f"delete {KLUSTERLET}"


def test_an_unreachable_cluster_is_detached_at_the_hub_and_the_rest_is_told(world: World) -> None:
    world.perform()
    world.managed.down = Unreachable("https://ca-regina.example.com:6443 does not answer")
    result = world.perform(state="absent")
    assert MANAGED_CLUSTER not in world.hub.objects
    assert result["remaining"] == [str(ref) for ref in (KLUSTERLET, AGENT_NAMESPACE, BOOTSTRAP)]
    assert "Klusterlet klusterlet" in world.warnings[0]
    world.managed.down = None
    world.forget_writes()
    assert world.perform(state="absent")["remaining"] == []
    assert remaining(world) == set()


def test_an_unreachable_hub_is_no_cluster_that_is_away(world: World) -> None:
    world.perform()
    world.hub.down = world.managed.down = Unreachable("does not answer")
    with pytest.raises(Unreachable):
        world.perform(state="absent")


def test_a_klusterlet_of_another_name_is_left_alone(world: World) -> None:
    world.perform()
    world.managed.objects[KLUSTERLET]["spec"]["clusterName"] = "regina"
    world.perform(state="absent")
    assert KLUSTERLET in world.managed.objects
    assert MANAGED_CLUSTER not in world.hub.objects


def test_what_holds_a_managedcluster_is_told(world: World) -> None:
    world.perform()
    world.hub.objects[MANAGED_CLUSTER]["metadata"]["finalizers"] = [
        "cluster.open-cluster-management.io/resource-cleanup"
    ]
    work = ObjectRef("work.open-cluster-management.io/v1", "ManifestWork", "addon-search-deploy", NAME)
    world.hub.put(made(work))
    with pytest.raises(WaitTimeout) as caught:
        world.perform(state="absent")
    for words in ("resource-cleanup", f"left in namespace {NAME}: ManifestWork addon-search-deploy"):
        assert words in caught.value.message
    assert caught.value.details["changed"] is True
    assert KLUSTERLET in world.managed.objects, "the agent is needed to undo it"
