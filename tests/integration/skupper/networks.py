# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites in all clusters of the lab, and the role skupper_network over them, as an inventory and playbooks have it."""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.integration.lab.sites import GROUP, RESOURCES, Sites
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run, Running
from tests.lab import Lab, difference
from tests.lab.api import Object, path
from tests.lab.inventory import Inventory, resources

HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"
SPOKES = (TORONTO, PHILLY)
LINKS = [f"{spoke}-to-{HUB}" for spoke in SPOKES]
LABEL = "multicluster.interconnect/link"
POLICY_V1 = "policy.open-cluster-management.io/v1"
CLUSTER_V1 = "cluster.open-cluster-management.io/v1"
POLICY = f"link-to-{HUB}"
ROLE = "multicluster.interconnect.skupper_network"
# What the routers and their controllers keep of what they have seen.
OF_ROUTERS = ("/skupper-network-status", "/skupper-router", "/skupper-internal")
# With which Policies hide values on their way: made with the first Policy that does so, and kept.
ENCRYPTION_KEYS = tuple(f"{spoke}/policy-encryption-key" for spoke in SPOKES)
# Rounds of the tests are short, and so are the waits that fail.
PATIENCE = {"skupper_network_wait_timeout": 90, "skupper_network_verify_timeout": 30}


class Network(Sites):
    """Sites that are called as the clusters, and runs of the role."""

    def __init__(self, lab: Lab, namespace: str, folder: Path, version: str) -> None:
        super().__init__(lab, namespace)
        self.version = version
        self.variables: dict[str, Any] = {"skupper_version": version, **PATIENCE}
        self._folder = folder

    # -- the sites ---------------------------------------------------------------------------------------------------

    def make_site(self, cluster: str, ingress: str) -> None:
        """Ask for a site that is called as its cluster."""
        if self.version == "v2":
            self.make(cluster, "Site", cluster, linkAccess=ingress)
            return
        wanted = {"metadata": {"name": "skupper-site"}, "data": {"name": cluster, "ingress": ingress}}
        self._api[cluster].create(path("v1", "configmaps", namespace=self.namespace), wanted)

    def await_site(self, cluster: str) -> None:
        """Wait until it is complete."""
        if self.version == "v2":
            self.wait(cluster, "Site", cluster, "Ready")
            return
        for deployment in ("skupper-router", "skupper-service-controller"):
            until(partial(self._has_pods, cluster, deployment), f"{deployment} is ready in {cluster}")

    def _has_pods(self, cluster: str, deployment: str) -> bool:
        live = self._api[cluster].find(path("apps/v1", "deployments", deployment, self.namespace)) or {}
        return bool(live.get("status", {}).get("readyReplicas"))

    # -- the inventory and the playbooks -----------------------------------------------------------------------------

    def run(self, ansible: Ansible, entry: str, *arguments: str, **variables: Any) -> Run:
        """Run an entry point of the role over the inventory."""
        return self.start(ansible, entry, *arguments, **variables).wait()

    def start(self, ansible: Ansible, entry: str, *arguments: str, **variables: Any) -> Running:
        """Start it."""
        playbook = self._folder / f"{entry}.json"
        playbook.write_text(json.dumps([self._play(entry)]))
        return ansible.start(playbook, *arguments, inventories=[self._inventory(variables)])

    def _play(self, entry: str) -> Object:
        task = {"name": "Network", "ansible.builtin.import_role": {"name": ROLE, "tasks_from": entry}}
        return {"hosts": "skupper_sites", "gather_facts": False, "tasks": [task]}

    def _inventory(self, variables: dict[str, Any]) -> Path:
        file = self._folder / "inventory.yml"
        common = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "kubeconfig": str(self.lab.kubeconfig),
            "application": self.namespace,
            "skupper_network_cluster_set": "global",
            **self.variables,
            **variables,
        }
        groups: dict[str, Any] = {
            "hub": {"hosts": {HUB: {}}},
            "spokes": {"hosts": {spoke: {} for spoke in SPOKES}},
            "skupper_sites": {"children": {"hub": {}, "spokes": {}}},
        }
        file.write_text(json.dumps({"all": {"vars": common, "children": groups}}))
        return file

    # -- what is there -----------------------------------------------------------------------------------------------

    def names(self, cluster: str, kind: str) -> list[str]:
        """Names of the labelled objects of links in a cluster."""
        resources = {"Secret": ("v1", "secrets"), "ConfigMap": ("v1", "configmaps")}
        version, plural = resources.get(kind) or (GROUP, RESOURCES[kind])
        target = path(version, plural, namespace=self.namespace, labelSelector=LABEL)
        return sorted(each["metadata"]["name"] for each in self._api[cluster].items(target))

    def tokens(self, cluster: str) -> list[str]:
        """Names of the tokens at a linking site."""
        return self.names(cluster, "Secret")

    def is_linked(self, *clusters: str) -> bool:
        """Whether the sites of these clusters, and the hub's, see each other."""
        return all(self.sees(HUB, each) and self.sees(each, HUB) for each in clusters)

    def sees(self, cluster: str, other: str) -> bool:
        """Whether the router of a site knows another site."""
        sites = self.network_status(cluster).get("siteStatus") or []
        return any(each["site"]["name"] == other for each in sites)

    def replicated(self, cluster: str) -> Object:
        """The Policy as the hub has made it for a cluster; empty when it is not there."""
        target = path(POLICY_V1, "policies", f"{self.namespace}.{POLICY}", cluster)
        return self._api[HUB].find(target) or {}

    def leaks(self, cluster: str) -> list[str]:
        """Resources of a cluster, besides Secrets, that show a private key of any site's namespace."""
        api = self._api[cluster]
        keys = [key for each in self._api for key in self._private_keys(each)]
        assert keys
        parts = [part for key in keys for part in (key[200:260], b64decode(key).decode().splitlines()[5])]
        return [
            resource
            for resource, target in resources(api)
            if resource != "secrets" and any(part in json.dumps(api.get(target)) for part in parts)
        ]

    def _private_keys(self, cluster: str) -> list[str]:
        """As Secrets have them: base64 of PEM."""
        secrets = self._api[cluster].items(path("v1", "secrets", namespace=self.namespace))
        return [key for each in secrets if (key := (each.get("data") or {}).get("tls.key"))]

    def left(self, before: Mapping[str, Inventory]) -> list[str]:
        """What differs from an inventory, once the routers have come to rest; how they see the network aside."""

        def lines() -> list[str]:
            found = difference(before, self.lab.inventory())
            return [line for line in found if not line.endswith((*OF_ROUTERS, *ENCRYPTION_KEYS))]

        with contextlib.suppress(AssertionError):
            until(lambda: not lines(), "all is as before", 20)
        return lines()

    def label_of(self, cluster: str) -> str | None:
        """The label by which the Policy selects a cluster."""
        labels: dict[str, str] = self._api[HUB].get(path(CLUSTER_V1, "managedclusters", cluster))["metadata"]["labels"]
        return labels.get(POLICY)


@contextmanager
def network(lab: Lab, namespace: str, folder: Path, version: str = "v2") -> Iterator[Network]:
    """A site in each cluster, until the block ends; the hub's can be reached."""
    folder.mkdir(exist_ok=True)
    keys = _encryption_keys(lab)
    made = Network(lab, namespace, folder, version)
    try:
        for cluster in lab.clusters:
            made.make_site(cluster, "loadbalancer" if cluster == HUB else "none")
        for cluster in lab.clusters:
            made.await_site(cluster)
        yield made
    finally:
        made.clean()
        _remove(lab, _encryption_keys(lab) - keys)


def _encryption_keys(lab: Lab) -> set[tuple[str, str]]:
    """Clusters and paths of the keys of Policies that are there."""
    found = set()
    for cluster in lab.clusters:
        api = lab.api(cluster)
        for spoke in SPOKES:
            target = path("v1", "secrets", "policy-encryption-key", spoke)
            if api.find(target):
                found.add((cluster, target))
    return found


def _remove(lab: Lab, targets: set[tuple[str, str]]) -> None:
    for cluster, target in sorted(targets):
        lab.api(cluster).delete(target)
    until(lambda: not any(lab.api(cluster).find(target) for cluster, target in targets), "the keys are gone")
