# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one part: wait for what it needs, start, watch until ready, start again when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.lab.part import Finish, Notice, Part, Probe
from tests.lab.probe import answers
from tests.lab.process import cpu_seconds, last_lines, resident_bytes, spawn

PROBE_SECONDS = 0.15
MAX_FAILED_STARTS = 5
FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 5.0
SETTLED_SECONDS = 20.0
"""A process that has been ready for this long starts again without a pause when it dies."""


class State(StrEnum):
    STOPPED = "stopped"
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    FAILED = "failed"


class Unit:
    """One part at run time. All methods run in the supervisor's event loop."""

    def __init__(
        self, part: Part, log: Path, wait_for: Callable[[Part], Awaitable[None]], changed: Callable[[Unit], None]
    ) -> None:
        self.part = part
        self.log = log
        self.state = State.STOPPED
        self.restarts = 0
        self.seconds = 0.0
        """From the last start to ready."""
        self.error = ""
        self.ready = asyncio.Event()
        self._wait_for = wait_for
        self._changed = changed
        self._since = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._notice: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep the part running; nothing happens when that is so already, or its one run is done."""
        if self.state is not State.DONE and (self._task is None or self._task.done()):
            self.restarts, self.error = 0, ""
            self._set(State.WAITING)
            self._task = asyncio.get_running_loop().create_task(self._run(), name=self.part.key)

    async def stop(self, *, now: bool = False) -> None:
        """End the part's process, politely first unless ``now``, and do not start it again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._end_process(now)
        self._set(State.STOPPED)

    async def healthy(self) -> bool:
        """Whether the part is ready at this moment, asked anew."""
        if self.state is State.READY and isinstance(self.part.ready, Probe):
            return await answers(self.part.ready)
        return self.state in (State.READY, State.DONE)

    def snapshot(self) -> dict[str, Any]:
        """What `status` tells."""
        pid = self._process.pid if self._process and self._process.poll() is None else 0
        return {
            "part": self.part.key,
            "state": str(self.state),
            "pid": pid,
            "uptime": round(time.monotonic() - self._since, 1),
            "restarts": self.restarts,
            "rss": resident_bytes(pid) if pid else 0,
            "cpu": round(cpu_seconds(pid), 1) if pid else 0.0,
            "seconds": round(self.seconds, 2),
            "url": self.part.url or (self.part.ready.url if isinstance(self.part.ready, Probe) else ""),
            "error": self.error,
            "log": str(self.log),
        }

    async def _run(self) -> None:
        failed_starts, pause = 0, FIRST_PAUSE_SECONDS
        while True:
            self._set(State.WAITING)
            await self._wait_for(self.part)
            began = time.monotonic()
            self._set(State.STARTING)
            self._process, self._notice = spawn(self.part, self.log)
            try:
                was_ready, code = await self._watch(began)
            finally:
                self._close_notice()
            if isinstance(self.part.ready, Finish) and code == 0:
                self.seconds = time.monotonic() - began
                self._set(State.DONE)
                return
            lasted = time.monotonic() - began
            self.error = f"ended with {_describe(code)} after {lasted:.1f} s"
            if was_ready:
                failed_starts = 0
                pause = FIRST_PAUSE_SECONDS if lasted > SETTLED_SECONDS else pause
            else:
                failed_starts += 1
            if failed_starts >= MAX_FAILED_STARTS:
                end = last_lines(self.log)
                self.error += f", {failed_starts} times before it was ready; end of {self.log}:\n{end}{_advice(end)}"
                self._set(State.FAILED)
                return
            self.restarts += 1
            self._set(State.WAITING)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _watch(self, began: float) -> tuple[bool, int]:
        """Watch the process until it ends; return whether it was ready, and its exit code."""
        assert self._process is not None
        ended = asyncio.ensure_future(_ended(self._process))
        became_ready = asyncio.ensure_future(self._becomes_ready())
        was_ready = False
        try:
            await asyncio.wait({ended, became_ready}, return_when=asyncio.FIRST_COMPLETED)
            if became_ready.done() and not ended.done():
                was_ready, self.seconds, self.error = True, time.monotonic() - began, ""
                self._set(State.READY)
            return was_ready, await ended
        finally:
            became_ready.cancel()
            ended.cancel()

    async def _becomes_ready(self) -> None:
        """Return once the part is ready; never for a part that is ready only when it has ended."""
        if isinstance(self.part.ready, Probe):
            while not await answers(self.part.ready):
                await asyncio.sleep(PROBE_SECONDS)
        elif isinstance(self.part.ready, Notice) and self._notice is not None:
            await _readable(self._notice)
            if not os.read(self._notice, 1):
                await asyncio.Event().wait()  # closed without a word: the process has ended
        else:
            await asyncio.Event().wait()

    async def _end_process(self, now: bool) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGKILL if now else signal.SIGTERM)
        try:
            await asyncio.wait_for(_ended(process), self.part.grace_seconds)
        except TimeoutError:
            process.kill()
            await _ended(process)

    def _close_notice(self) -> None:
        if self._notice is not None:
            os.close(self._notice)
            self._notice = None

    def _set(self, state: State) -> None:
        if state is not self.state:
            self.state, self._since = state, time.monotonic()
            if state in (State.READY, State.DONE):
                self.ready.set()
            else:
                self.ready.clear()
            self._changed(self)


def _advice(end: str) -> str:
    """What to do about an end of a log that names the cause only to those who have met it before."""
    if "too many open files" not in end:
        return ""
    limit = Path("/proc/sys/fs/inotify/max_user_instances").read_text(encoding="ascii").strip()
    return (
        f"\nThis mostly means that the machine's {limit} inotify instances are used up; a lab takes about 60. Stop "
        "another lab, or raise the limit: sysctl fs.inotify.max_user_instances=512"
    )


async def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process without a thread; return its exit code."""
    if process.poll() is None:
        descriptor = os.pidfd_open(process.pid)
        try:
            await _readable(descriptor)
        finally:
            os.close(descriptor)
    return process.wait()


async def _readable(descriptor: int) -> None:
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(descriptor)


def _describe(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
