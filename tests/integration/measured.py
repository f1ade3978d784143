# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has taken: to be read by people, at the end of a test run and in junit.xml; no test asserts it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from tests.integration.audited import Audited
from tests.integration.runs import Run, TaskRun


def figures(run: Run, log: Audited) -> str:
    """Seconds of each phase, requests of this collection, and results of tasks, in one line.

    :param log: of the clusters that the run was about; what came in before it and after it is not counted.
    """
    seconds = phases(run.tasks)
    began, ended = min(map(_began, run.tasks)), max(each.ended for each in run.tasks)
    requests = sum(began <= event.received <= ended for _cluster, event in log.requests)
    writes = len(log.during(*run.tasks))
    each_phase = ", ".join(f"{phase} {took:.1f}" for phase, took in seconds.items())
    return (
        f"{sum(seconds.values()):.1f} s ({each_phase}); {requests} requests, {writes} of them writes; "
        f"{len(run.tasks)} results of tasks"
    )


def phases(tasks: Iterable[TaskRun]) -> dict[str, float]:
    """Seconds from the first beginning to the last end of the tasks of each phase, in the order of the run.

    A phase that comes back, as a teardown's hub, is one with several times.
    """
    seconds: dict[str, float] = {}
    for phase, group in groupby(tasks, lambda each: each.phase):
        found = list(group)
        took = _time(max(each.ended for each in found)) - _time(min(map(_began, found)))
        seconds[phase] = seconds.get(phase, 0.0) + took.total_seconds()
    return seconds


def _began(task: TaskRun) -> str:
    return task.began or task.ended


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
