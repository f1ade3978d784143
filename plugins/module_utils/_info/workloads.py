# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Deployments of an application. Pure."""

from __future__ import annotations

from typing import Any

from .._client.client import Object
from .model import Snapshot
from .reading import WORKLOADS
from .sites import ROUTERS


def workloads_of(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The Deployments of the namespace, but those of Skupper itself."""
    found = (obj for obj in snapshot.of(WORKLOADS) if not _is_skupper(obj))
    return [_workload(obj) for obj in sorted(found, key=lambda obj: str(obj["metadata"]["name"]))]


def _is_skupper(deployment: Object) -> bool:
    labels = deployment["metadata"].get("labels") or {}
    name = deployment["metadata"]["name"]
    return name in ROUTERS or str(labels.get("app.kubernetes.io/part-of") or "").startswith("skupper")


def _workload(deployment: Object) -> dict[str, Any]:
    status = deployment.get("status") or {}
    replicas = (deployment.get("spec") or {}).get("replicas")
    desired, ready = 1 if replicas is None else int(replicas), int(status.get("readyReplicas") or 0)
    return {
        "name": deployment["metadata"]["name"],
        "desired": desired,
        "ready": ready,
        "message": "" if ready >= desired else _why(status),
    }


def _why(status: dict[str, Any]) -> str:
    """What the Deployment's controller says of pods that are missing."""
    conditions = status.get("conditions") or []
    said = [str(each.get("message") or "") for each in conditions if each.get("status") == "False"]
    return "; ".join(filter(None, said))
