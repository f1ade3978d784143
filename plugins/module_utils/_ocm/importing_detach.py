# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a cluster away from its hub: only what an import of ours has made, and in the order that holds.

The hub goes first. It takes back what it has placed on the cluster (add-ons, ManifestWorks), and that needs the agent:
with the agent gone, their finalizers would hold the ManagedCluster for ever (open-cluster-management.io/ocm
pkg/registration/hub/gc). Then the agent goes, and what it lived in.
"""

from __future__ import annotations

import time
from typing import Any

from .._apply.absent import ABSENT, DELETED, DELETING, KEPT
from .._apply.ownership import made_by
from .._apply.present import Outcome
from .._apply.task import as_result
from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import ApiError, InterconnectError, MissingKind, ObjectRef, Unreachable
from .._task.task import Task
from .._wait.poll import WaitTimeout, wait_for
from .._wait.wait import Wait
from .importing_autoimport import ADDON_CONFIG, ADDON_CONFIG_API, AUTO_IMPORT_SECRET
from .importing_bootstrap import BOOTSTRAP_KUBECONFIG
from .importing_identity import difference_to
from .importing_job import CLUSTER_API, KLUSTERLET, Import, look

ADDON_API = "addon.open-cluster-management.io/v1alpha1"
WORK_API = "work.open-cluster-management.io/v1"


Planned = tuple[Client, Outcome]
"""Where an object is, and what is to become of it."""


def detach(task: Task, hub: Client, backend: str) -> dict[str, Any]:
    """Remove what we made; what belongs to somebody else, or to another cluster, stays."""
    name, namespace = task.params["name"], task.params["agent_namespace"]
    deadline = time.monotonic() + task.params["wait_timeout"]
    job, away = _look(task, hub)
    managed_cluster = _plan(hub, ObjectRef(CLUSTER_API, "ManagedCluster", name))
    if managed_cluster[1].action == KEPT:
        return _result(task, [managed_cluster], backend, [])
    # A namespace takes along what is in it; what is in one that others made goes by itself.
    agent = [
        KLUSTERLET,
        ObjectRef("v1", "Namespace", namespace),
        ObjectRef("v1", "Secret", BOOTSTRAP_KUBECONFIG, namespace),
    ]
    rest = [ObjectRef("v1", "Namespace", name)]
    if backend == "acm":
        rest.append(ObjectRef(ADDON_CONFIG_API, ADDON_CONFIG, name, name))
        rest.append(ObjectRef("v1", "Secret", AUTO_IMPORT_SECRET, name))
    planned = [managed_cluster]
    if job and _is_our_agent(job):
        planned += [_plan(job.managed, ref) for ref in agent]
    planned += [_plan(hub, ref) for ref in rest]
    if not task.check_mode:
        _carry_out(task, planned, deadline)
        if job and backend == "acm" and _goes(managed_cluster) and job.cluster.klusterlet:
            _wait(task, job.managed, KLUSTERLET, deadline)
    remaining = [str(ref) for ref in agent] if away else []
    if away:
        task.warn(f"{away.message}. Left there, where it was made: {', '.join(remaining)}; repeat when it is back")
    return _result(task, planned, backend, remaining)


def _look(task: Task, hub: Client) -> tuple[Import | None, Unreachable | None]:
    """What the cluster says of itself, or why it says nothing.

    :raises InterconnectError: the ManagedCluster is another cluster's.
    """
    try:
        job = look(task, task.client, hub)
    except Unreachable as error:
        hub.read_version()  # where it is the hub that does not answer, the cluster is not what is away
        return None, error
    difference = difference_to(job.live, job.cluster) if job.live else ""
    if difference:
        raise InterconnectError(
            f"name: the ManagedCluster {job.name} at {hub.server} is another cluster: {difference}. Nothing was removed"
        )
    return job, None


def _is_our_agent(job: Import) -> bool:
    """Whether the cluster's agent is the one that an import of ours under this name, to this hub, has made."""
    found = job.cluster.registration
    elsewhere = found and not (found.here and found.cluster == job.name)
    live = job.cluster.klusterlet
    if live is None:
        return not elsewhere
    asked = (live.get("spec") or {}).get("clusterName")
    return not elsewhere and made_by(live, FIELD_MANAGER) and asked == job.name


def _plan(client: Client, ref: ObjectRef) -> Planned:
    live = _read(client, ref)
    if live is None:
        return client, Outcome(ref, ABSENT, None, None)
    if not made_by(live, FIELD_MANAGER):
        return client, Outcome(ref, KEPT, live, live, "was not made by this collection")
    if live["metadata"].get("deletionTimestamp"):
        return client, Outcome(ref, DELETING, live, None, "is being deleted already")
    return client, Outcome(ref, DELETED, live, None)


def _goes(planned: Planned) -> bool:
    return planned[1].action in (DELETED, DELETING)


def _read(client: Client, ref: ObjectRef) -> Object | None:
    try:
        return client.get(ref)
    except MissingKind:
        return None


def _carry_out(task: Task, planned: list[Planned], deadline: float) -> None:
    """Delete one after the other what was planned; what others have removed meanwhile is as well.

    :raises InterconnectError: with `changed` in its details.
    """
    begun = False
    try:
        for client, outcome in filter(_goes, planned):
            live = _read(client, outcome.ref)
            if live and not live["metadata"].get("deletionTimestamp"):
                client.delete(outcome.ref, live["metadata"]["uid"])
                begun = True
            _wait(task, client, outcome.ref, deadline)
    except InterconnectError as error:
        error.details["changed"] = begun
        raise


def _wait(task: Task, client: Client, ref: ObjectRef, deadline: float) -> None:
    if not task.params["wait"]:
        return
    gone = Wait(ref.api_version, ref.kind, name=ref.name, namespace=ref.namespace, until="absent")
    left = max(0.0, deadline - time.monotonic())
    try:
        wait_for(client, [gone], left, task.params["wait_sleep"], task.progress)
    except WaitTimeout as error:
        held = _holders(client, ref.name) if ref.kind == "ManagedCluster" else []
        raise WaitTimeout("\n".join([error.message, *held]), **error.details) from error


def _holders(hub: Client, name: str) -> list[str]:
    """What the hub still has to take back from the cluster before it lets the ManagedCluster go."""
    lines = []
    for api_version, kind in ((ADDON_API, "ManagedClusterAddOn"), (WORK_API, "ManifestWork")):
        left = _listed(hub, api_version, kind, name)
        if left:
            lines.append(f"    left in namespace {name}: {kind} {', '.join(item['metadata']['name'] for item in left)}")
    if lines:
        lines.append("    likely cause: the cluster's agent does not run, or does not reach the hub, to undo them")
    return lines


def _listed(hub: Client, api_version: str, kind: str, namespace: str) -> list[Object]:
    """The objects, as far as one may see them: it is only to explain something."""
    try:
        return hub.list(api_version, kind, namespace)
    except ApiError:
        return []


def _result(task: Task, planned: list[Planned], backend: str, remaining: list[str]) -> dict[str, Any]:
    result = as_result(task, [outcome for _client, outcome in planned])
    return {**result, "backend": backend, "name": task.params["name"], "remaining": remaining}
