# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why exports may not come further, from what else can be read; asked only when a wait has ended in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._client.errors import ApiError, ObjectRef
from .cluster import Cluster
from .conditions import ENDPOINTS, GONE, IMPORTED, READY, VALID, Rule, current
from .names import Key
from .waiting import Pending

AGENT = ObjectRef("apps/v1", "Deployment", "submariner-lighthouse-agent", "submariner-operator")
"""What works on exports, and brings imports (submariner-io/submariner-operator)."""

Object = Mapping[str, Any]


def likely_causes(
    pending: Sequence[Pending], exporter: Cluster, clusters: Sequence[Cluster], live: Mapping[Key, Object], rule: Rule
) -> Iterator[str]:
    """Lines for the user.

    :param clusters: all clusters of the task, by whose names `pending` goes.
    :param live: the ServiceExports as they were seen last.
    """
    if any(each.standing.stage == VALID and not current(live.get(each.key, {})) for each in pending):
        yield f"nobody has taken up the export: {_agent(exporter)}"
    waiting = [each.key for each in pending if each.standing.stage == READY and not each.standing.hopeless]
    if waiting:
        yield _not_ready(exporter, live.get(waiting[0], {}), rule)
    yield from _not_imported(pending, {cluster.name: cluster for cluster in clusters})


def _not_imported(pending: Sequence[Pending], by_name: Mapping[str, Cluster]) -> Iterator[str]:
    awaited = {(each.cluster, each.key.namespace) for each in pending if each.standing.stage == IMPORTED}
    missing = {place for place in awaited if _is_missing(by_name[place[0]], place[1])}
    for name, namespace in sorted(missing):
        yield f"{name} has no namespace {namespace}: imports only come into namespaces that exist; create it"
    stages = (IMPORTED, ENDPOINTS, GONE)
    rest = {each.cluster for each in pending if each.standing.stage in stages} - {name for name, _place in missing}
    for name in sorted(rest):
        yield f"exports come to {name}, and go from there, by its agent: {_agent(by_name[name])}"


def _not_ready(exporter: Cluster, export: Object, rule: Rule) -> str:
    if any(each in current(export) for each in rule.ready):
        return f"the export has not got to the broker: {_agent(exporter)}"
    return (
        "where an implementation reports nothing but Valid (Submariner until 0.13, and some others), say "
        f"minimum_condition: Valid; else {_agent(exporter)}"
    )


def _agent(cluster: Cluster) -> str:
    where = f"{AGENT} at {cluster.name}"
    try:
        live = cluster.client.get(AGENT)
    except ApiError:
        return f"{where} can not be read; see that it runs and reaches the broker"
    if live is None:
        return f"there is no {where}; is Submariner joined, with service discovery?"
    ready = (live.get("status") or {}).get("readyReplicas") or 0
    if not ready:
        return f"{where} has no ready pod"
    return f"{where} runs; see its log, and that it reaches the broker"


def _is_missing(cluster: Cluster, namespace: str) -> bool:
    try:
        return cluster.client.get(ObjectRef("v1", "Namespace", namespace)) is None
    except ApiError:
        return False
