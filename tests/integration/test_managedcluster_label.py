# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""managedcluster_label against OCM's real controllers and admission webhook."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, step, triple
from tests.integration.scratch import CLUSTER_V1, SET_LABEL, Scratch
from tests.integration.storm import Storm
from tests.lab import Lab
from tests.lab.api import path

SPOKES = ["ca-toronto", "us-philly"]
MODULE = "managedcluster_label"


def label_triple(name: str, **args: Any) -> list[dict[str, Any]]:
    return triple(name, MODULE, **args)


def patches(*clusters: str) -> list[str]:
    """One merge patch for each cluster, and nothing else."""
    return [f"ca-central: patch managedclusters {each}" for each in clusters]


def test_labels_are_added_updated_and_removed_by_one_patch_a_changed_cluster(
    either_way: Ansible, scratch: Scratch, audit: Audit
) -> None:
    key = f"{scratch.id}.example/tier"
    scratch.label("us-philly", **{key: "edge"})
    with audit() as log:
        run = either_way.steps(
            *label_triple("add", names=SPOKES, labels={key: "edge"}),
            *label_triple("update", names=SPOKES, labels={key: "core", "online-boutique": "True"}),
            step("remove another value", MODULE, names=SPOKES, labels={key: "edge"}, state="absent"),
            *label_triple("remove", names=SPOKES, labels={key: "core", "online-boutique": None}, state="absent"),
        )
    same = ("clusters",)
    log.expect_triple(run, "add", patches("ca-toronto"), same)  # us-philly had it before
    log.expect_triple(run, "update", patches(*SPOKES), same)
    assert log.during(run.task("remove another value")) == []
    assert not run.task("remove another value").changed
    log.expect_triple(run, "remove", patches(*SPOKES), same)
    added = {each["name"]: each for each in run.task("add")["clusters"]}
    assert {name: each["changed"] for name, each in added.items()} == {"ca-toronto": True, "us-philly": False}
    assert added["ca-toronto"]["after"] == added["ca-toronto"]["before"] | {key: "edge"}
    (diff,) = run.task("add")["diff"]
    assert diff["before_header"] == "ManagedCluster ca-toronto metadata.labels"
    assert (diff["before"], diff["after"]) == (added["ca-toronto"]["before"], added["ca-toronto"]["after"])
    assert key not in scratch.labels("us-philly")


def test_exact_leaves_what_the_hub_writes_and_removes_what_others_wrote(
    ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    before = scratch.labels("us-philly")
    by_the_hub, wanted = {"openshiftVersion-major": "4"}, {"tier": "edge"}
    scratch.label("us-philly", **by_the_hub, **{"somebody.else/left": "this"})
    with audit() as log:
        run = ansible.steps(*label_triple("exact", names=["us-philly"], labels=wanted, state="exact"))
    log.expect_triple(run, "exact", patches("us-philly"), ("clusters",))
    assert scratch.labels("us-philly") == before | by_the_hub | wanted


def test_clusters_are_selected_by_their_labels(ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    scratch.labels("local-cluster")
    with audit() as log:
        run = ansible.steps(
            *label_triple("hub", label_selector="local-cluster=true", labels={"tier": "hub"}),
            step("nobody", MODULE, label_selector="tier=nothing", labels={"tier": "hub"}),
            step("nobody, which is fine", MODULE, label_selector="tier=x", labels={"tier": "hub"}, ignore_missing=True),
        )
    log.expect_triple(run, "hub", patches("local-cluster"), ("clusters",))
    assert "matches no ManagedCluster" in run.task("nobody").message
    assert not run.task("nobody, which is fine").failed
    assert run.task("nobody, which is fine")["clusters"] == []


BAD_LABELS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a protected key": ({"cloud": "Amazon"}, ["labels.cloud", "written by the hub", "'Other'"]),
    "a protected pattern": ({"openshiftVersion-major": "4"}, ["labels.openshiftVersion-major", "protected"]),
    "a YAML boolean": ({"local-argo": True}, ["labels.local-argo", "a boolean to YAML", 'quote it ("true")']),
    "a YAML number": ({"tier": 1}, ["labels.tier", "a number to YAML", 'quote it ("1")']),
    "a bad value": ({"tier": "not/valid"}, ["labels.tier", "'not/valid' is no label value"]),
    "a bad key": ({"-tier": "edge"}, ["labels.-tier", "is no label key"]),
}


def test_bad_input_is_refused_by_name_before_any_write(ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    good = {f"{scratch.id}.example/good": "yes"}
    scratch.labels("us-philly")
    with audit() as log:
        run = ansible.steps(
            *(step(name, MODULE, names=SPOKES, labels=good | labels) for name, (labels, _words) in BAD_LABELS.items()),
            step("unknown clusters", MODULE, names=["us-philly", "ca-ottawa", "ca-regina"], labels=good),
            step("names and selector", MODULE, names=SPOKES, label_selector="a=b", labels=good),
            step("neither", MODULE, labels=good),
        )
    assert log.writes == []
    expected = {name: words for name, (_labels, words) in BAD_LABELS.items()} | {
        "unknown clusters": ["no such ManagedCluster", "ca-ottawa, ca-regina", "Nothing was written"],
        "names and selector": ["mutually exclusive", "names", "label_selector"],
        "neither": ["one of the following is required", "names", "label_selector"],
    }
    for name, words in expected.items():
        task = run.task(name)
        assert task.failed
        assert [word for word in words if word not in task.message] == [], task.message
    assert run.task("unknown clusters")["missing"] == ["ca-ottawa", "ca-regina"]


def test_removing_the_set_ends_at_default_and_is_predicted_so(ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    mine = scratch.cluster_set()
    scratch.labels("us-philly")
    with audit() as log:
        run = ansible.steps(
            *label_triple("join", names=["us-philly"], labels={SET_LABEL: mine}),
            *label_triple("leave", names=["us-philly"], labels={SET_LABEL: None}, state="absent"),
        )
    log.expect_triple(run, "join", patches("us-philly"), ("clusters",))
    log.expect_triple(run, "leave", patches("us-philly"), ("clusters",))
    assert run.task("leave")["clusters"][0]["after"][SET_LABEL] == "default"
    assert scratch.labels("us-philly")[SET_LABEL] == "default"


def test_taking_a_cluster_out_of_another_set_must_be_meant(ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    theirs, mine = scratch.cluster_set("-theirs"), scratch.cluster_set("-mine")
    scratch.label("us-philly", **{SET_LABEL: theirs})
    with audit() as log:
        run = ansible.steps(
            step("refused", MODULE, names=SPOKES, labels={SET_LABEL: mine}),
            *label_triple("meant", names=SPOKES, labels={SET_LABEL: mine}, move_clusterset=True),
        )
    assert log.during(run.task("refused")) == []
    assert f"us-philly (in {theirs})" in run.task("refused").message
    assert "move_clusterset: true" in run.task("refused").message
    log.expect_triple(run, "meant", patches(*SPOKES), ("clusters",))


def test_a_refused_join_names_set_and_permission_and_what_was_written(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mine = scratch.cluster_set()
    scratch.label("ca-toronto", **{SET_LABEL: mine})
    user = scratch.grant(
        lab.hub,
        "labeller",
        {"apiGroups": ["cluster.open-cluster-management.io"], "resources": ["*"], "verbs": ["get", "list"]},
        {"apiGroups": ["cluster.open-cluster-management.io"], "resources": ["managedclusters"], "verbs": ["patch"]},
    )
    kubeconfig = lab.user_kubeconfig(tmp_path_factory.mktemp("user") / "kubeconfig", user)
    with audit() as log:
        run = ansible.steps(
            step("join", MODULE, names=SPOKES, labels={SET_LABEL: mine, "tier": "edge"}), kubeconfig=kubeconfig
        )
    task = run.task("join")
    # ca-toronto is in the set already, so that only its other label changes.
    assert sorted(log.writes) == [*patches("ca-toronto"), *(f"{each}: 403" for each in patches("us-philly"))]
    words = [user, "us-philly", f"from set default to {mine}", "create managedclustersets/join"]
    assert [word for word in words if word not in task.message] == [], task.message
    assert (task["written"], task["failed_clusters"], task.changed) == (["ca-toronto"], ["us-philly"], True)
    assert "tier" not in scratch.labels("us-philly")


def test_placements_are_waited_for_both_ways(ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    mine, namespace = scratch.cluster_set(), scratch.namespace("ca-central")
    scratch.labels("us-philly")
    scratch.bind(namespace, mine)
    predicate = {"requiredClusterSelector": {"labelSelector": {"matchLabels": {"tier": "edge"}}}}
    scratch.placement(namespace, "edge", clusterSets=[mine], predicates=[predicate])
    waiting: dict[str, Any] = {"placements": [{"name": "edge", "namespace": namespace}], "wait_sleep": 1}
    labels = {SET_LABEL: mine, "tier": "edge"}
    out: dict[str, Any] = {"names": ["us-philly"], "labels": {"tier": None}, "state": "absent"}
    with audit() as log:
        run = ansible.steps(
            *label_triple("in", names=SPOKES, labels=labels, **waiting),
            *label_triple("out", **out, **waiting),
            step("in vain", MODULE, names=["us-philly"], labels={SET_LABEL: mine}, **waiting, wait_timeout=1),
        )
    log.expect_triple(run, "in", patches(*SPOKES))
    log.expect_triple(run, "out", patches("us-philly"))
    selected = f"{namespace}/edge"
    assert [each["selected_by"] for each in run.task("in")["clusters"]] == [[selected], [selected]]
    assert [each["selected_by"] for each in run.task("out")["clusters"]] == [[]]
    message = run.task("in vain").message
    assert [word for word in (f"Placement {selected}", "us-philly", "tier", "edge") if word not in message] == []


def test_labels_are_read_back_as_the_hub_stores_them(ansible: Ansible, lab: Lab, scratch: Scratch) -> None:
    scratch.labels("us-philly")
    run = ansible.steps(step("add", MODULE, names=["us-philly"], labels={"tier": "edge"}))
    live = lab.api(lab.hub).get(path(CLUSTER_V1, "managedclusters", "us-philly"))
    assert run.task("add")["clusters"][0]["after"] == live["metadata"]["labels"]


def test_other_writers_labels_survive_and_ours_hold_under_a_storm_of_writes(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    scratch.labels("us-philly")
    rounds = [str(number) for number in range(8)]
    with audit(lab.hub) as log, Storm(lab, "us-philly", f"{scratch.id}.storm", writers=6) as storm:
        run = ansible.steps(*(step(each, MODULE, names=["us-philly"], labels={"round": each}) for each in rounds))
    assert storm.conflicts > 0, "the writers have not met: nothing was tried"
    assert [run.task(each).changed for each in rounds] == [True] * len(rounds), run.output
    live = scratch.labels("us-philly")
    assert live["round"] == rounds[-1]
    assert {key: live.get(key) for key in storm.written} == storm.written
    # The label that we write has seen every one of our values: nobody else's write has undone it.
    assert [run.task(each)["clusters"][0]["after"]["round"] for each in rounds] == rounds
    assert {line.partition(": 4")[0] for line in log.writes} == set(patches("us-philly"))
