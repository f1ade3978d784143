# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hub says of its ManagedClusters, as variables of inventory hosts.

Upstream: ManagedCluster `cluster.open-cluster-management.io/v1` (open-cluster-management-io/api cluster/v1/types.go);
unavailable and unreachable as the hub's taints tell them apart (ocm pkg/registration/hub/taint/controller.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.client import Client, Object
from .._client.errors import MissingKind
from .labels import CLUSTERSET_LABEL, DEFAULT_CLUSTERSET

API_VERSION, KIND = "cluster.open-cluster-management.io/v1", "ManagedCluster"
AVAILABLE = "ManagedClusterConditionAvailable"
JOINED = "ManagedClusterJoined"
NOT_REGISTERED = "its agent has not registered"

# The hub among its clusters; its name can be chosen, its label can not.
_HUB = ("local-cluster", "true")

# The condition's status is Unknown once the cluster's agent has stopped renewing its lease.
_AVAILABILITY = {"True": "available", "False": "unavailable"}

PREFIX = "managed_cluster_"


def condition(cluster: Object, kind: str) -> Mapping[str, Any]:
    """A condition of a ManagedCluster; empty where it is not there."""
    conditions = (cluster.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each.get("type") == kind), {})


def variables_of(cluster: Object) -> dict[str, Any]:
    """The variables of a ManagedCluster's host, as the documentation of the inventory plugin lists them.

    Nothing else of the object is passed on: annotations may hold anything.
    """
    metadata, spec, status = (cluster.get(part) or {} for part in ("metadata", "spec", "status"))
    labels = dict(metadata.get("labels") or {})
    available = condition(cluster, AVAILABLE)
    urls = (each.get("url") for each in spec.get("managedClusterClientConfigs") or [])
    values = {
        "name": metadata["name"],
        "hub": labels.get(_HUB[0]) == _HUB[1],
        "labels": labels,
        "claims": {each["name"]: each.get("value", "") for each in status.get("clusterClaims") or []},
        "set": labels.get(CLUSTERSET_LABEL) or DEFAULT_CLUSTERSET,
        "accepted": bool(spec.get("hubAcceptsClient")),
        "joined": condition(cluster, JOINED).get("status") == "True",
        "available": available.get("status") == "True",
        "availability": _AVAILABILITY.get(str(available.get("status")), "unreachable"),
        "message": str(available.get("message") or NOT_REGISTERED),
        "api_url": next(filter(None, urls), None),
        "version": (status.get("version") or {}).get("kubernetes") or None,
    }
    return {f"{PREFIX}{key}": value for key, value in values.items()}


def read_variables(hub: Client, label_selector: str = "") -> list[dict[str, Any]]:
    """The variables of all ManagedClusters that a selector matches, in the order of their names, by one LIST.

    :raises MissingKind: the cluster is no hub.
    """
    try:
        clusters = hub.list(API_VERSION, KIND, label_selector=label_selector)
    except MissingKind as error:
        raise MissingKind(f"not a hub: {error.message}", **error.details) from error
    return sorted(map(variables_of, clusters), key=lambda variables: str(variables[f"{PREFIX}name"]))
