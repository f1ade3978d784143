# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic over a network while something is done to it: one long connection, and short ones beside it.

What is just on its way over a router's connection when that is closed is lost, and its stream with it. A client like
this one tries again at once; what fails then has found no way at all.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.integration.lab.echo import exchange
from tests.integration.lab.sites import Sites

PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 10.0


@dataclass
class Traffic:
    """What came of it."""

    streamed: int = 0
    """Blocks that came back over the long connection."""
    requests: int = 0
    """Connections that were made, used and closed."""
    looks: int = 0
    """Times that the link was looked at."""
    interrupted: list[str] = field(default_factory=list)
    """What was cut, and went on at the second attempt."""
    failures: list[str] = field(default_factory=list)


class Client:
    """Uses a service without end."""

    def __init__(self, sites: Sites, cluster: str, service: str, found: Traffic) -> None:
        self._sites, self._cluster, self._service, self._found = sites, cluster, service, found
        self._stream = self._connect()

    def keep_streaming(self) -> None:
        """Send a block over the long connection; where that was cut, over another that takes its place."""
        try:
            _block(self._stream)
        except OSError as error:
            self._found.interrupted.append(f"stream: {error!r}")
            self._stream.close()
            self._stream = self._connect()
            _block(self._stream)
        self._found.streamed += 1

    def request(self) -> None:
        """Send a block over a connection of its own; where that was cut, once more."""
        try:
            self._once()
        except OSError as error:
            self._found.interrupted.append(f"request: {error!r}")
            self._once()
        self._found.requests += 1

    def close(self) -> None:
        """End the long connection."""
        self._stream.close()

    def _once(self) -> None:
        with contextlib.closing(self._connect()) as connection:
            _block(connection)

    def _connect(self) -> socket.socket:
        connection = self._sites.connect(self._cluster, self._service)
        connection.settimeout(PATIENCE_SECONDS)
        return connection


@contextmanager
def traffic(sites: Sites, cluster: str, service: str, is_up: Callable[[], bool]) -> Iterator[Traffic]:
    """Use a service without end while the block runs, and look at a link all the time."""
    found, ended = Traffic(), threading.Event()
    client = Client(sites, cluster, service, found)

    def look() -> None:
        found.looks += 1
        if not is_up():
            found.failures.append("the link is down")

    acts = (client.keep_streaming, client.request, look)
    threads = [threading.Thread(target=_repeat, args=(each, ended, found.failures)) for each in acts]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        client.close()


def _block(connection: socket.socket) -> None:
    if not exchange(connection):
        raise OSError("the connection was closed")


def _repeat(act: Callable[[], None], ended: threading.Event, failures: list[str]) -> None:
    while not ended.is_set():
        try:
            act()
        except (OSError, AssertionError) as error:
            failures.append(f"{act.__name__}: {error!r}")
            return
        time.sleep(PAUSE_SECONDS)
