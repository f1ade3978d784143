# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for brokers, and what others than the module would have made on it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.scratch import RBAC, wait_until
from tests.lab import Lab, build
from tests.lab.api import Api, path
from tests.lab.bare import NUMBER, Bare
from tests.lab.controlplane import ControlPlane
from tests.lab.layout import Layout
from tests.lab.part import Probe
from tests.lab.ports import Ports
from tests.lab.probe import answers_now
from tests.lab.process import spawn
from tests.lab.topology import Cluster

NAMESPACE = "submariner-k8s-broker"
ADMIN = "submariner-k8s-broker-admin"
SUBMARINER, SUBMARINER_ALPHA, CRDS = "submariner.io/v1", "submariner.io/v1alpha1", "apiextensions.k8s.io/v1"
KINDS = (
    "brokers.submariner.io",
    "clusters.submariner.io",
    "endpoints.submariner.io",
    "serviceimports.multicluster.x-k8s.io",
)


RULES_OF_SUBCTL = [
    {
        "apiGroups": [group],
        "resources": resources.split(),
        "verbs": ["create", "get", "list", "watch", "patch", "update", "delete"],
    }
    for group, resources in (
        ("submariner.io", "clusters endpoints brokers"),
        ("multicluster.x-k8s.io", "serviceimports serviceimports/status"),
        ("discovery.k8s.io", "endpointslices endpointslices/restricted"),
        ("", "serviceaccounts secrets configmaps"),
        ("rbac.authorization.k8s.io", "rolebindings"),
    )
]


@contextmanager
def controlled(name: str, folder: Path) -> Iterator[Bare]:
    """A control plane with its controller manager, which fills token Secrets and empties namespaces."""
    with Lab.bare(name, folder, with_crds=False) as plane:
        layout = Layout(folder.absolute() / name)
        binaries = build.ensure(("etcd", "kube-apiserver", "kube-controller-manager"), report=lambda _: None)
        parts = ControlPlane(Cluster(name, NUMBER, name), layout, binaries, Ports(layout.ports))
        part = parts.kube_controller_manager()
        process, _notice = spawn(part, layout.log(part.key))
        try:
            assert isinstance(part.ready, Probe)
            ready = part.ready
            wait_until("the controller manager is ready", lambda: answers_now(ready))
            yield plane
        finally:
            process.kill()
            process.wait()


def bearer(plane: Bare, token: str) -> Api:
    """The cluster as the bearer of a token sees it."""
    ca = plane.api.get(path("v1", "configmaps", "kube-root-ca.crt", "kube-system"))["data"]["ca.crt"]
    return Api(plane.url, ca.encode(), token=token)


def content(file: Path) -> dict[str, Any]:
    """What a broker-info.subm says, read by no code of the collection."""
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(file.read_bytes()))
    return found


@dataclass(frozen=True)
class Place:
    """A namespace for a broker."""

    plane: Bare
    namespace: str

    def at(self, api_version: str, resource: str, name: str = "") -> str:
        """The path of an object, or of all of a kind."""
        return path(api_version, resource, name, self.namespace)

    def join(self, cluster: str, *ranges: str) -> None:
        """Have a cluster joined: what its gateway writes (submariner pkg/controllers/datastoresyncer)."""
        spec = {
            "cluster_id": cluster,
            "color_codes": [],
            "service_cidr": [],
            "cluster_cidr": [*ranges],
            "global_cidr": [],
        }
        body = {"apiVersion": SUBMARINER, "kind": "Cluster", "metadata": {"name": cluster}, "spec": spec}
        self.plane.api.create(self.at(SUBMARINER, "clusters"), body)

    def allocate(self, config_map: str, cluster: str, block: str) -> None:
        """Have a cluster given a block, as subctl join writes it (submariner-operator pkg/discovery/globalnet)."""
        given = json.dumps([{"cluster_id": cluster, "global_cidr": [block]}], indent="\t")
        target = self.at("v1", "configmaps", config_map)
        self.plane.api.merge(f"{target}?fieldManager=subctl", {"data": {"clusterinfo": given}})

    def make_as_subctl(self) -> str:
        """A broker with the objects that subctl deploy-broker makes (its pkg/broker); returns the token."""
        token_secret = f"{ADMIN}-token-x7k2p"
        self.plane.api.create(path("v1", "namespaces"), {"metadata": {"name": self.namespace}})
        self._make("v1", "serviceaccounts", ADMIN)
        annotations = {"kubernetes.io/service-account.name": ADMIN}
        self._make("v1", "secrets", token_secret, annotations, type="kubernetes.io/service-account-token")
        for name in (ADMIN, "submariner-k8s-broker-cluster"):
            self._make(RBAC, "roles", name, rules=RULES_OF_SUBCTL)
        account = {"kind": "ServiceAccount", "name": ADMIN, "namespace": self.namespace}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ADMIN}
        self._make(RBAC, "rolebindings", ADMIN, roleRef=role, subjects=[account])
        self._make("v1", "configmaps", "submariner-globalnet-info", data={"globalnetEnabled": "false"})
        pool = {
            "clustersetIPEnabled": "false",
            "clustersetIPCidrRange": '"243.0.0.0/8"',
            "clustersetIPClusterSize": "0",
        }
        self._make("v1", "configmaps", "submariner-clustersetip-info", data=pool)
        spec = {"components": ["service-discovery", "connectivity"], "clustersetIPCIDRRange": "243.0.0.0/8"}
        self._make(
            SUBMARINER_ALPHA, "brokers", "submariner-broker", apiVersion=SUBMARINER_ALPHA, kind="Broker", spec=spec
        )
        return self.token_of(token_secret)

    def _make(
        self, api_version: str, resource: str, name: str, annotations: dict[str, str] | None = None, **rest: Any
    ) -> None:
        body = {"metadata": {"name": name, "annotations": annotations or {}}, **rest}
        self.plane.api.create(f"{self.at(api_version, resource)}?fieldManager=subctl", body)

    def token_of(self, secret: str) -> str:
        """The token in a Secret, once it is there."""
        found: list[str] = []

        def filled() -> bool:
            data = self.plane.api.get(self.at("v1", "secrets", secret)).get("data") or {}
            found.extend([data["token"]] if data.get("token") else [])
            return bool(found)

        wait_until(f"{secret} is filled", filled)
        return base64.b64decode(found[-1]).decode()


def kinds(plane: Bare) -> list[str]:
    """Names of all definitions."""
    return sorted(each["metadata"]["name"] for each in plane.api.items(path(CRDS, "customresourcedefinitions")))


def remove_kinds(plane: Bare) -> None:
    """Take out all definitions, whoever made them, with all objects of these kinds."""
    for kind in kinds(plane):
        plane.api.delete(path(CRDS, "customresourcedefinitions", kind))
    wait_until("all kinds are gone", lambda: not kinds(plane))
