# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of the GitOpsCluster controller: imports a Placement's clusters into Argo CD.

Stands for ACM's multicloud-integrations controller, which is in no Go module registry. It follows upstream's behaviour
(stolostron/multicloud-integrations pkg/controller/gitopscluster/): the check for an Argo CD server, the label that a
foreign Argo namespace needs, the ConfigMaps and Role for ApplicationSets, the order of sources for a cluster Secret,
its name, labels and data, the refusal to take over somebody else's Secret, status, conditions and messages, and that
Secrets stay while their ManagedCluster exists (ACM 2.14; with the file `drops_secrets` they go, as before).

Left out: cluster-proxy as a source (no such service in the lab), and ``gitopsAddon`` (refused with a message).
"""

from __future__ import annotations

import base64
import datetime
import sys
import threading
from pathlib import Path

from tests.lab import gitops_objects as formats
from tests.lab.api import Api, ApiError, Object, path
from tests.lab.informer import Informer, Key, key_of
from tests.lab.kubelet_status import timestamp
from tests.lab.layout import Layout
from tests.lab.process import say_ready
from tests.lab.topology import HUB
from tests.lab.workqueue import WorkQueue

GROUP = "apps.open-cluster-management.io/v1beta1"
CLUSTER_V1 = "cluster.open-cluster-management.io/v1"
CLUSTER_V1BETA1 = "cluster.open-cluster-management.io/v1beta1"
PLACEMENT_VERSIONS = ("cluster.open-cluster-management.io/v1alpha1", CLUSTER_V1BETA1)
RBAC = "rbac.authorization.k8s.io/v1"
ARGO_SERVER = "app.kubernetes.io/component=server,app.kubernetes.io/part-of=argocd"
ARGO_NAMESPACE_LABEL = "apps.open-cluster-management.io/gitops-argo-namespace"
LEGACY_ANNOTATION = "apps.open-cluster-management.io/legacy-cluster-secret"

RESYNC_SECONDS = 300.0
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
"""Failures are tried again with growing pauses, as controller-runtime does for a returned error."""

Updates = dict[str, tuple[str, str, str]]


def drops_secrets(layout: Layout) -> Path:
    """File whose presence makes the controller delete a Secret that nothing asks for, as ACM did before 2.14."""
    return layout.work(f"{HUB.name}/gitopscluster") / "acm-before-2.14"


class Failed(Exception):
    """The import can not go on; the message goes into the status, with the condition that says why."""

    def __init__(self, kind: str, reason: str, message: str, condition_message: str = "") -> None:
        super().__init__(message)
        self.condition: Updates = {kind: ("False", reason, condition_message or message)}


class GitOpsClusterController:
    """Reconciles all GitOpsClusters of the hub."""

    def __init__(self, api: Api, drops_secrets_file: Path) -> None:
        self._api, self._drops_secrets_file = api, drops_secrets_file
        self._queue: WorkQueue[str] = WorkQueue()
        self._retry = FIRST_RETRY_SECONDS
        self._informers = [
            Informer(api, path(GROUP, "gitopsclusters"), self._object_changed),
            Informer(api, path(CLUSTER_V1BETA1, "placementdecisions"), self._changed),
            Informer(api, path(CLUSTER_V1, "managedclusters"), self._cluster_changed),
            Informer(api, path("v1", "secrets", labelSelector=f"{formats.SECRET_TYPE}=cluster"), self._changed),
        ]

    def run(self) -> None:
        for informer in self._informers:
            informer.start()
        for informer in self._informers:
            informer.synced.wait()
        say_ready()
        self._queue.add("all")
        threading.Thread(target=self._resync, daemon=True).start()
        while True:
            self._queue.get()
            try:
                failed = self._reconcile_all()
            except (ApiError, OSError) as error:
                print(error, flush=True)
                failed = True
            if failed:
                self._queue.add("all", self._retry)
                self._retry = min(2 * self._retry, LONGEST_RETRY_SECONDS)
            else:
                self._retry = FIRST_RETRY_SECONDS

    def _reconcile_all(self) -> bool:
        """Reconcile every GitOpsCluster; return whether one failed."""
        failed, wanted = False, set[Key]()
        for instance in self._api.items(path(GROUP, "gitopsclusters")):
            if "deletionTimestamp" in instance["metadata"]:
                continue
            failed |= not self._reconcile(instance, wanted)
        self._remove_orphans(wanted)
        return failed

    def _reconcile(self, instance: Object, wanted: set[Key]) -> bool:
        name = "/".join(key_of(instance))
        unknown = ("Unknown", "Reconciling", "Reconciliation in progress")
        known = {each["type"] for each in instance.get("status", {}).get("conditions") or []}
        updates: Updates = {kind: unknown for kind in formats.BASIC_CONDITIONS if kind not in known}
        updates["PolicyTemplateReady"] = ("True", "Success", "Policy template created successfully")
        try:
            namespace = instance["spec"]["argoServer"]["argoNamespace"]
            self._check(instance, namespace)
            updates["ArgoServerVerified"] = ("True", "Success", "ArgoCD server pod found in the specified namespace")
            self._ensure_applicationset_resources(namespace)
            message = "ApplicationSet ConfigMaps and RBAC resources created successfully"
            updates["ApplicationSetResourcesReady"] = ("True", "Success", message)
            clusters = self._clusters(instance)
            self._import(instance, namespace, clusters, wanted)
        except Failed as error:
            print(f"{name}: {error}", flush=True)
            self._write_status(instance, "failed", str(error), updates | error.condition)
            return False
        names = [each["metadata"]["name"] for each in clusters]
        counted = f"{len(names)} managed clusters"
        updates["PlacementResolved"] = ("True", "Success", f"Successfully resolved {counted} from placement")
        updates["ClustersRegistered"] = ("True", "Success", f"Successfully registered {counted} to ArgoCD")
        updates |= {kind: ("True", "NotRequired", why) for kind, why in formats.NOT_REQUIRED.items()}
        message = f"Added managed clusters [{' '.join(names)}] to gitops namespace {namespace}"
        print(f"{name}: {message}", flush=True)
        self._write_status(instance, "successful", message, updates)
        return True

    def _check(self, instance: Object, namespace: str) -> None:
        """Raise Failed unless Argo CD is where the object says."""
        metadata, spec = instance["metadata"], instance["spec"]
        if spec.get("gitopsAddon", {}).get("enabled"):
            message = "gitopsAddon is not part of the lab's double of this controller"
            raise Failed("GitOpsAddonPrereqsReady", "InvalidConfiguration", message)
        if namespace != metadata["namespace"]:
            live = self._api.find(path("v1", "namespaces", namespace))
            if live is None or live["metadata"].get("labels", {}).get(ARGO_NAMESPACE_LABEL) != "true":
                message = f"namespace {namespace} must have label {ARGO_NAMESPACE_LABEL}=true"
                raise Failed("ArgoServerVerified", "InvalidConfiguration", message)
        if metadata.get("annotations", {}).get("skipArgoNamespaceVerify") == "true":
            return
        if not self._api.items(path("v1", "services", namespace=namespace, labelSelector=ARGO_SERVER)):
            raise Failed(
                "ArgoServerVerified",
                "ArgoServerNotFound",
                "invalid gitops namespace because argo server pod was not found",
                "ArgoCD server pod was not found in the specified namespace",
            )

    def _ensure_applicationset_resources(self, namespace: str) -> None:
        accounts = self._api.items(path("v1", "serviceaccounts", namespace=namespace))
        account = formats.applicationset_account(accounts)
        wanted = [("v1", "configmaps", each) for each in formats.placement_maps(namespace)]
        wanted.append((RBAC, "roles", formats.placement_role(namespace)))
        wanted.append((RBAC, "rolebindings", formats.placement_binding(namespace, account)))
        for version, resource, thing in wanted:
            if self._api.find(path(version, resource, thing["metadata"]["name"], namespace)) is None:
                self._api.create(path(version, resource, namespace=namespace), thing)

    def _clusters(self, instance: Object) -> list[Object]:
        """ManagedClusters that the Placement of the object's own namespace has decided for."""
        reference, namespace = instance["spec"]["placementRef"], instance["metadata"]["namespace"]
        if reference.get("kind") != "Placement" or reference.get("apiVersion") not in PLACEMENT_VERSIONS:
            raise Failed("PlacementResolved", "PlacementNotFound", "invalid placement reference")
        name = reference.get("name", "")
        try:
            self._api.get(path(CLUSTER_V1BETA1, "placements", name, namespace))
            selector = f"cluster.open-cluster-management.io/placement={name}"
            query = path(CLUSTER_V1BETA1, "placementdecisions", namespace=namespace, labelSelector=selector)
            chosen = [
                each["clusterName"]
                for decision in self._api.items(query)
                for each in decision.get("status", {}).get("decisions") or []
            ]
            return [self._api.get(path(CLUSTER_V1, "managedclusters", each)) for each in chosen]
        except ApiError as error:
            if error.status != 404:
                raise
            raise Failed("PlacementResolved", "PlacementNotFound", str(error).partition(": ")[2]) from error

    def _import(self, instance: Object, namespace: str, clusters: list[Object], wanted: set[Key]) -> None:
        """Write a cluster Secret for each cluster; Failed with all that went wrong."""
        mine = path("v1", "secrets", namespace=namespace, labelSelector=f"{formats.SECRET_TYPE}=cluster")
        foreign = {
            base64.b64decode(each.get("data", {}).get("name", "")).decode()
            for each in self._api.items(mine)
            if formats.ACM_CLUSTER not in each["metadata"].get("labels", {})
        }
        problems: list[str] = []
        for cluster in clusters:
            name = cluster["metadata"]["name"]
            if name in foreign:
                problems.append(f"found existing non-ACM ArgoCD clusters secrets for cluster: {name}")
                continue
            try:
                secret = self._secret(instance, namespace, cluster)
            except formats.SourceMissing as error:
                problems.append(str(error))
                continue
            wanted.add(key_of(secret))
            self._put(secret)
        if problems:
            advice = "Please verify the managed cluster credentials and network connectivity"
            message = f"Failed to register managed clusters with ArgoCD. {advice}: " + "\n".join(problems)
            raise Failed("ClustersRegistered", "ClusterRegistrationFailed", message)

    def _secret(self, instance: Object, namespace: str, cluster: Object) -> Object:
        """The cluster Secret from the first source that has what it takes."""
        name = cluster["metadata"]["name"]
        account = instance["spec"].get("managedServiceAccountRef") or formats.DEFAULT_ACCOUNT
        if instance["spec"].get("createBlankClusterSecrets"):
            return formats.blank_secret(namespace, cluster, account)
        insecure = instance["metadata"].get("annotations", {}).get(LEGACY_ANNOTATION) == "true"
        try:
            credentials = self._api.find(path("v1", "secrets", account, name))
            return formats.account_secret(namespace, cluster, account, credentials, insecure)
        except formats.SourceMissing:
            source = self._api.find(path("v1", "secrets", f"{name}-cluster-secret", name))
            source = source or self._api.find(
                path("v1", "secrets", f"{name}-{formats.DEFAULT_ACCOUNT}-cluster-secret", name)
            )
            try:
                return formats.legacy_secret(namespace, cluster, source)
            except formats.SourceMissing as error:
                message = f"all options exhausted for managed cluster {name}: {error}"
                raise formats.SourceMissing(message) from error

    def _put(self, secret: Object) -> None:
        namespace, name = key_of(secret)
        live = self._api.find(path("v1", "secrets", name, namespace))
        if live is None:
            self._api.create(path("v1", "secrets", namespace=namespace), secret)
        else:
            wanted = formats.merged(secret, live)
            if not formats.same_secret(wanted, live):
                self._api.replace(path("v1", "secrets", name, namespace), wanted)

    def _remove_orphans(self, wanted: set[Key]) -> None:
        """Delete cluster Secrets that no GitOpsCluster asks for, unless the release keeps them with the cluster."""
        selector = f"{formats.SECRET_TYPE}=cluster,{formats.ACM_CLUSTER}=true"
        drops = self._drops_secrets_file.exists()
        for secret in self._api.items(path("v1", "secrets", labelSelector=selector)):
            namespace, name = key_of(secret)
            cluster = secret["metadata"]["labels"].get(formats.CLUSTER_NAME)
            if (namespace, name) in wanted or not cluster:
                continue
            if not drops and self._api.find(path(CLUSTER_V1, "managedclusters", cluster)):
                continue
            print(f"deleting orphan cluster secret {namespace}/{name}", flush=True)
            self._api.delete(path("v1", "secrets", name, namespace))

    def _write_status(self, instance: Object, phase: str, message: str, updates: Updates) -> None:
        namespace, name = key_of(instance)
        now = timestamp(datetime.datetime.now(datetime.UTC))
        conditions = instance.get("status", {}).get("conditions") or []
        conditions = formats.with_conditions(conditions, updates, now)
        conditions = formats.with_conditions(conditions, {"Ready": formats.readiness(conditions)}, now)
        status = {"phase": phase, "message": message, "lastUpdateTime": now, "conditions": conditions}
        try:
            self._api.merge(path(GROUP, "gitopsclusters", name, namespace, "status"), {"status": status})
        except ApiError as error:
            if error.status != 404:  # deleted meanwhile
                raise

    def _resync(self) -> None:
        while True:
            threading.Event().wait(RESYNC_SECONDS)
            self._queue.add("all")

    def _changed(self, _before: Object | None, _after: Object | None) -> None:
        self._queue.add("all")

    def _object_changed(self, before: Object | None, after: Object | None) -> None:
        """A change of the status alone is this controller's own."""
        if before is None or after is None or _asked(before) != _asked(after):
            self._queue.add("all")

    def _cluster_changed(self, before: Object | None, after: Object | None) -> None:
        """Labels and client configurations go into the Secrets; heartbeats and conditions do not."""
        if before is None or after is None or _imported(before) != _imported(after):
            self._queue.add("all")


def _asked(instance: Object) -> tuple[Object, Object]:
    return instance["spec"], instance["metadata"].get("annotations", {})


def _imported(cluster: Object) -> tuple[Object, Object | None]:
    return cluster["metadata"].get("labels", {}), cluster["spec"].get("managedClusterClientConfigs")


def main() -> int:
    layout = Layout.find()
    api = Api.from_kubeconfig(layout.identity(HUB.name, "gitopscluster"), user_agent="lab-gitopscluster")
    GitOpsClusterController(api, drops_secrets(layout)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
