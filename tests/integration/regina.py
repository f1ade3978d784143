# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that nobody manages: what an import of it is given, and a clean slate after each test."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from tests.integration.scratch import CLUSTER_V1, wait_until
from tests.lab import Lab
from tests.lab.api import Object, path
from tests.lab.build import Binaries
from tests.lab.crds import OPERATOR, load
from tests.lab.klusterlet import BOOTSTRAP_SECRET, HUB_SECRET, OPERATOR_API
from tests.lab.objects import apply_crds, condition
from tests.lab.ocm import AGENT_NAMESPACE

NAME = "ca-regina"
BOTH = ("ca-central", NAME)
"""The hub and the cluster."""
CSR_API = "certificates.k8s.io/v1"
CRD_API = "apiextensions.k8s.io/v1"
ACCOUNT = ("open-cluster-management", "agent-registration-bootstrap")
MODULE = "managedcluster_import"
ACCEPTED = "open-cluster-management.io/automatically-accepted-on"
"""Where it stands, the lab's hub does not accept a cluster by itself."""

MANAGED_CLUSTER = path(CLUSTER_V1, "managedclusters", NAME)
KLUSTERLET = path(OPERATOR_API, "klusterlets", "klusterlet")
BOOTSTRAP = path("v1", "secrets", BOOTSTRAP_SECRET, AGENT_NAMESPACE)
CREDENTIALS = path("v1", "secrets", HUB_SECRET, AGENT_NAMESPACE)
KLUSTERLET_CRD = path(CRD_API, "customresourcedefinitions", "klusterlets.operator.open-cluster-management.io")


@dataclass(frozen=True)
class Regina:
    """The cluster, and the hub's side of it."""

    lab: Lab

    @property
    def args(self) -> dict[str, Any]:
        """Arguments of an import; the connection options lead to the cluster."""
        hub = {"kubeconfig": str(self.lab.kubeconfig), "context": self.lab.hub}
        return {"name": NAME, "hub": hub, "wait_sleep": 1, "wait_timeout": 90}

    def managed(self) -> Object | None:
        """Its ManagedCluster."""
        return self.lab.api(self.lab.hub).find(MANAGED_CLUSTER)

    def is_available(self) -> bool:
        """Whether the hub says so."""
        live = self.managed()
        return bool(live) and condition(live or {}, "ManagedClusterConditionAvailable") == "True"

    def make_managed(self, **spec: Any) -> None:
        """Make its ManagedCluster behind the collection's back; the hub leaves it as it is."""
        metadata = {"name": NAME, "annotations": {ACCEPTED: "never"}}
        body = {"apiVersion": CLUSTER_V1, "kind": "ManagedCluster", "metadata": metadata, "spec": spec}
        self.lab.api(self.lab.hub).create(path(CLUSTER_V1, "managedclusters"), body)

    def token(self) -> str:
        """The bootstrap token that the cluster has."""
        secret = self.lab.api(NAME).get(BOOTSTRAP)
        config = json.loads(base64.b64decode(secret["data"]["kubeconfig"]))
        return str(config["users"][0]["user"]["token"])

    def requests(self) -> dict[str, str]:
        """Certificate requests under its name, and what has become of each."""
        selector = f"open-cluster-management.io/cluster-name={NAME}"
        live = self.lab.api(self.lab.hub).items(path(CSR_API, "certificatesigningrequests", labelSelector=selector))
        return {
            each["metadata"]["name"]: ", ".join(entry["type"] for entry in each["status"].get("conditions", []))
            for each in live
        }

    def definition(self) -> Object:
        """The CustomResourceDefinition that the klusterlet operator brings."""
        found: Object
        (found,) = load(Binaries.load(self.lab.layout.binaries), OPERATOR)
        return found

    def has_operator(self, there: bool) -> None:
        """Have the cluster serve Klusterlets, or not."""
        api = self.lab.api(NAME)
        if there:
            apply_crds(api, [self.definition()])
        else:
            api.delete(KLUSTERLET_CRD)
            wait_until("the kind is gone", lambda: api.find(KLUSTERLET_CRD) is None)

    def clean(self) -> None:
        """Take back whatever a test has left, by other ways than the collection's."""
        self.lab.start(NAME, f"{self.lab.hub}/import-controller")
        hub, own = self.lab.api(self.lab.hub), self.lab.api(NAME)
        self.has_operator(True)
        hub.delete(MANAGED_CLUSTER)
        own.delete(KLUSTERLET)
        namespaces = [(hub, path("v1", "namespaces", NAME)), (own, path("v1", "namespaces", AGENT_NAMESPACE))]
        wait_until("cluster and agent are gone", lambda: not (hub.find(MANAGED_CLUSTER) or own.find(KLUSTERLET)))
        for api, target in namespaces:
            api.delete(target)
        for name in self.requests():
            hub.delete(path(CSR_API, "certificatesigningrequests", name))
        wait_until("their namespaces are gone", lambda: not any(api.find(target) for api, target in namespaces))
