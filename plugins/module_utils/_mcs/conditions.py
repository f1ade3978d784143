# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a ServiceExport has come, by the conditions of every generation of the API. Pure.

What implementations have written over time (submariner-io/lighthouse pkg/agent/controller/agent.go, service_import.go,
types.go; before 0.13 pkg/agent/controller/agent.go of that time):

- until 0.12, a history of conditions of the type Valid, the newest last: False AwaitingSync, then True
- 0.13 one Valid; 0.14 and 0.15 Valid and Synced; since 0.16 Valid and Ready, and Conflict where there was one
- until 0.20, reasons may be empty; the words of reasons have changed several times

So success is never told by a reason. A reason only ends a wait that is in vain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .._wait.acceptors import conditions, describe_condition, is_being_deleted, staleness

Object = Mapping[str, Any]

VALID, READY, IMPORTED, ENDPOINTS, GONE = "valid", "ready", "imported", "endpoints", "gone"
"""The stages on the way of an export; `gone` is the one of `state: absent`."""
READY_TYPES = ("Ready", "Synced")
SKEW = timedelta(seconds=30)
"""By which the clocks of an API server and of a controller may differ."""

# Nothing but a change of the Service, or of what the other clusters export, mends these.
_DEAD_ENDS = frozenset(
    {"UnsupportedServiceType", "InvalidServiceType", "UnsupportedIPFamily", "RestrictedNamespace"},
)
_TYPE_CONFLICTS = frozenset({"ConflictingType", "TypeConflict"})

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")
_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class Standing(NamedTuple):
    """The stage that is not reached yet (empty: all are), and what was seen."""

    stage: str
    state: str
    hopeless: bool = False


class Conflict(NamedTuple):
    """What differs from the exports of the same Service by other clusters."""

    reasons: list[str]
    messages: list[str]

    def __str__(self) -> str:
        said = "; ".join(self.messages)
        return f"{', '.join(self.reasons)}: {said}" if self.reasons and said else said or ", ".join(self.reasons)


@dataclass(frozen=True)
class Rule:
    """When an export counts as done."""

    ready: Sequence[str] = READY_TYPES
    """Types of conditions that tell, besides Valid, that other clusters can have the Service."""
    valid_is_enough: bool = False
    """Whether Valid does where none of these is reported."""


def current(export: Object) -> dict[str, dict[str, Any]]:
    """The condition of each type that holds: of several, the one that changed last, and the last of those.

    In a history that was upgraded in place, newer agents edit the first entry of the type, so that its place tells
    nothing. Left out is what stood there before the export itself: observedGeneration is not written.
    """
    newest: dict[str, dict[str, Any]] = {}
    made = _time((export.get("metadata") or {}).get("creationTimestamp"))
    for entry in conditions(export):
        changed = _time(entry.get("lastTransitionTime"))
        if changed is not _NEVER and made is not _NEVER and changed + SKEW < made:
            continue
        known = newest.get(str(entry["type"]))
        if known is None or changed >= _time(known.get("lastTransitionTime")):
            newest[str(entry["type"])] = entry
    return newest


def standing(export: Object | None, rule: Rule) -> Standing:
    """How far an export has come on the exporting cluster: Valid, then Ready."""
    if export is None:
        return Standing(VALID, "the ServiceExport is not there")
    if is_being_deleted(export):
        return Standing(VALID, "the ServiceExport is being deleted")
    now = current(export)
    valid = now.get("Valid")
    if valid is None:
        return Standing(VALID, "no condition Valid yet")
    if not _is_true(export, valid):
        return Standing(VALID, _said(export, valid), hopeless=str(valid.get("reason")) in _DEAD_ENDS)
    return _readiness(export, now, rule)


def _readiness(export: Object, now: Mapping[str, dict[str, Any]], rule: Rule) -> Standing:
    ready = _ready(now, rule)
    if ready is None:
        said = _said(export, now["Valid"])
        if rule.valid_is_enough:
            return Standing("", said)
        return Standing(READY, f"{said}; no condition {' or '.join(rule.ready) or 'besides'} yet")
    said = _said(export, ready)
    if _is_true(export, ready):
        return Standing("", said)
    conflict = conflict_of(export)
    if conflict and _TYPE_CONFLICTS & set(conflict.reasons):
        return Standing(READY, f"{said}; {_said(export, now['Conflict'])}", hopeless=True)
    return Standing(READY, said)


def conflict_of(export: Object | None) -> Conflict | None:
    """The conflict that holds now. It is not removed when it is over, but gets the status False."""
    found = current(export).get("Conflict") if export is not None else None
    if found is None or found.get("status") != "True":
        return None
    reasons = [each.strip() for each in str(found.get("reason") or "").split(",")]
    messages = [each.strip() for each in str(found.get("message") or "").splitlines()]
    return Conflict([each for each in reasons if each], [each for each in messages if each])


def _ready(now: Mapping[str, dict[str, Any]], rule: Rule) -> dict[str, Any] | None:
    """The condition that tells of the export's readiness: where an upgrade has left an older type, the newer one."""
    found = [now[each] for each in rule.ready if each in now]
    return max(found, key=lambda entry: _time(entry.get("lastTransitionTime")), default=None)


def _is_true(export: Object, condition: Mapping[str, Any]) -> bool:
    return condition.get("status") == "True" and not staleness(export, condition)


def _said(export: Object, condition: Mapping[str, Any]) -> str:
    stale = staleness(export, condition)
    return f"{condition['type']}: {stale}" if stale else describe_condition(condition)


def _time(text: Any) -> datetime:
    """A time of the API; what is none was before all others."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return _NEVER
    try:
        whole = datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc)
    except ValueError:
        return _NEVER
    return whole + timedelta(seconds=float(f"0{found[2]}")) if found[2] else whole
