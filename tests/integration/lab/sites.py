# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Skupper sites in the lab's clusters: what the tests make, and what they read."""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
from base64 import b64decode, b64encode
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.api import ApiError, path
from tests.lab.objects import condition

GROUP = "skupper.io/v2alpha1"
Object = dict[str, Any]
RESOURCES = {
    "AccessGrant": "accessgrants",
    "AccessToken": "accesstokens",
    "Certificate": "certificates",
    "Connector": "connectors",
    "Link": "links",
    "Listener": "listeners",
    "Site": "sites",
}


class Sites:
    """One namespace of that name in each cluster, with what is made in it."""

    def __init__(self, lab: Lab, namespace: str) -> None:
        self.lab, self.namespace = lab, namespace
        self._api = {cluster: lab.api(cluster) for cluster in lab.clusters}
        for api in self._api.values():
            api.create(path("v1", "namespaces"), {"metadata": {"name": namespace}})

    def clean(self) -> None:
        """Remove the namespaces; return when they are gone."""
        for api in self._api.values():
            api.delete(path("v1", "namespaces", self.namespace))
        for cluster in self._api:
            until(partial(self._is_gone, cluster), f"namespace {self.namespace} of {cluster} is gone", 120)

    def _is_gone(self, cluster: str) -> bool:
        return self._api[cluster].find(path("v1", "namespaces", self.namespace)) is None

    def make(self, cluster: str, kind: str, name: str, **spec: Any) -> None:
        wanted = {"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec}
        self._api[cluster].create(path(GROUP, RESOURCES[kind], namespace=self.namespace), wanted)

    def remove(self, cluster: str, kind: str, name: str) -> None:
        self._api[cluster].delete(path(GROUP, RESOURCES[kind], name, self.namespace))

    def get(self, cluster: str, kind: str, name: str) -> Object:
        return self._api[cluster].find(path(GROUP, RESOURCES[kind], name, self.namespace)) or {}

    def status(self, cluster: str, kind: str, name: str) -> Object:
        found: Object = self.get(cluster, kind, name).get("status", {})
        return found

    def wait(self, cluster: str, kind: str, name: str, kind_of_condition: str, status: str = "True") -> Object:
        """Wait for a condition; return the object's status."""
        what = f"{kind} {name} in {cluster} has {kind_of_condition}={status}"
        until(lambda: condition(self.get(cluster, kind, name), kind_of_condition) == status, what)
        return self.status(cluster, kind, name)

    def secret(self, cluster: str, name: str) -> dict[str, str]:
        """Data of a Secret, base64; empty when it is not there."""
        live = self._api[cluster].find(path("v1", "secrets", name, self.namespace)) or {}
        data: dict[str, str] = live.get("data") or {}
        return data

    def put_secret(self, cluster: str, name: str, data: dict[str, str]) -> None:
        """Make a Secret, or replace its data."""
        wanted = {"metadata": {"name": name}, "type": "kubernetes.io/tls", "data": data}
        try:
            self._api[cluster].create(path("v1", "secrets", namespace=self.namespace), wanted)
        except ApiError as error:
            if error.status != 409:
                raise
            self._api[cluster].merge(path("v1", "secrets", name, self.namespace), {"data": data})

    def delete_router(self, cluster: str) -> None:
        """Delete the router's pod, which its Deployment replaces; return when the new one is ready."""
        old = self._router(cluster)
        assert old
        self._api[cluster].delete(path("v1", "pods", old["metadata"]["name"], self.namespace))

        def replaced() -> bool:
            live = self._router(cluster)
            return (
                bool(live) and live["metadata"]["uid"] != old["metadata"]["uid"] and condition(live, "Ready") == "True"
            )

        until(replaced, f"a new router in {cluster}")

    def _router(self, cluster: str) -> Object:
        target = path("v1", "pods", namespace=self.namespace, labelSelector="skupper.io/component=router")
        pods = [each for each in self._api[cluster].items(target) if "deletionTimestamp" not in each["metadata"]]
        return pods[0] if pods else {}

    def router_pod(self, cluster: str) -> str:
        name: str = self._router(cluster)["metadata"]["name"]
        return name

    def router_log(self, cluster: str) -> str:
        """What the router has said."""
        pod = f"pod-{self.namespace}-{self._router(cluster)['metadata']['name']}"
        return self.lab.layout.log(f"{cluster}/{pod}").read_text()

    def network_status(self, cluster: str) -> Object:
        """What the router has written for the controller."""
        live = self._api[cluster].get(path("v1", "configmaps", "skupper-network-status", self.namespace))
        found: Object = json.loads(live["data"]["NetworkStatus"])
        return found

    def router_pid(self, cluster: str) -> int:
        """Process of the router; LookupError when there is none."""
        wanted = f"HOSTNAME={self._router(cluster)['metadata']['name']}".encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if wanted in environment.read_bytes().split(b"\0"):
                    return int(environment.parent.name)
        raise LookupError(f"no router in {cluster}")

    def router_address(self, cluster: str) -> str:
        address: str = self._router(cluster)["status"]["podIP"]
        return address

    def connect(self, cluster: str, service: str) -> socket.socket:
        """Connect to a listener's Service, as a pod of the cluster would; OSError when nothing listens."""
        live = self._api[cluster].get(path("v1", "services", service, self.namespace))
        connection = socket.create_connection((self.router_address(cluster), live["spec"]["ports"][0]["targetPort"]), 5)
        connection.settimeout(20)
        return connection

    def connected(self, cluster: str, service: str) -> socket.socket:
        """`connect`, once something listens."""

        def attempt() -> socket.socket | None:
            with contextlib.suppress(OSError, ApiError):
                return self.connect(cluster, service)
            return None

        return until(attempt, f"{service} can be reached in {cluster}")

    # Links

    def issue(self, cluster: str, name: str) -> dict[str, str]:
        """Have the site of a cluster sign a client certificate; return the Secret's data."""
        self.make(cluster, "Certificate", name, ca="skupper-site-ca", client=True, subject=name)
        until(lambda: len(self.secret(cluster, name)) >= 3, f"Secret {name} in {cluster}")
        return self.secret(cluster, name)

    def endpoints(self, cluster: str) -> list[Object]:
        found: list[Object] = self.status(cluster, "Site", cluster)["endpoints"]
        return found

    def link(self, cluster: str, name: str, data: dict[str, str], endpoints: list[Object]) -> None:
        """Link the site of a cluster with a copied certificate."""
        self.put_secret(cluster, name, data)
        self.make(cluster, "Link", name, tlsCredentials=name, cost=1, endpoints=endpoints)


def expired(authority: dict[str, str]) -> dict[str, str]:
    """A client certificate that a site's authority has signed (data of its Secret), and that is valid no more."""
    ca = x509.load_pem_x509_certificate(b64decode(authority["tls.crt"]))
    ca_key = serialization.load_pem_private_key(b64decode(authority["tls.key"]), None)
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    key = rsa.generate_private_key(65537, 2048)
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "expired")]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now - datetime.timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    encoded = {"tls.crt": certificate.public_bytes(pem), "tls.key": private}
    return {"ca.crt": authority["tls.crt"]} | {name: b64encode(data).decode() for name, data in encoded.items()}
