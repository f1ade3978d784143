# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's one background process: starts the parts in the order of their needs, in parallel, and keeps them running.

It is told what to do over a Unix socket, one JSON object a line, and answers with one JSON object a line; the last one
of an answer has ``done``. It holds a lock for as long as it lives, and its children die with it (however it dies), so
that a lock that can be taken means that nothing of the lab is running.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

from tests.lab.assembly import Assembly
from tests.lab.layout import Layout
from tests.lab.part import Part, matching
from tests.lab.unit import State, Unit

SOCKET_NAME = "control.sock"
Answer = dict[str, Any]


def socket_path(directory: int) -> str:
    """Path of the control socket in an open directory: short, however deep the lab's folder lies.

    A socket's address holds 107 characters at most, and a checkout may lie deeper than that.
    """
    return f"/proc/self/fd/{directory}/{SOCKET_NAME}"


class Supervisor:
    """All parts of the lab at run time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._parts = Assembly(layout).parts()
        self._units = {key: Unit(part, layout.log(key), self._needs, self._tell) for key, part in self._parts.items()}
        self._listeners: set[asyncio.Queue[Unit]] = set()
        self._end = asyncio.Event()

    async def run(self) -> None:
        """Serve until told to end; then end all parts."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end.set)
        directory = os.open(self._layout.root, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET_NAME, dir_fd=directory)
        server = await asyncio.start_unix_server(self._serve, socket_path(directory))
        try:
            await self._end.wait()
        finally:
            await self._stop(self._units)
            server.close()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(SOCKET_NAME, dir_fd=directory)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request: Answer = {}
        with contextlib.suppress(ConnectionError):
            request = json.loads(await reader.readline())
            try:
                async for answer in self._answer(request):
                    writer.write(json.dumps(answer).encode() + b"\n")
                    await writer.drain()
            except KeyError as error:
                writer.write(json.dumps({"done": True, "error": str(error.args[0])}).encode() + b"\n")
                await writer.drain()
            finally:
                writer.close()
        if request.get("do") == "down":
            self._end.set()

    async def _answer(self, request: Answer) -> AsyncIterator[Answer]:
        to_start = request["do"] in ("start", "restart")
        named = request.get("parts") or ["all"]
        chosen = [key for target in named for key in matching(self._parts, target, to_start=to_start)]
        match request["do"]:
            case "status":
                chosen = [key for key in chosen if key in named or self._is_expected(key)]
                healthy = await asyncio.gather(*(self._units[key].healthy() for key in chosen))
                shown = [self._units[key].snapshot() | {"healthy": ok} for key, ok in zip(chosen, healthy, strict=True)]
                yield {"done": True, "pid": os.getpid(), "parts": shown}
            case "reload":
                self._reload()
                yield {"done": True}
            case "stop" | "down":
                await self._stop(chosen, now=bool(request.get("now")))
                yield {"done": True}
            case "start" | "restart":
                if request["do"] == "restart":
                    await self._stop([key for target in named for key in matching(self._parts, target)])
                async for answer in self._start(chosen, float(request.get("timeout", 600))):
                    yield answer
            case other:
                yield {"done": True, "error": f"unknown request {other!r}"}

    def _reload(self) -> None:
        """Take up parts that the lab has been given since it was started; those that it has stay as they are."""
        for key, part in Assembly(self._layout).parts().items():
            if key not in self._parts:
                self._parts[key] = part
                self._units[key] = Unit(part, self._layout.log(key), self._needs, self._tell)

    async def _start(self, keys: list[str], timeout: float) -> AsyncIterator[Answer]:
        """Start parts and all that they need; tell each change until all are ready or one has failed."""
        wanted = self._with_needs(keys)
        queue: asyncio.Queue[Unit] = asyncio.Queue()
        self._listeners.add(queue)
        deadline = time.monotonic() + timeout
        try:
            for key in wanted:
                self._units[key].start()
            while True:
                failed = [self._units[key] for key in wanted if self._units[key].state is State.FAILED]
                pending = [key for key in wanted if not self._units[key].ready.is_set()]
                if failed or not pending:
                    yield {"done": True, "error": "\n".join(f"{each.part.key} {each.error}" for each in failed)}
                    return
                try:
                    unit = await asyncio.wait_for(queue.get(), max(0.0, deadline - time.monotonic()))
                except TimeoutError:
                    yield {"done": True, "error": f"not ready after {timeout:.0f} s: {', '.join(pending)}"}
                    return
                if unit.part.key in wanted:
                    yield {"change": unit.snapshot(), "pending": len(pending)}
        finally:
            self._listeners.discard(queue)

    async def _stop(self, keys: Iterable[str], *, now: bool = False) -> None:
        """End parts, each after all that need it; ``now``: kill them."""
        left = set(keys)
        while left:
            free = {key for key in left if not any(key in self._parts[other].needs for other in left)}
            await asyncio.gather(*(self._units[key].stop(now=now) for key in free))
            left -= free

    def _with_needs(self, keys: Iterable[str]) -> list[str]:
        wanted: set[str] = set()
        queue = list(keys)
        while queue:
            key = queue.pop()
            if key not in wanted:
                wanted.add(key)
                queue += self._parts[key].needs
        return [key for key in self._parts if key in wanted]

    def _is_expected(self, key: str) -> bool:
        """Whether a part has been started, or should have been by now."""
        return self._parts[key].started_with == "all" or self._units[key].state is not State.STOPPED

    async def _needs(self, part: Part) -> None:
        await asyncio.gather(*(self._units[key].ready.wait() for key in part.needs))

    def _tell(self, unit: Unit) -> None:
        line = f"{time.strftime('%H:%M:%S')} {unit.part.key} {unit.state} {unit.error.splitlines()[:1] or ''}"
        print(line, flush=True)
        for queue in self._listeners:
            queue.put_nowait(unit)


def main() -> int:
    layout = Layout.find()
    if not take_lock(os.open(layout.lock, os.O_WRONLY | os.O_CREAT, 0o600)):
        print("another supervisor is running", file=sys.stderr)
        return 1
    asyncio.run(Supervisor(layout).run())
    return 0


def take_lock(lock: int) -> bool:
    """Take the lock for good; tried for a second, because `control.is_running` holds it for a moment."""
    for _attempt in range(20):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    sys.exit(main())
