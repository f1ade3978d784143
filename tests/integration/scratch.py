# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that a test makes behind the collection's back: named after the run, and gone after the test."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tests.lab import Lab
from tests.lab.api import Object, path
from tests.lab.errors import LabError

CLUSTER_V1 = "cluster.open-cluster-management.io/v1"
CLUSTER_V1BETA1 = "cluster.open-cluster-management.io/v1beta1"
CLUSTER_V1BETA2 = "cluster.open-cluster-management.io/v1beta2"
RBAC = "rbac.authorization.k8s.io/v1"
SET_LABEL = "cluster.open-cluster-management.io/clusterset"
PATIENCE_SECONDS = 60.0


def wait_until(what: str, met: Callable[[], bool], timeout: float = PATIENCE_SECONDS) -> None:
    """Return as soon as something holds."""
    deadline = time.monotonic() + timeout
    while not met():
        if time.monotonic() > deadline:
            raise LabError(f"not so after {timeout:.0f} s: {what}")
        time.sleep(0.05)


class Scratch:
    """What one test makes in the lab. All of it is taken out again by `clean`."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.id = f"it-{uuid.uuid4().hex[:8]}"
        """Part of every name that the test uses."""
        self._targets: dict[tuple[str, str], None] = {}
        self._labels: dict[str, dict[str, str]] | None = None

    # -- objects -----------------------------------------------------------------------------------------------------

    def owns(self, cluster: str, target: str) -> str:
        """Have an object, made by whomever, deleted after the test; returns its path."""
        self._targets[cluster, target] = None
        return target

    def make(self, cluster: str, collection: str, obj: Mapping[str, Any], manager: str = "lab-test") -> Object:
        """Create an object under the path of its collection."""
        self.owns(cluster, f"{collection}/{obj['metadata']['name']}")
        return self._lab.api(cluster).create(f"{collection}?fieldManager={manager}", dict(obj))

    def namespace(self, cluster: str, suffix: str = "") -> str:
        """A namespace of the test's own."""
        name = self.id + suffix
        self.make(cluster, path("v1", "namespaces"), {"metadata": {"name": name}})
        return name

    def grant(self, cluster: str, user: str, *rules: Mapping[str, Any]) -> str:
        """Give a user permissions in the whole cluster; returns the user."""
        role = f"{self.id}-{user}"
        self.make(cluster, path(RBAC, "clusterroles"), {"metadata": {"name": role}, "rules": list(rules)})
        binding = {
            "metadata": {"name": role},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }
        self.make(cluster, path(RBAC, "clusterrolebindings"), binding)
        return user

    # -- what a hub selects by ---------------------------------------------------------------------------------------

    def cluster_set(self, suffix: str = "") -> str:
        """A ManagedClusterSet, empty as yet."""
        name = self.id + suffix
        self.make(self._lab.hub, path(CLUSTER_V1BETA2, "managedclustersets"), _typed("ManagedClusterSet", name))
        return name

    def bind(self, namespace: str, cluster_set: str) -> None:
        """Let Placements of a namespace select from a set."""
        binding = _typed("ManagedClusterSetBinding", cluster_set, namespace) | {"spec": {"clusterSet": cluster_set}}
        self.make(self._lab.hub, path(CLUSTER_V1BETA2, "managedclustersetbindings", namespace=namespace), binding)

    def placement(self, namespace: str, name: str, **spec: Any) -> str:
        """A Placement; returns its name."""
        placement = _typed("Placement", name, namespace, CLUSTER_V1BETA1) | {"spec": spec}
        self.make(self._lab.hub, path(CLUSTER_V1BETA1, "placements", namespace=namespace), placement)
        return name

    # -- labels of ManagedClusters -----------------------------------------------------------------------------------

    def labels(self, managed_cluster: str) -> dict[str, str]:
        """The labels that a ManagedCluster has; the test may change them by any way from now on."""
        if self._labels is None:
            self._labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in self._managed_clusters()}
        live = self._lab.api(self._lab.hub).get(path(CLUSTER_V1, "managedclusters", managed_cluster))
        found: dict[str, str] = live["metadata"].get("labels", {})
        return found

    def label(self, managed_cluster: str, **labels: str | None) -> None:
        """Set or remove labels behind the collection's back."""
        self.labels(managed_cluster)
        patch = {"metadata": {"labels": labels}}
        self._lab.api(self._lab.hub).merge(path(CLUSTER_V1, "managedclusters", managed_cluster), patch)

    def _managed_clusters(self) -> list[Object]:
        return self._lab.api(self._lab.hub).items(path(CLUSTER_V1, "managedclusters"))

    # -- the end -----------------------------------------------------------------------------------------------------

    def clean(self) -> None:
        """Put the labels back, and delete all that was made, the last first; namespaces take a while to be gone."""
        self._restore_labels()
        for cluster, target in reversed(self._targets):
            self._lab.api(cluster).delete(target, {"propagationPolicy": "Background"})

    def _restore_labels(self) -> None:
        if self._labels is None:
            return
        for cluster in self._managed_clusters():
            name, live = cluster["metadata"]["name"], cluster["metadata"].get("labels", {})
            before = self._labels.get(name, {})
            if live != before:
                gone = {key: None for key in live if key not in before}
                self.label(name, **{**gone, **before})


def _typed(kind: str, name: str, namespace: str = "", version: str = CLUSTER_V1BETA2) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata}
