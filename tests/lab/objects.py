# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying manifests."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from tests.lab.api import Api, Object, path
from tests.lab.errors import LabError

RESOURCES = {
    "AppProject": "appprojects",
    "ClusterClaim": "clusterclaims",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps",
    "CustomResourceDefinition": "customresourcedefinitions",
    "Deployment": "deployments",
    "Klusterlet": "klusterlets",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    "Namespace": "namespaces",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
}
"""Kinds that the lab's manifests hold, and the resource of each."""

ESTABLISH_SECONDS = 30.0


def manifests(file: Path) -> list[Object]:
    """The objects of a YAML file that holds a List, or one object."""
    document = yaml.load(file.read_text(), yaml.CSafeLoader)
    return list(document["items"]) if document["kind"] == "List" else [document]


def target(manifest: Object) -> str:
    """API path of a manifest's object."""
    metadata = manifest["metadata"]
    resource = RESOURCES[manifest["kind"]]
    return path(manifest["apiVersion"], resource, metadata["name"], metadata.get("namespace", ""))


def apply(api: Api, wanted: Iterable[Object]) -> None:
    """Server-side apply in the given order."""
    for manifest in wanted:
        api.apply(target(manifest), manifest)


def apply_crds(api: Api, definitions: list[Object]) -> None:
    """Apply CustomResourceDefinitions at once, and wait until all are served."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: api.apply(target(each), each), definitions))
    deadline = time.monotonic() + ESTABLISH_SECONDS
    pending = {each["metadata"]["name"] for each in definitions}
    while pending:
        live = api.items(path("apiextensions.k8s.io/v1", "customresourcedefinitions"))
        pending -= {each["metadata"]["name"] for each in live if condition(each, "Established") == "True"}
        if pending and time.monotonic() > deadline:
            raise LabError(f"{api.server}: definitions not established: {', '.join(sorted(pending))}")
        if pending:
            time.sleep(0.1)


def condition(thing: Object, kind: str) -> str:
    """Status of one condition, or '' when it is not there."""
    conditions = thing.get("status", {}).get("conditions") or []
    return next((str(each["status"]) for each in conditions if each["type"] == kind), "")
