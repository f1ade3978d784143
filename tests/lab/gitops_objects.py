# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the GitOpsCluster controller writes, as pure functions over plain objects.

Formats: stolostron/multicloud-integrations pkg/controller/gitopscluster/{import_clusters,rbac_management,
gitopscluster_controller}.go.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

Object = dict[str, Any]

ACM_CLUSTER = "apps.open-cluster-management.io/acm-cluster"
CLUSTER_NAME = "apps.open-cluster-management.io/cluster-name"
CLUSTER_SERVER = "apps.open-cluster-management.io/cluster-server"
DATA_SOURCE = "apps.open-cluster-management.io/data-source"
SECRET_TYPE = "argocd.argoproj.io/secret-type"
DEFAULT_ACCOUNT = "application-manager"
DEFAULT_APPLICATIONSET_ACCOUNT = "openshift-gitops-applicationset-controller"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

NOT_REQUIRED = {
    "AddOnDeploymentConfigsReady": "AddOnDeploymentConfigs not required (GitOps addon disabled)",
    "ManagedClusterAddOnsReady": "ManagedClusterAddons not required (GitOps addon disabled)",
    "AddOnTemplateReady": "AddOnTemplate not required (ArgoCD agent disabled)",
    "GitOpsAddonPrereqsReady": "GitOps addon RBAC prerequisites not required (agent disabled)",
    "ArgoCDAgentPrereqsReady": "ArgoCD agent prerequisites not required (agent disabled)",
    "CertificatesReady": "ArgoCD agent certificates not required (agent disabled)",
    "ManifestWorksApplied": "ManifestWorks not required (agent disabled)",
    "ArgoCDPolicyReady": "ArgoCD policy not required (addon disabled)",
    "OLMSubscriptionReady": "OLM subscription not required (addon disabled)",
}
"""Conditions of what a plain import does not do: True with reason NotRequired."""

BASIC_CONDITIONS = (
    "Ready",
    "PlacementResolved",
    "ArgoServerVerified",
    "ApplicationSetResourcesReady",
    "PolicyTemplateReady",
    "ClustersRegistered",
)


class SourceMissing(Exception):
    """No credentials for a cluster can be found."""


def placement_maps(namespace: str) -> list[Object]:
    """ConfigMaps that tell ApplicationSets how to read decisions."""
    sources = {
        "acm-placementrule": ("apps.open-cluster-management.io/v1", "placementrules"),
        "acm-placement": ("cluster.open-cluster-management.io/v1beta1", "placementdecisions"),
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "data": {"apiVersion": version, "kind": kind, "statusListKey": "decisions", "matchKey": "clusterName"},
        }
        for name, (version, kind) in sources.items()
    ]


def placement_role(namespace: str) -> Object:
    """Role that lets the ApplicationSet controller list decisions."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": f"{namespace}-applicationset-controller-placement", "namespace": namespace},
        "rules": [
            {"apiGroups": [group], "resources": [resource], "verbs": ["list"]}
            for group, resource in (
                ("apps.open-cluster-management.io", "placementrules"),
                ("cluster.open-cluster-management.io", "placementdecisions"),
            )
        ],
    }


def placement_binding(namespace: str, account: str) -> Object:
    """RoleBinding of `placement_role` to the ApplicationSet controller's ServiceAccount."""
    name = f"{namespace}-applicationset-controller-placement"
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }


def applicationset_account(accounts: list[Object]) -> str:
    """Name of the ApplicationSet controller's ServiceAccount among those of Argo CD."""
    for part_of in ("argocd-applicationset", "argocd"):
        for account in accounts:
            metadata = account["metadata"]
            if metadata.get("labels", {}).get("app.kubernetes.io/part-of") != part_of:
                continue
            if metadata["name"].endswith("-applicationset-controller"):
                return str(metadata["name"])
    return DEFAULT_APPLICATIONSET_ACCOUNT


def account_secret(namespace: str, cluster: Object, account: str, credentials: Object | None, insecure: bool) -> Object:
    """Cluster Secret from a ManagedServiceAccount's token and the cluster's client configuration.

    ``insecure``: what annotation legacy-cluster-secret asks for. Raise SourceMissing when something is not there.
    """
    name = cluster["metadata"]["name"]
    known = cluster["spec"].get("managedClusterClientConfigs") or []
    client = next((each for each in known if each.get("url")), None)
    if client is None:
        raise SourceMissing(f"managed cluster {name} has no client configs")
    token = base64.b64decode((credentials or {}).get("data", {}).get("token", "")).decode()
    if not token:
        raise SourceMissing(f"token not found in ManagedServiceAccount {name}/{account}")
    url = client["url"] if re.match(r"https?://", client["url"]) else f"https://{client['url']}"
    tls: Object = {"insecure": True}
    if client.get("caBundle") and not insecure:
        tls = {"insecure": False, "caData": client["caBundle"]}
    config = json.dumps({"bearerToken": token, "tlsClientConfig": tls})
    data = {"name": name, "server": url, "config": config}
    server = url.partition("://")[2].partition(":")[0][:63]
    return _secret(f"{name}-{account}-cluster-secret", namespace, cluster, server, "managed-service-account", data)


def legacy_secret(namespace: str, cluster: Object, source: Object | None) -> Object:
    """Cluster Secret copied from the one that the application-manager add-on left in the cluster's namespace."""
    name = cluster["metadata"]["name"]
    if source is None:
        raise SourceMissing(f'secrets "{name}-{DEFAULT_ACCOUNT}-cluster-secret" not found')
    given = {key: base64.b64decode(value).decode() for key, value in source.get("data", {}).items()}
    url = given.get("server") or next(
        (each["url"] for each in cluster["spec"].get("managedClusterClientConfigs") or [] if each.get("url")), ""
    )
    if not url:
        raise SourceMissing(f"no client configs found for managed cluster: {name}")
    server = url.partition("://")[2].partition(":")[0][:63]
    data = {"name": name, "server": url, "config": given.get("config", "")}
    return _secret(f"{name}-cluster-secret", namespace, cluster, server, "legacy-secret", data)


def blank_secret(namespace: str, cluster: Object, account: str) -> Object:
    """Cluster Secret without credentials, for the pull model."""
    name = cluster["metadata"]["name"]
    server = f"{name}-control-plane"
    data = {"name": name, "server": f"https://{server}"}
    return _secret(f"{name}-{account}-cluster-secret", namespace, cluster, server, "blank", data)


def merged(wanted: Object, live: Object) -> Object:
    """What replaces a Secret that exists: labels, annotations and data that only the old one has are kept."""
    annotations = {k: v for k, v in live["metadata"].get("annotations", {}).items() if k != LAST_APPLIED}
    metadata = wanted["metadata"] | {
        "labels": live["metadata"].get("labels", {}) | wanted["metadata"]["labels"],
        "annotations": annotations | wanted["metadata"].get("annotations", {}),
        "resourceVersion": live["metadata"]["resourceVersion"],
    }
    return wanted | {"metadata": metadata, "data": live.get("data", {}) | wanted["data"]}


def same_secret(one: Object, other: Object) -> bool:
    """Whether two Secrets hold the same labels, annotations and data."""
    metadata = one["metadata"], other["metadata"]
    return one["data"] == other.get("data", {}) and all(
        metadata[0].get(field, {}) == metadata[1].get(field, {}) for field in ("labels", "annotations")
    )


def with_conditions(conditions: list[Object], updates: dict[str, tuple[str, str, str]], now: str) -> list[Object]:
    """Conditions with some replaced (type to status, reason, message); the time moves only when a status does."""
    fresh = {each["type"]: dict(each) for each in conditions}
    for kind, (status, reason, message) in updates.items():
        before = fresh.get(kind)
        since = before["lastTransitionTime"] if before and before["status"] == status else now
        fresh[kind] = {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": since,
        }
    return list(fresh.values())


def readiness(conditions: list[Object]) -> tuple[str, str, str]:
    """Status, reason and message of condition Ready, from all others."""
    status = {each["type"]: each["status"] for each in conditions if each["type"] != "Ready"}
    failed = [kind for kind, value in status.items() if value == "False"]
    if failed:
        return "False", "ClusterRegistrationFailed", f"One or more components have failed: {', '.join(failed)}"
    if all(status.get(kind) == "True" for kind in ("PlacementResolved", "ArgoServerVerified", "ClustersRegistered")):
        return "True", "Success", "GitOpsCluster is ready and all components are functioning correctly"
    return "Unknown", "Reconciling", "GitOpsCluster components are still being processed"


def _secret(name: str, namespace: str, cluster: Object, server: str, source: str, data: dict[str, str]) -> Object:
    labels = {
        SECRET_TYPE: "cluster",
        ACM_CLUSTER: "true",
        CLUSTER_NAME: cluster["metadata"]["name"],
        CLUSTER_SERVER: server,
        DATA_SOURCE: source,
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": cluster["metadata"].get("labels", {}) | labels,
        },
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }
