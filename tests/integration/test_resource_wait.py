# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""resource_wait: when it ends and what it says then, on objects that real controllers work on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, step
from tests.integration.scratch import CLUSTER_V1, CLUSTER_V1BETA1, SET_LABEL, Scratch
from tests.lab import Lab
from tests.lab.api import path

MODULE = "resource_wait"
SHORT: dict[str, Any] = {"wait_timeout": 1, "wait_sleep": 1}
CLAIM = "platform.open-cluster-management.io"


def on_placement(namespace: str, name: str, **more: Any) -> dict[str, Any]:
    return {"api_version": CLUSTER_V1BETA1, "kind": "Placement", "namespace": namespace, "name": name, **more}


def on_map(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "ConfigMap", "namespace": "default", "name": name, **more}


def selecting(**selector: Any) -> dict[str, Any]:
    return {"predicates": [{"requiredClusterSelector": selector}]}


# What the user reads when a Placement selects nothing. The lines of conditions are OCM's own words.
GOLDEN = Path(__file__).parent / "golden"


def test_a_placement_that_selects_nothing_is_explained(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    hub, mine = lab.api(lab.hub), scratch.cluster_set()
    unbound, bound = scratch.namespace(lab.hub, "-unbound"), scratch.namespace(lab.hub)
    scratch.label("us-philly", **{SET_LABEL: mine, "tier": "core"})
    scratch.label("ca-toronto", **{SET_LABEL: mine, "tier": "edge"})
    scratch.bind(bound, mine)
    scratch.placement(unbound, "any", clusterSets=[mine])
    scratch.placement(bound, "edge", clusterSets=[mine], **selecting(labelSelector={"matchLabels": {"tier": "edge"}}))
    aws = {"matchExpressions": [{"key": CLAIM, "operator": "In", "values": ["AWS"]}]}
    scratch.placement(bound, "aws", clusterSets=[mine], **selecting(claimSelector=aws))
    toronto = path(CLUSTER_V1, "managedclusters", "ca-toronto")
    hub.merge(toronto, {"spec": {"taints": [{"key": "maintenance", "value": "yes", "effect": "NoSelect"}]}})
    named = on_placement(bound, "edge", clusters=["us-philly", "us-phily"])
    try:
        with audit() as log:
            run = ansible.steps(
                step("unbound", MODULE, resources=[on_placement(unbound, "any")], **SHORT),
                step("no match", MODULE, resources=[on_placement(bound, "edge"), on_placement(bound, "aws")], **SHORT),
                step("named", MODULE, resources=[named], **SHORT),
                step("look", MODULE, resources=[named], wait=False),
                step("check", MODULE, check=True, resources=[named]),
            )
    finally:
        hub.merge(toronto, {"spec": {"taints": None}})
    assert log.writes == []
    for name in ("unbound", "no match", "named"):
        task = run.task(name)
        assert task.failed
        expected = (GOLDEN / f"placement-{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")
        assert task.message.replace(scratch.id, "ID") == expected.rstrip("\n")
        assert not task["satisfied"]
    for name in ("look", "check"):
        assert not run.task(name).failed
        assert not run.task(name)["satisfied"]
        assert run.task(name)["resources"][0]["state"] == "selects no cluster; not yet us-philly, us-phily"


def test_real_objects_reach_their_goals(either_way: Ansible, audit: Audit) -> None:
    with audit() as log:
        run = either_way.steps(
            step(
                "all",
                MODULE,
                resources=[
                    {"api_version": CLUSTER_V1, "kind": "ManagedCluster", "label_selector": "vendor=Other", "count": 3},
                    {"api_version": CLUSTER_V1, "kind": "ManagedCluster", "name": "us-philly", "until": "joined"},
                    {
                        "api_version": "apiextensions.k8s.io/v1",
                        "kind": "CustomResourceDefinition",
                        "name": "managedclusters.cluster.open-cluster-management.io",
                    },
                    {"kind": "Namespace", "name": "kube-system"},
                    {"kind": "Namespace", "name": "never-there", "until": "absent"},
                ],
            ),
            step("too many", MODULE, resources=[_clusters(count=2)], **SHORT),
            step("bad goal", MODULE, resources=[{"kind": "Namespace", "name": "default", "until": "ripe"}]),
            step("no kind", MODULE, resources=[{"api_version": "submariner.io/v1", "kind": "Gateway", "name": "x"}]),
        )
    assert log.writes == []
    done = run.task("all")
    assert not done.failed
    assert not done.changed
    assert [each["satisfied"] for each in done["resources"]] == [True] * 5
    assert done["resources"][0]["state"] == "3 of 3 found, 3 satisfied"
    assert "3 of 2 found" in run.task("too many").message
    assert "resources[0].until" in run.task("bad goal").message
    assert "active" in run.task("bad goal").message  # the goals that there are
    assert run.task("no kind").failed


def _clusters(**more: Any) -> dict[str, Any]:
    return {"api_version": CLUSTER_V1, "kind": "ManagedCluster", "label_selector": "vendor=Other", **more}


def test_a_wait_ends_when_what_it_waits_for_comes_and_when_it_has_failed(
    ansible: Ansible, lab: Lab, scratch: Scratch
) -> None:
    """Two objects are waited for at once: one comes late. Then one that says that it has failed ends the wait early."""
    maps = path("v1", "configmaps", namespace="default")
    scratch.make(lab.hub, maps, {"metadata": {"name": f"{scratch.id}-failed"}, "data": {"phase": "Failed"}})

    def late() -> None:
        scratch.make(lab.hub, maps, {"metadata": {"name": f"{scratch.id}-late"}, "data": {"phase": "Done"}})

    timer = threading.Timer(3, late)
    done, failed = {"field": "data.phase", "equals": "Done"}, {"field": "data.phase", "equals": "Failed"}
    timer.start()
    try:
        run = ansible.steps(
            step("late", MODULE, resources=[on_map(f"{scratch.id}-late", success=[done])], wait_sleep=1),
            step(
                "failed",
                MODULE,
                resources=[
                    on_map(f"{scratch.id}-failed", success=[done], failure=[failed]),
                    on_map(f"{scratch.id}-late", until="absent"),
                ],
                wait_timeout=60,
                wait_sleep=1,
            ),
        )
    finally:
        timer.join()
    assert not run.task("late").failed
    assert f"ConfigMap default/{scratch.id}-late" in run.output, "the user is told what is waited for"
    task = run.task("failed")
    assert task.message.startswith("Gave up after ")
    assert task["elapsed"] < 10
    words = [
        f"ConfigMap default/{scratch.id}-failed failed: ",
        f"nobody has deleted {scratch.id}-late (it has no deletionTimestamp)",
    ]
    assert [word for word in words if word not in task.message] == [], task.message


def test_wrong_entries_are_named_by_their_place(ansible: Ansible, audit: Audit) -> None:
    wrong: dict[str, tuple[dict[str, Any], list[str]]] = {
        "no goal": (on_map("x", until="", success=[]), ["resources[1].until", "is empty"]),
        "name and selector": (on_map("x", label_selector="a=b"), ["resources[1]", "name or label_selector"]),
        "count of one": (on_map("x", count=1), ["resources[1].count"]),
        "no test": (on_map("x", success=[{"field": "data.x"}]), ["resources[1].success[0]", "equals"]),
        "bad path": (on_map("x", success=[{"field": "data..x", "equals": 1}]), ["resources[1].success[0].field"]),
        "bad regex": (on_map("x", success=[{"field": "data.x", "matches": "("}]), ["resources[1].success[0].matches"]),
        "no namespace": ({"kind": "ConfigMap", "name": "x", "until": "present"}, ["resources[1].namespace"]),
    }
    good = {"kind": "Namespace", "name": "default"}
    with audit() as log:
        run = ansible.steps(
            *(step(name, MODULE, resources=[good, entry], **SHORT) for name, (entry, _words) in wrong.items()),
            step("no timeout", MODULE, resources=[good], wait_timeout=-1),
            step("no sleep", MODULE, resources=[good], wait_sleep=0),
        )
    assert log.writes == []
    expected = {name: words for name, (_entry, words) in wrong.items()} | {
        "no timeout": ["wait_timeout", "-1"],
        "no sleep": ["wait_sleep"],
    }
    for name, words in expected.items():
        task = run.task(name)
        assert task.failed
        assert [word for word in words if word not in task.message] == [], f"{name}: {task.message}"
