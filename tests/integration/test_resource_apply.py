# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""resource_apply against real API servers: their server-side apply, defaults, finalizers and namespaces."""

from __future__ import annotations

from typing import Any

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run, step, triple
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import Object, path

MODULE = "resource_apply"
CLUSTER = "ca-toronto"
MANAGER = "multicluster.interconnect"
MANAGED_BY = "app.kubernetes.io/managed-by"


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def settings(namespace: str, **data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": namespace},
        "data": data,
    }


def workload(namespace: str, image: str, **resources: str) -> Object:
    """A Deployment without pods: full of fields that the server gives a default, and of lists with keys."""
    labels = {"app": "shop"}
    container = {"name": "shop", "image": image, "resources": {"limits": resources}, "ports": [{"containerPort": 80}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def actions(run: Run, name: str) -> dict[str, str]:
    """Kind and action of each object of a step's result."""
    return {each["kind"]: each["action"] for each in run.task(name)["resources"]}


def test_objects_are_created_updated_and_removed_by_one_write_each(
    either_way: Ansible, scratch: Scratch, audit: Audit
) -> None:
    name = scratch.id
    scratch.owns(CLUSTER, path("v1", "namespaces", name))
    # 0.5 CPU and 500m are the same to the server.
    first = [settings(name, color="red"), workload(name, "shop:1", cpu="0.5")]
    second = [settings(name, size="large"), workload(name, "shop:2", cpu="500m")]
    with audit() as log:
        run = either_way.steps(
            step("check in no namespace", MODULE, check=True, resources=[*first, namespace(name)]),
            *triple("namespace", MODULE, resources=[namespace(name)]),
            *triple("create", MODULE, resources=first),
            *triple("update", MODULE, resources=second),
            *triple("remove", MODULE, resources=[*second, namespace(name)], state="absent", wait_sleep=1),
            cluster=CLUSTER,
        )
    here = f"{CLUSTER}:"
    both = [f"{here} patch configmaps {name}/settings", f"{here} patch deployments {name}/shop"]
    log.expect_triple(run, "namespace", [f"{here} patch namespaces {name}"])
    log.expect_triple(run, "create", both)
    log.expect_triple(run, "update", both)
    removals = [line.replace("patch", "delete") for line in (*both, f"{here} patch namespaces {name}")]
    log.expect_triple(run, "remove", removals)
    for change, action in {"create": "created", "update": "updated", "remove": "deleted"}.items():
        assert set(actions(run, change).values()) == {action}
        assert actions(run, f"check {change}") == actions(run, change)
    assert set(actions(run, "update again").values()) == {"unchanged"}
    assert set(actions(run, "remove again").values()) == {"absent"}
    empty = run.task("check in no namespace")
    assert set(actions(run, empty.name).values()) == {"created"}
    notes = {each["kind"]: each.get("note", "") for each in empty["resources"]}
    assert notes["Namespace"] == ""
    assert f"namespace {name} does not exist yet" in notes["ConfigMap"]
    (diff,) = (each for each in run.task("update")["diff"] if "ConfigMap" in each["before_header"])
    assert (diff["before"]["data"], diff["after"]["data"]) == ({"color": "red"}, {"size": "large"})


def test_what_somebody_else_owns_is_named_and_taken_over_only_when_told_so(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    name = scratch.namespace(CLUSTER)
    collection = path("v1", "configmaps", namespace=name)
    scratch.make(CLUSTER, collection, settings(name, color="red", size="large"), manager="somebody-else")
    with audit() as log:
        run = ansible.steps(
            step("conflict", MODULE, resources=[settings(name, color="blue")]),
            step("conflict in a check run", MODULE, check=True, resources=[settings(name, color="blue")]),
            *triple("force", MODULE, resources=[settings(name, color="blue")], force_conflicts=True),
            *triple("agree", MODULE, resources=[settings(name, color="blue", size="large")]),
            *triple("release", MODULE, resources=[settings(name)], state="absent"),
            cluster=CLUSTER,
        )
    for refused in ("conflict", "conflict in a check run"):
        task = run.task(refused)
        assert task.failed
        words = [f"ConfigMap {name}/settings", ".data.color is owned by somebody-else", "force_conflicts: true"]
        assert [word for word in words if word not in task.message] == [], task.message
        assert task["conflicts"] == [{"manager": "somebody-else", "field": ".data.color"}]
        assert log.during(task) == []
    write = [f"{CLUSTER}: patch configmaps {name}/settings"]
    for change in ("force", "agree", "release"):
        log.expect_triple(run, change, write)
    assert actions(run, "release") == {"ConfigMap": "released"}
    assert actions(run, "release again") == {"ConfigMap": "kept"}
    left = lab.api(CLUSTER).get(f"{collection}/settings")
    assert left["data"] == {"size": "large"}, "shared fields stay, those that were ours alone go"
    assert MANAGED_BY not in left["metadata"].get("labels", {})
    assert [each["manager"] for each in left["metadata"]["managedFields"]] == ["somebody-else"]


def test_what_we_have_not_made_goes_only_when_told_so(
    ansible: Ansible, lab: Lab, scratch: Scratch, audit: Audit
) -> None:
    name = scratch.namespace(CLUSTER)
    collection = path("v1", "configmaps", namespace=name)
    labelled = settings(name, color="red")
    labelled["metadata"]["labels"] = {"part-of": scratch.id}
    scratch.make(CLUSTER, collection, labelled)
    matching: dict[str, Any] = {
        "state": "absent",
        "matching": [{"api_version": "v1", "kind": "ConfigMap", "label_selector": f"part-of={scratch.id}"}],
    }
    with audit() as log:
        run = ansible.steps(
            step("not ours", MODULE, resources=[namespace(name), settings(name)], state="absent"),
            step("not ours, by label", MODULE, **matching),
            *triple("all that match", MODULE, **matching, only_own=False, wait_sleep=1),
            cluster=CLUSTER,
        )
    assert actions(run, "not ours") == {"ConfigMap": "kept", "Namespace": "kept"}
    assert actions(run, "not ours, by label") == {"ConfigMap": "kept"}
    assert not run.task("not ours").changed
    log.expect_triple(run, "all that match", [f"{CLUSTER}: delete configmaps {name}/settings"])
    assert lab.api(CLUSTER).find(f"{collection}/settings") is None


def test_what_a_set_has_no_more_goes_with_the_writes_that_takes(
    ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    name = scratch.namespace(CLUSTER)
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    scratch.owns(CLUSTER, path("rbac.authorization.k8s.io/v1", "clusterroles", name))
    nameless = settings(name, color="red")
    del nameless["metadata"]["namespace"]
    options = {"apply_set": {"name": "shop", "namespace": name}, "namespace": name, "wait_sleep": 1}
    theirs: dict[str, Any] = {
        "apply_set": {"name": "kubectl", "namespace": name, "kind": "Secret"},
        "resources": [nameless],
    }
    parent = {"metadata": {"name": "kubectl", "annotations": {"applyset.kubernetes.io/tooling": "kubectl/v1.34"}}}
    scratch.make(CLUSTER, path("v1", "secrets", namespace=name), parent)
    with audit() as log:
        run = ansible.steps(
            *triple("make", MODULE, **options, resources=[nameless, workload(name, "shop:1"), role]),
            *triple("narrow", MODULE, **options, resources=[nameless]),
            *triple("end", MODULE, **options, state="absent"),
            step("refused", MODULE, **theirs),
            cluster=CLUSTER,
        )
    place = f"{name}/shop"
    members = [f"patch configmaps {name}/settings", f"patch deployments {place}", f"patch clusterroles {name}"]
    own = f"configmaps {place}"
    for change, writes in {
        "make": [*members, f"patch {own}"],
        "narrow": [f"delete deployments {place}", f"delete clusterroles {name}", f"patch {own}"],
        "end": [f"delete configmaps {name}/settings", f"delete {own}"],
    }.items():
        log.expect_triple(run, change, [f"{CLUSTER}: {write}" for write in writes])
    assert run.task("refused").failed
    assert "is the parent of an ApplySet of kubectl/v1.34" in run.task("refused").message
    assert log.during(run.task("refused")) == []


def test_what_holds_a_deletion_is_named(ansible: Ansible, lab: Lab, scratch: Scratch) -> None:
    name = scratch.namespace(CLUSTER)
    held = settings(name, color="red")
    held["metadata"]["finalizers"] = ["shop.example/archive"]
    try:
        run = ansible.steps(
            step("make", MODULE, resources=[held]),
            step("remove", MODULE, resources=[held], state="absent", wait_timeout=1, wait_sleep=1),
            step("do not wait", MODULE, resources=[held], state="absent", wait=False),
            cluster=CLUSTER,
        )
    finally:
        live = path("v1", "configmaps", "settings", name)
        lab.api(CLUSTER).merge(live, {"metadata": {"finalizers": None}})
    task = run.task("remove")
    words = ["Timed out after 1 s", f"ConfigMap {name}/settings", "held by finalizers shop.example/archive"]
    assert [word for word in words if word not in task.message] == [], task.message
    assert not run.task("do not wait").failed


WRONG: dict[str, tuple[Any, list[str]]] = {
    "no object": ("settings", ["resources"]),
    "no kind": ({"apiVersion": "v1", "metadata": {"name": "x"}}, ["resources[0].kind", "is missing"]),
    "no name": ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}, ["resources[0].metadata.name"]),
    "no namespace": (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}},
        ["ConfigMap x is namespaced", "metadata.namespace"],
    ),
    "no such kind": (
        {"apiVersion": "submariner.io/v1", "kind": "Gateway", "metadata": {"name": "x", "namespace": "default"}},
        ["does not serve Gateway of submariner.io/v1", "install Submariner (operator submariner)"],
    ),
    "unknown field": (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "default"}, "dada": {}},
        ["ConfigMap default/x", ".dada: field not declared in schema"],
    ),
    "invalid value": (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Not_A_Name"}},
        ["Namespace Not_A_Name", "Invalid value"],
    ),
    "boolean label": (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": {"on": True}}},
        ["resources[0].metadata.labels.on", "must be a string, not bool: quote it"],
    ),
}


def test_bad_objects_are_refused_by_the_field_that_is_wrong(ansible: Ansible, audit: Audit) -> None:
    with audit() as log:
        run = ansible.steps(
            *(step(name, MODULE, resources=[resource]) for name, (resource, _words) in WRONG.items()),
            step("twice", MODULE, resources=[namespace("x"), namespace("x")]),
            step("matching", MODULE, matching=[{"api_version": "v1", "kind": "Pod", "label_selector": "a=b"}]),
            cluster=CLUSTER,
        )
    expected = {name: words for name, (_resource, words) in WRONG.items()} | {
        "twice": ["resources[1]", "the same object as resources[0]"],
        "matching": ["matching", "state: absent only"],
    }
    for name, words in expected.items():
        task = run.task(name)
        assert task.failed
        assert [word for word in words if word not in task.message] == [], task.message
    assert log.writes == []
