# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making and taking back ServiceExports: what each needs is told from one LIST, then all are written at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .._apply.absent import ABSENT, DELETED, DELETING, KEPT
from .._apply.ownership import comparable, made_by, owned_fields, surely_unchanged
from .._apply.present import (
    CREATED,
    UNCHANGED,
    UPDATED,
    Outcome,
    Plan,
    carry_out_all,
    each_or_all_errors,
    labelled,
    outcomes_of,
)
from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import MissingKind, NotFound, ObjectRef
from .names import CLUSTERSET_IP_ANNOTATION, EXPORT, Key


def desired(key: Key, api_version: str, clusterset_ip: bool | None) -> Object:
    """A ServiceExport: it has no fields of its own that Submariner knows, but annotations.

    :param clusterset_ip: whether the Service gets an address of the set; None: what is usual in the set.
    """
    metadata: Object = {"name": key.name, "namespace": key.namespace}
    if clusterset_ip is not None:
        metadata["annotations"] = {CLUSTERSET_IP_ANNOTATION: str(clusterset_ip).lower()}
    return {"apiVersion": api_version, "kind": EXPORT, "metadata": metadata}


def export_all(
    client: Client, wanted: Sequence[Object], live: Mapping[Key, Object], force: bool, check_mode: bool
) -> list[Outcome]:
    """Make the exports. The server is asked about each that needs a write before the first one is written.

    :param live: the exports that are there.
    :raises ApiError: what the server refuses; with `changed` and `resources` in its details where something was
        written before.
    """

    def plan(obj: Object) -> Plan:
        return _plan(client, obj, live.get(Key.of(obj)), force, check_mode)

    plans = [each_or_all_errors(client, plan, wanted)]
    return outcomes_of(plans) if check_mode else carry_out_all(client, plans, force)


def _plan(client: Client, wanted: Object, live: Object | None, force: bool, check_mode: bool) -> Plan:
    ref = ObjectRef.of(wanted)
    wanted = labelled(wanted, live)
    if live is not None and _is_settled(wanted, live):
        return Plan(Outcome(ref, UNCHANGED, live, live), wanted)
    try:
        predicted = client.apply(wanted, force, dry_run=True)
    except (MissingKind, NotFound) as error:  # the kind, or the namespace, may be meant to come by an earlier task
        if not check_mode or live is not None:
            raise
        return Plan(Outcome(ref, CREATED, None, wanted, f"not validated: {error.message}"), wanted)
    if live is None:
        return Plan(Outcome(ref, CREATED, None, predicted), wanted)
    if comparable(predicted) == comparable(live):
        return Plan(Outcome(ref, UNCHANGED, live, live), wanted)
    return Plan(Outcome(ref, UPDATED, live, predicted), wanted)


def _is_settled(wanted: Object, live: Object) -> bool:
    """Whether an apply would surely change nothing.

    Applied by one version of the API and wanted by another is the same: the fields have the same names in all.
    """
    if owned_fields(live, FIELD_MANAGER) is None:
        return not set(wanted["metadata"]) - {"name", "namespace"}
    version = {"apiVersion": next(_applied_by(live))}
    return surely_unchanged({**wanted, **version}, {**live, **version}, FIELD_MANAGER)


def _applied_by(live: Object) -> Iterator[str]:
    for entry in live["metadata"]["managedFields"]:
        if entry["manager"] == FIELD_MANAGER and entry["operation"] == "Apply" and not entry.get("subresource"):
            yield entry["apiVersion"]


def withdraw_all(
    client: Client, refs: Sequence[ObjectRef], live: Mapping[Key, Object], only_own: bool, check_mode: bool
) -> list[Outcome]:
    """Take the exports back.

    :param only_own: keep those that this collection did not make.
    :raises ApiError: as of `export_all`.
    """

    def withdraw(ref: ObjectRef) -> Outcome:
        return _withdraw(client, ref, live.get(Key(str(ref.namespace), ref.name)), only_own, check_mode)

    return each_or_all_errors(client, withdraw, refs)


def _withdraw(client: Client, ref: ObjectRef, live: Object | None, only_own: bool, check_mode: bool) -> Outcome:
    if live is None:
        return Outcome(ref, ABSENT, None, None)
    if only_own and not made_by(live, FIELD_MANAGER):
        return Outcome(ref, KEPT, live, live, "was not made by this collection")
    if live["metadata"].get("deletionTimestamp"):
        return Outcome(ref, DELETING, live, None, "is being deleted already")
    if not check_mode:
        client.delete(ref, live["metadata"]["uid"])
    return Outcome(ref, DELETED, live, None)
