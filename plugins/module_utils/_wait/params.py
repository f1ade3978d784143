# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a task's words to waits. Everything that can be wrong in them is found here, before the first request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._client.errors import InputError
from .acceptors import Absent, Acceptor, Condition, Field
from .path import InvalidPath, Path
from .wait import Wait

TESTS = ("equals", "not_equals", "matches", "contains", "at_least", "at_most", "exists")
CONDITION_PARTS = ("status", "reason", "message_matches")


def waits_of(resources: Sequence[Mapping[str, Any]]) -> list[Wait]:
    """The waits of a task's `resources`; options that are None count as not given.

    :raises InputError: naming the field, such as `resources[2].success[0].condition`.
    """
    if not resources:
        raise InputError("resources", "is empty: name what to wait for")
    return [_wait(entry, f"resources[{number}]") for number, entry in enumerate(resources)]


def _wait(entry: Mapping[str, Any], field: str) -> Wait:
    for option in ("name", "label_selector", "until"):
        if entry.get(option) == "":
            raise InputError(f"{field}.{option}", "is empty")
    return Wait(
        api_version=entry["api_version"],
        kind=entry["kind"],
        name=entry.get("name") or "",
        namespace=entry.get("namespace"),
        label_selector=entry.get("label_selector") or "",
        count=entry.get("count"),
        until=entry.get("until") or "",
        clusters=entry.get("clusters"),
        keys=entry.get("keys"),
        success=_acceptors(entry, "success", field),
        any_success=entry.get("success_if") == "any",
        failure=_acceptors(entry, "failure", field),
        retry=_acceptors(entry, "retry", field),
        field=field,
    )


def _acceptors(given: Mapping[str, Any], option: str, field: str) -> tuple[Acceptor, ...]:
    return tuple(
        _acceptor({key: value for key, value in entry.items() if value is not None}, f"{field}.{option}[{number}]")
        for number, entry in enumerate(given.get(option) or [])
    )


def _acceptor(given: Mapping[str, Any], field: str) -> Acceptor:
    subjects = [key for key in ("condition", "field", "absent") if key in given]
    if len(subjects) != 1:
        raise InputError(field, f"give one of condition, field and absent (given: {', '.join(subjects) or 'none'})")
    subject = subjects[0]
    allowed = {"condition": CONDITION_PARTS, "field": TESTS, "absent": ()}[subject]
    for key in given:
        if key != subject and key not in allowed:
            raise InputError(f"{field}.{key}", f"does not go with {subject}")
    if subject == "condition":
        return _condition(given, field)
    return _field_test(given, field) if subject == "field" else Absent(bool(given["absent"]))


def _condition(given: Mapping[str, Any], field: str) -> Condition:
    if not given["condition"]:
        raise InputError(f"{field}.condition", "is empty")
    # With a reason or a message, these tell the state apart, whatever the status.
    default: tuple[str, ...] = () if "reason" in given or "message_matches" in given else ("True",)
    return Condition(
        type=given["condition"],
        statuses=(given["status"],) if "status" in given else default,
        reason=_regex(given, "reason", field),
        message=_regex(given, "message_matches", field),
    )


def _field_test(given: Mapping[str, Any], field: str) -> Field:
    tests = [key for key in TESTS if key in given]
    if len(tests) != 1:
        raise InputError(field, f"a field needs one of {', '.join(TESTS)} (given: {', '.join(tests) or 'none'})")
    try:
        path = Path.parse(given["field"])
    except InvalidPath as error:
        raise InputError(f"{field}.field", str(error)) from error
    test = tests[0]
    return Field(path, test, _regex(given, test, field) if test == "matches" else given[test])


def _regex(given: Mapping[str, Any], key: str, field: str) -> re.Pattern[str] | None:
    if key not in given:
        return None
    try:
        return re.compile(given[key])
    except re.error as error:
        raise InputError(f"{field}.{key}", f"is not a regular expression: {error}") from error
