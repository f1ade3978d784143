# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a Placement selects a cluster or not, one reason at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.labels import CLUSTERSET_LABEL
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.placement import (
    PAUSE_ANNOTATION,
    PLACEMENT_LABEL,
    PlacementVerdict,
    decided_clusters,
    explain_placement,
    set_has_member,
    unknown_clusters,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.selector import UNAVAILABLE_TAINT

Object = dict[str, Any]
NOW = datetime(2026, 5, 19, 12, tzinfo=UTC)
NAMESPACE = "openshift-gitops"


def a_cluster(name: str = "ca-toronto", cluster_set: str = "boutique", **labels: str) -> Object:
    return {"metadata": {"name": name, "labels": {CLUSTERSET_LABEL: cluster_set, **labels}}, "spec": {}}


def tainted(cluster_set: str = "boutique") -> Object:
    taint = {"key": UNAVAILABLE_TAINT, "effect": "NoSelect", "timeAdded": "2026-05-19T11:00:00Z"}
    return {**a_cluster(cluster_set=cluster_set), "spec": {"taints": [taint]}}


def a_placement(**spec: Any) -> Object:
    return {"metadata": {"name": "clusters", "namespace": NAMESPACE}, "spec": spec}


def a_set(name: str, **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": spec}


def a_binding(name: str) -> Object:
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"clusterSet": name}}


def a_decision(*names: str) -> Object:
    return {
        "metadata": {"name": "clusters-decision-1", "labels": {PLACEMENT_LABEL: "clusters"}},
        "status": {"decisions": [{"clusterName": name, "reason": ""} for name in names]},
    }


def labelled(**labels: str) -> Object:
    return {"requiredClusterSelector": {"labelSelector": {"matchLabels": labels}}}


ALL_OF_THEM = a_set("global", clusterSelector={"selectorType": "LabelSelector", "labelSelector": {}})
SETS = (a_set("boutique"), a_set("default"), ALL_OF_THEM)


def explain(
    placement: Object,
    *clusters: Object,
    selected: tuple[str, ...] = (),
    bound: tuple[str, ...] = ("boutique",),
    sets: tuple[Object, ...] = SETS,
) -> PlacementVerdict:
    return explain_placement(
        placement, [a_decision(*selected)], [a_binding(name) for name in bound], sets, clusters or [a_cluster()], NOW
    )


def reasons(verdict: PlacementVerdict) -> list[str]:
    """The reasons of the first cluster."""
    return list(verdict.clusters[0].reasons)


class TestSets:
    """The sets through which a Placement sees clusters."""

    def test_nothing_is_bound(self) -> None:
        verdict = explain(a_placement(), bound=())
        assert verdict.problems == (
            "namespace openshift-gitops has no ManagedClusterSetBinding: a Placement sees bound sets only",
        )
        assert reasons(verdict) == ["it is in set boutique, and the Placement sees no set"]

    def test_another_set_is_bound(self) -> None:
        assert reasons(explain(a_placement(), bound=("default",))) == [
            f"it is in set boutique, and the Placement sees set default only (label {CLUSTERSET_LABEL})"
        ]

    def test_the_set_that_is_asked_for_is_not_bound(self) -> None:
        verdict = explain(a_placement(clusterSets=["boutique"]), bound=("default",))
        not_bound = "spec.clusterSets names boutique, which is not bound in namespace openshift-gitops"
        remedy = "a ManagedClusterSetBinding boutique is missing"
        assert verdict.problems == (f"{not_bound} (bound there: default): {remedy}",)
        assert reasons(verdict) == ["it is in set boutique, which is not bound in namespace openshift-gitops"]

    def test_the_set_is_bound_and_not_asked_for(self) -> None:
        verdict = explain(a_placement(clusterSets=["default"]), bound=("boutique", "default"))
        assert verdict.problems == ()
        assert reasons(verdict) == [
            "its set boutique is bound in namespace openshift-gitops, but spec.clusterSets names default only"
        ]

    def test_the_set_that_is_asked_for_does_not_exist(self) -> None:
        verdict = explain(a_placement(clusterSets=["butik"]))
        assert verdict.problems == ("spec.clusterSets names butik, and there is no such ManagedClusterSet",)

    def test_a_binding_is_for_a_set_that_does_not_exist(self) -> None:
        verdict = explain(a_placement(), bound=("boutique", "gone"))
        assert verdict.problems == (
            "ManagedClusterSetBinding gone in namespace openshift-gitops: there is no ManagedClusterSet gone",
        )
        only_gone = explain(a_placement(), bound=("gone",))
        assert reasons(only_gone) == ["it is in set boutique, and the Placement sees no set"]

    def test_the_global_set_makes_all_clusters_seen_once_it_is_bound(self) -> None:
        in_default = a_cluster(cluster_set="default")
        assert reasons(explain(a_placement(), in_default, bound=("global",), selected=("ca-toronto",))) == []
        assert reasons(explain(a_placement(), in_default, bound=("boutique",), selected=("ca-toronto",))) != []

    def test_a_cluster_can_be_in_no_set(self) -> None:
        verdict = explain(a_placement(), a_cluster(cluster_set="nowhere"), sets=(a_set("boutique"),))
        assert reasons(verdict)[0].startswith("it is in no set, and the Placement sees set boutique only")

    @pytest.mark.parametrize(
        ("selector", "member"),
        [
            ({}, True),
            ({"selectorType": "ExclusiveClusterSetLabel"}, True),
            ({"selectorType": "LabelSelector", "labelSelector": {}}, True),
            ({"selectorType": "LabelSelector", "labelSelector": {"matchLabels": {"a": "b"}}}, False),
            ({"selectorType": "LabelSelector"}, False),
            ({"selectorType": "LabelSelector", "labelSelector": {"matchExpressions": [{"key": "a"}]}}, False),
        ],
    )
    def test_members_are_told_by_the_sets_own_selector(self, selector: Object, member: bool) -> None:
        assert set_has_member(a_set("boutique", clusterSelector=selector), a_cluster()) is member


class TestPredicates:
    """Labels and claims; predicates are ORed, their parts are ANDed."""

    def test_the_label_that_does_not_match_is_named(self) -> None:
        placement = a_placement(predicates=[labelled(**{"online-boutique": "True"})])
        assert reasons(explain(placement)) == ['label online-boutique is missing, wanted "True"']
        assert reasons(explain(placement, a_cluster(**{"online-boutique": "true"}))) == [
            'label online-boutique is "true", wanted "True"'
        ]

    def test_the_claim_that_does_not_match_is_named(self) -> None:
        selector = {"matchExpressions": [{"key": "platform", "operator": "In", "values": ["AWS"]}]}
        placement = a_placement(predicates=[{"requiredClusterSelector": {"claimSelector": selector}}])
        cluster = a_cluster()
        assert reasons(explain(placement, cluster)) == ['claim platform is missing, wanted "AWS"']
        cluster["status"] = {"clusterClaims": [{"name": "platform", "value": "GCP"}]}
        assert reasons(explain(placement, cluster)) == ['claim platform is "GCP", wanted "AWS"']
        cluster["status"] = {"clusterClaims": [{"name": "platform", "value": "AWS"}]}
        assert "claim" not in reasons(explain(placement, cluster))[0]

    def test_one_predicate_that_fits_is_enough(self) -> None:
        placement = a_placement(predicates=[labelled(a="1"), labelled(b="2")])
        verdict = explain(placement, a_cluster(b="2"), selected=("ca-toronto",))
        assert reasons(verdict) == []

    def test_each_of_several_predicates_says_what_it_misses(self) -> None:
        placement = a_placement(predicates=[labelled(a="1", c="3"), labelled(b="2")])
        assert reasons(explain(placement, a_cluster(c="4"))) == [
            'predicate 0: label a is missing, wanted "1", label c is "4", wanted "3"',
            'predicate 1: label b is missing, wanted "2"',
        ]

    def test_a_predicate_that_the_controller_refuses_is_a_problem_of_the_placement(self) -> None:
        broken = {"requiredClusterSelector": {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}}
        verdict = explain(a_placement(predicates=[labelled(), broken]))
        assert verdict.problems == (
            "spec.predicates[1].requiredClusterSelector.labelSelector is not valid: a: operator In needs values",
        )
        assert reasons(verdict) == []

    def test_cel_is_named_and_not_evaluated(self) -> None:
        cel = "managedCluster.metadata.labels.region == 'ca'"
        predicate = {"requiredClusterSelector": {"celSelector": {"celExpressions": [cel]}}}
        verdict = explain(a_placement(predicates=[predicate]))
        assert verdict.problems == (f"spec.predicates[0] has CEL expressions, which only the hub evaluates: {cel}",)
        assert reasons(verdict) == ["its labels, claims and taints fit: a CEL expression must speak against it"]


class TestTaints:
    """Taints of the cluster, tolerations of the Placement."""

    def test_a_taint_keeps_the_placement_away(self) -> None:
        (reason,) = reasons(explain(a_placement(), tainted()))
        assert reason.startswith(f"taint {UNAVAILABLE_TAINT}:NoSelect is not tolerated")
        assert "not available" in reason

    def test_a_toleration_lets_it_come(self) -> None:
        placement = a_placement(tolerations=[{"key": UNAVAILABLE_TAINT, "operator": "Exists"}])
        assert reasons(explain(placement, tainted(), selected=("ca-toronto",))) == []

    def test_a_toleration_that_the_controller_refuses_is_a_problem_of_the_placement(self) -> None:
        verdict = explain(a_placement(tolerations=[{}]))
        assert verdict.problems == ("spec.tolerations[0] is not valid: a toleration without key needs operator Exists",)


class TestTheRest:
    """What is left when nothing speaks against a cluster."""

    def test_the_number_of_clusters_is_reached(self) -> None:
        verdict = explain(a_placement(numberOfClusters=1), a_cluster(), selected=("us-philly",))
        assert reasons(verdict) == ["it fits, but numberOfClusters is 1, and others rank higher (us-philly)"]

    def test_the_number_of_clusters_is_zero(self) -> None:
        verdict = explain(a_placement(numberOfClusters=0))
        assert reasons(verdict) == ["it fits, but numberOfClusters is 0, and others rank higher (none)"]

    def test_the_controller_has_not_come(self) -> None:
        (reason,) = reasons(explain(a_placement(numberOfClusters=2), selected=("us-philly",)))
        assert "the placement controller has not selected it (yet)" in reason

    def test_a_selected_cluster_has_no_reasons(self) -> None:
        (verdict,) = explain(a_placement(), selected=("ca-toronto",)).clusters
        assert verdict == ("ca-toronto", True, ())

    def test_a_selected_cluster_that_does_not_fit_any_more_says_why(self) -> None:
        placement = a_placement(predicates=[labelled(a="1")])
        (verdict,) = explain(placement, selected=("ca-toronto",)).clusters
        assert verdict == ("ca-toronto", True, ('label a is missing, wanted "1"',))

    def test_a_cluster_that_is_being_detached_is_not_selected(self) -> None:
        cluster = a_cluster()
        cluster["metadata"]["deletionTimestamp"] = "2026-05-19T11:00:00Z"
        assert "being detached" in reasons(explain(a_placement(), cluster))[0]

    def test_scheduling_is_paused(self) -> None:
        placement = a_placement()
        placement["metadata"]["annotations"] = {PAUSE_ANNOTATION: "true"}
        assert "scheduling is paused" in explain(placement).problems[0]

    def test_the_placement_is_being_deleted(self) -> None:
        placement = a_placement()
        placement["metadata"]["deletionTimestamp"] = "2026-05-19T11:00:00Z"
        assert "is being deleted" in explain(placement).problems[0]

    def test_all_reasons_are_told_at_once(self) -> None:
        verdict = explain(a_placement(predicates=[labelled(a="1")]), tainted(cluster_set="default"))
        assert [reason.split()[0] for reason in reasons(verdict)] == ["it", "label", "taint"]

    def test_clusters_are_sorted(self) -> None:
        verdict = explain(a_placement(), a_cluster("b"), a_cluster("a"))
        assert [entry.name for entry in verdict.clusters] == ["a", "b"]


def test_decisions_are_merged_and_an_empty_one_counts_for_nothing() -> None:
    fresh: Object = {"metadata": {"name": "clusters-decision-2"}}
    without: Object = {"metadata": {"name": "clusters-decision-3"}, "status": {"decisions": None}}
    assert decided_clusters([a_decision("b", "a"), fresh, without, a_decision("a", "c")]) == ["a", "b", "c"]
    assert decided_clusters([]) == []


def test_a_name_that_no_cluster_bears_is_told_with_the_nearest() -> None:
    clusters = [a_cluster("us-philly"), a_cluster("ca-toronto")]
    assert unknown_clusters(["us-filly", "us-philly", "zzz"], clusters) == [
        "there is no ManagedCluster us-filly (is us-philly meant?)",
        "there is no ManagedCluster zzz",
    ]
