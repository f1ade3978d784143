# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a set's members, whenever a run is killed, and whoever has written to them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.applyset import (
    KINDS,
    NAMESPACES,
    TOOLING,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.merge import merged
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.apply.fake_cluster import Crash, FakeCluster
from tests.unit.apply.test_applyset import SHOP
from tests.unit.apply.test_present import a_namespace, crd, settings
from tests.unit.apply.test_resource_apply import perform

SET = {"name": "shop", "namespace": "shop", "kind": "ConfigMap"}
PARENT = "ConfigMap shop/shop"
CART = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"}, "spec": {}}
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"}}


def elsewhere(name: str = "other") -> dict[str, Any]:
    return {**settings(), "metadata": {"name": "settings", "namespace": name}}


def bring(cluster: FakeCluster, *resources: dict[str, Any], **params: Any) -> dict[str, Any]:
    return perform(cluster, resources=list(resources), apply_set=SET, **params)


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {
        f"{each['kind']} {each['namespace'] or ''}/{each['name']}".replace(" /", " "): each["action"]
        for each in result["resources"]
    }


def told(cluster: FakeCluster) -> tuple[str, str]:
    annotations = cluster.objects[SHOP.ref]["metadata"]["annotations"]
    return annotations[KINDS], annotations[NAMESPACES]


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(a_namespace(), a_namespace("other"))


def everything_ends(cluster: FakeCluster, *resources: dict[str, Any], **params: Any) -> None:
    """The check run predicts what the real one does, and the second one writes nothing."""
    writes = len(cluster.writes)
    check = bring(cluster, *resources, check=True, **params)
    assert len(cluster.writes) == writes
    real = bring(cluster, *resources, **params)
    assert (check["changed"], actions(check)) == (real["changed"], actions(real))
    assert [each["before_header"] for each in check["diff"]] == [each["before_header"] for each in real["diff"]]
    writes = len(cluster.writes)
    assert bring(cluster, *resources, **params)["changed"] is False
    assert len(cluster.writes) == writes


def test_what_is_not_wanted_any_more_goes(cluster: FakeCluster) -> None:
    everything_ends(cluster, settings(), settings("prices"), CART, elsewhere(), ROLE)
    assert told(cluster) == ("ClusterRole.rbac.authorization.k8s.io,ConfigMap,Deployment.apps", "other")
    cluster.writes.clear()
    everything_ends(cluster, settings(color="blue"))
    assert cluster.writes == [
        "apply ConfigMap shop/settings",
        "delete ConfigMap other/settings",
        "delete ConfigMap shop/prices",
        "delete Deployment shop/cart",
        "delete ClusterRole reader",
        f"apply {PARENT}",
    ]
    assert told(cluster) == ("ConfigMap", "")
    everything_ends(cluster)
    assert told(cluster) == ("", "")


def test_the_parent_is_widened_before_the_first_new_member(cluster: FakeCluster) -> None:
    bring(cluster, settings())
    cluster.writes.clear()
    bring(cluster, CART, elsewhere())
    assert cluster.writes == [
        f"apply {PARENT}",
        "apply Deployment shop/cart",
        "apply ConfigMap other/settings",
        "delete ConfigMap shop/settings",
    ]
    bring(cluster, CART)
    cluster.writes.clear()
    bring(cluster, settings())
    assert cluster.writes[0] == cluster.writes[-1] == f"apply {PARENT}", "another kind goes: narrowed afterwards"


def test_a_set_may_bring_its_own_namespace_and_kinds() -> None:
    cluster = FakeCluster()
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": "shop"}}
    brought = crd("Thing")
    brought["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
    everything_ends(cluster, thing, brought, settings(), a_namespace())
    assert cluster.writes[:2] == ["apply Namespace shop", f"apply {PARENT}"]
    result = bring(cluster, state="absent")
    assert set(actions(result).values()) == {"deleted"}
    assert cluster.objects == {}


def test_a_set_goes_as_a_whole_whatever_is_named(cluster: FakeCluster) -> None:
    bring(cluster, settings(), CART)
    bring(FakeCluster(), state="absent")  # where there is none, nothing is wrong
    cluster.put(settings("theirs"))
    cluster.writes.clear()
    check = bring(cluster, state="absent", check=True)
    assert cluster.writes == []
    real = bring(cluster, settings("theirs"), state="absent")
    assert actions(real) == {**actions(check), "ConfigMap shop/theirs": "kept"}
    assert cluster.writes[-1] == f"delete {PARENT}"
    assert bring(cluster, state="absent") == {"changed": False, "resources": [], "diff": []}


def test_what_was_there_before_is_released_only(cluster: FakeCluster) -> None:
    cluster.put(settings(size="large"))
    bring(cluster, settings(color="red"), CART)
    result = bring(cluster, CART)
    assert actions(result)["ConfigMap shop/settings"] == "released"
    assert cluster.objects[ObjectRef.of(settings())]["data"] == {"size": "large"}
    bring(cluster, settings(color="red"))
    assert actions(bring(cluster, only_own=False))["ConfigMap shop/settings"] == "deleted"


def test_a_run_killed_at_any_write_is_completed_by_the_next(cluster: FakeCluster) -> None:
    before, after = [settings(), CART, elsewhere()], [settings("prices"), ROLE]
    number = 0
    while True:
        cluster = FakeCluster(a_namespace(), a_namespace("other"))
        bring(cluster, *before)
        number += 1
        killed_at = len(cluster.writes) + number

        def kill(_write: str, cluster: FakeCluster = cluster, killed_at: int = killed_at) -> None:
            if len(cluster.writes) == killed_at:
                raise Crash

        cluster.after_write = kill
        try:
            bring(cluster, *after)
        except Crash:
            cluster.after_write = lambda write: None
            bring(cluster, *after)
            assert told(cluster) == ("ClusterRole.rbac.authorization.k8s.io,ConfigMap", "")
            names = {str(ref) for ref in cluster.objects if ref.kind != "Namespace"}
            assert names == {PARENT, "ConfigMap shop/prices", "ClusterRole reader"}
            continue
        break
    assert number == 8, "two of the parent, two made, three deleted; then it was not killed any more"


def test_kinds_that_are_gone_have_no_members(cluster: FakeCluster) -> None:
    bring(cluster, settings(), CART)
    cluster.missing_kinds = {"Deployment"}
    everything_ends(cluster, settings())
    assert told(cluster) == ("ConfigMap", "")


def test_members_are_found_by_whatever_version(cluster: FakeCluster) -> None:
    newer = {**CART, "apiVersion": "apps/v2"}
    bring(cluster, CART)
    ref = ObjectRef.of(CART)
    cluster.objects[ref._replace(api_version="apps/v2")] = {**cluster.objects.pop(ref), "apiVersion": "apps/v2"}
    assert actions(bring(cluster, newer))["Deployment shop/cart"] in ("unchanged", "updated")
    assert actions(bring(cluster, settings()))["Deployment shop/cart"] == "deleted"


def test_nothing_is_written_where_something_is_refused(cluster: FakeCluster) -> None:
    cluster.put(merged(SHOP.parent(SHOP.scope(None), None), {"metadata": {"annotations": {TOOLING: "kubectl/v1.34"}}}))
    for state in ("present", "absent"):
        with pytest.raises(InterconnectError, match="is the parent of an ApplySet of kubectl"):
            bring(cluster, settings(), state=state)
    with pytest.raises(InputError, match=r"apply_set\.name: is empty"):
        perform(cluster, resources=[], apply_set={**SET, "name": ""})
    assert cluster.writes == cluster.tries == []


def test_a_member_of_another_set_is_taken_over_only_when_told_so(cluster: FakeCluster) -> None:
    perform(cluster, resources=[settings()], apply_set={**SET, "name": "first"})
    writes = len(cluster.writes)
    with pytest.raises(InterconnectError, match="is a member of another ApplySet"):
        bring(cluster, settings())
    assert len(cluster.writes) == writes
    bring(cluster, settings(), force_conflicts=True)
    assert "ConfigMap shop/settings" not in actions(perform(cluster, apply_set={**SET, "name": "first"}))


def test_what_was_written_before_a_refusal_is_told(cluster: FakeCluster) -> None:
    bring(cluster, settings(), CART)

    def refuse(write: str) -> None:
        if write.startswith("delete"):
            raise Forbidden("refused")

    cluster.on_write = refuse
    with pytest.raises(Forbidden) as caught:
        bring(cluster, settings(color="blue"))
    assert caught.value.details["changed"] is True
    assert [each["action"] for each in caught.value.details["resources"]] == ["updated"]
    assert told(cluster)[0] == "ConfigMap,Deployment.apps", "not narrowed: the next run finds it"


def test_the_end_of_what_is_pruned_is_waited_for(cluster: FakeCluster) -> None:
    bring(cluster, settings(), CART)
    cluster.objects[ObjectRef.of(CART)]["metadata"]["finalizers"] = ["example.com/archive"]
    for _second_finds_it_being_deleted_already in range(2):
        with pytest.raises(WaitTimeout, match=r"example\.com/archive") as caught:
            bring(cluster, settings(color="blue"))
    assert caught.value.details["changed"] is False
    assert told(cluster)[0] == "ConfigMap,Deployment.apps"
    bring(cluster, settings(color="blue"), wait=False)
    assert told(cluster)[0] == "ConfigMap"


def test_objects_without_a_namespace_get_the_one_that_is_given(cluster: FakeCluster) -> None:
    nameless = {**settings(), "metadata": {"name": "settings"}}
    result = bring(cluster, nameless, ROLE, elsewhere(), namespace="shop")
    assert sorted(actions(result)) == [
        "ClusterRole reader",
        "ConfigMap other/settings",
        "ConfigMap shop/settings",
        PARENT,
    ]
    with pytest.raises(InputError, match=r"resources\[1\]: is the same object as resources\[0\]"):
        bring(cluster, settings(), nameless, namespace="shop")
    assert perform(cluster, resources=[nameless], namespace="shop", state="absent")["changed"] is True
