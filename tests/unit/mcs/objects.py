# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of the Multi-Cluster Services API, as implementations write them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

ALPHA, BETA = "multicluster.x-k8s.io/v1alpha1", "multicluster.x-k8s.io/v1beta1"
BORN = "2026-11-22T10:00:00Z"
LATER = "2026-11-22T10:00:05Z"
AWAITING = "Awaiting sync of the ServiceImport to the broker"


def condition(kind: str, status: str = "True", reason: str = "", message: str = "", at: str = LATER) -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at}


def export(*conditions: Object, name: str = "redis-master", api_version: str = ALPHA, **metadata: Any) -> Object:
    return {
        "apiVersion": api_version,
        "kind": "ServiceExport",
        "metadata": {"name": name, "namespace": "guestbook", "creationTimestamp": BORN, **metadata},
        "status": {"conditions": list(conditions)},
    }


def service(
    name: str = "redis-master", namespace: str = "guestbook", labels: Object | None = None, **spec: Any
) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": {"type": "ClusterIP", "clusterIP": "172.30.1.1", **spec},
    }


def service_import(*clusters: str, name: str = "redis-master", api_version: str = ALPHA) -> Object:
    return {
        "apiVersion": api_version,
        "kind": "ServiceImport",
        "metadata": {"name": name, "namespace": "guestbook"},
        "spec": {"type": "ClusterSetIP", "ports": []},
        "status": {"clusters": [{"cluster": each} for each in clusters]},
    }


def endpoint_slice(cluster: str, *ready: bool | None, name: str = "redis-master", suffix: str = "x7x2k") -> Object:
    """A slice with one endpoint for each of `ready` (None: nobody says)."""
    labels = {
        "multicluster.kubernetes.io/service-name": name,
        "multicluster.kubernetes.io/source-cluster": cluster,
        "endpointslice.kubernetes.io/managed-by": "lighthouse-agent.submariner.io",
    }
    endpoints = [
        {"addresses": [f"10.128.2.{number}"], "conditions": {} if each is None else {"ready": each}}
        for number, each in enumerate(ready, start=1)
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-{cluster}-{suffix}", "namespace": "guestbook", "labels": labels},
        "addressType": "IPv4",
        "endpoints": endpoints,
    }


# What each generation of Submariner writes for an export that is on the way, and for one that has arrived
# (submariner-io/lighthouse, facts of its conditions by version).
GENERATIONS: dict[str, tuple[list[Object], list[Object]]] = {
    "0.12, a history": (
        [condition("Valid", "False", "AwaitingSync", AWAITING)],
        [condition("Valid", "False", "AwaitingSync", AWAITING), condition("Valid", "True", "", "synced")],
    ),
    "0.13, Valid alone": ([condition("Valid", "False", "AwaitingSync", AWAITING)], [condition("Valid")]),
    "0.14, Synced": (
        [condition("Valid"), condition("Synced", "False", "AwaitingSync", AWAITING)],
        [condition("Valid"), condition("Synced", "True", "", "synced")],
    ),
    "0.15, Synced": (
        [condition("Valid"), condition("Synced", "False", "AwaitingExport", AWAITING)],
        [condition("Valid"), condition("Synced", "True", "", "exported")],
    ),
    "0.20, Ready without reasons": (
        [condition("Valid"), condition("Ready", "False", "AwaitingExport", AWAITING)],
        [condition("Valid"), condition("Ready", "True", "", "exported")],
    ),
    "0.24, Ready with reasons": (
        [condition("Valid", "True", "Valid"), condition("Ready", "False", "Pending", AWAITING)],
        [condition("Valid", "True", "Valid"), condition("Ready", "True", "Exported", "exported")],
    ),
}
VALID_ALONE = frozenset({"0.12, a history", "0.13, Valid alone"})
"""Those whose exports only count as done where the user says `minimum_condition: Valid`."""
