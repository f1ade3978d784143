# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module resource_apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._client.client import Client, Object
from .._client.errors import InputError, ObjectRef
from .._task.task import Task
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .absent import DELETED, DELETING, remove_all
from .definition import checked
from .present import Outcome, apply_all


def run(task: Task) -> dict[str, Any]:
    """Apply or remove; see the module's documentation for parameters and result."""
    params = task.params
    objects = [checked(obj, f"resources[{index}]") for index, obj in enumerate(params["resources"])]
    _refuse_duplicates(objects)
    _check_matching(params["matching"], params["state"])
    if params["state"] == "present":
        return as_result(task, apply_all(task.client, objects, params["force_conflicts"], task.check_mode))
    objects += _matching(task, objects)
    outcomes = remove_all(task.client, objects, params["only_own"], task.check_mode)
    wait_until_gone(task, task.client, outcomes)
    return as_result(task, outcomes)


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
