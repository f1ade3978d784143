# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait tells: its result, lines while it lasts, and the message when it ended in vain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .acceptors import conditions, describe_condition
from .diagnosis import likely_causes
from .goal import Judgement, Outcome, Verdict, name_of
from .reading import Reader
from .wait import Wait

# Of more than these, the number is told.
WAITS_IN_LINE = 3
OBJECTS_IN_MESSAGE = 10


@dataclass(frozen=True)
class WaitResult:
    """How one wait stands."""

    wait: Wait
    judgement: Judgement
    elapsed: float
    """Seconds until it was satisfied, or until now where it is not."""

    @property
    def outcome(self) -> Outcome:
        """How far it has come."""
        return self.judgement.verdict.outcome

    @property
    def state(self) -> str:
        """What was seen last, in one line."""
        return self.judgement.verdict.state

    @property
    def identity(self) -> str:
        """The object or objects in words."""
        return str(self.wait.query)

    def as_dict(self) -> dict[str, Any]:
        """The entry of a module's result."""
        query = self.wait.query
        return {
            "api_version": query.api_version,
            "kind": query.kind,
            "namespace": query.namespace,
            "name": query.name or None,
            "label_selector": query.label_selector or None,
            "satisfied": self.outcome is Outcome.SATISFIED,
            "state": self.state,
            "elapsed": round(self.elapsed, 1),
        }


@dataclass(frozen=True)
class WaitReport:
    """How all waits of a task stand."""

    results: tuple[WaitResult, ...]
    elapsed: float
    """Seconds since the beginning."""

    @property
    def satisfied(self) -> bool:
        """Whether there is nothing left to wait for."""
        return all(result.outcome is Outcome.SATISFIED for result in self.results)

    def unsatisfied(self) -> list[WaitResult]:
        """What is not as wanted, failures first."""
        rest = [result for result in self.results if result.outcome is not Outcome.SATISFIED]
        return sorted(rest, key=lambda result: result.outcome is not Outcome.FAILED)

    def as_result(self) -> dict[str, Any]:
        """The module's result."""
        return {
            "satisfied": self.satisfied,
            "elapsed": round(self.elapsed, 1),
            "resources": [result.as_dict() for result in self.results],
        }


def progress_line(report: WaitReport, timeout: float) -> str:
    """One line for a user who waits."""
    rest = report.unsatisfied()
    named = "; ".join(f"{result.identity}: {result.state}" for result in rest[:WAITS_IN_LINE])
    more = f"; and {len(rest) - WAITS_IN_LINE} more" if len(rest) > WAITS_IN_LINE else ""
    return f"waiting for {_tally(report)} ({report.elapsed:.0f} of {timeout:.0f} s): {named}{more}"


def failure_message(verb: str, report: WaitReport, client: Reader) -> str:
    """Each unsatisfied object with its last state and the likely cause.

    :param verb: how the wait ended: `Timed out`, `Gave up`.
    :param client: for what the likely cause needs to be read besides.
    """
    lines = [f"{verb} after {report.elapsed:.0f} s: {_tally(report)} not as wanted"]
    for result in report.unsatisfied():
        wanted = f" {result.wait.wanted}" if result.wait.wanted else ""
        failed = " failed" if result.outcome is Outcome.FAILED else ""
        lines.append(f"- {result.identity}{wanted}{failed}: {result.state}")
        lines += [f"    {line}" for line in _objects(result)]
        lines += [f"    likely cause: {line}" for line in likely_causes(client, result.wait, result.judgement)]
    return "\n".join(lines)


def _tally(report: WaitReport) -> str:
    total = len(report.results)
    return f"{len(report.unsatisfied())} of {total} resource{'s' if total > 1 else ''}"


def _objects(result: WaitResult) -> list[str]:
    """The conditions of the object; of several objects, a line for each that is not as wanted."""
    each = result.judgement.each
    if result.wait.query.name:
        return [line for obj, _verdict in each for line in _other_conditions(obj, result.state)]
    rest = [(obj, verdict) for obj, verdict in each if verdict.outcome is not Outcome.SATISFIED]
    return _several(rest)


def _several(rest: Sequence[tuple[Any, Verdict]]) -> list[str]:
    lines = [f"{name_of(obj)}: {verdict.state}" for obj, verdict in rest[:OBJECTS_IN_MESSAGE]]
    return lines + ([f"and {len(rest) - OBJECTS_IN_MESSAGE} more"] if len(rest) > OBJECTS_IN_MESSAGE else [])


def _other_conditions(obj: Any, said: str) -> list[str]:
    lines = [describe_condition(entry) for entry in conditions(obj)]
    return [line for line in lines if line not in said]
