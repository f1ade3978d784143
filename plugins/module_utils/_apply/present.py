# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing objects to a desired state by server-side apply, and nothing to those that are in it already."""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable, TypeVar

from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import ApiError, InterconnectError, MissingKind, NotFound, ObjectRef
from .definition import CRD, stages
from .ownership import MANAGED_BY_LABEL, comparable, made_by, surely_unchanged
from .redact import diff_of

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
# What stands for no write: absent.py has further ones.
_NO_WRITE = frozenset({UNCHANGED, "absent", "kept", "deleting"})

CRD_SECONDS = 60.0
CRD_PAUSE_SECONDS = 0.2

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome:
    """What was done to one object, or would be done to it."""

    ref: ObjectRef
    action: str
    before: Object | None
    after: Object | None
    note: str = ""

    @property
    def changed(self) -> bool:
        return self.action not in _NO_WRITE

    def as_result(self) -> dict[str, Any]:
        """The entry of a module's result."""
        known = self.after or self.before or {}
        result = {**self.ref.as_dict(), "action": self.action, "uid": (known.get("metadata") or {}).get("uid")}
        return {**result, "note": self.note} if self.note else result

    def as_diff(self) -> dict[str, Any]:
        """The entry of a module's diff."""
        return diff_of(self.before, self.after, str(self.ref))


@dataclass(frozen=True)
class Plan:
    """What one object needs: the outcome that the server predicts, and what has to be sent for it."""

    outcome: Outcome
    desired: Object


def apply_all(client: Client, objects: list[Object], force: bool, check_mode: bool) -> list[Outcome]:
    """Bring all objects to their desired state, those of a stage at the same time.

    The server is asked about each of them before the first write, so that what it refuses leaves nothing half-done.

    :raises ApiError: what the server refuses; with `changed` and `resources` in its details where something was
        written before.
    :raises InputError: a namespace is missing.
    """
    plans = plan_all(client, objects, force, check_mode)
    return outcomes_of(plans) if check_mode else carry_out_all(client, plans, force)


def plan_all(client: Client, objects: list[Object], force: bool, check_mode: bool) -> list[list[Plan]]:
    """What each object needs, stage by stage, without a write.

    :raises ApiError: what the server refuses.
    :raises InputError: a namespace is missing.
    """
    brought = _brought_kinds(objects)
    namespaces = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "Namespace"}

    def plan(obj: Object) -> Plan:
        return plan_one(client, obj, force, check_mode, brought, namespaces)

    return [each_or_all_errors(client, plan, group) for group in stages(objects)]


def outcomes_of(plans: Sequence[Sequence[Plan]]) -> list[Outcome]:
    """What plans predict."""
    return [plan.outcome for group in plans for plan in group]


def carry_out_all(
    client: Client, plans: Sequence[Sequence[Plan]], force: bool, before: Sequence[Outcome] = ()
) -> list[Outcome]:
    """Do what was planned, stage by stage.

    :param before: what was done before, for the details of an error.
    :raises ApiError: what the server refuses.
    """
    outcomes: list[Outcome] = []
    for group in plans:
        outcomes += each_or_all_errors(
            client, lambda plan: _carry_out(client, plan, force), group, [*before, *outcomes]
        )
        _await_kinds(client, group)
    return outcomes


def apply_one(client: Client, desired: Object, force: bool, check_mode: bool) -> Outcome:
    """Bring one object to its desired state; in check mode, say what that would take."""
    return apply_all(client, [desired], force, check_mode)[0]


def plan_one(
    client: Client,
    desired: Object,
    force: bool,
    check_mode: bool,
    brought: Container[tuple[str, str]] = (),
    namespaces: Container[str] = (),
) -> Plan:
    """Find out what one object needs, without a write.

    :param brought: kinds (group and name) that CRDs among the objects bring.
    :param namespaces: namespaces among the objects. Where a kind or namespace is not there, and will not be, that is an
        error, but in a check run an earlier task may be meant to make it.
    """
    ref = ObjectRef.of(desired)
    try:
        live = client.get(ref)
    except MissingKind as error:
        if not check_mode and (ref.api_version.rpartition("/")[0], ref.kind) not in brought:
            raise
        return Plan(Outcome(ref, CREATED, None, labelled(desired, None), f"not validated: {error.message}"), desired)
    desired = labelled(desired, live)
    if live is not None and surely_unchanged(desired, live, FIELD_MANAGER):
        return Plan(Outcome(ref, UNCHANGED, live, live), desired)
    try:
        predicted = client.apply(desired, force, dry_run=True)
    except NotFound:
        if live is not None or not (check_mode or ref.namespace in namespaces):
            raise
        note = f"not validated: namespace {ref.namespace} does not exist yet"
        return Plan(Outcome(ref, CREATED, None, desired, note), desired)
    if live is None:
        return Plan(Outcome(ref, CREATED, None, predicted), desired)
    if comparable(predicted) == comparable(live):
        return Plan(Outcome(ref, UNCHANGED, live, live), desired)
    return Plan(Outcome(ref, UPDATED, live, predicted), desired)


def _carry_out(client: Client, plan: Plan, force: bool) -> Outcome:
    if not plan.outcome.changed:
        return plan.outcome
    # A kind that its CRD has only now brought was not asked for before: the label is for what we make.
    desired = labelled(plan.desired, plan.outcome.before)
    return replace(plan.outcome, after=client.apply(desired, force), note="")


def each_or_all_errors(
    client: Client,
    function: Callable[[Item], Result],
    items: Sequence[Item],
    before: Sequence[Outcome] = (),
) -> list[Result]:
    """`function` over all `items`; all errors in one, which tells what was written before it and beside it.

    :param before: outcomes of earlier stages.
    :raises ApiError: of the type of the first.
    """

    def attempt(item: Item) -> Result | ApiError:
        try:
            return function(item)
        except ApiError as error:
            return error

    results = client.each(attempt, items)
    errors = [result for result in results if isinstance(result, ApiError)]
    if not errors:
        return [result for result in results if not isinstance(result, ApiError)]
    told = what_was_done([*before, *(result for result in results if isinstance(result, Outcome))], errors[0])
    raise type(errors[0])("; ".join(dict.fromkeys(error.message for error in errors)), **told) from errors[0]


def what_was_done(outcomes: Sequence[Outcome], error: InterconnectError) -> dict[str, Any]:
    """The details of an error, with what was written before it."""
    if not any(outcome.changed for outcome in outcomes):
        return error.details
    resources = [*(outcome.as_result() for outcome in outcomes), *error.details.get("resources", ())]
    return {**error.details, "changed": True, "resources": resources}


def _brought_kinds(objects: list[Object]) -> set[tuple[str, str]]:
    return {
        (obj["spec"]["group"], obj["spec"]["names"]["kind"]) for obj in objects if obj["kind"] == CRD and "spec" in obj
    }


def _await_kinds(client: Client, plans: Sequence[Plan]) -> None:
    """Wait until CRDs that were just written are served: objects of their kinds come next.

    :raises InterconnectError: the server takes too long.
    """
    deadline = time.monotonic() + CRD_SECONDS
    for ref in (plan.outcome.ref for plan in plans if plan.outcome.changed and plan.outcome.ref.kind == CRD):
        while not _established(client.get(ref) or {}):
            if time.monotonic() > deadline:
                raise InterconnectError(
                    f"{client.server} does not serve the kind of {ref} after {CRD_SECONDS:.0f} s: see its conditions",
                    changed=True,
                )
            time.sleep(CRD_PAUSE_SECONDS)


def _established(crd: Object) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)


def labelled(desired: Object, live: Object | None) -> Object:
    """`desired` with our label where the object is, or will be, of our making.

    What was there before us does not get it: teardown deletes what bears the label and nothing else.
    """
    if live is not None and not made_by(live, FIELD_MANAGER):
        return desired
    metadata = desired["metadata"]
    labels = {MANAGED_BY_LABEL: FIELD_MANAGER, **(metadata.get("labels") or {})}
    return {**desired, "metadata": {**metadata, "labels": labels}}
