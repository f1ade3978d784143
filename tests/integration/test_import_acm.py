# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""managedcluster_import by ACM, whose import controller is a double that takes the credentials it is given."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.regina import BOTH, KLUSTERLET, MODULE, NAME, Regina
from tests.integration.runs import Ansible, step, triple
from tests.integration.scratch import CLUSTER_V1, wait_until
from tests.integration.test_secrecy import LOUD, Value, seen
from tests.lab import Lab, difference
from tests.lab.api import Object, path
from tests.lab.objects import apply_crds, target

IMPORTER = "ca-central/import-controller"
SECRET = path("v1", "secrets", "auto-import-secret", NAME)
SAME = ("name", "backend", "server", "hub_server", "approved")
IMPORTS = [
    f"ca-central: patch namespaces {NAME}",
    f"ca-central: patch managedclusters {NAME}",
    f"ca-central: patch klusterletaddonconfigs {NAME}/{NAME}",
    f"ca-central: patch secrets {NAME}/auto-import-secret",
]
DETACHES = [f"ca-central: delete managedclusters {NAME}"]


def definition(group: str, version: str, kind: str, plural: str, scope: str) -> Object:
    """A kind of ACM's, as far as it matters that there is one."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": scope, "versions": [served]},
    }


KINDS = [
    definition("multicluster.openshift.io", "v1", "MultiClusterEngine", "multiclusterengines", "Cluster"),
    definition(
        "agent.open-cluster-management.io", "v1", "KlusterletAddonConfig", "klusterletaddonconfigs", "Namespaced"
    ),
]


@pytest.fixture(scope="module", autouse=True)
def acm(lab: Lab) -> Iterator[None]:
    """Have the hub be one of ACM's."""
    api = lab.api(lab.hub)
    apply_crds(api, KINDS)
    yield
    for kind in KINDS:
        api.delete(target(kind))
    wait_until("the kinds are gone", lambda: not any(api.find(target(kind)) for kind in KINDS))


def test_acm_imports_a_cluster_and_detaches_it(either_way: Ansible, regina: Regina, audit: Audit) -> None:
    before = regina.lab.inventory(*BOTH)
    with audit(*BOTH) as log:
        run = either_way.steps(*triple("import", MODULE, **regina.args), cluster=NAME)
    log.expect_triple(run, "import", IMPORTS, SAME)
    assert run.task("import")["backend"] == "acm"
    assert regina.is_available()
    assert regina.lab.api(regina.lab.hub).find(SECRET) is None
    with audit(*BOTH) as log:
        run = either_way.steps(*triple("detach", MODULE, **regina.args, state="absent"), cluster=NAME)
    log.expect_triple(run, "detach", DETACHES, ("name", "backend", "remaining"))
    assert difference(before, regina.lab.inventory(*BOTH)) == []


def test_credentials_are_handed_over_and_not_shown(either_way: Ansible, regina: Regina, tmp_path: Path) -> None:
    regina.lab.stop(IMPORTER)  # so that the Secret stays
    kubeconfig = regina.lab.user_kubeconfig(tmp_path / "kubeconfig", "an-admin", ["system:masters"], clusters=BOTH)
    hub = {"kubeconfig": str(kubeconfig), "context": "ca-central"}
    run = either_way.steps(
        step("check", MODULE, check=True, **{**regina.args, "hub": hub}, wait=False),
        step("begin", MODULE, **{**regina.args, "hub": hub}, wait=False),
        step("again", MODULE, **{**regina.args, "hub": hub}, wait=False),
        cluster=NAME,
        kubeconfig=kubeconfig,
        arguments=LOUD,
    )
    assert not run.failures, run.output
    assert [run.task(name).changed for name in ("check", "begin", "again")] == [True, True, False]
    given = {user["name"]: user["user"] for user in yaml.safe_load(kubeconfig.read_text())["users"]}
    key = base64.b64decode(given[f"an-admin@{NAME}"]["client-key-data"]).decode()
    secret = regina.lab.api(regina.lab.hub).get(SECRET)
    handed_over = base64.b64decode(secret["data"]["kubeconfig"]).decode()
    assert Value(key).encoded in handed_over
    kubeconfig.unlink()  # what the test itself has written there
    for value in (Value(key), Value(handed_over)):
        assert value.shown_by(*seen(run, tmp_path)) == []
    regina.lab.start(IMPORTER)
    completed = either_way.steps(step("complete", MODULE, **regina.args), cluster=NAME)
    assert not completed.task("complete").failed, completed.output
    assert regina.is_available()


def test_an_import_that_acm_gives_up_ends_the_wait(ansible: Ansible, regina: Regina) -> None:
    nowhere = regina.lab.url(NAME).rpartition(":")[0] + ":1"
    run = ansible.steps(
        step("in vain", MODULE, **regina.args, server=nowhere, auto_import_retry=2),
        step("completed", MODULE, **regina.args),
        cluster=NAME,
    )
    assert "ACM does not try it again" in run.task("in vain").message
    assert "Connection refused" in run.task("in vain").message
    assert run.task("in vain").changed
    assert not run.task("completed").failed, run.output
    assert regina.is_available()


def test_a_lost_agent_is_brought_again(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    ansible.steps(step("import", MODULE, **regina.args), cluster=NAME)
    own = regina.lab.api(NAME)
    uid = own.get(KLUSTERLET)["metadata"]["uid"]
    own.delete(KLUSTERLET)
    wait_until("the agent is gone", lambda: own.find(KLUSTERLET) is None)
    wait_until("its namespace is gone", lambda: own.find("/api/v1/namespaces/open-cluster-management-agent") is None)
    with audit(*BOTH) as log:
        run = ansible.steps(step("import again", MODULE, **regina.args), cluster=NAME)
    assert not run.task("import again").failed, run.output
    assert own.get(KLUSTERLET)["metadata"]["uid"] != uid
    assert sorted(log.writes) == sorted([IMPORTS[3], f"ca-central: patch managedclusters {NAME}"])


def test_a_cluster_that_acm_has_been_told_to_leave_alone_is_refused(
    ansible: Ansible, regina: Regina, audit: Audit
) -> None:
    regina.make_managed(hubAcceptsClient=True)
    annotation = {"import.open-cluster-management.io/disable-auto-import": ""}
    live = path(CLUSTER_V1, "managedclusters", NAME)
    regina.lab.api(regina.lab.hub).merge(live, {"metadata": {"annotations": annotation}})
    with audit(*BOTH) as log:
        run = ansible.steps(step("import", MODULE, **regina.args), cluster=NAME)
    assert "disable-auto-import" in run.task("import").message
    assert log.writes == []
