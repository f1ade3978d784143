# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labelling many ManagedClusters: one LIST, a plan for each, one patch for each that changes, at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._client.client import Client, Object
from .._client.errors import ApiError, Forbidden, InputError, InterconnectError, ObjectRef
from .labels import CLUSTERSET_LABEL, LabelPlan, plan_labels

API_VERSION = "cluster.open-cluster-management.io/v1"
PLACEMENT_API_VERSION = "cluster.open-cluster-management.io/v1beta1"
# Of a thousand clusters that are refused for the same reason; `failed_clusters` has the names of all.
MOST_MESSAGES = 10
PLACEMENT_LABEL = "cluster.open-cluster-management.io/placement"


@dataclass(frozen=True)
class Labelled:
    """One cluster after the work: its plan with what the hub made of it, or the error that it met."""

    plan: LabelPlan
    error: ApiError | None = None


def select_clusters(
    client: Client, names: Sequence[str] | None, label_selector: str | None, ignore_missing: bool
) -> list[Object]:
    """The ManagedClusters that are meant, by one LIST.

    :raises InputError: some of `names` are not there (all are named), or the selector is empty or matches none.
    """
    if names is None:
        if not (label_selector or "").strip():
            raise InputError("label_selector", "is empty: it would select every ManagedCluster")
        found = client.list(API_VERSION, "ManagedCluster", label_selector=label_selector or "")
        if not found and not ignore_missing:
            raise InputError("label_selector", f"matches no ManagedCluster of {client.server}: {label_selector}")
        return found
    wanted = list(dict.fromkeys(names))
    one = f"metadata.name={wanted[0]}" if len(wanted) == 1 else ""
    known = {item["metadata"]["name"]: item for item in client.list(API_VERSION, "ManagedCluster", field_selector=one)}
    missing = [name for name in wanted if name not in known]
    if missing and not ignore_missing:
        raise InputError(
            "names",
            f"no such ManagedCluster at {client.server}: {', '.join(missing)}. Nothing was written; import "
            f"{'it' if len(missing) == 1 else 'them'} first, or correct the names",
            missing=missing,
        )
    return [known[name] for name in wanted if name in known]


def plan_clusters(
    clusters: Sequence[Object], labels: Mapping[str, str | None], state: str, protected: Sequence[str]
) -> list[LabelPlan]:
    """A plan for each cluster; every protected key is refused here, before any write."""
    return [
        plan_labels(item["metadata"]["name"], item["metadata"].get("labels") or {}, labels, state, protected)
        for item in clusters
    ]


def carry_out(client: Client, plans: Sequence[LabelPlan]) -> list[Labelled]:
    """Write the plans that change something.

    :raises InterconnectError: some clusters were refused; the details say which were written.
    """
    written = client.each(lambda plan: _write(client, plan), [plan for plan in plans if plan.changed])
    failed = [entry for entry in written if entry.error]
    if failed:
        done = [entry.plan.cluster for entry in written if not entry.error]
        messages = list(dict.fromkeys(map(_refusal, failed)))
        more = len(messages) - MOST_MESSAGES
        raise InterconnectError(
            "; ".join(messages[:MOST_MESSAGES]) + (f"; and {more} more of this kind" if more > 0 else ""),
            changed=bool(done),
            written=done,
            failed_clusters=[entry.plan.cluster for entry in failed],
        )
    by_name = {entry.plan.cluster: entry for entry in written}
    return [by_name.get(plan.cluster, Labelled(plan)) for plan in plans]


def _write(client: Client, plan: LabelPlan) -> Labelled:
    try:
        live = client.merge_patch(ObjectRef(API_VERSION, "ManagedCluster", plan.cluster), plan.patch)
    except ApiError as error:
        return Labelled(plan, error)
    return Labelled(replace(plan, after=live["metadata"].get("labels") or {}))


def _refusal(entry: Labelled) -> str:
    error, plan = entry.error, entry.plan
    if isinstance(error, Forbidden) and plan.moves_clusterset:
        old, new = plan.before.get(CLUSTERSET_LABEL), plan.after.get(CLUSTERSET_LABEL)
        return (
            f"{error.message} (moving {plan.cluster} from set {old} to {new} needs `create managedclustersets/join` of "
            "group cluster.open-cluster-management.io on both)"
        )
    return str(error)


def placements_selecting(client: Client, namespaces: Sequence[str | None]) -> dict[str, list[str]]:
    """For each cluster the Placements (`namespace/name`) whose decisions list it.

    :param namespaces: where to look; None stands for all.
    """
    selecting: dict[str, set[str]] = {}
    for decision in _decisions(client, namespaces):
        metadata: Mapping[str, Any] = decision["metadata"]
        placement = (metadata.get("labels") or {}).get(PLACEMENT_LABEL)
        for entry in (decision.get("status") or {}).get("decisions") or []:
            selecting.setdefault(entry["clusterName"], set()).add(f"{metadata['namespace']}/{placement}")
    return {cluster: sorted(placements) for cluster, placements in selecting.items()}


def _decisions(client: Client, namespaces: Sequence[str | None]) -> list[Object]:
    return [
        decision
        for namespace in dict.fromkeys(namespaces)
        for decision in client.list(PLACEMENT_API_VERSION, "PlacementDecision", namespace=namespace)
    ]
