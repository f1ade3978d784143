# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module serviceexport."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._apply.absent import KEPT
from .._client.client import Object
from .._client.errors import InputError, InterconnectError
from .._task.task import Task
from . import services
from .cluster import Cluster
from .exporting import desired, export_all, withdraw_all
from .job import Job
from .names import Key, named

IN_MESSAGE = 10


def run(task: Task) -> dict[str, Any]:
    """Export Services or take exports back; see the module's documentation."""
    keys = named(task.params)
    job = Job.opened(task)
    try:
        if keys == []:
            return job.result()
        job.check_clusters()
        if task.params["state"] == "present":
            _export(job, keys)
        else:
            _withdraw(job, keys)
        return job.result()
    except InterconnectError as error:
        error.details["changed"] = bool(error.details.get("changed")) or job.changed
        error.details.setdefault("resources", [outcome.as_result() for outcome in job.outcomes])
        raise


# -- present ---------------------------------------------------------------------------------------------------------


def _export(job: Job, keys: list[Key] | None) -> None:
    params, task = job.task.params, job.task
    found = job.exporter.services(keys) if keys is not None else _selected(job)
    job.keys = keys if keys is not None else sorted(found)
    _check_services(job, found)
    job.types = {key: services.import_type(found[key]) for key in job.keys if key in found}
    version = job.exporter.predicted_version()
    wanted = [desired(key, version, params["clusterset_ip"]) for key in job.keys]
    live = job.exporter.exports(job.keys)
    job.outcomes = export_all(job.exporter.client, wanted, live, params["force_conflicts"], task.check_mode)
    if task.check_mode or not params["wait"]:
        job.look()
        job.warn_of_conflicts()
        return
    try:
        job.waiting(job.importers).until_none(job.look, len(job.keys))
    except InterconnectError as error:
        error.details["exports"] = job.report()
        raise
    finally:
        job.warn_of_conflicts()


def _selected(job: Job) -> dict[Key, Object]:
    params = job.task.params
    found = job.exporter.selected(params["namespace"], params["label_selector"])
    if not found and params["state"] == "present" and not job.task.check_mode:
        raise InputError(
            "label_selector",
            f"matches no Service in namespace {params['namespace']} of {job.exporter.name}: {params['label_selector']}",
        )
    return found


def _check_services(job: Job, found: dict[Key, Object]) -> None:
    """Refuse what can not be exported, all at once, before anything is written.

    :raises InputError: names every Service and what is wrong with it.
    """
    task, field = job.task, next(each for each in _WAYS if job.task.params[each] is not None)
    missing = [str(key) for key in services.missing(job.keys, found)]
    if missing and task.check_mode:  # an earlier task may be meant to make them
        task.warn(f"Not validated, as they are not there: Services {', '.join(missing)}")
        missing = []
    types = task.params["service_types"]
    lines = [f"{each} is not there" for each in missing] + services.refused(job.keys, found, types)
    if lines:
        more = f"; and {len(lines) - IN_MESSAGE} more" if len(lines) > IN_MESSAGE else ""
        raise InputError(
            field,
            f"these Services of {job.exporter.name} can not be exported: {'; '.join(lines[:IN_MESSAGE])}{more}. "
            f"Nothing was written; make them first, of type {' or '.join(types)}",
        )
    for namespace in sorted({key.namespace for key in job.keys if services.is_restricted(key.namespace)}):
        task.warn(
            f"Submariner refuses exports from namespace {namespace} since August 2026 (openshift, openshift-*, "
            "kube-*, but not openshift-storage)"
        )


_WAYS = ("exports", "names", "label_selector")


# -- absent ----------------------------------------------------------------------------------------------------------


def _withdraw(job: Job, keys: list[Key] | None) -> None:
    params, task = job.task.params, job.task
    job.keys = keys if keys is not None else sorted(_selected(job))
    live = job.exporter.exports(job.keys)
    if live:
        job.require_source()
    version = job.exporter.predicted_version()
    refs = [key.export(version) for key in job.keys]
    job.outcomes = withdraw_all(job.exporter.client, refs, live, params["only_own"], task.check_mode)
    kept = {Key(str(each.ref.namespace), each.ref.name) for each in job.outcomes if each.action == KEPT}
    for key in sorted(kept):
        task.warn(f"{key.export(version)} is left as it is: it was not made by this collection")
    everything, job.keys = job.keys, [key for key in job.keys if key not in kept]
    places = _places_of_imports(job)
    try:
        if task.check_mode or not params["wait"]:
            job.look_for_rest(places)
        else:
            job.waiting(places).until_none(lambda: job.look_for_rest(places), len(job.keys))
    except InterconnectError as error:
        error.details["exports"] = job.report()
        raise
    job.keys = everything


def _places_of_imports(job: Job) -> Sequence[Cluster]:
    """Imports come to the exporting cluster, too."""
    return [job.exporter, *job.importers]
