# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module managedcluster_import: a cluster is brought to a hub, or taken away from it.

All that is read is read first, and what speaks against the import is found then. Every step asks what is there already,
so that a run that was interrupted anywhere is completed by the next one.
"""

from __future__ import annotations

import re
from typing import Any

from .._client.errors import InputError, InterconnectError
from .._task.argspec import hub_options
from .._task.task import Task
from .._wait.wait import Wait
from . import importing_autoimport, importing_klusterlet
from .importing_detach import detach
from .importing_identity import has_condition, refuse_other
from .importing_job import CLUSTER_API, Import, look

ENGINE_API = "multicluster.openshift.io/v1"

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def run(task: Task) -> dict[str, Any]:
    """Import or detach; see the module's documentation."""
    if not _NAME.fullmatch(task.params["name"]):
        raise InputError("name", f"{task.params['name']!r} can not be the name of a ManagedCluster (RFC 1123 label)")
    hub = task.connect(hub_options(task.params))
    backend = task.params["backend"]
    if backend == "auto":
        backend = "acm" if hub.has_kind(ENGINE_API, "MultiClusterEngine") else "ocm"
    if task.params["state"] == "absent":
        return detach(task, hub, backend)
    job = look(task, task.client, hub)
    refuse_other(job.name, job.live, job.cluster, job.hub_url)
    _refuse_denied(job)
    try:
        provide = importing_autoimport.provide if backend == "acm" else importing_klusterlet.provide
        provide(job)
        job.wait(hub, *_goals(job, backend))
    except InterconnectError as error:
        error.details["changed"] = bool(job.approved) or any(outcome.changed for outcome in job.outcomes)
        raise
    return job.result(backend=backend, approved=job.approved)


def _refuse_denied(job: Import) -> None:
    """What an administrator has thrown out is not let in again by the way."""
    if job.live and has_condition(job.live, "HubAcceptedManagedCluster", "False", "HubClusterAdminDenied"):
        raise InterconnectError(
            f"{job.hub.server}: an administrator of the hub has denied the cluster {job.name}: set "
            f"spec.hubAcceptsClient of {job.ref} to true again, or remove it. Nothing was written"
        )


def _goals(job: Import, backend: str) -> list[Wait]:
    # A cluster that joined by other ways is none that ACM has imported.
    goals = ["imported", "available"] if backend == "acm" and not job.is_registered else ["available"]
    return [Wait(CLUSTER_API, "ManagedCluster", name=job.name, until=goal) for goal in goals]
