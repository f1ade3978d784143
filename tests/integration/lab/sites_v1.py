# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites of Skupper v1 in the lab's clusters: what the tests make, and what they read."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from base64 import b64encode
from functools import partial
from typing import Any

from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.api import Api, ApiError, path
from tests.lab.objects import condition

Object = dict[str, Any]
TYPE = "skupper.io/type"
DEPLOYMENTS = ("skupper-router", "skupper-service-controller")


class SitesV1:
    """One namespace of that name in each cluster (or some), with what is made in it."""

    def __init__(self, lab: Lab, namespace: str, *clusters: str) -> None:
        self.lab, self.namespace = lab, namespace
        self.api: dict[str, Api] = {cluster: lab.api(cluster) for cluster in clusters or lab.clusters}
        for api in self.api.values():
            api.create(path("v1", "namespaces"), {"metadata": {"name": namespace}})

    def clean(self, *, wait: bool = True) -> None:
        """Remove the namespaces; return when they are gone."""
        for api in self.api.values():
            api.delete(path("v1", "namespaces", self.namespace))
        for cluster in self.api if wait else ():
            until(partial(self._is_gone, cluster), f"namespace {self.namespace} of {cluster} is gone", 120)

    def _is_gone(self, cluster: str) -> bool:
        return self.api[cluster].find(path("v1", "namespaces", self.namespace)) is None

    # Sites

    def make(self, cluster: str, labels: dict[str, str] | None = None, **data: str) -> None:
        """Ask for a site by its ConfigMap; settings have underscores for hyphens here."""
        settings = {"name": cluster} | {key.replace("_", "-"): value for key, value in data.items()}
        metadata = {"name": "skupper-site", "labels": labels or {}}
        self.create(cluster, "configmaps", {"metadata": metadata, "data": settings})

    def ready(self, cluster: str) -> None:
        """Wait until both Deployments are ready."""
        for name in DEPLOYMENTS:
            until(partial(self._is_ready, cluster, name), f"{name} is ready in {cluster}")

    def _is_ready(self, cluster: str, deployment: str) -> bool:
        live = self.api[cluster].find(path("apps/v1", "deployments", deployment, self.namespace)) or {}
        return bool(live.get("status", {}).get("readyReplicas"))

    def site_id(self, cluster: str) -> str:
        found: str = self.get(cluster, "configmaps", "skupper-site")["metadata"]["uid"]
        return found

    def restart_router(self, cluster: str) -> None:
        """As `kubectl rollout restart` does; return when only the new pod is left."""
        old = self.router(cluster)["metadata"]["name"]
        annotations = {"kubectl.kubernetes.io/restartedAt": str(time.time())}
        patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
        self.api[cluster].merge(path("apps/v1", "deployments", "skupper-router", self.namespace), patch)

        def replaced() -> bool:
            pods = self._routers(cluster)
            return [each["metadata"]["name"] != old and condition(each, "Ready") == "True" for each in pods] == [True]

        until(replaced, f"a new router in {cluster}")

    def _routers(self, cluster: str) -> list[Object]:
        target = path("v1", "pods", namespace=self.namespace, labelSelector="skupper.io/component=router")
        return self.api[cluster].items(target)

    def router(self, cluster: str) -> Object:
        pods = [each for each in self._routers(cluster) if "deletionTimestamp" not in each["metadata"]]
        return pods[0] if pods else {}

    def router_log(self, cluster: str) -> str:
        pod = f"pod-{self.namespace}-{self.router(cluster)['metadata']['name']}"
        return self.lab.layout.log(f"{cluster}/{pod}").read_text()

    def controller_log(self, cluster: str) -> str:
        return self.lab.layout.log(f"{cluster}/skupper-site-controller").read_text()

    # Objects

    def create(self, cluster: str, resource: str, wanted: Object, version: str = "v1") -> Object:
        return self.api[cluster].create(path(version, resource, namespace=self.namespace), wanted)

    def get(self, cluster: str, resource: str, name: str, version: str = "v1") -> Object:
        """The object; empty when it is not there."""
        return self.api[cluster].find(path(version, resource, name, self.namespace)) or {}

    def merge(self, cluster: str, resource: str, name: str, patch: Object) -> None:
        self.api[cluster].merge(path("v1", resource, name, self.namespace), patch)

    def delete(self, cluster: str, resource: str, name: str, version: str = "v1") -> None:
        self.api[cluster].delete(path(version, resource, name, self.namespace))

    # Tokens

    def request(self, cluster: str, name: str, **annotations: str) -> None:
        labels = {TYPE: "connection-token-request", "kept": "yes"}
        self.create(
            cluster, "secrets", {"metadata": {"name": name, "labels": labels, "annotations": annotations}, "type": ""}
        )

    def issued(self, cluster: str, name: str) -> Object:
        """The token that a request has become."""

        def token() -> Object:
            live = self.get(cluster, "secrets", name)
            return live if live.get("metadata", {}).get("labels", {}).get(TYPE) == "connection-token" else {}

        return until(token, f"token {name} of {cluster}")

    def issue(self, cluster: str, name: str) -> Object:
        self.request(cluster, name)
        return self.issued(cluster, name)

    def apply(self, cluster: str, token: Object, name: str = "") -> None:
        """Copy a token to a linking site."""
        live = token["metadata"]
        metadata = {key: live[key] for key in ("labels", "annotations")} | {"name": name or live["name"]}
        self.create(cluster, "secrets", {"metadata": metadata, "data": token["data"], "type": token["type"]})

    def claim(self, cluster: str, name: str, password: str = "secret", **annotations: str) -> Object:
        """Have a claim that can be redeemed once at the site of a cluster; return the Secret for who redeems it."""
        host = self.get(cluster, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
        ca = self.get(cluster, "secrets", "skupper-site-ca")["data"]["tls.crt"]
        encoded = b64encode(password.encode()).decode()
        record = {"skupper.io/claims-remaining": "1"} | annotations
        metadata = {"name": name, "labels": {TYPE: "token-claim-record"}, "annotations": record}
        self.create(cluster, "secrets", {"metadata": metadata, "data": {"password": encoded}})
        where = {"skupper.io/url": f"https://{host}:8081/{name}", "skupper.io/site-version": "1.9.6"}
        metadata = {"name": name, "labels": {TYPE: "token-claim"}, "annotations": where}
        return {"metadata": metadata, "data": {"password": encoded, "ca.crt": ca}, "type": "Opaque"}

    # Network

    def router_config(self, cluster: str) -> list[tuple[str, Object]]:
        data = self.get(cluster, "configmaps", "skupper-internal").get("data")
        return [tuple(each) for each in json.loads(data["skrouterd.json"])] if data else []

    def connectors(self, cluster: str) -> dict[str, Object]:
        return {entity["name"]: entity for kind, entity in self.router_config(cluster) if kind == "connector"}

    def status(self, cluster: str) -> Object:
        """The network status that a site's router has written."""
        data = self.get(cluster, "configmaps", "skupper-network-status").get("data")
        found: Object = json.loads(data["NetworkStatus"]) if data else {}
        return found

    def links(self, cluster: str, of: str = "") -> list[str]:
        """Links of one site's routers (default: the own site's), as the status of a cluster has them."""
        wanted = self.site_id(of or cluster)
        sites = [each for each in self.status(cluster).get("siteStatus") or [] if each["site"]["identity"] == wanted]
        return [link["name"] for site in sites for router in site["routerStatus"] for link in router["links"] or []]

    def linked(self, cluster: str, other: str) -> None:
        """Wait until both sites have a link with each other's present router."""

        def both() -> bool:
            names = {each: f"{each}-{self.router(each)['metadata']['name']}" for each in (cluster, other)}
            return names[other] in self.links(cluster) and names[cluster] in self.links(other)

        until(both, f"{cluster} and {other} are linked")

    def unlinked(self, cluster: str, seconds: float = 30) -> None:
        until(lambda: not self.links(cluster), f"{cluster} has no link", seconds)

    # Services

    def services(self, cluster: str) -> dict[str, Object]:
        data = self.get(cluster, "configmaps", "skupper-services").get("data") or {}
        return {address: json.loads(text) for address, text in data.items()}

    def define(self, cluster: str, address: str, ports: list[int], targets: list[Object] | None) -> None:
        entry = {"address": address, "protocol": "tcp", "ports": ports, "exposeIngress": "", "targets": targets}
        self.merge(cluster, "configmaps", "skupper-services", {"data": {address: json.dumps(entry)}})

    def echo(self, cluster: str, name: str, **annotations: str) -> None:
        """Run a Deployment of one echo server."""
        labels = {"app": name}
        container = {"name": "echo", "image": "lab-echo", "ports": [{"containerPort": 8080}]}
        spec = {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        }
        self.create(
            cluster, "deployments", {"metadata": {"name": name, "annotations": annotations}, "spec": spec}, "apps/v1"
        )

    def connected(self, cluster: str, service: str) -> socket.socket:
        """Connect to a Service of the network as a pod of the cluster would, once something listens."""

        def attempt() -> socket.socket | None:
            with contextlib.suppress(OSError, ApiError, LookupError):
                spec = self.get(cluster, "services", service)["spec"]
                address = self.router(cluster)["status"]["podIP"]
                connection = socket.create_connection((address, spec["ports"][0]["targetPort"]), 5)
                connection.settimeout(20)
                return connection
            return None

        return until(attempt, f"{service} can be reached in {cluster}")
