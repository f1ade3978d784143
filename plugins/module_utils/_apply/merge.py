# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON merge patches as pure functions (RFC 7386)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """`target` after `patch`: mappings are merged, null removes a key, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def patch_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest patch with `merged(before, patch) == after`; empty where they are equal.

    `after` must hold no null: a merge patch can not express one.
    """
    patch: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            patch[key] = value
        elif isinstance(before[key], Mapping) and isinstance(value, Mapping):
            change = patch_between(before[key], value)
            if change:
                patch[key] = change
        elif not _same(before[key], value):
            patch[key] = value
    return patch


def _same(one: Any, other: Any) -> bool:
    """Equality as JSON has it, where true is not 1."""
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and not patch_between(one, other)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
