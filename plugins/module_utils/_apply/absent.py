# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking out what the collection made, and nothing else."""

from __future__ import annotations

from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import MissingKind, ObjectRef
from .definition import stages
from .ownership import made_by, owned_fields
from .present import Outcome, each_or_all_errors

DELETED, DELETING, RELEASED, ABSENT, KEPT = "deleted", "deleting", "released", "absent", "kept"


def remove_all(client: Client, objects: list[Object], only_own: bool, check_mode: bool) -> list[Outcome]:
    """Remove all objects, in the opposite order of their making; deletion goes on at the server afterwards.

    :raises ApiError: what the server refuses; with `changed` and `resources` in its details where something was
        removed before.
    :raises InputError: a namespace is missing.
    """
    for obj in objects:  # before the first write
        _require_identity(client, ObjectRef.of(obj))
    outcomes: list[Outcome] = []
    for stage in reversed(stages(objects)):
        outcomes += each_or_all_errors(
            client, lambda obj: remove_one(client, ObjectRef.of(obj), only_own, check_mode), stage, outcomes
        )
    return outcomes


def _require_identity(client: Client, ref: ObjectRef) -> None:
    try:
        client.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
    except MissingKind:  # so there is no such object
        return


def remove_one(client: Client, ref: ObjectRef, only_own: bool, check_mode: bool) -> Outcome:
    """Remove one object.

    One that we made is deleted. One that was there before us only loses the fields that we own. One that we never
    touched is kept, unless `only_own` is off.
    """
    try:
        live = client.get(ref)
    except MissingKind:
        return Outcome(ref, ABSENT, None, None)
    if live is None:
        return Outcome(ref, ABSENT, None, None)
    if made_by(live, FIELD_MANAGER) or not only_own:
        if live["metadata"].get("deletionTimestamp"):
            return Outcome(ref, DELETING, live, None, "is being deleted already")
        if not check_mode:
            client.delete(ref, live["metadata"]["uid"])
        return Outcome(ref, DELETED, live, None)
    if owned_fields(live, FIELD_MANAGER):
        released = client.apply(_identity(ref), dry_run=check_mode)
        return Outcome(ref, RELEASED, live, released)
    return Outcome(ref, KEPT, live, live, "was not made by this collection")


def _identity(ref: ObjectRef) -> Object:
    """An apply that asks for nothing: all fields that we own are given up."""
    metadata = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}
