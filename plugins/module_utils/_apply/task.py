# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module resource_apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from .._client.client import Client, Object
from .._client.errors import InputError, InterconnectError, ObjectRef
from .._task.task import Task
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .absent import DELETED, DELETING, remove_all
from .applyset import ApplySet
from .definition import checked, placed
from .members import apply_set, remove_set
from .present import Outcome, apply_all


def run(task: Task) -> dict[str, Any]:
    """Apply or remove; see the module's documentation for parameters and result."""
    params = task.params
    objects = [checked(obj, f"resources[{index}]") for index, obj in enumerate(params["resources"])]
    wanted = _apply_set(params["apply_set"])
    if wanted and params["state"] == "present":
        objects = [wanted.member(obj, f"resources[{index}]") for index, obj in enumerate(objects)]
    _check_matching(params["matching"], params["state"])
    if params["namespace"]:
        objects = placed(task.client, objects, params["namespace"])
    _refuse_duplicates(objects)
    return as_result(
        task, _present(task, wanted, objects) if params["state"] == "present" else _absent(task, wanted, objects)
    )


def _apply_set(params: Mapping[str, str] | None) -> ApplySet | None:
    if params is None:
        return None
    for field in ("name", "namespace"):
        if not params[field]:
            raise InputError(f"apply_set.{field}", "is empty")
    return ApplySet(ObjectRef("v1", params["kind"], params["name"], params["namespace"]))


def _present(task: Task, wanted: ApplySet | None, objects: list[Object]) -> list[Outcome]:
    force, only_own = task.params["force_conflicts"], task.params["only_own"]
    if wanted is None:
        return apply_all(task.client, objects, force, task.check_mode)
    return apply_set(task.client, wanted, objects, force, only_own, task.check_mode, partial(_await_gone, task))


def _absent(task: Task, unwanted: ApplySet | None, objects: list[Object]) -> list[Outcome]:
    objects = [*objects, *_matching(task, objects)]
    only_own = task.params["only_own"]
    if unwanted is not None:
        return remove_set(task.client, unwanted, objects, only_own, task.check_mode, partial(_await_gone, task))
    outcomes = remove_all(task.client, objects, only_own, task.check_mode)
    _await_gone(task, outcomes)
    return outcomes


def _await_gone(task: Task, outcomes: Sequence[Outcome]) -> None:
    """Wait until what was deleted is gone; an error tells whether something was written before."""
    try:
        wait_until_gone(task, task.client, outcomes)
    except InterconnectError as error:
        error.details["changed"] = any(outcome.changed for outcome in outcomes)
        raise


def wait_until_gone(task: Task, client: Client, outcomes: Iterable[Outcome]) -> None:
    """Wait for the end of the deletions that were begun, where the task is to wait.

    :raises WaitTimeout: some are still there; the message says what holds them.
    """
    waits = [
        Wait(ref.api_version, ref.kind, name=ref.name, namespace=ref.namespace, until="absent")
        for ref in (outcome.ref for outcome in outcomes if outcome.action in (DELETED, DELETING))
    ]
    if waits and task.params["wait"] and not task.check_mode:
        wait_for(client, waits, task.params["wait_timeout"], task.params["wait_sleep"], task.progress)


def as_result(task: Task, outcomes: list[Outcome]) -> dict[str, Any]:
    """The module's result for what was done."""
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "resources": [outcome.as_result() for outcome in outcomes],
    }
    if task.diff_mode:
        result["diff"] = [outcome.as_diff() for outcome in outcomes if outcome.changed]
    return result


def _check_matching(entries: Sequence[Mapping[str, Any]], state: str) -> None:
    if entries and state == "present":
        raise InputError("matching", "goes with state: absent only")
    for index, entry in enumerate(entries):
        if not entry["label_selector"].strip():
            raise InputError(f"matching[{index}].label_selector", "is empty: it would select every object of the kind")


def _matching(task: Task, named: list[Object]) -> list[Object]:
    """The objects that `matching` selects, without those that are named already."""
    known = {ObjectRef.of(obj) for obj in named}
    found = [
        obj
        for entry in task.params["matching"]
        if task.client.has_kind(entry["api_version"], entry["kind"])
        for obj in task.client.list(
            entry["api_version"], entry["kind"], entry["namespace"], label_selector=entry["label_selector"]
        )
    ]
    return list({ObjectRef.of(obj): obj for obj in found if ObjectRef.of(obj) not in known}.values())


def _refuse_duplicates(objects: list[Object]) -> None:
    seen: dict[ObjectRef, int] = {}
    for index, obj in enumerate(objects):
        first = seen.setdefault(ObjectRef.of(obj), index)
        if first != index:
            raise InputError(f"resources[{index}]", f"is the same object as resources[{first}] ({ObjectRef.of(obj)})")
