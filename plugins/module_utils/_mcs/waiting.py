# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at many exports again and again, until none is pending, time is up, or one of them is hopeless."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

from .._client.client import Client
from .._client.errors import InterconnectError, Unreachable
from .._task.task import Task
from .._wait.acceptors import clip
from .._wait.poll import PROGRESS_AT, WaitFailed, WaitTimeout
from .conditions import Standing
from .names import Key

IN_LINE = 3
IN_MESSAGE = 10


class Pending(NamedTuple):
    """An export that has not reached a stage at a cluster."""

    key: Key
    cluster: str
    standing: Standing

    def __str__(self) -> str:
        return f"{self.key}: stage {self.standing.stage} at {self.cluster}: {self.standing.state}"


Look = Callable[[], Sequence[Pending]]


@dataclass
class Waiting:
    """One wait of a task over some clusters."""

    task: Task
    clients: Sequence[Client]
    hints: Callable[[Sequence[Pending]], Sequence[str]] = lambda pending: ()
    """Likely causes of what is pending at the end."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: Sequence[Pending] = field(default=(), init=False)
    _silent: str = field(default="", init=False)
    """What the server says, or does not, that could not be looked at just now."""

    def until_none(self, look: Look, total: int) -> None:
        """Look until nothing is pending. What is hopeless in two looks in succession ends it: one may have been at the
        state before the last write.

        :param total: number of exports, for messages.
        :raises WaitTimeout, WaitFailed: with every stage that is not reached, and likely causes.
        """
        began, lines, hopeless = self.clock(), [float(at) for at in PROGRESS_AT], set[tuple[Key, str]]()
        timeout, pause = float(self.task.params["wait_timeout"]), float(self.task.params["wait_sleep"])
        with ExitStack() as stack:
            for client in self.clients:
                stack.enter_context(client.without_retries())
            while True:
                done = self._look(look)
                waited = self.clock() - began
                if done:
                    return
                # A look that saw nothing tells nothing anew.
                again = set() if self._silent else hopeless
                now = {(each.key, each.cluster) for each in self._last if each.standing.hopeless}
                if now & again or (now and waited >= timeout):
                    raise self._error(WaitFailed, "Gave up", waited, total)
                if waited >= timeout:
                    raise self._error(WaitTimeout, "Timed out", waited, total)
                if waited >= lines[0]:
                    self.task.progress(self._line(waited, timeout, total))
                    lines = [at for at in lines if at > waited] or [waited + PROGRESS_AT[-1]]
                hopeless = now
                self.sleep(min(pause, timeout - waited))

    def _look(self, look: Look) -> bool:
        """Look once; whether nothing is pending. Where a server does not answer, what was seen last stands."""
        try:
            self._last, self._silent = look(), ""
        except Unreachable as error:
            self._silent = error.message
        return not self._last and not self._silent

    def _line(self, waited: float, timeout: float, total: int) -> str:
        named = [str(each) for each in self._last[:IN_LINE]]
        named += [f"and {len(self._last) - IN_LINE} more"] if len(self._last) > IN_LINE else []
        named += [self._silent] if self._silent else []
        return clip(f"waiting for {self._tally(total)} ({waited:.0f} of {timeout:.0f} s): {'; '.join(named)}")

    def _tally(self, total: int) -> str:
        pending = len({each.key for each in self._last})
        return f"{pending or total} of {total} export{'s' if total > 1 else ''}"

    def _error(self, kind: type[InterconnectError], verb: str, waited: float, total: int) -> InterconnectError:
        lines = [f"{verb} after {waited:.0f} s: {self._tally(total)} not as wanted"]
        first = sorted(self._last, key=lambda each: not each.standing.hopeless)
        lines += [f"- {each}" for each in first[:IN_MESSAGE]]
        lines += [f"- and {len(first) - IN_MESSAGE} more"] if len(first) > IN_MESSAGE else []
        lines += [f"- {self._silent}"] if self._silent else []
        lines += [f"likely cause: {line}" for line in dict.fromkeys(self.hints(self._last))]
        return kind("\n".join(lines))
