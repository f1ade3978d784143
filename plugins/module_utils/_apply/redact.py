# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be shown of an object: no secret data, no server bookkeeping. The only source of diffs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

HIDDEN = "********"
HIDDEN_CHANGED = "******** (changed)"

_BOOKKEEPING = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")
_SECRET_PARTS = ("data", "stringData")
# kubectl keeps the whole object, secret data included, in this annotation.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def shown(obj: Mapping[str, Any] | None) -> dict[str, Any]:
    """The part of an object that its owner wrote, secret data hidden; empty for None."""
    result: dict[str, Any] = {} if obj is None else _hidden(_trimmed(obj), {})
    return result


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


def secret_values(value: Any) -> set[str]:
    """The values of all Secrets within `value`, as they are written there, and as they read without base64."""
    if isinstance(value, list):
        return {secret for entry in value for secret in secret_values(entry)}
    if not isinstance(value, Mapping):
        return set()
    if value.get("kind") != "Secret":
        return {secret for entry in value.values() for secret in secret_values(entry)}
    written = {str(entry) for part in _SECRET_PARTS for entry in _entries(value.get(part)) if entry not in (None, "")}
    return written | {plain for plain in map(_decoded, written) if plain}


def _entries(part: Any) -> list[Any]:
    return list(part.values()) if isinstance(part, Mapping) else [part]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:  # no base64, or no text
        return ""


def _trimmed(obj: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in _BOOKKEEPING}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def _hidden(value: Any, before: Any) -> Any:
    """A copy with the data of all Secrets hidden: other objects (ManifestWork, Policy) hold Secrets within them."""
    if isinstance(value, list):
        old = before if isinstance(before, list) and len(before) == len(value) else [None] * len(value)
        return [_hidden(entry, old_entry) for entry, old_entry in zip(value, old)]
    if not isinstance(value, Mapping):
        return value
    known = before if isinstance(before, Mapping) else {}
    result = {key: _hidden(entry, known.get(key)) for key, entry in value.items()}
    if _LAST_APPLIED in result:
        result[_LAST_APPLIED] = HIDDEN
    if value.get("kind") == "Secret":
        for part in _SECRET_PARTS:
            if part in value:
                result[part] = _masked(value[part], known.get(part))
    return result


def _masked(part: Any, before: Any) -> Any:
    if not isinstance(part, Mapping):
        return HIDDEN
    old = before if isinstance(before, Mapping) else {}
    return {key: HIDDEN_CHANGED if key in old and old[key] != value else HIDDEN for key, value in part.items()}
