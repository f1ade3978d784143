# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Goals: a state that an object is to reach, and how one look at the object is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .._client.errors import ObjectRef
from .acceptors import Absent, Acceptor, Finding, Object, clip, is_being_deleted

if TYPE_CHECKING:
    from .wait import Wait


class Outcome(Enum):
    """How far an object, or a wait, has come."""

    SATISFIED = "satisfied"
    PENDING = "pending"
    FAILED = "failed"


class Verdict(NamedTuple):
    """An outcome, and the state that led to it, in words of one line."""

    outcome: Outcome
    state: str


class Judgement(NamedTuple):
    """A verdict on what a wait is about, and those on the objects that were found."""

    verdict: Verdict
    each: tuple[tuple[Object, Verdict], ...] = ()


class Query(NamedTuple):
    """One thing to read: an object by its name, or the objects that match a label selector."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str = ""
    label_selector: str = ""

    @property
    def ref(self) -> ObjectRef:
        """The object that is read by name."""
        return ObjectRef(self.api_version, self.kind, self.name, self.namespace)

    def __str__(self) -> str:
        if self.name:
            return str(self.ref)
        place = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.kind} with labels {self.label_selector}{place}"


# What was read for each query.
Found = Mapping[Query, Sequence[Object]]


class Rule(Protocol):
    """The part of a goal that acceptors can not say, because it looks at other objects too."""

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """What to read besides the object."""

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """How far the object has come. `found` answers every query of `reads`."""


@dataclass(frozen=True)
class Goal:
    """A state to wait for. Precedence: `retry`, then `failure`, then `success`."""

    name: str = ""
    """Of a built-in goal, as `until` takes it."""
    success: tuple[Acceptor, ...] = ()
    """All must hold, or one of them where `any_success`."""
    failure: tuple[Acceptor, ...] = ()
    """One that holds ends the wait."""
    retry: tuple[Acceptor, ...] = ()
    """One that holds keeps the wait going, whatever the others say."""
    any_success: bool = False
    rule: Rule | None = None
    """Must hold besides `success`."""
    lasting: bool = False
    """Not reached by an object that is being deleted: it would be gone the next moment."""
    vacuous: bool = False
    """Reached by an object that is not there, as a Placement that does not exist selects nothing."""
    hints: tuple[tuple[Acceptor, str], ...] = ()
    """Likely causes, each with the acceptor by which it is told."""
    takes: frozenset[str] = frozenset()
    """Parameters of the goal: `clusters`, `keys`."""
    requires: frozenset[str] = frozenset()
    """Those of them that must be given."""

    @property
    def wants_absence(self) -> bool:
        """Whether an object that is not there has reached the goal."""
        return bool(self.success) and all(isinstance(entry, Absent) and entry.absent for entry in self.success)

    @property
    def met_by_nothing(self) -> bool:
        """Whether the goal is reached where there is no object, or not even its kind."""
        return self.wants_absence or self.vacuous

    def judge(self, obj: Object | None, wait: Wait, found: Found) -> Verdict:
        """Judge one object (None: it is not there)."""
        if self.rule and obj is None:
            return Verdict(Outcome.SATISFIED if self.met_by_nothing else Outcome.PENDING, "not found")
        if self.lasting and obj is not None and is_being_deleted(obj):
            return Verdict(Outcome.PENDING, "is being deleted")
        for entry in self.retry:
            finding = entry.judge(obj)
            if finding.met:
                return Verdict(Outcome.PENDING, finding.found)
        for entry in self.failure:
            finding = entry.judge(obj)
            if finding.met:
                return Verdict(Outcome.FAILED, finding.found)
        findings = [entry.judge(obj) for entry in self.success]
        if self.rule and obj is not None:
            verdict = self.rule.judge(obj, wait, found)
            if verdict.outcome is Outcome.FAILED:
                return verdict
            findings.append(Finding(verdict.outcome is Outcome.SATISFIED, verdict.state))
        return _summary(findings, self.any_success)


def _summary(findings: Sequence[Finding], any_success: bool) -> Verdict:
    met = [finding for finding in findings if finding.met]
    unmet = [finding for finding in findings if not finding.met]
    if met if any_success else not unmet:
        return Verdict(Outcome.SATISFIED, joined(finding.found for finding in met))
    return Verdict(Outcome.PENDING, joined(_with_wish(finding) for finding in unmet))


def _with_wish(finding: Finding) -> str:
    return f"{finding.found}, wanted {finding.wanted}" if finding.wanted else finding.found


def name_of(obj: Object) -> str:
    """The object's name."""
    metadata: Mapping[str, Any] = obj.get("metadata") or {}
    return str(metadata.get("name", ""))


def joined(parts: Iterable[str]) -> str:
    """Several findings in one line."""
    # The same finding of several acceptors ("not found") is said once.
    return clip("; ".join(dict.fromkeys(parts)))
