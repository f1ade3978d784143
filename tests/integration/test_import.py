# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""managedcluster_import into Open Cluster Management: real agent, real registration, real approval."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.integration.conftest import Audit
from tests.integration.regina import (
    ACCOUNT,
    BOOTSTRAP,
    BOTH,
    CREDENTIALS,
    CSR_API,
    KLUSTERLET,
    MODULE,
    NAME,
    Regina,
)
from tests.integration.runs import Ansible, step, triple
from tests.integration.scratch import Scratch, wait_until
from tests.integration.test_secrecy import LOUD, Value, seen
from tests.lab import difference
from tests.lab.api import Api, path
from tests.lab.ocm import AGENT_NAMESPACE
from tests.unit.ocm.requests_of_agents import agent_request

SAME = ("name", "backend", "server", "hub_server")
OPERATOR = f"{NAME}/klusterlet-operator"


def imports(approved: str) -> list[str]:
    """What an import writes."""
    return [
        f"ca-central: patch namespaces {NAME}",
        f"ca-central: patch managedclusters {NAME}",
        f"ca-central: create serviceaccounts/token {'/'.join(ACCOUNT)}",
        f"ca-central: update certificatesigningrequests/approval {approved}",
        f"{NAME}: patch namespaces {AGENT_NAMESPACE}",
        f"{NAME}: patch secrets {AGENT_NAMESPACE}/bootstrap-hub-kubeconfig",
        f"{NAME}: patch klusterlets klusterlet",
    ]


DETACHES = [
    f"ca-central: delete managedclusters {NAME}",
    f"ca-central: delete namespaces {NAME}",
    f"{NAME}: delete klusterlets klusterlet",
]


def test_a_cluster_is_imported_once_and_goes_without_a_trace(either_way: Ansible, regina: Regina, audit: Audit) -> None:
    before = regina.lab.inventory(*BOTH)
    with audit(*BOTH) as log:
        run = either_way.steps(
            *triple("import", MODULE, **regina.args),
            *triple("change", MODULE, **regina.args, klusterlet={"priorityClassName": "system-node-critical"}),
            cluster=NAME,
        )
    assert regina.is_available()
    ca = base64.b64encode(regina.lab.ca(NAME)).decode()
    live = regina.managed() or {}
    assert live["spec"]["managedClusterClientConfigs"] == [{"url": regina.lab.url(NAME), "caBundle": ca}]
    (approved,) = run.task("import")["approved"]
    log.expect_triple(run, "import", imports(approved), SAME)
    log.expect_triple(run, "change", [f"{NAME}: patch klusterlets klusterlet"], SAME)
    assert run.task("import")["backend"] == "ocm"
    with audit(*BOTH) as log:
        run = either_way.steps(*triple("detach", MODULE, **regina.args, state="absent"), cluster=NAME)
    log.expect_triple(run, "detach", DETACHES, ("name", "backend", "remaining"))
    assert run.task("detach")["remaining"] == []
    assert difference(before, regina.lab.inventory(*BOTH)) == []


def test_only_the_request_of_this_cluster_with_its_own_token_is_approved(
    ansible: Ansible, regina: Regina, scratch: Scratch, tmp_path: Path
) -> None:
    lab = regina.lab
    mallory = scratch.grant(
        lab.hub,
        f"mallory-{scratch.id}",
        {"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"], "verbs": ["create"]},
    )
    others = {
        "somebody": lab.user_kubeconfig(tmp_path / "mallory", mallory, clusters=[lab.hub]),
        "another token": lab.service_account_kubeconfig(tmp_path / "token", lab.hub, *ACCOUNT),
    }
    for who, kubeconfig in others.items():
        request = agent_request(NAME, username=None, extra=None)
        request["metadata"]["name"] = f"{NAME}-{who.replace(' ', '-')}-{scratch.id}"
        del request["status"]
        collection = path(CSR_API, "certificatesigningrequests")
        Api.from_kubeconfig(kubeconfig).create(collection, request)
    run = ansible.steps(step("import", MODULE, **regina.args), cluster=NAME)
    assert not run.task("import").failed, run.output
    (approved,) = run.task("import")["approved"]
    states = regina.requests()
    assert states.pop(approved) == "Approved"
    assert sorted(states.values()) == ["", ""], states


def test_what_is_missing_of_an_import_is_made_up_for(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    first = ansible.steps(step("begin", MODULE, **regina.args, wait=False, approve=False), cluster=NAME)
    assert not first.task("begin").failed, first.output
    wait_until("the agent has asked", lambda: list(regina.requests().values()) == [""])
    token = regina.token()
    regina.lab.api(NAME).delete(BOOTSTRAP)
    with audit(*BOTH) as log:
        second = ansible.steps(step("complete", MODULE, **regina.args), cluster=NAME)
    assert not second.task("complete").failed, second.output
    assert regina.is_available()
    assert regina.token() != token
    (approved,) = second.task("complete")["approved"]
    there = ("namespaces", "managedclusters", "klusterlets")
    assert sorted(log.writes) == sorted(line for line in imports(approved) if line.split()[2] not in there)


def test_an_agent_that_waits_for_approval_is_let_in(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    ansible.steps(step("begin", MODULE, **regina.args, wait=False, approve=False), cluster=NAME)
    wait_until("the agent has asked", lambda: list(regina.requests().values()) == [""])
    with audit(*BOTH) as log:
        run = ansible.steps(step("complete", MODULE, **regina.args), cluster=NAME)
    (approved,) = run.task("complete")["approved"]
    assert log.writes == [f"ca-central: update certificatesigningrequests/approval {approved}"]


def test_of_a_managedcluster_that_others_made_only_the_acceptance_is_taken_over(
    ansible: Ansible, regina: Regina, audit: Audit
) -> None:
    configs = [{"url": regina.lab.url(NAME)}]
    regina.make_managed(hubAcceptsClient=False, managedClusterClientConfigs=configs)
    with audit(*BOTH) as log:
        run = ansible.steps(
            step("import", MODULE, **regina.args),
            step("detach", MODULE, **regina.args, state="absent"),
            cluster=NAME,
        )
    assert not run.failures, run.output
    live = regina.managed()
    assert live
    assert (live["spec"]["hubAcceptsClient"], live["spec"]["managedClusterClientConfigs"]) == (True, configs)
    assert "app.kubernetes.io/managed-by" not in live["metadata"]["labels"]
    (kept,) = run.task("detach")["resources"]
    assert (kept["kind"], kept["action"]) == ("ManagedCluster", "kept")
    assert log.during(run.task("detach")) == []
    regina.lab.api(regina.lab.hub).delete(f"/apis/cluster.open-cluster-management.io/v1/managedclusters/{NAME}")


def test_the_name_of_another_cluster_is_refused(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    with audit(*BOTH) as log:
        run = ansible.steps(
            step("as ca-toronto", MODULE, **{**regina.args, "name": "ca-toronto"}),
            step("detach ca-toronto", MODULE, **{**regina.args, "name": "ca-toronto"}, state="absent"),
            cluster=NAME,
        )
        joined = ansible.steps(
            step("as itself", MODULE, **{**regina.args, "name": "ca-toronto"}),
            step("as another", MODULE, **regina.args),
            cluster="ca-toronto",
        )
    uid = regina.lab.api("ca-toronto").get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"]
    for name in ("as ca-toronto", "detach ca-toronto"):
        assert "is another cluster" in run.task(name).message
        assert uid in run.task(name).message
    assert not joined.task("as itself").failed, joined.output
    assert not joined.task("as itself").changed
    assert "under the name ca-toronto" in joined.task("as another").message
    assert log.writes == []


def test_a_bootstrap_account_that_is_not_there_is_named(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    with audit(*BOTH) as log:
        run = ansible.steps(step("import", MODULE, **regina.args, bootstrap_account="robot"), cluster=NAME)
    assert "ServiceAccount open-cluster-management/robot" in run.task("import").message
    assert log.writes == []


def test_a_missing_operator_is_named(ansible: Ansible, regina: Regina, audit: Audit) -> None:
    regina.has_operator(False)
    with audit(*BOTH) as log:
        run = ansible.steps(step("import", MODULE, **regina.args), cluster=NAME)
    assert "klusterlet operator" in run.task("import").message
    assert log.writes == []


def test_an_operator_that_does_not_work_is_told_and_waited_for_again(ansible: Ansible, regina: Regina) -> None:
    regina.lab.stop(OPERATOR)
    run = ansible.steps(step("in vain", MODULE, **{**regina.args, "wait_timeout": 3}), cluster=NAME)
    assert "the klusterlet operator has not taken up Klusterlet klusterlet" in run.task("in vain").message
    assert run.task("in vain").changed
    regina.lab.start(OPERATOR)
    run = ansible.steps(step("again", MODULE, **regina.args), cluster=NAME)
    assert not run.task("again").failed, run.output
    assert regina.is_available()


def test_a_cluster_that_is_away_is_detached_at_the_hub(ansible: Ansible, regina: Regina) -> None:
    ansible.steps(step("import", MODULE, **regina.args), cluster=NAME)
    regina.lab.stop(f"{NAME}/kube-apiserver", now=True)
    away = ansible.steps(step("detach", MODULE, **regina.args, state="absent"), cluster=NAME)
    assert not away.task("detach").failed, away.output
    assert regina.managed() is None
    assert away.task("detach")["remaining"][0] == "Klusterlet klusterlet"
    assert "Left there" in away.output
    regina.lab.start(NAME)
    back = ansible.steps(step("detach", MODULE, **regina.args, state="absent"), cluster=NAME)
    assert back.task("detach")["remaining"] == []
    assert regina.lab.api(NAME).find(KLUSTERLET) is None


def test_tokens_and_certificates_are_not_shown(either_way: Ansible, regina: Regina, tmp_path: Path) -> None:
    run = either_way.steps(
        step("begin", MODULE, **regina.args, wait=False, approve=False),
        step("import", MODULE, **regina.args),
        step("again", MODULE, **regina.args),
        cluster=NAME,
        arguments=LOUD,
    )
    assert not run.failures, run.output
    credentials = regina.lab.api(NAME).get(CREDENTIALS)["data"]
    secrets = [Value(regina.token()), *(Value(base64.b64decode(credentials[key]).decode()) for key in ("tls.key",))]
    bootstrap = regina.lab.api(NAME).get(BOOTSTRAP)["data"]["kubeconfig"]
    for value in (*secrets, Value(base64.b64decode(bootstrap).decode())):
        assert value.shown_by(*seen(run, tmp_path)) == []
