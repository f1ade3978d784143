# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that stands in a cluster, reduced to what must be the same when the work is undone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.lab.api import Api, ApiError, Object

VOLATILE = {
    "events": "a record of what happened",
    "events.events.k8s.io": "a record of what happened",
    "leases.coordination.k8s.io": "heartbeats",
    "componentstatuses": "computed at each request",
    "certificatesigningrequests.certificates.k8s.io": "removed by the controller-manager when they are old",
    "endpointslices.discovery.k8s.io": "follow the pods; rewritten by their controller at any time",
    "endpoints": "follow the pods; rewritten by their controller at any time",
}
"""Resources that are left out, and why."""

MADE_ONCE_BY_ACM = frozenset(
    {
        "configmaps openshift-gitops/acm-placement",
        "configmaps openshift-gitops/acm-placementrule",
        "roles.rbac.authorization.k8s.io openshift-gitops/openshift-gitops-applicationset-controller-placement",
        "rolebindings.rbac.authorization.k8s.io openshift-gitops/openshift-gitops-applicationset-controller-placement",
    }
)
"""Left out: ACM's controller makes them for the first GitOpsCluster of an Argo CD and never removes them
(stolostron/multicloud-integrations pkg/controller/gitopscluster), so they are there or not, whatever we do."""

KEPT_BY_ACM = "/policy-encryption-key"
"""Left out: ACM's policy framework makes a Secret of that name for each cluster with the first Policy that has
something to hide, on the hub and on the cluster, and keeps it (open-cluster-management.io/governance-policy-propagator
controllers/propagator/encryption.go)."""

COUNTERS = ("resourceVersion", "managedFields", "generation")
"""Metadata that tells how often an object was written, not what it holds."""

CLOCKS = ("kubernetes.io/legacy-token-last-used",)
"""Labels in which the API server notes when an object was last used."""

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True)
class Found:
    """One object."""

    uid: str
    digest: str
    """Of all but the status, `COUNTERS` and `CLOCKS`."""


Inventory = dict[str, Found]
"""Objects by ``resource.group namespace/name``."""


def digest(thing: Object) -> str:
    """Hash of an object's content."""
    metadata = {key: value for key, value in thing["metadata"].items() if key not in COUNTERS}
    labels = {key: value for key, value in metadata.pop("labels", {}).items() if key not in CLOCKS}
    metadata |= {"labels": labels} if labels else {}
    content = {key: value for key, value in thing.items() if key not in ("status", "apiVersion", "kind")}
    return hashlib.sha256(json.dumps(content | {"metadata": metadata}, sort_keys=True).encode()).hexdigest()[:16]


def take(api: Api) -> Inventory:
    """List all objects of all resources of a cluster."""
    with ThreadPoolExecutor(4) as pool:
        return {key: found for part in pool.map(lambda each: _list(api, *each), resources(api)) for key, found in part}


def resources(api: Api) -> list[tuple[str, str]]:
    """Listable resources that are not volatile: ``resource.group`` and the path to list all their objects."""
    chosen: dict[str, str] = {}
    for root in ("/api", "/apis"):
        for group in api.request("GET", root, Accept=DISCOVERY)["items"]:
            group_name = group["metadata"].get("name", "")
            for version in group["versions"]:  # the preferred one comes first
                for resource in version.get("resources", ()):
                    name = f"{resource['resource']}.{group_name}".rstrip(".")
                    if "list" in resource["verbs"] and name not in VOLATILE:
                        prefix = f"{root}/{group_name}" if group_name else root
                        chosen.setdefault(name, f"{prefix}/{version['version']}/{resource['resource']}")
    return sorted(chosen.items())


def difference(before: Mapping[str, Inventory], after: Mapping[str, Inventory]) -> list[str]:
    """What differs between two inventories of several clusters, a line an object; empty when nothing does."""
    lines: list[str] = []
    for cluster in sorted({*before, *after}):
        old, new = before.get(cluster, {}), after.get(cluster, {})
        lines += [f"{cluster}: left behind: {key}" for key in sorted(new.keys() - old.keys())]
        lines += [f"{cluster}: gone: {key}" for key in sorted(old.keys() - new.keys())]
        for key in sorted(old.keys() & new.keys()):
            if old[key].uid != new[key].uid:
                lines.append(f"{cluster}: made anew: {key}")
            elif old[key].digest != new[key].digest:
                lines.append(f"{cluster}: changed: {key}")
    return lines


def _list(api: Api, resource: str, target: str) -> list[tuple[str, Found]]:
    try:
        answer: dict[str, Any] = api.get(target)
    except ApiError as error:
        if error.status in (404, 405):  # went away meanwhile, or a list that only some may ask for
            return []
        raise
    found = []
    for thing in answer.get("items") or []:
        metadata = thing["metadata"]
        name = "/".join(filter(None, (metadata.get("namespace", ""), metadata["name"])))
        key = f"{resource} {name}"
        if key not in MADE_ONCE_BY_ACM and not key.endswith(KEPT_BY_ACM):
            found.append((key, Found(metadata.get("uid", ""), digest(thing))))
    return found
