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
_SHORTEST_SECRET = 4
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
    """The values of all Secrets within `value`, as they are written there, and as they read without base64.

    Left out is what can not be kept secret: what `value` also says in the open (the name of a repository in a Secret of
    that name), and what is too short to be masked without spoiling other words.
    """
    secret, open_texts = _sorted_texts(value)
    everything = secret | {plain for plain in map(_decoded, secret) if plain}
    return {
        text
        for text in everything
        if len(text) >= _SHORTEST_SECRET and not any(text in open_text for open_text in open_texts)
    }


def _sorted_texts(value: Any) -> tuple[set[str], set[str]]:
    """All texts of the Secrets within `value`, and all texts elsewhere in it."""
    secret: set[str] = set()
    open_texts: set[str] = set()
    if isinstance(value, Mapping):
        hides = _SECRET_PARTS if value.get("kind") == "Secret" else ()
        secret = {str(leaf) for part in hides for leaf in _leaves(value.get(part)) if leaf is not None}
        entries = [entry for key, entry in value.items() if key not in hides and key != _LAST_APPLIED]
    else:
        entries = list(value) if isinstance(value, list) else []
        open_texts = {value} if isinstance(value, str) else set()
    for further_secret, further_open in map(_sorted_texts, entries):
        secret |= further_secret
        open_texts |= further_open
    return secret, open_texts


def _leaves(part: Any) -> list[Any]:
    """All values in `part`, however deep: the server refuses a Secret with a mapping in it, and we must not show it."""
    if not isinstance(part, (Mapping, list)):
        return [part]
    return [leaf for entry in (part.values() if isinstance(part, Mapping) else part) for leaf in _leaves(entry)]


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
