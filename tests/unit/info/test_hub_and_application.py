# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hub is asked for: members, and applications with their workloads."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.unit.info.world import HUB, PHILLY, World, deployment, failed, message, obj, unknown

PLACEMENT = "argocd/boutique-clusters"


def managed(name: str, available: bool = True) -> dict[str, Any]:
    condition = {
        "type": "ManagedClusterConditionAvailable",
        "status": "True" if available else "Unknown",
        "message": "Registration agent stopped updating its lease.",
    }
    return obj("cluster.open-cluster-management.io/v1", "ManagedCluster", name, status={"conditions": [condition]})


def hub(**more: Any) -> dict[str, Any]:
    decision = obj(
        "cluster.open-cluster-management.io/v1beta1",
        "PlacementDecision",
        "boutique-clusters-decision-1",
        labels={"cluster.open-cluster-management.io/placement": "boutique-clusters"},
        status={"decisions": [{"clusterName": "local-cluster"}, {"clusterName": PHILLY}]},
    )
    decision["metadata"]["namespace"] = "argocd"
    secrets = [
        obj("v1", "Secret", name, data={"name": base64.b64encode(name.encode()).decode()})
        for name in ("local-cluster", PHILLY)
    ]
    return {
        "ManagedCluster": [managed("local-cluster"), managed(PHILLY)],
        "ManagedCluster local-cluster=true": [managed("local-cluster")],
        "PlacementDecision": [decision],
        "ClusterSecret": secrets,
        "Application": [],
        **more,
    }


MEMBERS = [
    {"host": HUB, "selector": "local-cluster=true", "placements": [PLACEMENT], "argocd": True},
    {"host": PHILLY, "cluster": PHILLY, "placements": [PLACEMENT], "argocd": True},
]
ONE = [{"host": PHILLY, "name": "boutique", "delivery": "auto"}]


def look(world: World, **more: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"links": [], "gateways": [], "services": []}
    return world.look(**{**nothing, "members": MEMBERS, **more})


def application(sync: str = "Synced", health: str = "Healthy", **status: Any) -> dict[str, Any]:
    found = {"sync": {"status": sync}, "health": {"status": health}, **status}
    return obj("argoproj.io/v1alpha1", "Application", f"boutique-{PHILLY}", status=found)


def test_members_are_available_selected_and_known_to_argo_cd() -> None:
    result = look(World(hub=hub()))
    assert result["ok"]
    assert [(each["host"], each["name"]) for each in result["checks"] if each["layer"] == "hub"] == [
        (HUB, "local-cluster"),
        (PHILLY, PHILLY),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ManagedCluster": [managed("local-cluster")]}, f"there is no ManagedCluster {PHILLY}"),
        (
            {"ManagedCluster": [managed("local-cluster"), managed(PHILLY, available=False)]},
            "stopped updating its lease",
        ),
        ({"PlacementDecision": []}, f"not selected by Placement {PLACEMENT}"),
        ({"ClusterSecret": []}, "not known to Argo CD"),
    ],
)
def test_a_cluster_that_is_no_member_is_told_what_it_lacks(change: dict[str, Any], says: str) -> None:
    result = look(World(hub=hub(**change)))
    assert f"hub {PHILLY} {PHILLY}" in failed(result)
    assert says in message(result, "hub", PHILLY)


def test_the_hub_s_word_on_a_cluster_that_does_not_answer_is_no_second_failure() -> None:
    clusters = [managed("local-cluster"), managed(PHILLY, available=False)]
    result = look(World(hub=hub(ManagedCluster=clusters), down={PHILLY}))
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]
    assert f"hub {PHILLY} {PHILLY}" in unknown(result)


def test_a_selector_that_finds_no_cluster_is_named() -> None:
    result = look(World(hub=hub(**{"ManagedCluster local-cluster=true": []})))
    assert message(result, "hub", HUB) == "no ManagedCluster has local-cluster=true"


def test_a_hub_that_does_not_answer_leaves_membership_unknown() -> None:
    result = look(World(hub=hub(), down={HUB}))
    assert failed(result) == [f"api {HUB} {HUB}"]
    assert message(result, "hub", PHILLY) == f"the hub {HUB} does not answer"


def test_what_of_the_hub_may_not_be_read_is_no_failure() -> None:
    problems = {HUB: {"PlacementDecision": "forbidden", "ClusterSecret": "forbidden"}}
    assert look(World(hub=hub(), problems=problems))["ok"]
    assert failed(look(World(hub=hub(), problems={HUB: {"ManagedCluster": "forbidden"}}))) == []


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (application(), "Synced, Healthy"),
        (application("OutOfSync"), "OutOfSync, Healthy"),
        (
            application("Unknown", conditions=[{"type": "ComparisonError", "message": "no such chart"}]),
            "Unknown, Healthy: ComparisonError: no such chart",
        ),
        (
            application("OutOfSync", operationState={"phase": "Failed", "message": "one object is refused"}),
            "OutOfSync, Healthy: one object is refused",
        ),
        (
            application(
                health="Degraded",
                resources=[{"kind": "Deployment", "name": "cart", "health": {"status": "Degraded", "message": "late"}}],
            ),
            "Synced, Degraded: Deployment cart: late",
        ),
        (None, f"there is no Application boutique-{PHILLY} on {HUB}"),
    ],
)
def test_an_application_is_judged_by_argo_cd_s_own_words(found: dict[str, Any] | None, says: str) -> None:
    result = look(World(hub=hub(Application=[found] if found else [])), applications=ONE)
    assert message(result, "application", PHILLY) == says
    assert result["ok"] is (says == "Synced, Healthy")


def test_the_hub_s_own_application_bears_the_name_that_the_hub_has_for_itself() -> None:
    wanted = [{"host": HUB, "name": "boutique", "cluster": HUB, "selector": "local-cluster=true", "delivery": "gitops"}]
    result = look(World(hub=hub()), applications=wanted)
    assert message(result, "application", HUB) == f"there is no Application boutique-local-cluster on {HUB}"


def test_without_argo_cd_nothing_is_expected_of_it() -> None:
    world = World(
        hub=hub(),
        problems={HUB: {"Application": "does not serve Application"}},
        missing={HUB: frozenset({"Application"})},
    )
    assert [each for each in look(world, applications=ONE)["checks"] if each["layer"] == "application"] == []
    gitops = look(world, applications=[{**ONE[0], "delivery": "gitops"}])
    assert message(gitops, "application", PHILLY) == "does not serve Application"


def test_workloads_are_ready_by_name() -> None:
    workloads = {PHILLY: [deployment("cart"), deployment("skupper-router"), deployment("ad", 1, 2)]}
    result = look(
        World(workloads=workloads), members=[], workloads=[{"host": PHILLY, "names": ["ad", "cart", "email"]}]
    )
    assert failed(result) == [f"application {PHILLY} ad", f"application {PHILLY} email"]
    assert message(result, "application", PHILLY) == "1 of 2 ready"
    (cluster,) = [each for each in result["document"]["clusters"] if each["name"] == PHILLY]
    assert [each["name"] for each in cluster["workloads"]] == ["ad", "cart"], (
        "Skupper's own are none of the application"
    )


def test_a_chart_of_the_user_s_own_is_whatever_runs_there_and_something_must() -> None:
    anything = [{"host": PHILLY, "names": []}]
    some = World(workloads={PHILLY: [deployment("hello")]})
    assert [each["name"] for each in look(some, members=[], workloads=anything)["checks"][-1:]] == ["hello"]
    none = World(workloads={PHILLY: [], HUB: [deployment("other")]})
    assert failed(look(none, members=[], workloads=anything)) == [f"application {PHILLY} workloads"]


def test_a_network_without_a_hub_has_no_such_layer() -> None:
    result = look(World(), members=[])
    assert result["document"]["hub"] is None
    assert "hub" not in {each["layer"] for each in result["checks"]}
