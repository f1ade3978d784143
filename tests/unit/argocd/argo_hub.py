# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub in memory whose Argo CD takes its time: it does its work between two looks at it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset import (
    API_VERSION,
    PLACEMENT_LABEL,
    SET_LABEL,
    application_name,
    elements_of,
    source_for,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import Conflict, ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster

ARGOCD = "openshift-gitops"
SET = ObjectRef(API_VERSION, "ApplicationSet", "boutique", ARGOCD)
PARAMS: dict[str, Any] = {
    "name": "boutique",
    "namespace": ARGOCD,
    "source": None,
    "project": "default",
    "destination_namespace": None,
    "placement": None,
    "placement_config_map": "acm-placement",
    "sync_options": ["ServerSideApply=true"],
    "prune": True,
    "requeue_after": 20,
    "clusters": None,
    "refresh": False,
    "state": "present",
    "wait": True,
    "wait_timeout": 5,
    "wait_sleep": 0.001,
}
FRAME: dict[str, Any] = {
    "source": {"repo_url": "https://git.example.com/boutique.git", "target_revision": "v1", "path": "chart"},
    "destination_namespace": "boutique",
    "placement": "clusters",
}
BROKEN = "Failed to load target state: helm template failed: parse error at (hello/templates/a.yaml:3)"


def cluster(name: str, **values: Any) -> dict[str, Any]:
    """An entry of the option `clusters`."""
    return {"name": name, "selector": None, "values": values}


def app_ref(name: str) -> ObjectRef:
    """The Application of a cluster."""
    return ObjectRef(API_VERSION, "Application", application_name("boutique", name), ARGOCD)


class ArgoHub(FakeCluster):
    """The hub. `decided` are the clusters that the Placement selects, `known` those that Argo CD knows."""

    def __init__(self) -> None:
        super().__init__(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ARGOCD}},
            server="https://ca-central.example.com:6443",
        )
        self.decided = {"ca-toronto", "us-philly", "local-cluster"}
        self.known = set(self.decided)
        self.revision = "1111111111111111"
        self.broken: set[str] = set()
        """Clusters to which Argo CD can not deploy."""
        self.complaint = BROKEN
        """What it says of them."""
        self.failing: set[str] = set()
        """Clusters that refuse what the chart consists of."""
        self.set_error = ""
        self.works = True
        self.rivals = 0
        """How many writes of others come in between."""
        self.put(
            {
                "apiVersion": "cluster.open-cluster-management.io/v1",
                "kind": "ManagedCluster",
                "metadata": {"name": "local-cluster", "labels": {"local-cluster": "true"}},
            }
        )

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        task = Task({**PARAMS, **params}, check_mode=check, diff_mode=True, _own=self.as_client())
        return run(task)

    def clusters(self) -> list[str]:
        """The clusters of the ApplicationSet."""
        return [element.cluster for element in elements_of(self.objects[SET])]

    def applications(self) -> list[str]:
        return sorted(ref.name for ref in self.objects if ref.kind == "Application")

    # -- requests ----------------------------------------------------------------------------------------------------

    def get(self, ref: ObjectRef) -> dict[str, Any] | None:
        if ref.kind == "Application":
            self.work()
        return super().get(ref)

    def list(self, api_version: str, kind: str, *args: Any, **more: Any) -> list[dict[str, Any]]:
        if kind != "PlacementDecision":
            return super().list(api_version, kind, *args, **more)
        return [
            {
                "metadata": {"name": "clusters-1", "labels": {PLACEMENT_LABEL: "clusters"}},
                "status": {"decisions": [{"clusterName": name} for name in sorted(self.decided)]},
            }
        ]

    def apply(
        self, obj: dict[str, Any], force: bool = False, dry_run: bool = False, manager: str = FIELD_MANAGER
    ) -> dict[str, Any]:
        ref, version = ObjectRef.of(obj), obj["metadata"].get("resourceVersion")
        live = self.objects.get(ref, {"metadata": {}})["metadata"]
        if live and version and self.rivals and not dry_run:
            self.rivals -= 1
            live["resourceVersion"] = str(int(live["resourceVersion"]) + 1)
        if live and version and version != live["resourceVersion"]:
            raise Conflict(f"{ref} has been modified")
        plain = copy.deepcopy(obj)
        plain["metadata"].pop("resourceVersion", None)
        return super().apply(plain, force, dry_run, manager)

    # -- Argo CD -----------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One round of both controllers."""
        if not self.works:
            return
        self._work_on_applications()
        live = self.objects.get(SET)
        if live is None:
            return
        live["status"] = {"conditions": self._set_conditions()}
        if self.set_error:
            return
        wanted = {each.cluster: each for each in elements_of(live) if each.cluster in self.decided & self.known}
        for name, element in wanted.items():
            metadata = {"name": app_ref(name).name, "namespace": ARGOCD, "labels": {SET_LABEL: "boutique"}}
            made = {"apiVersion": API_VERSION, "kind": "Application", "metadata": metadata}
            application = self.objects.get(app_ref(name)) or self.put(made, "argocd")
            application["spec"] = {"source": source_for(live, element)}
        for ref in [ref for ref in self.objects if ref.kind == "Application"]:
            if ref not in map(app_ref, wanted):
                self.objects[ref]["metadata"]["deletionTimestamp"] = "2026-11-22T00:00:00Z"

    def _set_conditions(self) -> Sequence[dict[str, str]]:
        status = "True" if self.set_error else "False"
        return [{"type": "ErrorOccurred", "status": status, "message": self.set_error}]

    def _work_on_applications(self) -> None:
        for ref in [ref for ref in self.objects if ref.kind == "Application"]:
            application = self.objects[ref]
            if application["metadata"].get("deletionTimestamp"):
                del self.objects[ref]
            else:
                self._work_on(application, ref.name.removeprefix("boutique-"))

    def _work_on(self, application: dict[str, Any], name: str) -> None:
        status, source = application.setdefault("status", {}), copy.deepcopy(application["spec"]["source"])
        application["metadata"].get("annotations", {}).pop("argocd.argoproj.io/refresh", None)
        comparison = {"comparedTo": {"source": source}, "revision": self.revision}
        if name in self.broken:
            error = {"type": "ComparisonError", "message": self.complaint}
            status.update(conditions=[error], sync={"status": "Unknown"})
            return
        status["conditions"] = []
        anew, done = application.pop("operation", None), status.get("operationState")
        if anew or done is None or done["operation"]["sync"]["source"] != source:
            status["operationState"] = self._synced(source, name)
        failed = status["operationState"]["phase"] == "Failed"
        status["sync"] = {**comparison, "status": "OutOfSync" if failed else "Synced"}
        status["health"] = {"status": "Missing" if failed else "Healthy"}

    def _synced(self, source: dict[str, Any], name: str) -> dict[str, Any]:
        refused = {"kind": "Deployment", "name": "hello", "status": "SyncFailed", "message": "quota exceeded"}
        return {
            "startedAt": f"2026-11-22T00:00:{next(self._numbers):02d}Z",
            "operation": {"sync": {"source": source}},
            "phase": "Failed" if name in self.failing else "Succeeded",
            "message": "one or more objects failed to apply" if name in self.failing else "successfully synced",
            "syncResult": {"resources": [refused] if name in self.failing else []},
        }
