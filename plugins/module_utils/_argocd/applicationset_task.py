# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module argocd_applicationset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._apply.absent import ABSENT, KEPT, remove_one
from .._apply.ownership import made_by
from .._apply.present import UPDATED
from .._apply.task import wait_until_gone
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import InputError, InterconnectError, MissingKind, ObjectRef
from .._ocm.labelling import select_clusters
from .._task.task import Task
from .applicationset import (
    API_VERSION,
    SET_LABEL,
    ApplicationSet,
    Element,
    application_name,
    application_ref,
    elements_of,
    joined,
    left,
    values_text,
    with_elements,
)
from .applicationset_job import Job
from .deploying import Deploying, Deployment, deployments_of
from .rounds import Rounds
from .withdrawing import wait_until_withdrawn

SET_PATIENCE = 240.0
"""Seconds for the hub's part of a deployment, which has more to do before."""


def run(task: Task) -> dict[str, Any]:
    """Make the ApplicationSet, let clusters join or leave it, or remove it; see the module's documentation."""
    params = task.params
    job = Job(task, ObjectRef(API_VERSION, "ApplicationSet", params["name"], params["namespace"]))
    try:
        if params["state"] == "present":
            return _present(job)
        return _leave(job) if params["clusters"] is not None else _remove(job)
    except InterconnectError as error:
        changed = bool(error.details.get("changed")) or any(outcome.changed for outcome in job.outcomes)
        error.details["changed"] = changed
        error.details.setdefault("resources", [outcome.as_result() for outcome in job.outcomes])
        raise


# -- present -----------------------------------------------------------------------------------------------------------


def _present(job: Job) -> dict[str, Any]:
    frame = _frame(job.params)
    if frame is None and not job.params["clusters"]:
        raise InputError("clusters", "is missing: without source there is nothing else to do")
    wanted = _wanted(job)
    if frame is None and job.waits:
        _await_set(job)
    before: list[Element] = []

    def change(live: Object | None) -> Object | None:
        before[:] = _known(job, live, strict=frame is None)
        elements = joined(before, wanted)
        if frame is not None:
            return frame.as_object(elements)
        return with_elements(live, elements) if live is not None else None

    outcome = job.write(change)
    live = outcome.after
    clusters = [
        {
            "name": element.cluster,
            "application": application_name(job.ref.name, element.cluster),
            "changed": element not in before,
        }
        for element in wanted
    ]
    if live is None:  # a check run, in which an earlier task is meant to make it
        job.outcomes[-1] = replace(outcome, action=UPDATED, note="is not there yet", after=None)
        return job.result(clusters)
    if not job.waits or not wanted:
        return job.result(clusters)
    return _deployed(job, live, wanted, clusters)


def _await_set(job: Job) -> None:
    """Wait until there is something to join: another run may have the hub's part, as where jobs are cut in slices."""
    rounds = Rounds(job.task, job.task.client)
    rounds.until("the ApplicationSet", lambda: "" if job.get() is not None else _not_there(job), SET_PATIENCE)


def _not_there(job: Job) -> str:
    return (
        f"{job.ref} is not there: run the play for the hub first (the same playbook, with the hub among the hosts of "
        "--limit)"
    )


def _deployed(
    job: Job, live: Object, wanted: Sequence[Element], clusters: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The result once Argo CD has deployed to the clusters."""
    client = job.task.client
    deploying = Deploying(
        Rounds(job.task, client), client, live, deployments_of(live, wanted), bool(job.params["refresh"])
    )
    revisions = [_revision(client.get(each.ref)) for each in deploying.deployments] if deploying.refresh else []
    deploying.wait()
    moved = bool(revisions) and revisions != [_revision(each.application) for each in deploying.deployments]
    done = [{**entry, **_seen(each)} for entry, each in zip(clusters, deploying.deployments)]
    return job.result(done, moved)


def _seen(deployment: Deployment) -> dict[str, Any]:
    status = (deployment.application or {}).get("status") or {}
    return {
        "sync": (status.get("sync") or {}).get("status"),
        "health": (status.get("health") or {}).get("status"),
        "revision": _revision(deployment.application),
    }


def _revision(application: Object | None) -> str | None:
    return (((application or {}).get("status") or {}).get("sync") or {}).get("revision")


def _frame(params: Mapping[str, Any]) -> ApplicationSet | None:
    source = params["source"]
    if source is None:
        return None
    return ApplicationSet(
        name=params["name"],
        namespace=params["namespace"],
        project=params["project"],
        repo_url=source["repo_url"],
        target_revision=source["target_revision"],
        path=source["path"],
        destination_namespace=params["destination_namespace"],
        placement=params["placement"],
        config_map=params["placement_config_map"],
        sync_options=params["sync_options"],
        prune=params["prune"],
        requeue_after=params["requeue_after"],
    )


def _wanted(job: Job) -> list[Element]:
    entries = job.params["clusters"] or []
    wanted = [
        Element(name, values_text(entry["values"]))
        for index, entry in enumerate(entries)
        for name in _names_of(job, entry, f"clusters[{index}]")
    ]
    names = [element.cluster for element in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError("clusters", f"has {', '.join(twice)} more than once")
    return wanted


def _names_of(job: Job, entry: Mapping[str, Any], path: str) -> list[str]:
    """The cluster that an entry means; none where it is to leave and is not there."""
    if entry["name"]:
        return [entry["name"]]
    found = select_clusters(job.task.client, None, entry["selector"], ignore_missing=job.params["state"] == "absent")
    names = [cluster["metadata"]["name"] for cluster in found]
    if len(names) > 1:
        raise InputError(f"{path}.selector", f"matches more than one ManagedCluster: {', '.join(sorted(names))}")
    return names


def _known(job: Job, live: Object | None, strict: bool) -> list[Element]:
    """The elements that are there.

    :param strict: whether they have to be: the ApplicationSet is not about to be made.
    """
    if live is None:
        if strict and not job.task.check_mode:
            raise InterconnectError(_not_there(job))
        return []
    if not made_by(live, FIELD_MANAGER):
        raise InterconnectError(
            f"{job.ref} was not made by this collection, which leaves it alone: give another name, or remove it"
        )
    try:
        return elements_of(live)
    except InterconnectError:
        if strict:
            raise
        return []


# -- absent ------------------------------------------------------------------------------------------------------------


def _leave(job: Job) -> dict[str, Any]:
    """Let some clusters leave."""
    names = [
        name
        for index, entry in enumerate(job.params["clusters"])
        for name in _names_of(job, entry, f"clusters[{index}]")
    ]
    live = job.get()
    if live is not None and not _is_ours(job, live):
        return job.result([])
    applications = [application_ref(job.ref, name) for name in names]
    before: list[Element] = []

    def change(live: Object | None) -> Object | None:
        before[:] = elements_of(live) if live is not None else []
        rest = left(before, names)
        return with_elements(live, rest) if live is not None and rest != before else None

    if live is None:
        _await_gone(job, _remove_orphans(job, applications))
    else:
        job.write(change)
        _await_gone(job, applications)
    had = {element.cluster for element in before}
    return job.result(
        [{"name": name, "application": ref.name, "changed": name in had} for name, ref in zip(names, applications)]
    )


def _remove(job: Job) -> dict[str, Any]:
    """Remove the ApplicationSet after all its Applications."""
    live = job.get()
    if live is not None and not _is_ours(job, live):
        return job.result([])
    client = job.task.client
    try:
        found = client.list(API_VERSION, "Application", job.ref.namespace, label_selector=f"{SET_LABEL}={job.ref.name}")
    except MissingKind:
        found = []
    applications = [ObjectRef.of(application) for application in found]
    if live is None:
        _await_gone(job, _remove_orphans(job, applications))
        return job.result([])
    if applications and not job.task.check_mode:
        job.write(lambda live: with_elements(live, []) if live is not None and elements_of(live) else None)
        _await_gone(job, applications)
    job.outcomes.append(remove_one(client, job.ref, True, job.task.check_mode))
    wait_until_gone(job.task, client, [job.outcomes[-1]])
    return job.result([])


def _is_ours(job: Job, live: Object) -> bool:
    if made_by(live, FIELD_MANAGER):
        return True
    job.task.warn(f"{job.ref} was not made by this collection and is kept, with its Applications")
    return False


def _remove_orphans(job: Job, applications: Sequence[ObjectRef]) -> list[ObjectRef]:
    """Remove Applications whose ApplicationSet is gone, as nobody else does; those that were there are returned."""
    client, check = job.task.client, job.task.check_mode
    outcomes = client.each(lambda ref: remove_one(client, ref, True, check), applications)
    found = [outcome for outcome in outcomes if outcome.action not in (ABSENT, KEPT)]
    job.outcomes += found
    return [outcome.ref for outcome in found]


def _await_gone(job: Job, applications: Sequence[ObjectRef]) -> None:
    if job.waits and applications:
        client = job.task.client
        wait_until_withdrawn(Rounds(job.task, client), client, job.ref, applications)
