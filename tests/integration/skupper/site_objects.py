# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites as tests of skupper_site ask for them, and what is made from them."""

from __future__ import annotations

import base64
import datetime
from typing import Any

from cryptography import x509

from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import Object, path

MODULE = "skupper_site"
SKUPPER = "skupper.io/v2alpha1"
HUB, PHILLY = "ca-central", "us-philly"
VERSIONS = ("v1", "v2")
CONTROLLERS = {"v1": "skupper-site-controller", "v2": "skupper-controller"}


class Place:
    """A namespace of a test's own in one cluster, where a site is to be."""

    def __init__(self, lab: Lab, scratch: Scratch, cluster: str = HUB, namespace: str = "") -> None:
        """:param namespace: one that is there; by default, one is made."""
        self.lab, self.cluster, self.api = lab, cluster, lab.api(cluster)
        self.namespace = namespace or scratch.namespace(cluster)

    def args(self, version: str, **more: Any) -> dict[str, Any]:
        """Arguments of the module."""
        common = {"version": version, "name": self.cluster, "namespace": self.namespace, "ingress": "loadbalancer"}
        return {**common, "wait_timeout": 60, "wait_sleep": 1, **more}

    def line(self, verb: str, resource: str, name: str) -> str:
        """A write, as the audit log has it."""
        return f"{self.cluster}: {verb} {resource} {self.namespace}/{name}"

    def find(self, api_version: str, resource: str, name: str) -> Object | None:
        return self.api.find(path(api_version, resource, name, self.namespace))

    def site(self, version: str) -> Object | None:
        """The object that the site is made from."""
        if version == "v1":
            return self.find("v1", "configmaps", "skupper-site")
        return self.find(SKUPPER, "sites", self.cluster)

    def certificate(self, secret: str) -> x509.Certificate:
        """The certificate in a Secret."""
        live = self.api.get(path("v1", "secrets", secret, self.namespace))
        return x509.load_pem_x509_certificate(base64.b64decode(live["data"]["tls.crt"]))

    def left(self) -> list[str]:
        """What is in the namespace but for what every namespace has."""
        kinds = [
            ("v1", "configmaps"),
            ("v1", "secrets"),
            ("v1", "services"),
            ("v1", "pods"),
            ("v1", "serviceaccounts"),
            ("apps/v1", "deployments"),
            (SKUPPER, "sites"),
            (SKUPPER, "certificates"),
            (SKUPPER, "routeraccesses"),
            (SKUPPER, "securedaccesses"),
        ]
        found = [
            f"{resource} {each['metadata']['name']}"
            for version, resource in kinds
            for each in self.api.items(path(version, resource, namespace=self.namespace))
        ]
        return sorted(set(found) - {"configmaps kube-root-ca.crt", "serviceaccounts default"})


def now() -> str:
    """The time in RFC 3339."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def makes(place: Place, version: str) -> list[str]:
    """What making or changing a site writes."""
    if version == "v1":
        return [place.line("patch", "configmaps", "skupper-site")]
    return [place.line("patch", "sites", place.cluster)]


def revokes(place: Place, version: str) -> list[str]:
    """What renewing its CA writes."""
    names = ("skupper-site-ca", "skupper-site-server")
    restart = place.line("patch", "deployments", "skupper-router")
    if version == "v1":
        return [*(place.line("patch", "secrets", name) for name in names), restart]
    renewals = [(place.line("delete", "secrets", name), place.line("patch", "certificates", name)) for name in names]
    return [*(line for pair in renewals for line in pair), restart]


def removes(place: Place, version: str) -> list[str]:
    """What removing a site writes."""
    if version == "v1":
        return [place.line("delete", "configmaps", "skupper-site")]
    return [place.line("delete", "sites", place.cluster)]
