# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rounds of looking until all is done, time is up, or somebody says that it is in vain."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .._client.client import Client
from .._client.errors import InterconnectError, Unreachable
from .._task.task import Task
from .._wait.acceptors import clip
from .._wait.poll import PROGRESS_AT, WaitTimeout


class Hopeless(InterconnectError):
    """What is waited for will not come."""


@dataclass
class Rounds:
    """How often to look, and for how long."""

    task: Task
    client: Client
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self.began

    def until(self, what: str, missing: Callable[[], str], at_most: float = float("inf")) -> None:
        """Look until nothing is missing.

        :param what: is waited for, in words.
        :param missing: looks, and says in one line what is missing; empty when nothing is. An API server that does not
            answer just now is asked again.
        :param at_most: seconds, where that is less than the task's `wait_timeout`.
        :raises WaitTimeout: time is up; says what was missing last.
        """
        timeout, lines = min(at_most, float(self.task.params["wait_timeout"])), list(PROGRESS_AT)
        with self.client.without_retries():
            while True:
                last = _look(missing)
                if not last:
                    return
                if self.elapsed >= timeout:
                    raise WaitTimeout(f"Timed out after {self.elapsed:.0f} s waiting for {what}: {last}")
                if lines and self.elapsed >= lines[0]:
                    self.task.progress(clip(f"{what}: {last} ({self.elapsed:.0f} s)"))
                    later = [at for at in lines if at > self.elapsed]
                    lines = later or [lines[-1] + PROGRESS_AT[-1]]
                self.sleep(min(float(self.task.params["wait_sleep"]), max(0.0, timeout - self.elapsed)))


def _look(missing: Callable[[], str]) -> str:
    try:
        return missing()
    except Unreachable as error:
        return error.message
