# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hub knows of clusters and applications. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from .._client.client import Object
from .._ocm.managed_clusters import AVAILABLE, NOT_REGISTERED, condition
from .._ocm.placement import PLACEMENT_LABEL, decided_clusters
from .model import Snapshot
from .reading import CLUSTER_SECRETS, selected_by


def hub_of(snapshot: Snapshot) -> dict[str, Any]:
    """The hub as the document has it."""
    return {
        "cluster": snapshot.target.name,
        "managed_clusters": [_managed(obj) for obj in sorted(snapshot.of("ManagedCluster"), key=_name)],
        "selected": {
            selector: sorted(map(_name, snapshot.of(selected_by(selector)))) for selector in snapshot.target.selectors
        },
        "placements": _placements(snapshot),
        "argocd_clusters": sorted(filter(None, map(_argocd_name, snapshot.of(CLUSTER_SECRETS)))),
        "argocd": "Application" not in snapshot.missing,
        "problems": dict(snapshot.problems),
        "applications": [_application(obj) for obj in sorted(snapshot.of("Application"), key=_name)],
    }


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _managed(cluster: Object) -> dict[str, Any]:
    available = condition(cluster, AVAILABLE)
    return {
        "name": _name(cluster),
        "available": available.get("status") == "True",
        "message": str(available.get("message") or NOT_REGISTERED),
        "labels": dict(cluster["metadata"].get("labels") or {}),
    }


def _placements(snapshot: Snapshot) -> dict[str, list[str]]:
    """The clusters that each Placement has decided for, by `namespace/name`."""
    decisions: dict[str, list[Object]] = {}
    for decision in snapshot.of("PlacementDecision"):
        metadata = decision["metadata"]
        placement = f"{metadata['namespace']}/{(metadata.get('labels') or {}).get(PLACEMENT_LABEL)}"
        decisions.setdefault(placement, []).append(decision)
    return {placement: decided_clusters(found) for placement, found in sorted(decisions.items())}


def _argocd_name(secret: Object) -> str:
    text = (secret.get("data") or {}).get("name")
    return base64.b64decode(text).decode(errors="replace") if text else ""


def _application(application: Object) -> dict[str, Any]:
    status, spec = application.get("status") or {}, application.get("spec") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    destination = spec.get("destination") or {}
    return {
        "name": _name(application),
        "cluster": destination.get("name") or destination.get("server"),
        "namespace": destination.get("namespace"),
        "sync": sync.get("status"),
        "health": health.get("status"),
        "revision": sync.get("revision"),
        "message": _trouble(status),
    }


def _trouble(status: Mapping[str, Any]) -> str:
    """What Argo CD complains of; empty where it does not."""
    errors = [
        f"{each.get('type')}: {each.get('message')}"
        for each in status.get("conditions") or []
        if str(each.get("type") or "").endswith("Error")
    ]
    operation = status.get("operationState") or {}
    if not errors and operation.get("phase") in ("Failed", "Error"):
        errors.append(str(operation.get("message") or operation["phase"]))
    if not errors and (status.get("health") or {}).get("status") not in (None, "Healthy"):
        errors += [_of_resource(each) for each in status.get("resources") or [] if _is_unwell(each)][:1]
    return "; ".join(errors)


def _is_unwell(resource: Mapping[str, Any]) -> bool:
    return (resource.get("health") or {}).get("status") not in (None, "Healthy")


def _of_resource(resource: Mapping[str, Any]) -> str:
    health = resource["health"]
    return f"{resource.get('kind')} {resource.get('name')}: {health.get('message') or health['status']}"
