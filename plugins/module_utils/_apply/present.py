# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing objects to a desired state by server-side apply, and nothing to those that are in it already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._client import FIELD_MANAGER, Client, MissingKind, NotFound, Object, ObjectRef
from .definition import stages
from .ownership import MANAGED_BY_LABEL, comparable, made_by, surely_unchanged
from .redact import diff_of

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


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
        return self.action not in (UNCHANGED, "absent", "kept")

    def as_result(self) -> dict[str, Any]:
        """The entry of a module's result."""
        known = self.after or self.before or {}
        result = {**self.ref.as_dict(), "action": self.action, "uid": (known.get("metadata") or {}).get("uid")}
        return {**result, "note": self.note} if self.note else result

    def as_diff(self) -> dict[str, Any]:
        """The entry of a module's diff."""
        return diff_of(self.before, self.after, str(self.ref))


def apply_all(client: Client, objects: list[Object], force: bool, check_mode: bool) -> list[Outcome]:
    """Bring all objects to their desired state, those of a stage at the same time.

    :raises ApiError: the first trouble met; outcomes of a stage before it stand.
    """
    if not check_mode:
        _require_kinds(client, objects)
    outcomes: list[Outcome] = []
    for stage in stages(objects):
        outcomes += client.each(lambda obj: apply_one(client, obj, force, check_mode), stage)
    return outcomes


def _require_kinds(client: Client, objects: list[Object]) -> None:
    """Refuse objects that can not be written, before the first write.

    :raises MissingKind: the server does not serve a kind, and no CRD among the objects brings it.
    :raises InputError: a namespace is missing.
    """
    brought = {
        (obj["spec"]["group"], obj["spec"]["names"]["kind"])
        for obj in objects
        if obj["kind"] == "CustomResourceDefinition" and "spec" in obj
    }
    for obj in objects:
        group = obj["apiVersion"].rpartition("/")[0]
        if (group, obj["kind"]) not in brought:
            ref = ObjectRef.of(obj)
            client.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)


def apply_one(client: Client, desired: Object, force: bool, check_mode: bool) -> Outcome:
    """Bring one object to its desired state; in check mode, say what that would take."""
    ref = ObjectRef.of(desired)
    try:
        live = client.get(ref)
    except MissingKind as error:
        if not check_mode:
            raise
        return Outcome(ref, CREATED, None, desired, f"not validated: {error.message}")
    desired = labelled(desired, live)
    if live is None:
        return _create(client, ref, desired, force, check_mode)
    if surely_unchanged(desired, live, FIELD_MANAGER):
        return Outcome(ref, UNCHANGED, live, live)
    predicted = client.apply(desired, force, dry_run=True)
    if comparable(predicted) == comparable(live):
        return Outcome(ref, UNCHANGED, live, live)
    return Outcome(ref, UPDATED, live, predicted if check_mode else client.apply(desired, force))


def _create(client: Client, ref: ObjectRef, desired: Object, force: bool, check_mode: bool) -> Outcome:
    if not check_mode:
        return Outcome(ref, CREATED, None, client.apply(desired, force))
    try:
        return Outcome(ref, CREATED, None, client.apply(desired, force, dry_run=True))
    except NotFound:
        # The namespace is not there: in a check run on an empty cluster an earlier task would have made it.
        return Outcome(ref, CREATED, None, desired, f"not validated: namespace {ref.namespace} does not exist yet")


def labelled(desired: Object, live: Object | None) -> Object:
    """`desired` with our label where the object is, or will be, of our making.

    What was there before us does not get it: teardown deletes what bears the label and nothing else.
    """
    if live is not None and not made_by(live, FIELD_MANAGER):
        return desired
    metadata = desired["metadata"]
    labels = {MANAGED_BY_LABEL: FIELD_MANAGER, **(metadata.get("labels") or {})}
    return {**desired, "metadata": {**metadata, "labels": labels}}
