# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks need no more than docs/rbac grants: accounts with just these permissions do everything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import POLICY_V1, Audit
from tests.integration.rbac import ACCOUNT, ADMINISTRATOR, documents
from tests.integration.runs import BOTH, Ansible
from tests.integration.scratch import Scratch, wait_until
from tests.lab import Lab
from tests.lab.api import Object


def grant(lab: Lab, scratch: Scratch, cluster: str, *manifests: str) -> None:
    """Apply manifests of docs/rbac as an administrator would."""
    api = lab.api(cluster)
    for name in manifests:
        for place, document in documents(name):
            if document["kind"] == "Namespace":
                gone = partial(lambda place: not _is_terminating(api.find(place)), place)
                wait_until(f"the last test's namespace {document['metadata']['name']} is gone", gone)
            api.apply(scratch.owns(cluster, place), document, ADMINISTRATOR)


def _is_terminating(namespace: Object | None) -> bool:
    return bool(namespace and namespace["status"]["phase"] == "Terminating")


def accounts(lab: Lab, folder: Path, *added: str) -> Path:
    """An inventory that reaches each cluster by a token of the account there, and by nothing else."""
    hosts = {}
    for cluster in (*lab.clusters, *added):
        file = lab.service_account_kubeconfig(folder / f"{cluster}.kubeconfig", cluster, *ACCOUNT)
        context = yaml.safe_load(file.read_text())["current-context"]
        hosts[cluster] = {"kubeconfig": str(file), "context": context}
    inventory = folder / "accounts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    return inventory


@dataclass(frozen=True)
class Way:
    """One way to deploy, and the manifests that it needs besides the two that all need."""

    variables: dict[str, str]
    everywhere: tuple[str, ...]
    on_the_hub: tuple[str, ...] = ()


WAYS = {
    "reference": Way({"argocd_import": "gitopscluster"}, ("site-v2", "probes"), ("hub-gitops",)),
    "native-v1-policy": Way(
        POLICY_V1,
        ("cluster-native", "site-v1"),
        ("hub-native", "hub-policy", "hub-gitops"),
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_accounts_of_the_manifests_can_do_everything(
    lab: Lab, scratch: Scratch, ansible: Ansible, audit: Audit, tmp_path: Path, way: Way
) -> None:
    for cluster in lab.clusters:
        grant(lab, scratch, cluster, "cluster", *way.everywhere)
    grant(lab, scratch, lab.hub, "hub", *way.on_the_hub)
    inventories = (*BOTH, accounts(lab, tmp_path))
    with audit() as log:
        for playbook in ("deploy.yml", "verify.yml", "rotate.yml", "teardown.yml"):
            ansible.playbook(playbook, variables=way.variables, inventories=inventories).succeeded()
    # A new token of Argo CD's is proved by using it.
    native = way.variables["argocd_import"] == "native"
    expected = {ACCOUNT, ("kube-system", "argocd-manager")} if native else {ACCOUNT}
    users = {event.user for _cluster, event in log.requests}
    assert users == {f"system:serviceaccount:{namespace}:{name}" for namespace, name in expected}
    assert [str(event) for _cluster, event in log.requests if event.code == 403] == []
