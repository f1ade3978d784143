# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's ManagedClusters as inventory hosts, as `ansible-inventory` shows them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.inventory.conftest import CLUSTERS, GROUP, NOT_PASSED_ON, Reader, ours
from tests.integration.rbac import documents
from tests.lab import Lab
from tests.lab.api import path
from tests.lab.bare import Bare

NAMES = sorted(each["metadata"]["name"] for each in CLUSTERS)
LOCAL_CLUSTER = {
    "managed_cluster_name": "local-cluster",
    "managed_cluster_hub": True,
    "managed_cluster_labels": CLUSTERS[0]["metadata"]["labels"],
    "managed_cluster_claims": {"region.open-cluster-management.io": "ca-central-1"},
    "managed_cluster_set": "online-boutique",
    "managed_cluster_accepted": True,
    "managed_cluster_joined": True,
    "managed_cluster_available": True,
    "managed_cluster_availability": "available",
    "managed_cluster_message": "ManagedClusterConditionAvailable is True",
    "managed_cluster_api_url": "https://api.ca-central.example.com:6443",
    "managed_cluster_version": "v1.34.4",
}
ANNOUNCED_ONLY = {
    "managed_cluster_name": "ca-regina",
    "managed_cluster_hub": False,
    "managed_cluster_labels": {},
    "managed_cluster_claims": {},
    "managed_cluster_set": "default",
    "managed_cluster_accepted": False,
    "managed_cluster_joined": False,
    "managed_cluster_available": False,
    "managed_cluster_availability": "unreachable",
    "managed_cluster_message": "its agent has not registered",
    "managed_cluster_api_url": None,
    "managed_cluster_version": None,
}


def test_clusters_are_hosts_with_what_the_hub_knows_of_them(every_core: Reader, hub: Bare) -> None:
    source = every_core.file(
        groups={"unavailable": "not managed_cluster_available"},
        keyed_groups=[{"key": "managed_cluster_set", "prefix": "set"}],
        compose={"cluster_api_url": "managed_cluster_api_url"},
    )
    mark = hub.audit.mark()
    found = every_core.list(source)
    assert sorted(found.hosts) == NAMES
    assert found.hosts["local-cluster"] == {
        **LOCAL_CLUSTER,
        "cluster_api_url": LOCAL_CLUSTER["managed_cluster_api_url"],
    }
    assert found.hosts["ca-regina"] == {**ANNOUNCED_ONLY, "cluster_api_url": None}
    availability = {host: variables["managed_cluster_availability"] for host, variables in found.hosts.items()}
    assert availability == {
        "local-cluster": "available",
        "cluster-7f3a": "unavailable",
        "us-philly": "unreachable",
        "ca-regina": "unreachable",
    }
    assert found.groups["unavailable"] == ["ca-regina", "cluster-7f3a", "us-philly"]
    assert found.groups["set_online_boutique"] == ["cluster-7f3a", "local-cluster"]
    assert found.groups["set_default"] == ["ca-regina", "us-philly"]
    assert not [form for form in (NOT_PASSED_ON, _encoded(NOT_PASSED_ON)) if form in found.output]
    asked = [(event.verb, event.resource) for event in ours(hub, mark)]
    assert asked == [("get", ""), ("list", "managedclusters")], "discovery, and one LIST"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_what_a_cluster_says_of_itself_is_never_evaluated(every_core: Reader) -> None:
    source = every_core.file(
        compose={"motto": "managed_cluster_claims.motto"}, strict=True, label_selector="site=ca-toronto"
    )
    shown = every_core.run(
        "ansible", "all", "-i", source, "-m", "ansible.builtin.debug", "-a", "msg={{ [motto, managed_cluster_claims] }}"
    )
    assert shown.returncode == 0, shown.output + shown.errors
    assert shown.output.count("echo evaluated") == 3, "as a variable, a claim's value, and a claim's name"
    assert shown.output.count("evaluated") == 3


def cached(reader: Reader) -> dict[str, Any]:
    """Options that keep what was read in a folder of the test's own."""
    return {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(reader.folder / "cache"),
        "keyed_groups": [{"key": "managed_cluster_labels.site", "prefix": "site"}],
    }


def test_second_run_with_a_cache_asks_the_hub_nothing(every_core: Reader, hub: Bare) -> None:
    source = every_core.file(**cached(every_core))
    first = every_core.list(source)
    mark = hub.audit.mark()
    second = every_core.list(source)
    assert ours(hub, mark) == []
    assert second.document == first.document
    assert sorted(second.hosts) == NAMES
    kept = "".join(file.read_text() for file in (every_core.folder / "cache").iterdir())
    user = yaml.safe_load(hub.kubeconfig.read_text())["users"][0]["user"]
    assert "local-cluster" in kept
    assert not [each for each in (*user.values(), _encoded(NOT_PASSED_ON), NOT_PASSED_ON) if str(each) in kept]


def test_cache_is_renewed_on_request(reader: Reader, hub: Bare) -> None:
    source = reader.file(**cached(reader))
    reader.list(source)
    playbook = reader.folder / "playbook.yml"
    playbook.write_text("[{hosts: all}]")
    mark = hub.audit.mark()
    reader.run("ansible-playbook", "-i", source, playbook, "--list-hosts", "--flush-cache")
    assert [event.verb for event in ours(hub, mark)] == ["get", "list"]


def test_cache_does_not_answer_for_another_hub(reader: Reader, hub: Bare) -> None:
    source = reader.file(**cached(reader))
    assert sorted(reader.list(source).hosts) == NAMES
    other = reader.folder / "other.kubeconfig"
    other.write_text(hub.kubeconfig.read_text().replace(hub.url, "https://127.0.0.1:1"))
    refused = reader.list(source, K8S_AUTH_KUBECONFIG=str(other))
    assert refused.returncode != 0
    assert "https://127.0.0.1:1" in refused.errors


def account(hub: Bare, *manifests: str) -> str:
    """A token of the account that docs/rbac/inventory.yml makes, with what `manifests` of it are applied."""
    for where, document in documents("inventory"):
        if document["kind"] in manifests:
            hub.api.apply(where, document)
        else:
            hub.api.delete(where)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    where = path("v1", "serviceaccounts", "inventory", "multicluster-interconnect", "token")
    return str(hub.api.create(where, request)["status"]["token"])


def by_token(hub: Bare, token: str, folder: Path) -> dict[str, str]:
    """The environment that AWX gives to a job for its credential of one cluster."""
    (cluster,) = yaml.safe_load(hub.kubeconfig.read_text())["clusters"]
    (folder / "ca.crt").write_bytes(base64.b64decode(cluster["cluster"]["certificate-authority-data"]))
    return {
        "K8S_AUTH_HOST": hub.url,
        "K8S_AUTH_API_KEY": token,
        "K8S_AUTH_SSL_CA_CERT": str(folder / "ca.crt"),
    }


def test_account_of_the_manifest_can_list_clusters_and_one_without_is_told_what_it_lacks(
    reader: Reader, hub: Bare
) -> None:
    source = reader.file()
    powerless = by_token(hub, account(hub, "Namespace", "ServiceAccount"), reader.folder)
    refused = reader.list(source, **powerless)
    assert refused.returncode != 0
    who = "system:serviceaccount:multicluster-interconnect:inventory"
    assert f"user {who} may not list managedclusters.{GROUP} (needed to list ManagedCluster)" in refused.errors

    everything = ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding")
    granted = by_token(hub, account(hub, *everything), reader.folder)
    mark = hub.audit.mark()
    found = reader.list(source, **granted)
    assert sorted(found.hosts) == NAMES
    assert granted["K8S_AUTH_API_KEY"] not in found.output + found.errors
    assert {(event.user, event.code) for event in ours(hub, mark)} == {(who, 200)}


def test_credentials_of_a_pod_are_not_used(reader: Reader, hub: Bare) -> None:
    host, port = hub.url.removeprefix("https://").split(":")
    mark = hub.audit.mark()
    refused = reader.list(reader.file(), KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port)
    assert refused.returncode != 0
    assert "credentials of the pod that Ansible runs in are never used" in refused.errors
    assert ours(hub, mark) == []


def test_cluster_without_managed_clusters_is_no_hub(reader: Reader) -> None:
    with Lab.bare("no-hub", reader.folder / "no-hub", with_crds=False) as plane:
        refused = reader.list(reader.file(), K8S_AUTH_KUBECONFIG=str(plane.kubeconfig))
    assert refused.returncode != 0
    assert f"not a hub: {plane.url} does not serve ManagedCluster" in refused.errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"context": "elsewhere"}, "context: elsewhere is not a context of"),
        ({"cluster_api_url": "https://api.example.com:6443"}, "but cluster_api_url says https://api.example.com:6443"),
        ({"cluster_id": "an-id"}, "but cluster_id says an-id"),
        ({"label_selector": "=nothing"}, "can not list ManagedCluster"),
        ({"hostname": "managed_cluster_labels.site"}, "hostname: has no value for ManagedCluster ca-regina"),
        (
            {"hostname": "managed_cluster_set"},
            "ManagedClusters cluster-7f3a and local-cluster both become host online-boutique",
        ),
        ({"hostname": "managed_cluster_hub"}, "hostname: is False for ManagedCluster ca-regina"),
    ],
)
def test_failure_says_why(reader: Reader, options: dict[str, str], message: str) -> None:
    refused = reader.list(reader.file(**options))
    assert refused.returncode != 0
    assert message in refused.errors
    assert "Traceback" not in refused.errors


def test_only_files_of_its_name_are_its_own(reader: Reader) -> None:
    refused = reader.list(reader.file("hub.yml"))
    assert refused.returncode != 0
    assert "could not be verified by inventory plugin" in refused.errors
    assert sorted(reader.list(reader.file("hub.managed_clusters.yaml")).hosts) == NAMES
