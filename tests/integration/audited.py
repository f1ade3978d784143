# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API servers have really been asked, by their audit logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pprint import pformat

from tests.integration.runs import Run, TaskRun
from tests.lab import Lab
from tests.lab.audit import AuditEvent, AuditLog

OURS = "multicluster.interconnect/"

# A POST of one of these is a question; nothing is stored. The audit log calls it a create all the same.
QUESTIONS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass
class Audited:
    """The requests of this collection to some clusters while a block ran; complete once it has ended."""

    look: Callable[[], None]
    """Brings `requests` up to date."""
    requests: list[tuple[str, AuditEvent]] = field(default_factory=list)
    """Cluster and request, in the order in which they came in."""

    @property
    def writes(self) -> list[str]:
        """All writes, refused ones as well, as `cluster: verb resource[/subresource] [namespace/]name[: code]`."""
        return [_line(cluster, event) for cluster, event in self.requests if _is_write(event)]

    def during(self, *tasks: TaskRun) -> list[str]:
        """The writes that came in while some tasks ran."""
        return [
            _line(cluster, event)
            for cluster, event in self.requests
            if _is_write(event) and any(task.began <= event.received <= task.ended for task in tasks)
        ]

    def wait_for_writes(self, count: int, under_way: Callable[[], bool]) -> bool:
        """Return within the block as soon as so many writes have been asked for, or when nothing is under way any more.

        Returns whether there have been so many.
        """
        while under_way():
            self.look()
            if len(self.writes) >= count:
                return True
        return False

    def clusters(self) -> set[str]:
        """The clusters that were asked anything."""
        return {cluster for cluster, _event in self.requests}

    def expect_triple(self, run: Run, name: str, writes: list[str], same: tuple[str, ...] = ()) -> None:
        """Hold a `triple` of steps to the truth.

        The check run writes nothing and predicts the change, the real one writes just `writes` (in any order), the
        repetition writes nothing; the check's result has the same values as the real one's under the keys `same`.
        """
        check, real, again = (run.task(each) for each in (f"check {name}", name, f"{name} again"))
        assert not any(each.failed for each in (check, real, again)), run.output
        _same("writes of the check run", self.during(check), [])
        _same("writes", sorted(self.during(real)), sorted(writes))
        _same("writes of the second run", self.during(again), [])
        changed = (check.changed, real.changed, again.changed)
        _same("changed of check, real and second run", changed, (bool(writes), bool(writes), False))
        for key in same:
            _same(f"{key} as predicted", real[key], check[key])
        _same("diff as predicted", _diff(real), _diff(check))
        _same("diff of the second run", _diff(again), [])


def _same(what: str, found: object, expected: object) -> None:
    assert found == expected, f"{what}:\n{pformat(found)}\ninstead of\n{pformat(expected)}"


def _diff(task: TaskRun) -> list[object]:
    """The diffs of a task, one an object."""
    found = task.result.get("diff") or []
    return [found] if isinstance(found, dict) else list(found)


def _is_write(event: AuditEvent) -> bool:
    return event.is_write and event.resource not in QUESTIONS


def _line(cluster: str, event: AuditEvent) -> str:
    resource = f"{event.resource}/{event.subresource}" if event.subresource else event.resource
    name = f"{event.namespace}/{event.name}" if event.namespace and event.resource != "namespaces" else event.name
    # What is to be deleted may be taken along by a controller of the cluster just then.
    done = event.code < 300 or (event.verb == "delete" and event.code == 404)
    refused = "" if done else f": {event.code}"
    return f"{cluster}: {event.verb} {resource} {name}{refused}"


@contextmanager
def audited(lab: Lab, *clusters: str) -> Iterator[Audited]:
    """Note all requests of this collection to some clusters (default: all of the lab) while the block runs."""
    logs: dict[str, AuditLog] = {each: lab.audit(each) for each in clusters or lab.clusters}
    marks = {cluster: log.mark() for cluster, log in logs.items()}

    def look() -> None:
        events = [
            (cluster, event)
            for cluster, log in logs.items()
            for event in log.since(marks[cluster])
            if event.user_agent.startswith(OURS)
        ]
        found.requests = sorted(events, key=lambda entry: entry[1].received)

    found = Audited(look)
    yield found
    look()
