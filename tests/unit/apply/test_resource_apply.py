# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of the module resource_apply: from its parameters to its result."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster
from tests.unit.apply.test_present import a_namespace, settings

DEFAULTS: dict[str, Any] = {
    "resources": [],
    "namespace": None,
    "apply_set": None,
    "matching": [],
    "state": "present",
    "force_conflicts": False,
    "only_own": True,
    "wait": True,
    "wait_timeout": 0,
    "wait_sleep": 1,
}


def perform(cluster: FakeCluster, check: bool = False, **params: Any) -> dict[str, Any]:
    task = Task({**DEFAULTS, **params}, check_mode=check, diff_mode=True, _own=cluster.as_client())
    return run(task)


def test_the_result_tells_what_was_done_and_shows_it() -> None:
    cluster = FakeCluster(a_namespace(), settings("old", color="blue"))
    resources = [settings("old", color="blue"), settings("new", color="red")]
    result = perform(cluster, resources=resources)
    assert result["changed"] is True
    assert [(entry["name"], entry["action"]) for entry in result["resources"]] == [
        ("old", "updated"),
        ("new", "created"),
    ]
    assert {"api_version", "kind", "namespace", "name", "uid", "action"} == set(result["resources"][0])
    assert [entry["before_header"] for entry in result["diff"]] == ["ConfigMap shop/old", "ConfigMap shop/new"]
    assert result["diff"][1]["before"] == {}
    assert result["diff"][1]["after"]["data"] == {"color": "red"}
    again = perform(cluster, resources=resources)
    assert (again["changed"], again["diff"]) == (False, [])


def test_the_same_object_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"resources\[1\]: is the same object as resources\[0\] \(ConfigMap shop/x\)"):
        perform(FakeCluster(), resources=[settings("x"), settings("x", a="b")])


def test_secrets_are_known_before_the_first_check_fails() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "stringData": {"password": "hunter2"}}
    task = Task({**DEFAULTS, "resources": [secret, "nonsense"]})
    with pytest.raises(InputError):
        run(task)
    assert task.secrets == {"hunter2"}


def test_all_that_match_are_removed_once() -> None:
    cluster = FakeCluster(a_namespace())
    made = [settings(name) for name in ("a", "b", "c")]
    for obj in made[:2]:
        obj["metadata"]["labels"] = {"part-of": "shop"}
    perform(cluster, resources=made)
    cluster.missing_kinds = {"Thing"}
    matching = [
        {"api_version": "v1", "kind": "ConfigMap", "namespace": None, "label_selector": "part-of=shop"},
        {"api_version": "v1", "kind": "Thing", "namespace": None, "label_selector": "part-of=shop"},
    ]
    result = perform(cluster, resources=[made[0]], matching=matching, state="absent")
    assert [entry["name"] for entry in result["resources"]] == ["a", "b"]
    assert cluster.writes[-2:] == ["delete ConfigMap shop/a", "delete ConfigMap shop/b"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"state": "present", "label_selector": "a=b"}, "goes with state: absent only"),
        ({"state": "absent", "label_selector": ""}, "would select every object"),
        ({"state": "absent", "label_selector": " "}, "would select every object"),
    ],
)
def test_a_selector_is_refused_where_it_would_do_harm(params: dict[str, str], message: str) -> None:
    cluster = FakeCluster(a_namespace(), settings())
    entry = {"api_version": "v1", "kind": "ConfigMap", "namespace": None, "label_selector": params["label_selector"]}
    with pytest.raises(InputError, match=message):
        perform(cluster, matching=[entry], state=params["state"], only_own=False)
    assert cluster.reads == []


def test_the_end_of_a_deletion_is_waited_for() -> None:
    cluster = FakeCluster(a_namespace())
    perform(cluster, resources=[settings()])
    cluster.objects[ObjectRef.of(settings())]["metadata"]["finalizers"] = ["example.com/archive"]
    absent: dict[str, Any] = {"resources": [settings()], "state": "absent"}
    assert perform(cluster, check=True, **absent)["changed"] is True
    for _second_finds_it_being_deleted_already in range(2):
        with pytest.raises(InterconnectError, match=r"example\.com/archive"):
            perform(cluster, **absent)
    assert perform(cluster, wait=False, **absent)["changed"] is False
    assert cluster.writes.count("delete ConfigMap shop/settings") == 1
