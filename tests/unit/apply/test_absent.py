# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects are removed: what we made, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.absent import remove_all
from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.present import Outcome, apply_all
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    ObjectRef,
)
from tests.unit.apply.fake_cluster import FakeCluster
from tests.unit.apply.test_present import a_namespace, settings


def remove(cluster: FakeCluster, *objects: dict[str, Any], only_own: bool = True, check: bool = False) -> list[Outcome]:
    return remove_all(cluster.as_client(), list(objects), only_own, check)


def actions(outcomes: list[Outcome]) -> list[str]:
    return [outcome.action for outcome in outcomes]


@pytest.fixture
def cluster() -> FakeCluster:
    """A namespace of others, with a ConfigMap that we made, one that we wrote to, and one of others."""
    cluster = FakeCluster(a_namespace(), settings("shared", color="blue"), settings("theirs", color="blue"))
    apply_all(cluster.as_client(), [settings("ours"), settings("shared", size="large")], False, False)
    cluster.writes.clear()
    cluster.tries.clear()
    return cluster


EVERYTHING = (settings("ours"), settings("shared"), settings("theirs"), settings("none"), a_namespace())


def test_each_object_loses_what_we_made_of_it(cluster: FakeCluster) -> None:
    expected = ["deleted", "released", "kept", "absent", "kept"]
    assert actions(remove(cluster, *EVERYTHING, check=True)) == expected
    assert cluster.writes == []
    outcomes = remove(cluster, *EVERYTHING)
    assert actions(outcomes) == expected
    assert [outcome.changed for outcome in outcomes] == [True, True, False, False, False]
    assert cluster.writes == ["delete ConfigMap shop/ours", "apply ConfigMap shop/shared"]
    assert cluster.objects[ObjectRef.of(settings("shared"))]["data"] == {"color": "blue"}
    assert actions(remove(cluster, *EVERYTHING)) == ["absent", "kept", "kept", "absent", "kept"]
    assert len(cluster.writes) == 2


def test_everything_goes_only_when_told_so(cluster: FakeCluster) -> None:
    remove(cluster, *EVERYTHING, only_own=False)
    assert cluster.objects == {}
    assert cluster.writes[-1] == "delete Namespace shop", "what others live in goes last"


def test_what_is_being_deleted_already_is_no_change(cluster: FakeCluster) -> None:
    ours = cluster.objects[ObjectRef.of(settings("ours"))]
    ours["metadata"]["finalizers"] = ["example.com/archive"]
    assert actions(remove(cluster, settings("ours"))) == ["deleted"]
    for check in (True, False):
        (outcome,) = remove(cluster, settings("ours"), check=check)
        assert (outcome.action, outcome.changed) == ("deleting", False)
    assert cluster.writes == ["delete ConfigMap shop/ours"]


def test_a_kind_that_is_not_there_has_no_objects(cluster: FakeCluster) -> None:
    cluster.missing_kinds = {"Thing"}
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}}
    assert actions(remove(cluster, thing, settings("ours"))) == ["absent", "deleted"]


def test_a_missing_namespace_is_found_before_the_first_write(cluster: FakeCluster) -> None:
    nameless = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    with pytest.raises(InputError, match="namespaced"):
        remove(cluster, settings("ours"), nameless)
    assert cluster.writes == []


def test_what_was_removed_before_a_refusal_is_told(cluster: FakeCluster) -> None:
    def refuse(write: str) -> None:
        if write.startswith("apply"):
            raise Forbidden("refused")

    cluster.on_write = refuse
    with pytest.raises(Forbidden) as caught:
        remove(cluster, *EVERYTHING)
    assert caught.value.details["changed"] is True
    assert {entry["name"]: entry["action"] for entry in caught.value.details["resources"]} == {
        "ours": "deleted",
        "theirs": "kept",
        "none": "absent",
    }
