# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that joins a broker: its kinds, its nodes, and what operator and gateway would have written there."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.scratch import wait_until
from tests.integration.submariner.brokers import CRDS, NAMESPACE, SUBMARINER, SUBMARINER_ALPHA, bearer, kinds
from tests.lab.api import Object, path
from tests.lab.bare import Bare

OPERATOR = "submariner-operator"
# submariner-operator config/crd/bases: what the schema asks for.
REQUIRED = [
    "broker",
    "brokerK8sApiServer",
    "brokerK8sRemoteNamespace",
    "ceIPSecDebug",
    "clusterCIDR",
    "clusterID",
    "debug",
    "namespace",
    "natEnabled",
    "serviceCIDR",
]
APPS = "apps/v1"


def crd(kind: str, version: str, required: list[str], with_status: bool) -> Object:
    """A definition with the fields that must be there."""
    plural = f"{kind.lower()}s"
    spec = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "required": required}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "metadata": {"name": f"{plural}.submariner.io"},
        "spec": {
            "group": "submariner.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [{**served, **({"subresources": {"status": {}}} if with_status else {})}],
        },
    }


@dataclass(frozen=True)
class Spoke:
    """A cluster that joins."""

    plane: Bare
    broker: Bare

    @property
    def name(self) -> str:
        return self.plane.name

    def at(self, api_version: str, resource: str, name: str = "", **more: str) -> str:
        """The path of an object in the operator's namespace."""
        return path(api_version, resource, name, OPERATOR, **more)

    def credentials(self) -> dict[str, str]:
        """What the cluster has been given to use the broker by, decoded."""
        data = self.plane.api.get(self.at("v1", "secrets", "submariner-broker-secret"))["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def register(self, subnet: str) -> None:
        """Write at the broker, with the cluster's own credentials, what its gateway does (submariner
        pkg/controllers/datastoresyncer).
        """
        api = bearer(self.broker, self.credentials()["token"])
        for kind, name, spec in (
            (
                "Cluster",
                self.name,
                {"service_cidr": [], "cluster_cidr": [subnet], "global_cidr": [], "color_codes": []},
            ),
            (
                "Endpoint",
                f"{self.name}-submariner-cable",
                {"cable_name": f"submariner-cable-{self.name}", "subnets": [subnet], "backend": "libreswan"},
            ),
        ):
            body = {
                "apiVersion": SUBMARINER,
                "kind": kind,
                "metadata": {"name": name},
                "spec": {"cluster_id": self.name, "hostname": f"{self.name}-gw", "private_ip": "192.0.2.7", **spec},
            }
            api.create(path(SUBMARINER, f"{kind.lower()}s", namespace=NAMESPACE), body)

    def operate(self, subnet: str, **connections: str) -> None:
        """Write the status of the operator (submariner-operator api/v1alpha1/submariner_types.go), and the Gateway
        (submariner pkg/cableengine/syncer) with a connection in each given status.
        """
        daemons = {"status": {"desiredNumberScheduled": 1, "numberReady": 1}}
        status = {
            "clusterID": self.name,
            "natEnabled": True,
            "gatewayDaemonSetStatus": daemons,
            "routeAgentDaemonSetStatus": daemons,
        }
        target = self.at(SUBMARINER_ALPHA, "submariners", "submariner", subresource="status")
        self.plane.api.merge(target, {"status": status})
        links = [
            {"status": said, "statusMessage": "no answer yet", "endpoint": {"cluster_id": name.replace("_", "-")}}
            for name, said in connections.items()
        ]
        local = {"cluster_id": self.name, "subnets": [subnet], "backend": "libreswan"}
        self.plane.api.create(
            self.at(SUBMARINER, "gateways"),
            {
                "apiVersion": SUBMARINER,
                "kind": "Gateway",
                "metadata": {"name": "worker-1", "annotations": {"update-timestamp": str(int(time.time()))}},
                "status": {"haStatus": "active", "localEndpoint": local, "connections": links, "version": "v0.24.0"},
            },
        )

    def beat(self) -> None:
        """Have the gateway been heard just now."""
        patch = {"metadata": {"annotations": {"update-timestamp": str(int(time.time()))}}}
        self.plane.api.merge(self.at(SUBMARINER, "gateways", "worker-1"), patch)

    def connect(self, cluster: str, status: str) -> None:
        """Have the gateway tell of one connection."""
        links = [{"status": status, "statusMessage": "no answer yet", "endpoint": {"cluster_id": cluster}}]
        self.plane.api.merge(self.at(SUBMARINER, "gateways", "worker-1"), {"status": {"connections": links}})

    def spec(self) -> dict[str, Any]:
        """What the Submariner resource says."""
        found: dict[str, Any] = self.plane.api.get(self.at(SUBMARINER_ALPHA, "submariners", "submariner"))["spec"]
        return found


@contextmanager
def beating(*spokes: Spoke) -> Iterator[None]:
    """Have the gateways been heard every second, while a block runs; real ones write every 5 s."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.is_set():
            for spoke in spokes:
                spoke.beat()
            ended.wait(1)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def operated(plane: Bare, broker: Bare) -> Iterator[Spoke]:
    """Have a cluster with the operator's kinds and Deployment, and two nodes; they are taken out again."""
    api = plane.api
    definitions = [
        crd("Submariner", "v1alpha1", REQUIRED, with_status=True),
        *(crd(kind, "v1", [], with_status=False) for kind in ("Gateway", "Cluster", "Endpoint")),
    ]
    for each in definitions:
        api.create(path(CRDS, "customresourcedefinitions"), each)
    if api.find(path("v1", "namespaces", OPERATOR)) is None:
        api.create(path("v1", "namespaces"), {"metadata": {"name": OPERATOR}})
    spoke = Spoke(plane, broker)
    labels = {"name": OPERATOR}
    pod = {"containers": [{"name": OPERATOR, "image": "quay.io/submariner/submariner-operator:0.24.0"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    deployment = {"metadata": {"name": OPERATOR}, "spec": {"selector": {"matchLabels": labels}, "template": template}}
    api.create(spoke.at(APPS, "deployments"), deployment)
    up = {"status": {"replicas": 1, "availableReplicas": 1, "readyReplicas": 1}}
    api.merge(spoke.at(APPS, "deployments", OPERATOR, subresource="status"), up)
    for node in ("worker-1", "worker-2"):
        api.create(path("v1", "nodes"), {"metadata": {"name": node}})
        ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
        api.merge(path("v1", "nodes", node, subresource="status"), ready)
    try:
        yield spoke
    finally:
        for node in ("worker-1", "worker-2"):
            api.delete(path("v1", "nodes", node))
        api.delete(spoke.at(APPS, "deployments", OPERATOR))
        for each in definitions:
            api.delete(path(CRDS, "customresourcedefinitions", each["metadata"]["name"]))
        ours = {each["metadata"]["name"] for each in definitions}
        wait_until("the kinds are gone", lambda: not ours & set(kinds(plane)))
