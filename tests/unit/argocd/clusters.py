# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub with Argo CD and a cluster that it is given access to, both in memory."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.objects import ALL_RULES
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster, TokenCluster

SECRET = ObjectRef("v1", "Secret", "ca-toronto-cluster-secret", "openshift-gitops")
PARAMS: dict[str, Any] = {
    "name": "ca-toronto",
    "hub": {"context": "ca-central"},
    "kubeconfig": "/etc/kubeconfig",
    "namespace": "openshift-gitops",
    "server": None,
    "labels": {},
    "annotations": {},
    "service_account": "argocd-manager",
    "service_account_namespace": "kube-system",
    "rules": [dict(rule) for rule in ALL_RULES],
    "state": "present",
    "wait": True,
    "wait_timeout": 0,
    "wait_sleep": 1,
}


def a_namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@dataclass
class TaskOnFakes(Task):
    """A task whose connections lead to the clusters in memory."""

    clusters: Clusters | None = None
    hub_options: dict[str, Any] = field(default_factory=dict)

    def connect(self, options: Mapping[str, Any]) -> Client:
        assert self.clusters
        if "api_key" in options:
            return cast(Client, self.clusters.managed.bearer(options["api_key"]))
        self.hub_options = dict(options)
        return self.clusters.hub.as_client()


class Clusters:
    """Both clusters, and what is known of them."""

    def __init__(self) -> None:
        self.hub = FakeCluster(a_namespace("openshift-gitops"), server="https://ca-central.example.com:6443")
        self.managed = TokenCluster(a_namespace("kube-system"))
        self.warnings: list[str] = []
        self.last: TaskOnFakes | None = None

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        self.last = TaskOnFakes(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            _own=self.managed.as_client(),
            clusters=self,
        )
        return run(self.last)

    def writes(self) -> list[str]:
        return [*self.managed.writes, *self.hub.writes]

    def config(self) -> dict[str, Any]:
        """What Argo CD is told: the field config of the cluster Secret."""
        data = self.hub.objects[SECRET]["data"]
        return cast(dict[str, Any], json.loads(base64.b64decode(data["config"])))

    def argo_has_access(self) -> bool:
        """Whether the token that Argo CD has is one that the cluster accepts."""
        return self.managed.accepts(self.config()["bearerToken"])

    def tokens(self) -> list[str]:
        """Names of the token Secrets on the cluster."""
        kind = "kubernetes.io/service-account-token"
        return sorted(ref.name for ref, obj in self.managed.objects.items() if obj.get("type") == kind)
