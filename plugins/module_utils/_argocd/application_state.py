# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an Application stands, judged by what it is to deploy. Pure functions.

Upstream: argo-cd pkg/apis/application/v1alpha1/types.go (`ApplicationStatus`), controller/appcontroller.go.

Sync and health status say nothing of a change that Argo CD has not looked at yet. What it has looked at stands in
`status.sync.comparedTo`, so that no clock has to be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .._apply.ownership import covers
from .._client.client import Object

REFRESH_ANNOTATION = "argocd.argoproj.io/refresh"

# Of more resources, the number is told.
MOST_RESOURCES = 5
# Characters of Argo CD's own words; what helm says of a chart is at their end.
MOST_WORDS = 1500

# argo-cd controller/cache/cache.go, gitops-engine pkg/cache/cluster.go, and what Go's network says.
_OUT_OF_REACH = re.compile(
    "failed to get cluster info|error synchronizing cache state|error getting openapi resources"
    "|context deadline exceeded|connection refused|connection reset|i/o timeout|no route to host|code = Unavailable"
)

_FAILED_PHASES = ("Failed", "Error")
_WORKLOAD_GROUPS = ("apps", "batch")
_RUNNING_PHASES = ("Running", "Terminating")


class Stage(Enum):
    """How far an Application has come."""

    DONE = "done"
    PENDING = "pending"
    NOT_COMPARED = "not compared"
    """It is told what to deploy, and Argo CD has not looked at that yet."""
    IN_ERROR = "in error"
    """Argo CD says so; it may not have looked since."""
    OUT_OF_REACH = "out of reach"
    """In error, as Argo CD does not reach a cluster or its own parts; it tries again by itself."""
    SYNC_FAILED = "sync failed"
    """It was tried, and Argo CD does not try again by itself."""


@dataclass(frozen=True)
class State:
    """How an Application stands, with the reason in one line."""

    stage: Stage
    text: str


def judge(application: Object, source: Mapping[str, Any]) -> State:
    """How an Application stands that is to deploy `source`."""
    status = application.get("status") or {}
    operation = status.get("operationState") or {}
    moving = _moving(application, operation, source)
    if moving:
        return State(Stage.PENDING, moving)
    if operation.get("phase") in _FAILED_PHASES and covers(_source_of(operation), source):
        return State(Stage.SYNC_FAILED, _in_words(f"sync has ended with {operation['phase']}", operation))
    errors = errors_of(status.get("conditions") or [])
    if errors:
        return State(Stage.OUT_OF_REACH if _OUT_OF_REACH.search(errors) else Stage.IN_ERROR, errors)
    return _compared(status, source)


def _moving(application: Object, operation: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """What is going on; empty where nothing is, and the status tells how it ended."""
    metadata = application["metadata"]
    if metadata.get("deletionTimestamp"):
        return "the former Application is being removed"
    if not covers((application.get("spec") or {}).get("source"), source):
        return "the ApplicationSet has not passed the change on yet"
    if REFRESH_ANNOTATION in (metadata.get("annotations") or {}):
        return "Argo CD looks at it anew"
    if application.get("operation") or operation.get("phase") in _RUNNING_PHASES:
        return _in_words("sync runs", operation)
    return ""


def _compared(status: Mapping[str, Any], source: Mapping[str, Any]) -> State:
    sync, health = status.get("sync") or {}, status.get("health") or {}
    if not covers((sync.get("comparedTo") or {}).get("source"), source):
        return State(Stage.NOT_COMPARED, "Argo CD has not compared it with Git yet")
    resources = status.get("resources") or []
    if sync.get("status") != "Synced":
        behind = [_named(each) for each in resources if each.get("status") != "Synced"]
        return State(Stage.PENDING, f"sync is {sync.get('status', 'Unknown')}{_listed(behind)}")
    if health.get("status") != "Healthy":
        said = f": {health['message']}" if health.get("message") else ""
        return State(Stage.PENDING, f"health is {health.get('status', 'Unknown')}{said}{_listed(_ailing(resources))}")
    return State(Stage.DONE, f"Synced to {sync.get('revision', '')[:12]}, Healthy")


def workloads_of(application: Object) -> list[dict[str, Any]]:
    """What of an Application runs pods: api_version, kind, namespace and name of each."""
    resources = (application.get("status") or {}).get("resources") or []
    return [
        {
            "api_version": f"{each['group']}/{each.get('version', 'v1')}",
            "kind": each["kind"],
            "namespace": each.get("namespace"),
            "name": each["name"],
        }
        for each in resources
        if each.get("group") in _WORKLOAD_GROUPS
    ]


def errors_of(conditions: Sequence[Mapping[str, Any]]) -> str:
    """The error conditions of an Application in one line; empty where there is none."""
    errors = [each for each in conditions if str(each.get("type", "")).endswith("Error")]
    return "; ".join(f"{each['type']}: {words(each.get('message'))}" for each in errors)


def words(text: Any) -> str:
    """A text of Argo CD in one line; of a long one the end, where the cause stands."""
    line = " ".join(str(text or "").split())
    return line if len(line) <= MOST_WORDS else f"… {line[-MOST_WORDS:]}"


def _source_of(operation: Mapping[str, Any]) -> Any:
    """What an operation has synced; it states it itself, or else it was the Application's."""
    asked = ((operation.get("operation") or {}).get("sync") or {}).get("source")
    return asked or (operation.get("syncResult") or {}).get("source")


def _in_words(what: str, operation: Mapping[str, Any]) -> str:
    results = (operation.get("syncResult") or {}).get("resources") or []
    failed = [
        f"{_named(each)}: {words(each.get('message'))}"
        for each in results
        if each.get("status") == "SyncFailed" or each.get("hookPhase") in _FAILED_PHASES
    ]
    parts = [words(operation.get("message")), *failed[:MOST_RESOURCES]]
    return ": ".join([what, "; ".join(dict.fromkeys(part for part in parts if part))]).rstrip(": ")


def _ailing(resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Resources that are not healthy, where Argo CD keeps that in the Application; since version 3 it need not."""
    found = []
    for each in resources:
        health = each.get("health") or {}
        if health.get("status") not in (None, "Healthy"):
            said = f": {words(health['message'])}" if health.get("message") else ""
            found.append(f"{_named(each)} {health['status']}{said}")
    return found


def _named(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('kind')} {resource.get('name')}"


def _listed(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    more = len(texts) - MOST_RESOURCES
    return f" ({'; '.join(texts[:MOST_RESOURCES])}{f'; and {more} more' if more > 0 else ''})"
