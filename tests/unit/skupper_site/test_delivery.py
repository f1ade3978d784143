# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites by Argo CD: what its chart renders, and how a site changes hands."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import yaml

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.ownership import owned_fields
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER, Object
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, perform
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_site import SPEC
from tests.tree import CHECKOUT
from tests.unit.apply.fake_cluster import FakeCluster
from tests.unit.boutique.charts import helm

CHART = CHECKOUT / "roles/skupper_site/files/chart"
NAMESPACE, ARGO_CD = "boutique", "argocd-controller"
REFS = {
    "v1": ObjectRef("v1", "ConfigMap", "skupper-site", NAMESPACE),
    "v2": ObjectRef("skupper.io/v2alpha1", "Site", "ca-central", NAMESPACE),
}
VERSIONS = sorted(REFS)
TRACKED = {"argocd.argoproj.io/tracking-id": "boutique-sites-ca-central:skupper.io/Site:boutique/ca-central"}


def cluster() -> FakeCluster:
    return FakeCluster({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})


def run(on: FakeCluster, version: str, check_mode: bool = False, **more: Any) -> dict[str, Any]:
    defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
    given = {"version": version, "name": "ca-central", "namespace": NAMESPACE, "wait": False, **more}
    task = Task(params={**defaults, **given}, check_mode=check_mode, diff_mode=True)
    task._own = on.as_client()
    return perform(SPEC, task)


def helm_template(values: dict[str, Any]) -> list[Object]:
    words = [helm(), "template", "boutique-sites", str(CHART), "--namespace", NAMESPACE, "--values", "-"]
    done = subprocess.run(words, input=json.dumps(values), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def values_of(version: str, made_from: Object) -> dict[str, Any]:
    """As the role has it."""
    if version == "v1":
        return {"version": "v1", "data": made_from["data"]}
    return {"version": "v2", "name": made_from["metadata"]["name"], "spec": made_from["spec"]}


def deliver(on: FakeCluster, version: str, **more: Any) -> None:
    """What Argo CD does with the chart."""
    result = run(on, version, check_mode=True, delivery="gitops", **more)
    [obj] = helm_template(values_of(version, result["made_from"]))
    annotations = {**obj["metadata"].get("annotations", {}), **TRACKED}
    on.apply({**obj, "metadata": {**obj["metadata"], "annotations": annotations}}, force=True, manager=ARGO_CD)


def uid(on: FakeCluster, version: str) -> str:
    return str(on.objects[REFS[version]]["metadata"]["uid"])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ingress": "none"},
        {"edge": True},
        {"ingress": "loadbalancer", "ha": True, "settings": {"router-logging": "info", "size": 4, "console": True}},
    ],
    ids=["default", "none", "edge", "settings"],
)
def test_the_chart_renders_what_the_direct_way_applies(version: str, more: dict[str, Any]) -> None:
    on = cluster()
    result = run(on, version, **more)
    applied = on.objects[REFS[version]]
    [rendered] = helm_template(values_of(version, result["made_from"]))
    own = ("labels", "annotations", "name", "namespace")
    metadata = {key: value for key, value in applied["metadata"].items() if key in own}
    assert rendered == {**{key: applied[key] for key in rendered}, "metadata": metadata}
    assert set(rendered) == set(applied)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_site_that_argo_cd_has_delivered_is_not_written_to(version: str) -> None:
    on = cluster()
    assert not run(on, version, check_mode=True, delivery="gitops")["changed"], "it is for Argo CD to make"
    deliver(on, version)
    on.writes.clear()
    result = run(on, version, delivery="gitops")
    assert ([each["action"] for each in result["resources"]], on.writes) == (["unchanged"], [])


@pytest.mark.parametrize("version", VERSIONS)
def test_what_argo_cd_has_not_delivered_is_told(version: str) -> None:
    on = cluster()
    assert "left to Argo CD (delivery: gitops), and is not there yet" in run(on, version, delivery="gitops")["msg"]
    deliver(on, version)
    logging: dict[str, Any] = {"settings": {"router-logging": "debug"}}
    assert "and is not as it is to be" in run(on, version, delivery="gitops", **logging)["msg"]
    [seen] = run(on, version, check_mode=True, delivery="gitops", **logging)["resources"]
    assert seen["action"] == "kept", "a verification takes it for another than the wanted one"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_site_changes_hands_and_back(version: str) -> None:
    on = cluster()
    run(on, version, settings={"router-logging": "info"})
    before = uid(on, version)
    deliver(on, version)
    check = run(on, version, check_mode=True, delivery="gitops")
    result = run(on, version, delivery="gitops")
    live = on.objects[REFS[version]]
    assert (check["changed"], result["changed"]) == (True, True)
    assert owned_fields(live, FIELD_MANAGER) is None
    assert "router-logging" not in str(live), "nobody wants it any more"
    assert not run(on, version, delivery="gitops")["changed"]

    refused = run(on, version)
    assert refused["delivered_by"] == "boutique-sites-ca-central", refused
    check = run(on, version, check_mode=True, take_over=True, settings={"router-logging": "debug"})
    result = run(on, version, take_over=True, settings={"router-logging": "debug"})
    live = on.objects[REFS[version]]
    assert (check["changed"], result["changed"]) == (True, True)
    assert owned_fields(live, ARGO_CD) is None
    assert "tracking-id" not in live["metadata"].get("annotations", {})
    assert "debug" in str(live)
    assert not run(on, version, settings={"router-logging": "debug"})["changed"]
    assert uid(on, version) == before


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_given_up_that_argo_cd_has_not_applied(version: str) -> None:
    on = cluster()
    run(on, version)
    on.writes.clear()
    assert "it would lose fields" in run(on, version, delivery="gitops")["msg"]
    assert on.writes == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_site_of_others_is_not_left_to_argo_cd(version: str) -> None:
    on = cluster()
    run(on, version)
    del on.objects[REFS[version]]["metadata"]["labels"]
    assert "was made by others" in run(on, version, check_mode=True, delivery="gitops")["msg"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_site_that_argo_cd_would_make_again_is_not_removed(version: str) -> None:
    on = cluster()
    deliver(on, version)
    on.writes.clear()
    refused = run(on, version, state="absent")
    assert refused["delivered_by"] == "boutique-sites-ca-central", refused
    assert on.writes == []
    assert run(on, version, state="absent", take_over=True)["changed"]
    assert REFS[version] not in on.objects


def test_only_who_writes_takes_over() -> None:
    assert run(cluster(), "v2", delivery="gitops", take_over=True)["msg"].startswith("take_over: ")


@pytest.mark.parametrize("values", [{"version": "v3"}, {"version": "v2", "spec": {}}, {"version": "v1", "site": {}}])
def test_the_chart_refuses_what_makes_no_site(values: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"version|name: a site has one|additional properties"):
        helm_template(values)
