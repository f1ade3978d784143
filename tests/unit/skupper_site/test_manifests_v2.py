# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""v2 Sites as they are written, and the way in that the controller changes by half."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, perform
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_site import SPEC
from tests.unit.apply.fake_cluster import FakeCluster

API = "skupper.io/v2alpha1"
SITE = ObjectRef(API, "Site", "ca-central", "boutique")
ACCESS = {kind: ObjectRef(API, kind, "skupper-router", "boutique") for kind in ("RouterAccess", "SecuredAccess")}


def cluster() -> FakeCluster:
    return FakeCluster({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "boutique"}})


def run(on: FakeCluster, check_mode: bool = False, **more: Any) -> dict[str, Any]:
    defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
    given = {"version": "v2", "name": "ca-central", "namespace": "boutique", "wait": False, **more}
    task = Task(params={**defaults, **given}, check_mode=check_mode, diff_mode=True)
    task._own = on.as_client()
    return perform(SPEC, task)


@pytest.mark.parametrize(
    ("more", "spec"),
    [
        ({}, {"linkAccess": "default"}),
        ({"ingress": "none"}, {}),
        ({"edge": True}, {"edge": True}),
        ({"ingress": "loadbalancer", "ha": True}, {"linkAccess": "loadbalancer", "ha": True}),
        (
            {"settings": {"serviceAccount": "router", "router-data-connection-count": 4}},
            {
                "linkAccess": "default",
                "serviceAccount": "router",
                "settings": {"router-data-connection-count": "4"},
            },
        ),
    ],
)
def test_a_site_is_written_as_asked_for(more: dict[str, Any], spec: dict[str, Any]) -> None:
    on = cluster()
    assert run(on, **more)["changed"]
    assert on.objects[SITE].get("spec", {}) == spec
    assert on.writes == [f"apply {SITE}"]
    assert not run(on, **more)["changed"]


def with_access(kind: str) -> FakeCluster:
    """A site with a load balancer, from which the controller has made the way in."""
    on = cluster()
    run(on, ingress=kind)
    owner = {"apiVersion": API, "kind": "Site", "name": SITE.name, "uid": on.objects[SITE]["metadata"]["uid"]}
    for ref in ACCESS.values():
        metadata = {"name": ref.name, "namespace": ref.namespace, "ownerReferences": [owner]}
        on.put({"apiVersion": API, "kind": ref.kind, "metadata": metadata, "spec": {"accessType": kind}})
    on.writes.clear()
    return on


def test_the_controller_is_helped_to_change_the_way_in() -> None:
    on = with_access("loadbalancer")
    check = run(on, check_mode=True, ingress="local")
    result = run(on, ingress="local")
    assert on.writes == [f"apply {SITE}", f"patch {ACCESS['SecuredAccess']}"]
    assert on.objects[ACCESS["SecuredAccess"]]["spec"]["accessType"] == "local"
    assert check["diff"] == result["diff"]
    assert not run(on, ingress="local")["changed"]


def test_a_way_in_that_shall_be_none_is_closed() -> None:
    on = with_access("loadbalancer")
    run(on, ingress="none")
    assert on.writes == [f"apply {SITE}", f"delete {ACCESS['RouterAccess']}", f"delete {ACCESS['SecuredAccess']}"]


def test_a_way_in_that_others_made_stays() -> None:
    on = with_access("loadbalancer")
    for ref in ACCESS.values():
        on.objects[ref]["metadata"]["ownerReferences"] = []
    run(on, ingress="none")
    assert on.writes == [f"apply {SITE}"]


def test_a_check_run_predicts_a_site_whose_kind_is_yet_to_be_installed() -> None:
    on = cluster()
    on.missing_kinds = {"Site", "RouterAccess", "SecuredAccess"}
    check = run(on, check_mode=True)
    assert check["changed"]
    assert "not validated" in check["resources"][0]["note"]
    real = run(on)
    assert "skupper-operator" in real["msg"]


def test_a_revocation_that_could_not_wait_is_refused() -> None:
    on = cluster()
    run(on)
    on.writes.clear()
    assert run(on, state="revoked")["msg"].startswith("wait:")
    assert on.writes == []
