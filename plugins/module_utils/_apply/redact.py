# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be shown of an object: no secret data, no server bookkeeping. The only source of diffs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIDDEN = "********"
HIDDEN_CHANGED = "******** (changed)"

_BOOKKEEPING = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")
# kubectl keeps the whole object, secret data included, in this annotation.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def shown(obj: Mapping[str, Any] | None) -> dict[str, Any]:
    """The part of an object that its owner wrote, secret data hidden; empty for None."""
    return {} if obj is None else _hidden(_trimmed(obj), {})


def diff_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, title: str) -> dict[str, Any]:
    """An entry of a module's `diff` list; secret values are hidden, changed ones marked."""
    plain_before = {} if before is None else _trimmed(before)
    plain_after = {} if after is None else _trimmed(after)
    return {
        "before_header": title,
        "after_header": title,
        "before": _hidden(plain_before, {}),
        "after": _hidden(plain_after, plain_before),
    }


def secret_values(obj: Mapping[str, Any]) -> set[str]:
    """The values of a Secret, as they are written in it."""
    if obj.get("kind") != "Secret":
        return set()
    return {str(value) for part in ("data", "stringData") for value in (obj.get(part) or {}).values() if value}


def _trimmed(obj: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in _BOOKKEEPING}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def _hidden(obj: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    if obj.get("kind") != "Secret":
        return obj
    result = dict(obj)
    for part in ("data", "stringData"):
        if isinstance(obj.get(part), Mapping):
            old = before.get(part) or {}
            result[part] = {
                key: HIDDEN_CHANGED if key in old and old[key] != value else HIDDEN for key, value in obj[part].items()
            }
    annotations = obj["metadata"].get("annotations") or {}
    if _LAST_APPLIED in annotations:
        result["metadata"] = {**obj["metadata"], "annotations": {**annotations, _LAST_APPLIED: HIDDEN}}
    return result
