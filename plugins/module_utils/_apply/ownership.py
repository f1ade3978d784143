# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who owns which fields of an object: `metadata.managedFields` of server-side apply, as pure functions.

Format: `ManagedFieldsEntry` and `FieldsV1`, k8s.io/apimachinery pkg/apis/meta/v1/types.go; the keys of FieldsV1 are
described in sigs.k8s.io/structured-merge-diff fieldpath/serialize-pe.go: `f:<name>` a field, `k:<json>` a list item
by its keys, `v:<json>` a set's value, `i:<index>` a list item by position, `.` the thing itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"

# What identifies an object is not owned by anybody.
_IDENTITY: dict[str, Any] = {"apiVersion": {}, "kind": {}, "metadata": {"name": {}, "namespace": {}}}


def owned_fields(live: Mapping[str, Any], manager: str, api_version: str | None = None) -> dict[str, Any] | None:
    """The FieldsV1 tree that `manager` holds by apply; None where it never applied the object.

    :param api_version: only as applied by this version, whose field names the tree has.
    """
    for entry in (live.get("metadata") or {}).get("managedFields") or []:
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource"):
            fields: dict[str, Any] = entry.get("fieldsV1") or {}
            return fields if api_version in (None, entry.get("apiVersion")) else None
    return None


def surely_unchanged(desired: Mapping[str, Any], live: Mapping[str, Any], manager: str) -> bool:
    """Whether applying `desired` would surely change neither a value nor an owner.

    True is certain; False only means that the server has to be asked (it knows defaults, quantities and list types).
    """
    owned = owned_fields(live, manager, desired.get("apiVersion"))
    if owned is None:
        return False
    own_part = _without(desired, _IDENTITY)
    entries = live["metadata"]["managedFields"]
    others = [entry["fieldsV1"] for entry in entries if entry.get("fieldsV1") and entry["fieldsV1"] is not owned]
    return covers(live, desired) and _owns(owned, own_part, others) and _wants(own_part, owned)


def covers(live: Any, desired: Any) -> bool:
    """Whether each value in `desired` stands in `live`; `live` may have further keys, but no other list items."""
    if isinstance(desired, Mapping):
        return isinstance(live, Mapping) and all(
            key in live and covers(live[key], value) for key, value in desired.items()
        )
    if isinstance(desired, list):
        return isinstance(live, list) and len(live) == len(desired) and all(map(covers, live, desired))
    return type(live) is type(desired) and bool(live == desired)


def _without(obj: Mapping[str, Any], identity: Mapping[str, Any]) -> dict[str, Any]:
    """`obj` without the fields of the tree `identity`; a mapping that held nothing else goes too."""
    result = {}
    for key, value in obj.items():
        if key not in identity:
            result[key] = value
        elif identity[key] and isinstance(value, Mapping):
            rest = _without(value, identity[key])
            if rest:
                result[key] = rest
    return result


def _owns(owned: Mapping[str, Any], desired: Any, others: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each leaf of `desired` is owned.

    :param others: what other managers own at the same place.
    """
    if isinstance(desired, Mapping):
        return all(_owns_entry(owned, f"f:{key}", value, others) for key, value in desired.items())
    if isinstance(desired, list):
        # Items are owned one by one where the list has keys or is a set.
        return all(_owns_item(owned, item, others) for item in desired)
    return True


def _owns_entry(owned: Mapping[str, Any], key: str, value: Any, others: Sequence[Mapping[str, Any]]) -> bool:
    child = owned.get(key)
    below = [tree[key] for tree in others if tree.get(key)]
    if child:
        return _owns(child, value, below)
    # A field without children is owned whole (atomic), unless we have applied it empty and others have filled it since.
    return child is not None and not (below and value and isinstance(value, (Mapping, list)))


def _owns_item(owned: Mapping[str, Any], item: Any, others: Sequence[Mapping[str, Any]]) -> bool:
    for key in owned:
        if key.startswith("k:") and isinstance(item, Mapping) and covers(item, json.loads(key[2:])):
            return _owns_entry(owned, key, item, others)
        if key.startswith("v:") and json.loads(key[2:]) == item:
            return True
    return False


def _wants(desired: Any, owned: Mapping[str, Any]) -> bool:
    """Whether each owned field is still asked for: one that is not would be removed by an apply."""
    for key, child in owned.items():
        kind, _colon, name = key.partition(":")
        if key == ".":
            continue
        found, value = _lookup(desired, kind, name)
        if not found or (child and not _wants(value, child)):
            return False
    return True


def _lookup(desired: Any, kind: str, name: str) -> tuple[bool, Any]:
    """The part of `desired` that a FieldsV1 key names."""
    if kind == "f" and isinstance(desired, Mapping):
        return name in desired, desired.get(name)
    if isinstance(desired, list) and kind in ("k", "v"):
        wanted = json.loads(name)
        for item in desired:
            if (kind == "v" and item == wanted) or (kind == "k" and covers(item, wanted)):
                return True, item
    return False, None


def comparable(obj: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what changes by every write, to compare it with what a dry run predicts."""
    metadata = {key: value for key, value in obj["metadata"].items() if key not in ("resourceVersion", "generation")}
    metadata["managedFields"] = sorted(
        (
            {key: value for key, value in entry.items() if key != "time"}
            for entry in metadata.get("managedFields") or []
        ),
        key=lambda entry: json.dumps(entry, sort_keys=True),
    )
    return {**obj, "metadata": metadata}


def made_by(live: Mapping[str, Any], manager: str) -> bool:
    """Whether `manager` made the object: it bears the label that we put on what we create, and only on that."""
    return ((live.get("metadata") or {}).get("labels") or {}).get(MANAGED_BY_LABEL) == manager
