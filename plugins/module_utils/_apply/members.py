# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing a set to a state: its members applied, and what is a member and not wanted any more removed.

The parent tells of all places where members may be at any moment: it is widened before the first member is written, and
narrowed when nothing is left to remove. So the next run ends what a killed one has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from .._client.client import Client, Object
from .._client.errors import InterconnectError
from .absent import DELETED, remove_all
from .applyset import ApplySet, GroupKind, Identity, Scope, scope_of
from .present import CREATED, Outcome, Plan, carry_out_all, labelled, outcomes_of, plan_all, plan_one, what_was_done

AwaitGone = Callable[[Sequence[Outcome]], None]


def apply_set(
    client: Client,
    wanted: ApplySet,
    objects: list[Object],
    force: bool,
    only_own: bool,
    check_mode: bool,
    await_gone: AwaitGone,
) -> list[Outcome]:
    """Apply the members of a set, then remove those that are not among them; the parent's outcome comes last.

    The server is asked about each object, the parent included, before the first write.

    :param objects: bear the label of the set's members.
    :param only_own: release members that were there before, in place of deleting them.
    :param await_gone: waits for the end of deletions.
    :raises ApiError: what the server refuses.
    :raises InterconnectError: the parent, or a member, is another's.
    """
    live = read_parent(client, wanted)
    told, needed = wanted.scope(live), wanted.with_own_namespace(scope_of(objects))
    plans = plan_all(client, objects, force, check_mode)
    for outcome in outcomes_of(plans):
        if outcome.before is not None and not force:
            wanted.check_free(outcome.before)
    namespaces = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "Namespace"}
    parent = plan_one(client, wanted.parent(needed, live), force, check_mode, namespaces=namespaces)
    known = {Identity.of(obj) for obj in objects}
    stale = [obj for obj in find_members(client, wanted, told | needed, objects) if Identity.of(obj) not in known]
    if check_mode:
        return [*outcomes_of(plans), *remove_all(client, stale, only_own, True), parent.outcome]
    first, rest = _namespace_first(wanted, plans)
    outcomes = carry_out_all(client, [first], force)
    written = live
    with telling(outcomes):
        if live is None or told | needed != told:
            written = client.apply(labelled(wanted.parent(told | needed, live), live), force)
    outcomes += carry_out_all(client, rest, force, outcomes)
    with telling(outcomes):
        outcomes += remove_all(client, stale, only_own, False)
    await_gone(outcomes)
    with telling(outcomes):
        if parent.outcome.changed and (written is live or told | needed != needed):
            written = client.apply(labelled(parent.desired, live), force)
    return [*outcomes, replace(parent.outcome, after=written, note="")]


def remove_set(
    client: Client, unwanted: ApplySet, objects: list[Object], only_own: bool, check_mode: bool, await_gone: AwaitGone
) -> list[Outcome]:
    """Remove all members of a set, further `objects`, and at last the parent.

    :param await_gone: waits for the end of deletions.
    :raises ApiError: what the server refuses.
    :raises InterconnectError: the parent is another's.
    """
    live = read_parent(client, unwanted)
    members = [] if live is None else find_members(client, unwanted, unwanted.scope(live), objects)
    everything = {Identity.of(obj): obj for obj in (*members, *objects)}
    outcomes = remove_all(client, list(everything.values()), only_own, check_mode)
    await_gone(outcomes)
    if live is None:
        return outcomes
    parent = Outcome(unwanted.ref, DELETED, live, None)
    if not check_mode:
        with telling(outcomes):  # its namespace may have been a member, and have taken it along
            client.delete(unwanted.ref, live["metadata"]["uid"])
        await_gone([*outcomes, parent])
    return [*outcomes, parent]


def read_parent(client: Client, wanted: ApplySet) -> Object | None:
    """The set's parent, which is ours; None where there is no such set.

    :raises InterconnectError: it is another's.
    """
    live = client.get(wanted.ref)
    if live is not None:
        wanted.check_parent(live)
    return live


def find_members(client: Client, wanted: ApplySet, scope: Scope, objects: Sequence[Object]) -> list[Object]:
    """The live members of a set, read by one LIST a kind and namespace.

    :param objects: what the task is about: their kinds are read by the same versions.
    """
    versions = {GroupKind.of(obj["apiVersion"], obj["kind"]): str(obj["apiVersion"]) for obj in objects}

    def places(kind: GroupKind) -> list[tuple[str, str, str | None]]:
        version = _served(client, kind, versions.get(kind))
        if version is None:  # its CRD has gone, and with it all objects
            return []
        namespaced = client.resource(version, kind.kind).namespaced
        return [(version, kind.kind, each) for each in (sorted(scope.namespaces) if namespaced else [None])]

    def members(place: tuple[str, str, str | None]) -> list[Object]:
        return [obj for obj in client.list(*place, label_selector=wanted.selector) if wanted.has(obj)]

    found = client.each(places, sorted(scope.kinds))
    return [obj for each in client.each(members, [place for group in found for place in group]) for obj in each]


def _served(client: Client, kind: GroupKind, first: str | None) -> str | None:
    """A version in which a kind is served."""
    if first is not None and client.has_kind(first, kind.kind):
        return first
    return next((version for version in client.versions(kind.group) if client.has_kind(version, kind.kind)), None)


def _namespace_first(wanted: ApplySet, plans: Sequence[Sequence[Plan]]) -> tuple[list[Plan], list[list[Plan]]]:
    """What has to be made before the parent: its namespace, where that is a member and not there; and the rest."""

    def holds_parent(plan: Plan) -> bool:
        ref = plan.outcome.ref
        return (ref.kind, ref.name, plan.outcome.action) == ("Namespace", wanted.ref.namespace, CREATED)

    first = [plan for group in plans for plan in group if holds_parent(plan)]
    return first, [[plan for plan in group if not holds_parent(plan)] for group in plans]


@contextmanager
def telling(outcomes: Sequence[Outcome]) -> Iterator[None]:
    """Let an error within the block tell what was written before it."""
    try:
        yield
    except InterconnectError as error:
        error.details.update(what_was_done(outcomes, error))
        raise
