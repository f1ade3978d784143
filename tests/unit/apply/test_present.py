# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects are written, in which order, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply import present
from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.ownership import MANAGED_BY_LABEL
from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.present import apply_all
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Conflict,
    FieldConflict,
    Forbidden,
    InputError,
    InterconnectError,
    Invalid,
    MissingKind,
    NotFound,
    ObjectRef,
)
from tests.unit.apply.fake_cluster import FakeCluster

MANAGER = "multicluster.interconnect"


def a_namespace(name: str = "shop") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def settings(name: str = "settings", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop"},
        "data": data or {"color": "red"},
    }


def crd(kind: str) -> dict[str, Any]:
    spec = {"group": "example.com", "names": {"kind": kind}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.example.com"},
        "spec": spec,
    }


def bring(cluster: FakeCluster, *objects: dict[str, Any], force: bool = False, check: bool = False) -> list[str]:
    """Apply, and return what was done to each object."""
    outcomes = apply_all(cluster.as_client(), list(objects), force, check)
    return [outcome.action for outcome in outcomes]


def test_check_create_again_update_again() -> None:
    cluster = FakeCluster(a_namespace())
    assert bring(cluster, settings(), check=True) == ["created"]
    assert cluster.writes == []
    assert bring(cluster, settings()) == ["created"]
    assert cluster.writes == ["apply ConfigMap shop/settings"]
    cluster.tries.clear()
    assert bring(cluster, settings()) == bring(cluster, settings(), check=True) == ["unchanged"]
    assert cluster.tries == [], "what we own and want is not even tried"
    assert bring(cluster, settings(size="large"), check=True) == ["updated"]
    assert len(cluster.writes) == 1
    assert bring(cluster, settings(size="large")) == ["updated"]
    assert cluster.objects[ObjectRef.of(settings())]["data"] == {"size": "large"}
    assert bring(cluster, settings(size="large")) == ["unchanged"]
    assert len(cluster.writes) == 2


def test_a_prediction_is_what_then_happens() -> None:
    cluster = FakeCluster(a_namespace())
    for desired in (settings(), settings(size="large")):
        (predicted,) = apply_all(cluster.as_client(), [desired], False, True)
        (done,) = apply_all(cluster.as_client(), [desired], False, False)
        assert predicted.as_diff() == done.as_diff()
        assert {**predicted.as_result(), "uid": ""} == {**done.as_result(), "uid": ""}


def test_what_we_make_bears_our_label_and_what_was_there_does_not() -> None:
    cluster = FakeCluster(a_namespace(), settings("old", color="blue"))
    bring(cluster, settings("new"), settings("old", size="large"))
    labels = {
        ref.name: obj["metadata"].get("labels") for ref, obj in cluster.objects.items() if ref.kind == "ConfigMap"
    }
    assert labels == {"new": {MANAGED_BY_LABEL: MANAGER}, "old": None}
    assert cluster.objects[ObjectRef.of(settings("old"))]["data"] == {"color": "blue", "size": "large"}


def test_what_others_live_in_is_written_first() -> None:
    cluster = FakeCluster()
    bring(cluster, settings(), a_namespace())
    assert cluster.writes == ["apply Namespace shop", "apply ConfigMap shop/settings"]


def test_a_check_run_on_an_empty_cluster_predicts_all_and_says_what_it_could_not_ask() -> None:
    cluster = FakeCluster()
    cluster.missing_kinds = {"Thing"}
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": "shop"}}
    outcomes = apply_all(cluster.as_client(), [a_namespace(), settings(), thing], False, True)
    assert [outcome.action for outcome in outcomes] == ["created"] * 3
    notes = [outcome.as_result().get("note", "") for outcome in outcomes]
    assert notes[0] == ""
    assert notes[1] == "not validated: namespace shop does not exist yet"
    assert "does not serve Thing" in notes[2]
    assert cluster.writes == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}}, MissingKind),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}, InputError),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "nowhere"}}, NotFound),
        (settings("owned", color="red"), FieldConflict),
    ],
)
def test_what_can_not_be_written_is_found_before_the_first_write(
    wrong: dict[str, Any], error: type[InterconnectError]
) -> None:
    cluster = FakeCluster(a_namespace(), settings("owned", color="blue"))
    cluster.missing_kinds = {"Thing"}
    with pytest.raises(error) as caught:
        bring(cluster, a_namespace("another"), settings(), wrong)
    assert cluster.writes == []
    assert "changed" not in caught.value.details


def test_a_field_is_taken_over_only_when_told_so() -> None:
    cluster = FakeCluster(a_namespace(), settings(color="blue"))
    with pytest.raises(FieldConflict):
        bring(cluster, settings(color="red"), check=True)
    assert bring(cluster, settings(color="red"), force=True, check=True) == ["updated"]
    assert cluster.writes == []
    assert bring(cluster, settings(color="red"), force=True) == ["updated"]
    assert bring(cluster, settings(color="red"), force=True) == ["unchanged"]


def test_a_shared_field_is_a_change_of_owners_once() -> None:
    cluster = FakeCluster(a_namespace(), settings(color="blue"))
    assert bring(cluster, settings(color="blue")) == ["updated"]
    assert bring(cluster, settings(color="blue")) == ["unchanged"]


def test_what_was_written_before_a_refusal_is_told() -> None:
    cluster = FakeCluster(a_namespace())

    def refuse(write: str) -> None:
        if write.endswith(("/b", "/c")):
            raise Forbidden(f"{write} refused", status=403)

    cluster.on_write = refuse
    with pytest.raises(Forbidden) as caught:
        bring(cluster, a_namespace("new"), settings("a"), settings("b"), settings("c"))
    assert caught.value.message == "apply ConfigMap shop/b refused; apply ConfigMap shop/c refused"
    details = caught.value.details
    assert details["changed"] is True
    assert details["status"] == 403
    assert [(entry["name"], entry["action"]) for entry in details["resources"]] == [
        ("new", "created"),
        ("a", "created"),
    ]


def test_a_refusal_of_everything_is_no_change() -> None:
    cluster = FakeCluster(a_namespace())

    def refuse(write: str) -> None:
        raise Conflict(f"{write} refused")

    cluster.on_write = refuse
    with pytest.raises(Conflict) as caught:
        bring(cluster, settings("a"), settings("b"))
    assert "changed" not in caught.value.details


def test_objects_wait_for_the_crd_that_brings_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster(a_namespace())
    cluster.missing_kinds = {"Thing"}
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": "shop"}}
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            written = cluster.objects[ObjectRef.of(crd("Thing"))]
            written["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
            cluster.missing_kinds = set()

    monkeypatch.setattr("time.sleep", sleep)
    assert bring(cluster, thing, crd("Thing")) == ["created", "created"]
    assert cluster.writes == ["apply CustomResourceDefinition things.example.com", "apply Thing shop/x"]
    assert cluster.objects[ObjectRef.of(thing)]["metadata"]["labels"] == {MANAGED_BY_LABEL: MANAGER}
    assert len(pauses) == 2


def test_a_crd_that_is_never_served_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present, "CRD_SECONDS", -1.0)
    with pytest.raises(InterconnectError, match=r"things\.example\.com") as caught:
        bring(FakeCluster(), crd("Thing"))
    assert caught.value.details["changed"] is True


def test_an_invalid_object_in_a_namespace_of_the_same_task_is_told_with_what_was_written() -> None:
    cluster = FakeCluster()

    def refuse(write: str) -> None:
        if "ConfigMap" in write:
            raise Invalid("data: Invalid value")

    cluster.on_write = refuse
    with pytest.raises(Invalid) as caught:
        bring(cluster, settings(), a_namespace())
    assert [entry["kind"] for entry in caught.value.details["resources"]] == ["Namespace"]
