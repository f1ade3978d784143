# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The poll loop: waits for many objects at once, ends early on failure, and says what it last saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .._client.errors import ApiError, InputError, InterconnectError, MissingKind, Unreachable
from .acceptors import clip
from .catalog import group_of
from .goal import Judgement, Outcome, Query, Verdict
from .reading import Answer, Reader, Reading
from .report import WaitReport, WaitResult, failure_message, progress_line
from .wait import Wait

# Seconds into the wait at which a line tells what is still not there; afterwards each time the last step has passed.
PROGRESS_AT = (0, 5, 15, 30, 60)

# What installs further kinds: a kind that is not there yet may come while one of these is waited for.
BRINGS_KINDS = (
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("operators.coreos.com", "Subscription"),
    ("operators.coreos.com", "ClusterServiceVersion"),
    # Its operator brings the kinds of gateways when it starts (submariner-operator main.go).
    ("submariner.io", "Submariner"),
)


class WaitTimeout(InterconnectError):
    """Time is up. `details`: `resources` and `elapsed`, as in a module's result."""


class WaitFailed(InterconnectError):
    """A failure acceptor holds: waiting longer is in vain. `details` as of WaitTimeout."""


class Clock(Protocol):
    """Time in seconds from any beginning, and a way to let it pass."""

    def now(self) -> float:
        """The present time."""

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


class SystemClock:
    """The machine's clock, which nobody sets back."""

    def now(self) -> float:
        """Seconds since some time."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


@dataclass(frozen=True)
class _Observation:
    """What one round saw of one wait."""

    judgement: Judgement
    error: ApiError | None = None


def evaluate(client: Reader, waits: Sequence[Wait]) -> WaitReport:
    """Look once, wait never: for check mode, where the objects may not be there yet.

    :raises ApiError: the cluster could not be asked; a kind that is not installed counts as not satisfied.
    """
    observations = _observe(Reading(client), waits)
    for observation in observations:
        if isinstance(observation.error, Unreachable):
            raise observation.error
    return _report(waits, observations, 0.0, [0.0] * len(waits))


def wait_for(
    client: Reader,
    waits: Sequence[Wait],
    timeout: float,
    sleep: float,
    progress: Callable[[str], None] = lambda line: None,
    clock: Clock | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> WaitReport:
    """Wait until all of `waits` are satisfied in one and the same round.

    Each round reads all objects anew, so that what was there and has gone again is noticed. A failure must be seen in
    two rounds in succession: it may be left over from before the last change, on kinds without observedGeneration.
    An API server that stops answering is waited for; one that has never answered is not.

    :param timeout: seconds, 0 or more; 0 looks once.
    :param sleep: seconds, above 0, between the end of a round and the beginning of the next.
    :param progress: takes a line for the user at growing intervals.
    :param meanwhile: called after each round that left something to wait for; what it raises ends the wait.
    :raises WaitTimeout: time is up.
    :raises WaitFailed: a failure acceptor holds.
    :raises MissingKind: the kind of an object is not installed, and nothing else that is waited for may bring it.
    :raises InputError: a timeout or sleep out of range; a namespaced object without a namespace.
    :raises ApiError: credentials or permissions do not suffice.
    """
    if timeout < 0:
        raise InputError("wait_timeout", f"is {timeout}: give seconds, 0 or more")
    if sleep <= 0:
        raise InputError("wait_sleep", f"is {sleep}: give seconds, 1 or more")
    return _Poll(client, waits, timeout, sleep, progress, clock or SystemClock()).run(meanwhile)


class _Poll:
    def __init__(
        self,
        client: Reader,
        waits: Sequence[Wait],
        timeout: float,
        sleep: float,
        progress: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._reading = Reading(client)
        self._waits = waits
        self._timeout = timeout
        self._sleep = sleep
        self._progress = progress
        self._clock = clock
        self._start = clock.now()
        self._next_line = float(PROGRESS_AT[0])
        self._last_states: list[Judgement | None] = [None] * len(waits)
        self._satisfied_at: list[float | None] = [None] * len(waits)

    def run(self, meanwhile: Callable[[], None]) -> WaitReport:
        failed_before: set[int] = set()
        while True:
            observations = self._round()
            report = self._report(observations)
            if report.satisfied:
                return report
            failed = {number for number, result in enumerate(report.results) if result.outcome is Outcome.FAILED}
            left = self._timeout - self._elapsed()
            if failed & failed_before or (failed and left <= 0):
                raise self._error(WaitFailed, report)
            if left <= 0:
                raise self._error(WaitTimeout, report)
            failed_before = failed
            self._tell(report)
            meanwhile()
            self._clock.sleep(min(self._sleep, left))

    def _elapsed(self) -> float:
        return self._clock.now() - self._start

    def _round(self) -> list[_Observation]:
        with self._reading.client.without_retries():
            observations = _observe(self._reading, self._waits)
        kinds_may_come = any(_brings_kinds(wait) for wait in self._waits)
        for observation in observations:
            if isinstance(observation.error, MissingKind) and not kinds_may_come:
                raise observation.error
            if isinstance(observation.error, Unreachable) and not self._reading.answered:
                raise observation.error
        return [self._with_memory(number, observation) for number, observation in enumerate(observations)]

    def _with_memory(self, number: int, observation: _Observation) -> _Observation:
        """What was seen last, where a round could see nothing."""
        before = self._last_states[number]
        if not isinstance(observation.error, Unreachable):
            self._last_states[number] = observation.judgement
            return observation
        if before is None:
            return observation
        state = clip(f"{observation.judgement.verdict.state}; seen last: {before.verdict.state}")
        return _Observation(Judgement(Verdict(Outcome.PENDING, state), before.each), observation.error)

    def _report(self, observations: Sequence[_Observation]) -> WaitReport:
        elapsed = self._elapsed()
        for number, observation in enumerate(observations):
            if observation.judgement.verdict.outcome is not Outcome.SATISFIED:
                self._satisfied_at[number] = None
            elif self._satisfied_at[number] is None:
                self._satisfied_at[number] = elapsed
        times = [elapsed if at is None else at for at in self._satisfied_at]
        return _report(self._waits, observations, elapsed, times)

    def _tell(self, report: WaitReport) -> None:
        if report.elapsed < self._next_line:
            return
        self._progress(progress_line(report, self._timeout))
        later = [float(at) for at in PROGRESS_AT if at > report.elapsed]
        self._next_line = later[0] if later else report.elapsed + PROGRESS_AT[-1]

    def _error(self, kind: type[InterconnectError], report: WaitReport) -> InterconnectError:
        verb = "Timed out" if kind is WaitTimeout else "Gave up"
        return kind(failure_message(verb, report, self._reading.client), **report.as_result())


def _observe(reading: Reading, waits: Sequence[Wait]) -> list[_Observation]:
    found = reading.read(wait.query for wait in waits)
    further = reading.read(query for wait in waits for query in _further(wait, found[wait.query]))
    return [_judge(wait, found[wait.query], further) for wait in waits]


def _further(wait: Wait, answer: Answer) -> list[Query]:
    rule = wait.goal.rule
    return [query for obj in answer.objects for query in rule.reads(obj, wait)] if rule else []


def _judge(wait: Wait, answer: Answer, further: dict[Query, Answer]) -> _Observation:
    companions = {query: further[query] for query in _further(wait, answer)}
    error = answer.error or next((entry.error for entry in companions.values() if entry.error), None)
    if error is None:
        return _Observation(wait.judge(answer.objects, {query: entry.objects for query, entry in companions.items()}))
    if isinstance(error, MissingKind) and wait.goal.met_by_nothing:
        return _Observation(Judgement(Verdict(Outcome.SATISFIED, "its kind is not installed")))
    if isinstance(error, ApiError):
        return _Observation(Judgement(Verdict(Outcome.PENDING, clip(error.message))), error)
    raise InputError(
        f"{wait.field}.namespace", f"{wait.query.kind} is a namespaced kind: give the namespace"
    ) from error


def _brings_kinds(wait: Wait) -> bool:
    return (group_of(wait.query.api_version), wait.query.kind) in BRINGS_KINDS and not wait.goal.wants_absence


def _report(
    waits: Sequence[Wait], observations: Sequence[_Observation], elapsed: float, times: Sequence[float]
) -> WaitReport:
    results = tuple(
        WaitResult(wait, observation.judgement, at) for wait, observation, at in zip(waits, observations, times)
    )
    return WaitReport(results, elapsed)


__all__ = ["Clock", "SystemClock", "WaitFailed", "WaitTimeout", "evaluate", "wait_for"]
