# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole message of a wait that ended in vain, as a user reads it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import wait_for
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait
from tests.unit.wait.fakes import Clock, Cluster, Object, a_condition, an_object

GROUP = "cluster.open-cluster-management.io"
SET_LABEL = f"{GROUP}/clusterset"


def a_cluster(name: str, **labels: str) -> Object:
    return an_object("ManagedCluster", name, None, f"{GROUP}/v1", labels={SET_LABEL: "boutique", **labels})


def a_hub(*clusters: Object, selected: tuple[str, ...] = (), **spec: Any) -> Cluster:
    """A hub with set `boutique` bound in namespace `gitops`, and a Placement `clusters` there that wants label a=1."""
    wanted = {"predicates": [{"requiredClusterSelector": {"labelSelector": {"matchLabels": {"a": "1"}}}}]}
    return Cluster(
        an_object("ManagedClusterSet", "boutique", None, f"{GROUP}/v1beta2"),
        an_object("ManagedClusterSetBinding", "boutique", "gitops", f"{GROUP}/v1beta2"),
        an_object("ManagedClusterSetBinding", "boutique", "elsewhere", f"{GROUP}/v1beta2"),
        an_object("Placement", "clusters", "gitops", f"{GROUP}/v1beta1", spec={**wanted, **spec}, status={}),
        an_object(
            "PlacementDecision",
            "clusters-decision-1",
            "gitops",
            f"{GROUP}/v1beta1",
            labels={f"{GROUP}/placement": "clusters"},
            status={"decisions": [{"clusterName": name} for name in selected]},
        ),
        *clusters,
    )


def message(cluster: Cluster, wait: Wait) -> list[str]:
    """The lines below the first one."""
    with pytest.raises(InterconnectError) as error:
        wait_for(cluster, [wait], 0, 1, clock=Clock())
    return error.value.message.splitlines()[1:]


def placement(**more: Any) -> Wait:
    return Wait(f"{GROUP}/v1beta1", "Placement", "clusters", "gitops", **more)


class TestPlacement:
    """Why a Placement does not select what it should."""

    def test_the_named_clusters_are_explained_and_no_others(self) -> None:
        clusters = a_cluster("ca-toronto", a="1"), a_cluster("us-philly"), a_cluster("other")
        hub = a_hub(*clusters, selected=("ca-toronto",))
        wanted = "- Placement gitops/clusters until selected (ca-toronto, us-philly, us-filly)"
        assert message(hub, placement(clusters=["ca-toronto", "us-philly", "us-filly"])) == [
            f"{wanted}: selects ca-toronto; not yet us-filly, us-philly",
            "    likely cause: there is no ManagedCluster us-filly (is us-philly meant?)",
            '    likely cause: us-philly: label a is missing, wanted "1"',
        ]

    def test_conditions_stand_above_the_cause(self) -> None:
        hub = a_hub(a_cluster("a"))
        hub.objects[3]["status"]["conditions"] = [
            a_condition("PlacementSatisfied", "False", "NoManagedClusterMatched", "No ManagedCluster matches")
        ]
        assert message(hub, placement()) == [
            "- Placement gitops/clusters until selected: selects no cluster",
            "    PlacementSatisfied=False NoManagedClusterMatched: No ManagedCluster matches",
            '    likely cause: a: label a is missing, wanted "1"',
        ]

    def test_clusters_with_the_same_reason_share_a_line(self) -> None:
        hub = a_hub(*(a_cluster(f"c{number}") for number in range(7)))
        assert message(hub, placement())[1:] == [
            '    likely cause: c0, c1, c2, c3, c4 and 2 more: label a is missing, wanted "1"'
        ]

    def test_there_is_a_limit_to_the_reasons(self) -> None:
        hub = a_hub(*(a_cluster(f"c{number:02}", a=f"x{number}") for number in range(13)))
        lines = message(hub, placement())[1:]
        assert len(lines) == 11
        assert lines[-1] == "    likely cause: and other reasons for 3 more clusters"

    def test_a_hub_without_clusters_is_told(self) -> None:
        assert message(a_hub(), placement())[1:] == ["    likely cause: the hub has no ManagedCluster at all"]

    def test_problems_of_the_placement_come_first(self) -> None:
        lines = message(a_hub(a_cluster("a", a="1"), clusterSets=["default"]), placement())
        assert "spec.clusterSets names default, and there is no such ManagedClusterSet" in lines[1]
        assert lines[2].startswith("    likely cause: a: its set boutique is bound")

    def test_a_cluster_that_is_still_selected_is_explained(self) -> None:
        hub = a_hub(a_cluster("a", a="1"), a_cluster("b"), a_cluster("c", a="1"), selected=("a", "b", "c"))
        against = 'still selected, although label a is missing, wanted "1"'
        assert message(hub, placement(until="deselected", clusters=["a", "b"]))[1:] == [
            "    likely cause: a: selected, as nothing speaks against it",
            f"    likely cause: b: {against}: the placement controller has not come round to it",
        ]

    def test_exactly_explains_both_sides(self) -> None:
        hub = a_hub(a_cluster("a", a="1"), a_cluster("b"), selected=("a",))
        assert message(hub, placement(until="exactly", clusters=["b"]))[1:] == [
            "    likely cause: a: selected, as nothing speaks against it",
            '    likely cause: b: label a is missing, wanted "1"',
        ]

    def test_what_may_not_be_read_does_not_hide_the_time_out(self) -> None:
        hub = a_hub(a_cluster("a"))
        hub.failures["list ManagedClusterSet"] = Forbidden("user x may not list managedclustersets")
        assert message(hub, placement()) == [
            "- Placement gitops/clusters until selected: selects no cluster",
            "    likely cause: not known, as more could not be read: user x may not list managedclustersets",
        ]

    def test_the_hub_is_asked_for_the_cause_only_at_the_end(self) -> None:
        hub = a_hub(a_cluster("a", a="1"), selected=("a",))
        wait_for(hub, [placement()], 0, 1, clock=Clock())
        assert not [request for request in hub.requests if request.startswith("list ManagedCluster")]


class TestWorkloads:
    """Why a rollout does not come to its end."""

    DEPLOYMENT = Wait("apps/v1", "Deployment", "cart", "boutique")

    @staticmethod
    def deployment() -> Object:
        return an_object(
            "Deployment",
            "cart",
            "boutique",
            "apps/v1",
            spec={
                "replicas": 2,
                "selector": {
                    "matchLabels": {"app": "cart"},
                },
            },
            status={"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2},
        )

    @staticmethod
    def pod(name: str, app: str = "cart", **status: Any) -> Object:
        return an_object("Pod", name, "boutique", labels={"app": app}, status=status)

    @staticmethod
    def container(**state: Any) -> list[Object]:
        return [{"name": "server", "state": state}]

    def causes(self, *pods: Object) -> list[str]:
        lines = message(Cluster(self.deployment(), *pods), self.DEPLOYMENT)[1:]
        return [line.removeprefix("    likely cause: ") for line in lines]

    def test_pods_say_what_they_wait_for(self) -> None:
        waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "cart:2"'}
        pods = [self.pod(name, containerStatuses=self.container(waiting=waiting)) for name in ("cart-1", "cart-2")]
        other = self.pod("ad-1", app="ad", containerStatuses=self.container(waiting=waiting))
        assert self.causes(*pods, other) == [
            'pod cart-1, cart-2: container server ImagePullBackOff: Back-off pulling image "cart:2"'
        ]

    def test_a_pod_that_no_node_takes(self) -> None:
        unscheduled = a_condition("PodScheduled", "False", "Unschedulable", "0/2 nodes are available")
        assert self.causes(self.pod("cart-1", conditions=[unscheduled])) == [
            "pod cart-1: Unschedulable: 0/2 nodes are available"
        ]

    def test_a_container_that_has_ended(self) -> None:
        ended = {"exitCode": 137, "reason": "OOMKilled"}
        statuses = self.container(terminated=ended)
        assert self.causes(self.pod("cart-1", initContainerStatuses=statuses)) == [
            "pod cart-1: container server ended with code 137 (OOMKilled)"
        ]

    def test_a_pod_on_its_way_is_no_cause(self) -> None:
        creating = self.container(waiting={"reason": "ContainerCreating"})
        done = self.container(terminated={"exitCode": 0, "reason": "Completed"})
        assert self.causes(self.pod("cart-1", containerStatuses=creating, initContainerStatuses=done)) == []

    def test_there_are_no_pods(self) -> None:
        assert self.causes() == ["there are no pods: see the conditions above, quotas and admission webhooks"]

    def test_set_based_selectors_are_sent_to_the_server(self) -> None:
        deployment = self.deployment()
        deployment["spec"]["selector"] = {
            "matchLabels": {"app": "cart"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "track", "operator": "NotIn", "values": ["canary"]},
                {"key": "old", "operator": "DoesNotExist"},
                {"key": "new", "operator": "Exists"},
            ],
        }
        cluster = Cluster(deployment)
        cluster.failures["list Pod"] = Forbidden("the double does not read such selectors")
        message(cluster, self.DEPLOYMENT)
        selector = "app in (cart),tier in (a,b),track notin (canary),!old,new"
        assert cluster.requests[-1] == f"list Pod boutique {selector}"


def test_an_object_without_finalizers_is_just_on_its_way() -> None:
    going = an_object("ConfigMap", "a", "ns", deletionTimestamp="2026-05-19T11:00:00Z")
    assert message(Cluster(going), Wait("v1", "ConfigMap", "a", "ns", until="absent")) == [
        "- ConfigMap ns/a until absent: is being deleted"
    ]


def test_several_objects_that_do_not_go_are_told_one_by_one() -> None:
    held = an_object(
        "ConfigMap", "a", "ns", labels={"app": "y"}, deletionTimestamp="2026-05-19T11:00:00Z", finalizers=["x/y"]
    )
    kept = an_object("ConfigMap", "b", "ns", labels={"app": "y"})
    wait = Wait("v1", "ConfigMap", namespace="ns", label_selector="app=y", until="absent")
    assert message(Cluster(held, kept), wait) == [
        "- ConfigMap with labels app=y in namespace ns until absent: 2 left",
        "    a: is being deleted",
        "    b: is there",
        "    likely cause: a is held by finalizers x/y: the controllers that set them have not finished",
        "    likely cause: nobody has deleted b (it has no deletionTimestamp)",
    ]
