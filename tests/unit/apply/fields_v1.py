# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FieldsV1 of an object, written from the format's description alone.

sigs.k8s.io/structured-merge-diff fieldpath/serialize-pe.go: fields are `f:<name>`, items of a list with keys
`k:<json>`, members of a set `v:<json>`; a leaf is `{}`, and so is a list that is owned as a whole.
"""

from __future__ import annotations

import json
from typing import Any

Fields = dict[str, Any]
OBJECT_IDENTITY = ("apiVersion", "kind")
METADATA_IDENTITY = ("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")


def fields_of_object(obj: dict[str, Any], dots: bool = False) -> Fields:
    """What an apply of `obj` owns; `dots`: with the entries that stand for a mapping itself."""
    body = {key: value for key, value in obj.items() if key not in OBJECT_IDENTITY}
    metadata = {key: value for key, value in body.pop("metadata", {}).items() if key not in METADATA_IDENTITY}
    return fields_of({**body, **({"metadata": metadata} if metadata else {})}, dots)


def fields_of(value: Any, dots: bool = False) -> Fields:
    """FieldsV1 of plain data: lists of mappings have the key `name` where each item has one, other lists are atomic."""
    if isinstance(value, dict):
        return {f"f:{key}": _branch(entry, dots) for key, entry in value.items()}
    if has_keys(value):
        return {f"k:{_json({'name': item['name']})}": _branch(item, dots) for item in value}
    return {}


def has_keys(value: Any) -> bool:
    """Whether a list is one with keys."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def _branch(value: Any, dots: bool) -> Fields:
    fields = fields_of(value, dots)
    return {".": {}, **fields} if fields and dots else fields


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
