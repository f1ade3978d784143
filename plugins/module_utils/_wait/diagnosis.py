# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Likely causes of a wait that ended in vain; what they need is read then, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .._client.errors import ApiError
from .._ocm.placement import explain_placement, unknown_clusters
from .._ocm.selector import requirements
from .acceptors import Object, clip, is_being_deleted
from .catalog import group_of
from .goal import Judgement, Outcome, Query, name_of
from .reading import Reader
from .rules import decisions_of
from .skupper import GROUP as SKUPPER
from .skupper import study_site
from .wait import Wait

CLUSTERS = "cluster.open-cluster-management.io"
# Of more than these, the number is told.
LINES = 10
NAMES = 5


def likely_causes(client: Reader, wait: Wait, judgement: Judgement) -> list[str]:
    """Lines for the user; none where nothing is known. Never raises: the wait's own failure comes first."""
    lines: list[str] = []
    for obj, verdict in judgement.each[:NAMES]:
        if verdict.outcome is not Outcome.SATISFIED:
            lines += _causes(client, wait, obj)
    return list(dict.fromkeys(lines))


def _causes(client: Reader, wait: Wait, obj: Object) -> list[str]:
    lines = [text for acceptor, text in wait.goal.hints if acceptor.judge(obj).met]
    if wait.goal.wants_absence:
        return lines + _holders(obj)
    study = _STUDIES.get((group_of(wait.query.api_version), wait.query.kind))
    if study is None:
        return lines
    try:
        return lines + study(client, wait, obj)
    except ApiError as error:
        return [*lines, clip(f"not known, as more could not be read: {error.message}")]


def _holders(obj: Object) -> list[str]:
    """What keeps an object from going."""
    if not is_being_deleted(obj):
        return [f"nobody has deleted {name_of(obj)} (it has no deletionTimestamp)"]
    finalizers = [*(obj["metadata"].get("finalizers") or []), *((obj.get("spec") or {}).get("finalizers") or [])]
    if not finalizers:
        return []
    return [
        f"{name_of(obj)} is held by finalizers {', '.join(finalizers)}: the controllers that set them have not finished"
    ]


# -- Placement ---------------------------------------------------------------------------------------------------------


def _study_placement(client: Reader, wait: Wait, obj: Object) -> list[str]:
    namespace = obj["metadata"]["namespace"]
    decisions, bindings, sets, clusters = client.each(
        lambda query: client.list(query.api_version, query.kind, query.namespace, query.label_selector),
        [
            decisions_of(namespace, name_of(obj)),
            Query(f"{CLUSTERS}/v1beta2", "ManagedClusterSetBinding", namespace),
            Query(f"{CLUSTERS}/v1beta2", "ManagedClusterSet"),
            Query(f"{CLUSTERS}/v1", "ManagedCluster"),
        ],
    )
    now = datetime.now(timezone.utc)
    verdict = explain_placement(obj, decisions, bindings, sets, clusters, now)
    lines = [*verdict.problems, *unknown_clusters(wait.clusters or (), clusters)]
    if not clusters:
        lines.append("the hub has no ManagedCluster at all")
    against: dict[str, list[str]] = {}
    for entry in verdict.clusters:
        if _is_asked_about(entry.name, entry.selected, wait):
            against.setdefault(_why(entry.selected, entry.reasons), []).append(entry.name)
    grouped = [f"{_few(names)}: {why}" for why, names in against.items()]
    more = [f"and other reasons for {sum(len(names) for names in list(against.values())[LINES:])} more clusters"]
    return lines + grouped[:LINES] + (more if len(grouped) > LINES else [])


def _is_asked_about(name: str, selected: bool, wait: Wait) -> bool:
    """Which clusters concern the user: the named ones that are not as wanted; without names all such."""
    should_be = wait.goal.name != "deselected"
    if wait.goal.name == "exactly":
        should_be = name in (wait.clusters or ())
    elif wait.clusters and name not in wait.clusters:
        return False
    return selected != should_be


def _why(selected: bool, reasons: Sequence[str]) -> str:
    if not selected:
        return "; ".join(reasons)
    if reasons:
        return f"still selected, although {'; '.join(reasons)}: the placement controller has not come round to it"
    return "selected, as nothing speaks against it"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


# -- workloads ---------------------------------------------------------------------------------------------------------


def _study_pods(client: Reader, wait: Wait, obj: Object) -> list[str]:
    """Why pods of a Deployment, StatefulSet or DaemonSet are not ready, in their own words."""
    del wait
    selector = _selector_text((obj.get("spec") or {}).get("selector") or {})
    pods = client.list("v1", "Pod", obj["metadata"]["namespace"], selector)
    if not pods:
        return ["there are no pods: see the conditions above, quotas and admission webhooks"]
    complaints: dict[str, list[str]] = {}
    for pod in pods:
        for complaint in _complaints(pod):
            complaints.setdefault(complaint, []).append(name_of(pod))
    return [f"pod {_few(names)}: {complaint}" for complaint, names in complaints.items()][:LINES]


def _selector_text(selector: Mapping[str, Any]) -> str:
    """A LabelSelector in the form of the query parameter `labelSelector`."""
    words = {"In": "{} in ({})", "NotIn": "{} notin ({})", "Exists": "{}", "DoesNotExist": "!{}"}
    return ",".join(words[term.operator].format(term.key, ",".join(term.values)) for term in requirements(selector))


def _complaints(pod: Object) -> Iterable[str]:
    status = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield clip(f"{condition.get('reason')}: {condition.get('message')}")
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        state = container.get("state") or {}
        waiting = state.get("waiting") or {}
        # What every pod goes through is no complaint.
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            yield clip(f"container {container.get('name')} {waiting['reason']}: {waiting.get('message', '')}")
        ended = state.get("terminated") or {}
        if ended.get("exitCode"):
            yield clip(f"container {container.get('name')} ended with code {ended['exitCode']} ({ended.get('reason')})")


_STUDIES: Mapping[tuple[str, str], Callable[[Reader, Wait, Object], list[str]]] = {
    (CLUSTERS, "Placement"): _study_placement,
    ("apps", "Deployment"): _study_pods,
    ("apps", "StatefulSet"): _study_pods,
    ("apps", "DaemonSet"): _study_pods,
    (SKUPPER, "Site"): study_site,
}
