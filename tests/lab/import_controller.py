# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of ACM's import controller: brings an agent to clusters whose credentials it is given, and takes it away.

Stands for a controller that is in no Go module registry. It follows upstream's behaviour
(stolostron/managedcluster-import-controller): a ManagedCluster with ``auto-import-secret`` in its namespace gets a
finalizer, label ``name``, and a bootstrap account of its own; namespace, bootstrap kubeconfig and Klusterlet are
applied to the cluster with the credentials in the Secret (pkg/controller/autoimport, strategy ImportOnly); after as
many attempts as ``autoImportRetry`` says the Secret is removed, as it is after success; the agent's certificate request
is approved (pkg/controller/csr); condition ManagedClusterImportSucceeded with its reasons (pkg/controller/importstatus,
pkg/helpers/autoimport.go); and when the ManagedCluster is deleted, the agent goes, then the namespace, then the
finalizer (pkg/controller/resourcecleanup, pkg/controller/clusternamespacedeletion).

The lab has no work agent, which would remove the Klusterlet: the lab's own credentials do. And it stands for ACM's
foundation controllers in one thing: the URL of a cluster that has joined is written into its ManagedCluster
(stolostron/multicloud-operators-foundation pkg/controllers/clusterca). Left out: everything that is not a kubeconfig in
the Secret, Hosted mode, the Secret for manual import, forced detachment, backup and restore.
"""

from __future__ import annotations

import base64
import datetime
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.lab import kubeconfig, objects, ocm
from tests.lab.api import Api, ApiError, Object, path
from tests.lab.assembly import Assembly
from tests.lab.controlplane import ControlPlane
from tests.lab.gitops_objects import with_conditions
from tests.lab.informer import Informer
from tests.lab.klusterlet import BOOTSTRAP_SECRET, OPERATOR_API
from tests.lab.kubelet_status import timestamp
from tests.lab.layout import Layout
from tests.lab.objects import condition
from tests.lab.process import say_ready
from tests.lab.topology import HUB
from tests.lab.workqueue import WorkQueue

CLUSTER_API = "cluster.open-cluster-management.io/v1"
CSR_API = "certificates.k8s.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"
MANAGER = "import-controller"
SECRET = "auto-import-secret"
FINALIZER = "managedcluster-import-controller.open-cluster-management.io/cleanup"
KLUSTERLET = path(OPERATOR_API, "klusterlets", "klusterlet")
NAMESPACE_LABEL = "cluster.open-cluster-management.io/managedCluster"
CLUSTER_LABEL = "open-cluster-management.io/cluster-name"
RETRY_ANNOTATION = "managedcluster-import-controller.open-cluster-management.io/current-retry"
IMMEDIATE_ANNOTATION = "import.open-cluster-management.io/immediate-import"
IMPORTED = "ManagedClusterImportSucceeded"
APPLIED = "Importing resources are applied, wait for resources be available"
TOKEN_SECONDS = 3600
RETRY_SECONDS = 1.0


class ImportController:
    """Reconciles the ManagedClusters that are to be imported."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._api = assembly.api(HUB.name, "import-controller")
        self._queue: WorkQueue[str] = WorkQueue()
        secrets = path("v1", "secrets", fieldSelector=f"metadata.name={SECRET}")
        self._informers = [
            Informer(self._api, path(CLUSTER_API, "managedclusters"), self._changed),
            Informer(self._api, secrets, self._changed),
            Informer(self._api, path(CSR_API, "certificatesigningrequests"), self._requested),
        ]

    def run(self) -> None:
        """Serve for ever."""
        for informer in self._informers:
            informer.start()
        for informer in self._informers:
            informer.synced.wait()
        say_ready()
        while True:
            name = self._queue.get()
            try:
                done = self._reconcile(name)
            except (ApiError, OSError) as error:
                print(f"{name}: {error}", flush=True)
                done = False
            if not done:
                self._queue.add(name, RETRY_SECONDS)

    def _reconcile(self, name: str) -> bool:
        """Bring one cluster a step further; return whether there is nothing left to do for now."""
        cluster = self._api.find(path(CLUSTER_API, "managedclusters", name))
        if cluster is None:
            return True
        finalizers = cluster["metadata"].get("finalizers", [])
        if "deletionTimestamp" in cluster["metadata"]:
            return FINALIZER not in finalizers or self._detach(cluster)
        secret = self._api.find(path("v1", "secrets", SECRET, name))
        if secret is None and FINALIZER not in finalizers:
            return True  # not ours to import
        self._claim(cluster)
        state = condition(cluster, IMPORTED)
        immediately = cluster["metadata"].get("annotations", {}).get(IMMEDIATE_ANNOTATION) == ""
        if state == "":
            self._say(name, "False", "ManagedClusterWaitForImporting", "Wait for importing")
        elif secret and (state == "False" or immediately):
            return self._import(name, secret)
        elif condition(cluster, "ManagedClusterJoined") == "True":
            self._report_server(cluster)
            self._say(name, "True", "ManagedClusterImported", "Import succeeded")
        return True

    def _claim(self, cluster: Object) -> None:
        """Finalizer, labels, and the account by which the agent registers."""
        name, metadata = cluster["metadata"]["name"], cluster["metadata"]
        finalizers = metadata.get("finalizers", [])
        if FINALIZER not in finalizers:
            patch = {"finalizers": [*finalizers, FINALIZER], "labels": {"name": name}}
            version = {"resourceVersion": metadata["resourceVersion"]}
            self._api.merge(path(CLUSTER_API, "managedclusters", name), {"metadata": {**patch, **version}})
        for manifest in bootstrap_objects(name):
            self._api.apply(objects.target(manifest), manifest, MANAGER)

    def _import(self, name: str, secret: Object) -> bool:
        """Apply the agent to the cluster with the credentials in the Secret."""
        target = path("v1", "secrets", SECRET, name)
        tried = int(secret["metadata"].get("annotations", {}).get(RETRY_ANNOTATION, "0")) + 1
        total = int(base64.b64decode(secret["data"].get("autoImportRetry", "")) or "1")
        try:
            spoke = spoke_api(base64.b64decode(secret["data"]["kubeconfig"]))
            for manifest in agent_objects(name, self._bootstrap_kubeconfig(name)):
                spoke.apply(objects.target(manifest), manifest, MANAGER)
        except (ApiError, OSError, KeyError, ValueError, yaml.YAMLError) as error:
            print(f"{name}: attempt {tried} of {total}: {error}", flush=True)
            if tried < total:
                message = f"Try to import managed cluster, apply resources error: {error}. Will Retry"
                self._say(name, "False", "ManagedClusterImporting", message)
                self._api.merge(target, {"metadata": {"annotations": {RETRY_ANNOTATION: str(tried)}}})
                return False
            message = f"Try to import managed cluster, error: {error}"
            self._say(name, "False", "ManagedClusterImportFailed", message)
        else:
            self._say(name, "False", "ManagedClusterImporting", APPLIED)
            annotations = {"annotations": {IMMEDIATE_ANNOTATION: "Completed"}}
            self._api.merge(path(CLUSTER_API, "managedclusters", name), {"metadata": annotations})
        self._api.delete(target)
        return True

    def _bootstrap_kubeconfig(self, name: str) -> bytes:
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": TOKEN_SECONDS},
        }
        answer = self._api.create(path("v1", "serviceaccounts", account(name), name, "token"), request)
        context = self._assembly.hub.context("default-auth", str(answer["status"]["token"]))
        return yaml.safe_dump(kubeconfig.render([context])).encode()

    def _detach(self, cluster: Object) -> bool:
        """Take the agent off the cluster, then the namespace away, then let the ManagedCluster go."""
        name = cluster["metadata"]["name"]
        self._say(name, "False", "ManagedClusterDetaching", "The managed cluster is being detached now")
        for plane in self._planes(name):
            self._assembly.api(plane.cluster.name, "setup").delete(KLUSTERLET)
            return False
        live = self._api.get(path(CLUSTER_API, "managedclusters", name))
        if live["metadata"]["finalizers"] != [FINALIZER]:
            return False  # others, OCM's registration controller for one, have not finished
        for manifest in reversed(bootstrap_objects(name)):
            self._api.delete(objects.target(manifest))
        patch = {"resourceVersion": live["metadata"]["resourceVersion"], "finalizers": []}
        self._api.merge(path(CLUSTER_API, "managedclusters", name), {"metadata": patch})
        return True

    def _report_server(self, cluster: Object) -> None:
        if not cluster["spec"].get("managedClusterClientConfigs"):
            name = cluster["metadata"]["name"]
            ca = [(each.url, (each.pki / "ca.crt").read_bytes()) for each in self._planes(name)]
            configs = [{"url": url, "caBundle": base64.b64encode(pem).decode()} for url, pem in ca]
            target = path(CLUSTER_API, "managedclusters", name)
            self._api.merge(target, {"spec": {"managedClusterClientConfigs": configs}})

    def _planes(self, name: str) -> list[ControlPlane]:
        """The lab's cluster whose agent registers under the name."""
        found = []
        for plane in self._assembly.planes.values():
            if plane.cluster.optional and plane.is_prepared:
                live = self._assembly.api(plane.cluster.name, "setup").find(KLUSTERLET)
                found += [plane] if live and live["spec"].get("clusterName") == name else []
        return found

    def _say(self, name: str, status: str, reason: str, message: str) -> None:
        now = timestamp(datetime.datetime.now(datetime.UTC))
        target = path(CLUSTER_API, "managedclusters", name)
        live = self._api.get(target)
        before = live.get("status", {}).get("conditions") or []
        after = with_conditions(before, {IMPORTED: (status, reason, message)}, now)
        if after != before:
            version = {"resourceVersion": live["metadata"]["resourceVersion"]}
            self._api.merge(f"{target}/status", {"metadata": version, "status": {"conditions": after}})

    def _changed(self, before: Object | None, after: Object | None) -> None:
        """A ManagedCluster, or the Secret in its namespace."""
        thing: Any = after or before
        self._queue.add(thing["metadata"].get("namespace") or thing["metadata"]["name"])

    def _requested(self, _before: Object | None, after: Object | None) -> None:
        """Approve the certificate request of an agent that registers with its cluster's bootstrap account."""
        name = after["metadata"].get("labels", {}).get(CLUSTER_LABEL) if after else None
        if not after or not name or after.get("status", {}).get("conditions"):
            return
        if after["spec"].get("username") != f"system:serviceaccount:{name}:{account(name)}":
            return
        approval = {
            "type": "Approved",
            "status": "True",
            "reason": "AutoApprovedByCSRController",
            "message": "The managedcluster-import-controller auto approval automatically approved this CSR",
        }
        kind = {"apiVersion": CSR_API, "kind": "CertificateSigningRequest"}
        target = path(CSR_API, "certificatesigningrequests", after["metadata"]["name"], subresource="approval")
        try:
            self._api.replace(target, {**after, **kind, "status": {"conditions": [approval]}})
        except ApiError as error:
            print(f"{after['metadata']['name']}: {error}", flush=True)


def bootstrap_objects(name: str) -> list[Object]:
    """What the hub has for one cluster's registration; the namespace first."""
    subject = {"kind": "ServiceAccount", "name": account(name), "namespace": name}
    role = f"system:open-cluster-management:managedcluster:bootstrap:{name}"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {NAMESPACE_LABEL: name}}},
        {
            "apiVersion": RBAC,
            "kind": "ClusterRole",
            "metadata": {"name": role},
            "rules": [
                {
                    "apiGroups": ["certificates.k8s.io"],
                    "resources": ["certificatesigningrequests"],
                    "verbs": ["create", "get", "list", "watch"],
                },
                {
                    "apiGroups": ["cluster.open-cluster-management.io"],
                    "resources": ["managedclusters"],
                    "verbs": ["get", "create"],
                },
            ],
        },
        {
            "apiVersion": RBAC,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": role},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [subject],
        },
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account(name), "namespace": name}},
    ]


def agent_objects(name: str, bootstrap: bytes) -> list[Object]:
    """What the agent needs on the cluster, as upstream's Secret ``<cluster>-import`` holds it."""
    namespace = ocm.AGENT_NAMESPACE
    spec = {"clusterName": name, "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": BOOTSTRAP_SECRET, "namespace": namespace},
            "data": {"kubeconfig": base64.b64encode(bootstrap).decode()},
        },
        {"apiVersion": OPERATOR_API, "kind": "Klusterlet", "metadata": {"name": "klusterlet"}, "spec": spec},
    ]


def account(name: str) -> str:
    """The account by which a cluster's agent registers."""
    return f"{name}-bootstrap-sa"


def spoke_api(config: bytes) -> Api:
    """The cluster that a kubeconfig leads to."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(config)
        file.flush()
        return Api.from_kubeconfig(Path(file.name), user_agent="lab-import-controller")


def main() -> int:
    ImportController(Assembly(Layout.find())).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
