# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is waited for, as data: which objects, and the goal for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .._client.errors import InputError
from .acceptors import Acceptor, Object
from .catalog import default_goal, goals_of
from .goal import Found, Goal, Judgement, Outcome, Query, Verdict, joined, name_of


@dataclass(frozen=True)
class Wait:
    """One entry of a task, checked as it is made.

    :raises InputError: options that do not go together, or a goal that the kind does not have.
    """

    api_version: str
    kind: str
    name: str = ""
    """The one object; or give `label_selector`."""
    namespace: str | None = None
    label_selector: str = ""
    """All objects that it selects must reach the goal, and one at least must be there."""
    count: int | None = None
    """How many objects exactly the selector must find; None: one or more."""
    until: str = ""
    """A goal of the table in catalog.py; empty: `success`, or the default one of the kind."""
    clusters: Sequence[str] | None = None
    keys: Sequence[str] | None = None
    success: tuple[Acceptor, ...] = ()
    any_success: bool = False
    failure: tuple[Acceptor, ...] = ()
    retry: tuple[Acceptor, ...] = ()
    field: str = "resources"
    """Where the user wrote it, for messages: `resources[1]`."""

    def __post_init__(self) -> None:
        for option in ("api_version", "kind"):
            if not getattr(self, option):
                raise self._wrong(option, "is empty")
        if bool(self.name) == bool(self.label_selector):
            raise InputError(self.field, "give either name or label_selector, and not empty")
        if self.namespace == "":
            raise self._wrong("namespace", "is empty; leave it out for kinds that have none, and to look in all")
        self._check_parameters()
        self._check_count()

    def _wrong(self, option: str, message: str) -> InputError:
        return InputError(f"{self.field}.{option}", message)

    def _check_parameters(self) -> None:
        for option in ("clusters", "keys"):
            given = getattr(self, option)
            if given is None:
                if option in self.goal.requires:
                    raise self._wrong(option, f"is missing: until {self.goal.name} needs it")
            elif option not in self.goal.takes:
                raise self._wrong(option, f"is not for the goal {self.goal.name or 'that success describes'}")
            elif not given and option not in self.goal.requires:
                # A list that some template left empty, unless the goal is about exactly that list.
                raise self._wrong(option, "is empty; leave it out where any will do")

    def _check_count(self) -> None:
        if self.count is None:
            return
        if self.name:
            raise self._wrong("count", "is for label_selector: a name stands for one object")
        if self.goal.wants_absence or self.count < 1:
            raise self._wrong("count", "is 1 or more; to wait until no object is left, write until: absent alone")

    @property
    def query(self) -> Query:
        """What to read."""
        return Query(self.api_version, self.kind, self.namespace, self.name, self.label_selector)

    @cached_property
    def goal(self) -> Goal:
        """The state to wait for."""
        if self.success:
            if self.until:
                raise self._wrong("until", "goes without success: a built-in goal has its own")
            return Goal("", self.success, self.failure, self.retry, self.any_success)
        if self.any_success:
            raise self._wrong("success_if", "is for success, which is not given")
        goal = self._built_in()
        return replace(goal, failure=goal.failure + self.failure, retry=goal.retry + self.retry)

    def _built_in(self) -> Goal:
        known = {goal.name: goal for goal in goals_of(self.api_version, self.kind)}
        what, names = f"{self.kind} of {self.api_version}", ", ".join(known)
        if self.until:
            if self.until not in known:
                raise self._wrong("until", f"{what} has no goal {self.until!r}; it has {names} (or give success)")
            return known[self.until]
        default = default_goal(self.api_version, self.kind)
        if default is None:
            raise self._wrong("success", f"is missing: {what} has no default goal; give success, or until: {names}")
        return default

    @property
    def wanted(self) -> str:
        """The goal in words: `until selected (ca-toronto, us-philly)`; empty for acceptors that the user wrote."""
        if not self.goal.name:
            return ""
        parameters = ", ".join(self.clusters or self.keys or ())
        return f"until {self.goal.name}" + (f" ({parameters})" if parameters else "")

    def judge(self, objects: Sequence[Object], found: Found) -> Judgement:
        """Judge what the query found."""
        if self.query.name:
            obj = objects[0] if objects else None
            verdict = self.goal.judge(obj, self, found)
            return Judgement(verdict, ((obj, verdict),) if obj is not None else ())
        each = tuple((obj, self.goal.judge(obj, self, found)) for obj in objects)
        return Judgement(self._tally(each), each)

    def _tally(self, each: Sequence[tuple[Object, Verdict]]) -> Verdict:
        failed = [_line(obj, verdict) for obj, verdict in each if verdict.outcome is Outcome.FAILED]
        if failed:
            return Verdict(Outcome.FAILED, joined(failed))
        pending = [_line(obj, verdict) for obj, verdict in each if verdict.outcome is Outcome.PENDING]
        if self.goal.wants_absence:
            return Verdict(Outcome.PENDING, f"{len(each)} left") if each else Verdict(Outcome.SATISFIED, "none left")
        wanted = f" of {self.count}" if self.count is not None else ""
        tally = f"{len(each)}{wanted} found, {len(each) - len(pending)} satisfied"
        enough = len(each) == self.count if self.count is not None else bool(each) or self.goal.met_by_nothing
        if enough and not pending:
            return Verdict(Outcome.SATISFIED, tally)
        return Verdict(Outcome.PENDING, joined([tally, *pending]))


def _line(obj: Object, verdict: Verdict) -> str:
    return f"{name_of(obj)}: {verdict.state}"
