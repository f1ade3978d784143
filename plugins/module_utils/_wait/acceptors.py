# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acceptors: tests of one object, which say what they found.

An acceptor judges one state of an object (None: the object is not there). What reads `status` does not hold while the
status is stale, that is while the controller has not seen the present generation of the object
(kubernetes/community contributors/devel/sig-architecture/api-conventions.md, `observedGeneration`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Union

from .path import Path

Object = Mapping[str, Any]

# Long enough for a sentence, short enough for a terminal.
TEXT_LIMIT = 300
VALUES_SHOWN = 5


class Finding(NamedTuple):
    """Whether an acceptor holds, what it saw, and what it wants where that does not go without saying; in words."""

    met: bool
    found: str
    wanted: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition of `status.conditions` with a status, and a reason and message where these are given."""

    type: str
    statuses: tuple[str, ...] = ("True",)
    """Any of these; empty: whatever the status."""
    reason: re.Pattern[str] | None = None
    """Must match all of the reason."""
    message: re.Pattern[str] | None = None
    """Must match a part of the message."""

    def judge(self, obj: Object | None) -> Finding:
        """Compare with the object's condition of that type."""
        if obj is None:
            return Finding(False, "not found")
        condition = next((entry for entry in conditions(obj) if entry["type"] == self.type), None)
        if condition is None:
            return Finding(False, f"no condition {self.type} yet")
        stale = staleness(obj, condition)
        if stale:
            return Finding(False, f"{self.type}: {stale}")
        return Finding(self._holds(condition), describe_condition(condition), self._wanted())

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        if self.statuses and condition.get("status") not in self.statuses:
            return False
        if self.reason and not self.reason.fullmatch(str(condition.get("reason") or "")):
            return False
        return not self.message or bool(self.message.search(str(condition.get("message") or "")))

    def _wanted(self) -> str:
        parts = [] if self.statuses in (("True",), ()) else [f"status {' or '.join(self.statuses)}"]
        parts += [f"reason {self.reason.pattern}"] if self.reason else []
        parts += [f"message {self.message.pattern!r}"] if self.message else []
        return ", ".join(parts)


@dataclass(frozen=True)
class FieldRef:
    """A number that is read from the object itself: the right-hand side of a comparison."""

    path: Path
    default: float = 0
    """Where the field is missing."""
    minus: FieldRef | None = None

    def number(self, obj: Object) -> float:
        """The number as the object has it now."""
        values = self.path.values(obj)
        value = _count(values[0]) if values else None
        return (self.default if value is None else value) - (self.minus.number(obj) if self.minus else 0)


@dataclass(frozen=True)
class Field:
    """A test of a field.

    With `[*]` in the path, it is enough that one value passes `equals`, `matches`, `contains`, `at_least` or `at_most`,
    and no value may equal the operand of `not_equals`.
    """

    path: Path
    test: str
    """`equals`, `not_equals`, `matches`, `contains`, `at_least`, `at_most` or `exists`."""
    operand: Any
    """Value, regular expression, number or FieldRef, or truth value, as the test needs."""

    def judge(self, obj: Object | None) -> Finding:
        """Test the field."""
        if obj is None:
            return Finding(False, "not found")
        stale = staleness(obj) if self.path.root == "status" else ""
        if stale:
            return Finding(False, stale)
        values = self.path.values(obj)
        return Finding(self._holds(obj, values), self._seen(obj, values), self._wanted(obj))

    def _holds(self, obj: Object, values: list[Any]) -> bool:
        if self.test == "exists":
            return bool(values) == bool(self.operand)
        if self.test in ("at_least", "at_most"):
            return self._compares(obj, values)
        if self.test == "not_equals":
            return bool(values) and not any(same(value, self.operand) for value in values)
        return any(self._passes(value) for value in values)

    def _passes(self, value: Any) -> bool:
        if self.test == "equals":
            return same(value, self.operand)
        if self.test == "matches":
            return bool(self.operand.search(_text(value)))
        if isinstance(value, str):
            return _text(self.operand) in value
        if isinstance(value, Mapping):
            return _text(self.operand) in value
        return isinstance(value, list) and any(same(entry, self.operand) for entry in value)

    def _compares(self, obj: Object, values: list[Any]) -> bool:
        # API servers leave out counters that are zero and lists that are empty; where not even their surroundings are
        # there, the controller has not come round to the object.
        numbers = [_count(value) for value in values]
        if not values and any(isinstance(parent, Mapping) and parent for parent in self.path.parents(obj)):
            numbers = [0.0]
        bound = self._number(obj)
        if self.test == "at_least":
            return any(number is not None and number >= bound for number in numbers)
        return any(number is not None and number <= bound for number in numbers)

    def _number(self, obj: Object) -> float:
        return self.operand.number(obj) if isinstance(self.operand, FieldRef) else float(self.operand)

    def _wanted(self, obj: Object) -> str:
        if self.test == "exists" or not _showable(obj, self.path):
            return ""
        if self.test in ("at_least", "at_most"):
            return f"{self.test.replace('_', ' ')} {self._number(obj):g}"
        prefix = {"equals": "", "not_equals": "not ", "matches": "a match of ", "contains": "one with "}[self.test]
        return prefix + (repr(self.operand.pattern) if self.test == "matches" else _shown(self.operand))

    def _seen(self, obj: Object, values: list[Any]) -> str:
        if not values:
            return f"{self.path.text} is not there"
        if not _showable(obj, self.path):
            return f"{self.path.text} has a value that is not shown"
        shown = ", ".join(_shown(value) for value in values[:VALUES_SHOWN])
        more = f" and {len(values) - VALUES_SHOWN} more" if len(values) > VALUES_SHOWN else ""
        return clip(f"{self.path.text} is {shown}{more}")


@dataclass(frozen=True)
class Absent:
    """The object is gone (`absent`), or is there."""

    absent: bool = True

    def judge(self, obj: Object | None) -> Finding:
        """Whether the object is (not) there."""
        if obj is None:
            return Finding(self.absent, "not found")
        return Finding(not self.absent, "is being deleted" if is_being_deleted(obj) else "is there")


Acceptor = Union[Condition, Field, Absent]


def is_being_deleted(obj: Object) -> bool:
    """Whether somebody has deleted the object, which goes as soon as its finalizers are gone."""
    return bool((obj.get("metadata") or {}).get("deletionTimestamp"))


def conditions(obj: Object) -> list[dict[str, Any]]:
    """The object's conditions in the standard form; other things of that name (OLM keeps a history) are left out."""
    entries = (obj.get("status") or {}).get("conditions")
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and "type" in entry]


def describe_condition(condition: Mapping[str, Any]) -> str:
    """One line, such as `Available=False MinimumReplicasUnavailable: not enough replicas`."""
    line = str(condition["type"])
    if condition.get("status"):
        line += f"={condition['status']}"
    if condition.get("reason"):
        line += f" {condition['reason']}"
    return clip(f"{line}: {condition['message']}" if condition.get("message") else line)


def staleness(obj: Object, condition: Mapping[str, Any] | None = None) -> str:
    """Why the status (or one condition of it) is of an older generation of the object; empty where it is not."""
    generation = (obj.get("metadata") or {}).get("generation")
    for part in (condition, obj.get("status")):
        observed = part.get("observedGeneration") if isinstance(part, Mapping) else None
        if isinstance(generation, int) and isinstance(observed, int) and 0 < observed < generation:
            return f"the status is of generation {observed}, the object is at {generation}"
    return ""


def same(value: Any, wanted: Any) -> bool:
    """Whether two values are equal; a scalar equals the text that YAML and Jinja2 make of it (`3`, `"3"`)."""
    if value == wanted:
        # In Python True == 1.
        return isinstance(value, bool) == isinstance(wanted, bool)
    if isinstance(value, str) != isinstance(wanted, str):
        return _is_scalar(value) and _is_scalar(wanted) and _text(value).lower() == _text(wanted).lower()
    return False


def clip(text: str) -> str:
    """One line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1] + "…"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    """A value as YAML writes it on one line, near enough."""
    return _text(value) if isinstance(value, (bool, int, float)) else repr(value)


def _count(value: Any) -> float | None:
    """A number, the number in a text, or how many elements there are."""
    if isinstance(value, (list, Mapping)):
        return float(len(value))
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _showable(obj: Object, path: Path) -> bool:
    """Of a Secret only labels and the type are shown: annotations may hold a copy of the data."""
    return obj.get("kind") != "Secret" or path.steps[:2] == ("metadata", "labels") or path.root == "type"
