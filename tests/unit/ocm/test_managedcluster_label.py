# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of managedcluster_label: one LIST, one patch a changed cluster, nothing before all is known to be right."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
    ObjectRef,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.label_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.labels import CLUSTERSET_LABEL, PROTECTED
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster

API = "cluster.open-cluster-management.io"
DEFAULTS: dict[str, Any] = {
    "names": None,
    "label_selector": None,
    "state": "present",
    "protected": list(PROTECTED),
    "move_clusterset": False,
    "ignore_missing": False,
    "placements": [],
    "report_placements": False,
    "wait": True,
    "wait_timeout": 0,
    "wait_sleep": 1,
}
PLACEMENT = {"name": "boutique", "namespace": "openshift-gitops", "selects": None}


def a_cluster(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": f"{API}/v1", "kind": "ManagedCluster", "metadata": {"name": name, "labels": labels}}


def a_decision(placement: str, *clusters: str, namespace: str = "openshift-gitops") -> dict[str, Any]:
    return {
        "apiVersion": f"{API}/v1beta1",
        "kind": "PlacementDecision",
        "metadata": {
            "name": f"{placement}-decision-1",
            "namespace": namespace,
            "labels": {f"{API}/placement": placement},
        },
        "status": {"decisions": [{"clusterName": name, "reason": ""} for name in clusters]},
    }


def a_placement(name: str, selected: int) -> dict[str, Any]:
    condition = {"type": "PlacementSatisfied", "status": "True", "reason": "AllDecisionsScheduled", "message": ""}
    return {
        "apiVersion": f"{API}/v1beta1",
        "kind": "Placement",
        "metadata": {"name": name, "namespace": "openshift-gitops", "generation": 1},
        "spec": {},
        "status": {"numberOfSelectedClusters": selected, "conditions": [condition]},
    }


@pytest.fixture
def hub() -> FakeCluster:
    return FakeCluster(
        a_cluster("ca-central", **{"local-cluster": "true", CLUSTERSET_LABEL: "default"}),
        a_cluster("ca-toronto", **{CLUSTERSET_LABEL: "default", "tier": "edge"}),
        a_cluster("us-philly", **{CLUSTERSET_LABEL: "default"}),
    )


def perform(hub: FakeCluster, check: bool = False, **params: Any) -> dict[str, Any]:
    return run(Task({**DEFAULTS, **params}, check_mode=check, diff_mode=True, _own=hub.as_client()))


def labels_of(hub: FakeCluster, name: str) -> dict[str, str]:
    labels: dict[str, str] = hub.objects[ObjectRef(f"{API}/v1", "ManagedCluster", name)]["metadata"]["labels"]
    return labels


def test_check_label_again(hub: FakeCluster) -> None:
    wanted: dict[str, Any] = {"names": ["us-philly", "ca-toronto"], "labels": {"tier": "edge"}}
    predicted = perform(hub, check=True, **wanted)
    assert hub.writes == []
    result = perform(hub, **wanted)
    assert hub.writes == ["patch ManagedCluster us-philly"]
    assert result == predicted
    assert [(entry["name"], entry["changed"]) for entry in result["clusters"]] == [
        ("us-philly", True),
        ("ca-toronto", False),
    ]
    assert result["clusters"][0]["before"] == {CLUSTERSET_LABEL: "default"}
    assert (
        result["clusters"][0]["after"] == labels_of(hub, "us-philly") == {CLUSTERSET_LABEL: "default", "tier": "edge"}
    )
    assert [entry["before_header"] for entry in result["diff"]] == ["ManagedCluster us-philly metadata.labels"]
    again = perform(hub, **wanted)
    assert (again["changed"], again["diff"]) == (False, [])
    assert len(hub.writes) == 1


def test_all_clusters_are_read_by_one_list(hub: FakeCluster) -> None:
    perform(hub, names=["us-philly", "ca-toronto"], labels={"a": "b"}, wait=False)
    assert [read for read in hub.reads if read.startswith(("list", "get"))] == ["list ManagedCluster"]


def test_one_cluster_is_read_without_the_others(hub: FakeCluster) -> None:
    perform(hub, names=["us-philly", "us-philly"], labels={"a": "b"})
    assert [read for read in hub.reads if read.startswith("list")] == ["list ManagedCluster metadata.name=us-philly"]
    assert hub.writes == ["patch ManagedCluster us-philly"]


def test_clusters_are_selected_by_label(hub: FakeCluster) -> None:
    perform(hub, label_selector="local-cluster=true", labels={"argo": "True"})
    assert hub.writes == ["patch ManagedCluster ca-central"]
    with pytest.raises(InputError, match="matches no ManagedCluster"):
        perform(hub, label_selector="nobody=here", labels={"a": "b"})
    assert perform(hub, label_selector="nobody=here", labels={"a": "b"}, ignore_missing=True)["clusters"] == []


@pytest.mark.parametrize("selector", ["", " "])
def test_an_empty_selector_does_not_stand_for_all(selector: str, hub: FakeCluster) -> None:
    with pytest.raises(InputError, match="it would select every ManagedCluster"):
        perform(hub, label_selector=selector, labels={"a": "b"})
    assert hub.reads == []


def test_unknown_clusters_are_named_all_at_once_before_any_write(hub: FakeCluster) -> None:
    names = ["us-philly", "nowhere", "us-philly", "elsewhere"]
    with pytest.raises(InputError) as caught:
        perform(hub, names=names, labels={"a": "b"})
    assert caught.value.details["missing"] == ["nowhere", "elsewhere"]
    assert "nowhere, elsewhere" in caught.value.message
    assert hub.writes == []
    result = perform(hub, names=names, labels={"a": "b"}, ignore_missing=True)
    assert [entry["name"] for entry in result["clusters"]] == ["us-philly"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"labels": {"a": True}}, "labels.a"),
    ({"labels": {"local-cluster": "false"}}, "labels.local-cluster"),
    ({"labels": {CLUSTERSET_LABEL: "shop"}, "names": ["us-philly", "moved"]}, f"labels.{CLUSTERSET_LABEL}"),
    ({"placements": [{**PLACEMENT, "namespace": ""}]}, "placements[0].namespace"),
]


@pytest.mark.parametrize(("params", "field"), WRONG)
def test_what_is_wrong_is_found_before_any_write(params: dict[str, Any], field: str, hub: FakeCluster) -> None:
    hub.put(a_cluster("moved", **{CLUSTERSET_LABEL: "bank"}))
    with pytest.raises(InputError) as caught:
        perform(hub, **{"names": ["us-philly", "ca-central"], "labels": {"a": "b"}, **params})
    assert caught.value.details["field"] == field
    assert hub.writes == []


def test_a_cluster_leaves_another_set_when_told_so(hub: FakeCluster) -> None:
    hub.put(a_cluster("moved", **{CLUSTERSET_LABEL: "bank"}))
    perform(hub, names=["moved"], labels={CLUSTERSET_LABEL: "shop"}, move_clusterset=True)
    assert labels_of(hub, "moved") == {CLUSTERSET_LABEL: "shop"}


def test_what_was_written_before_a_refusal_is_told(hub: FakeCluster) -> None:
    def refuse(write: str) -> None:
        if write.endswith("ca-toronto"):
            raise Forbidden("ca-toronto is not yours")

    hub.on_write = refuse
    with pytest.raises(InterconnectError, match="ca-toronto is not yours") as caught:
        perform(hub, names=["ca-toronto", "us-philly"], labels={"a": "b"})
    assert caught.value.details == {"changed": True, "written": ["us-philly"], "failed_clusters": ["ca-toronto"]}


def test_a_refused_move_names_the_permission_that_it_needs(hub: FakeCluster) -> None:
    def refuse(write: str) -> None:
        raise Forbidden(f"{write} denied")

    hub.on_write = refuse
    with pytest.raises(InterconnectError, match="create managedclustersets/join") as caught:
        perform(hub, names=["ca-toronto"], labels={CLUSTERSET_LABEL: "shop"})
    assert "from set default to shop" in caught.value.message
    assert caught.value.details["changed"] is False


def test_placements_are_waited_for(hub: FakeCluster) -> None:
    hub.put(a_placement("boutique", 1))
    hub.put(a_decision("boutique", "us-philly"))
    params: dict[str, Any] = {"labels": {"a": "b"}, "placements": [PLACEMENT]}
    result = perform(hub, names=["us-philly"], **params)
    assert result["clusters"][0]["selected_by"] == ["openshift-gitops/boutique"]
    with pytest.raises(InterconnectError, match="ca-toronto"):
        perform(hub, names=["us-philly", "ca-toronto"], **params)
    perform(hub, names=["us-philly", "ca-toronto"], wait=False, **params)
    perform(hub, names=["us-philly", "ca-toronto"], check=True, **params)


@pytest.mark.parametrize(
    ("state", "selects", "satisfied"),
    [("present", None, True), ("absent", None, False), ("absent", True, True), ("present", False, False)],
)
def test_what_is_waited_for_follows_from_the_state(
    state: str, selects: bool | None, satisfied: bool, hub: FakeCluster
) -> None:
    hub.put(a_placement("boutique", 1))
    hub.put(a_decision("boutique", "us-philly"))
    params: dict[str, Any] = {"labels": {"a": "b"}, "placements": [{**PLACEMENT, "selects": selects}]}
    if satisfied:
        perform(hub, names=["us-philly"], state=state, **params)
    else:
        with pytest.raises(InterconnectError):
            perform(hub, names=["us-philly"], state=state, **params)


def test_placements_of_all_namespaces_are_reported_when_asked_for(hub: FakeCluster) -> None:
    hub.put(a_decision("boutique", "us-philly"))
    hub.put(a_decision("guestbook", "us-philly", "ca-toronto", namespace="apps"))
    params: dict[str, Any] = {"names": ["us-philly", "ca-toronto"], "labels": {"a": "b"}}
    result = perform(hub, report_placements=True, **params)
    assert [entry["selected_by"] for entry in result["clusters"]] == [
        ["apps/guestbook", "openshift-gitops/boutique"],
        ["apps/guestbook"],
    ]
    assert [entry["selected_by"] for entry in perform(hub, **params)["clusters"]] == [[], []]


def test_a_thousand_refusals_are_one_readable_message(hub: FakeCluster) -> None:
    names = [f"site-{number:04}" for number in range(1000)]
    for name in names:
        hub.put(a_cluster(name))

    def go_away(_write: str) -> None:
        raise Unreachable(f"{hub.server} does not answer")

    def refuse(write: str) -> None:
        raise Forbidden(f"{write} refused")

    for trouble in (go_away, refuse):
        hub.on_write = trouble
        with pytest.raises(InterconnectError) as caught:
            perform(hub, names=names, labels={"a": "b"})
        assert caught.value.details["failed_clusters"] == names
        assert len(caught.value.message) < 1000
    assert "site-0000 refused; " in caught.value.message
    assert caught.value.message.endswith("and 990 more of this kind")
