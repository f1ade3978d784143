# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic over a network while something is done to it: one long connection, and short ones beside it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.integration.lab.echo import exchange
from tests.integration.lab.sites import Sites

PAUSE_SECONDS = 0.1


@dataclass
class Traffic:
    """What came of it."""

    streamed: int = 0
    """Blocks that came back over the long connection."""
    requests: int = 0
    """Connections that were made, used and closed."""
    looks: int = 0
    """Times that the link was looked at."""
    failures: list[str] = field(default_factory=list)


@contextmanager
def traffic(sites: Sites, cluster: str, service: str, is_up: Callable[[], bool]) -> Iterator[Traffic]:
    """Use a service without end while the block runs, and look at a link all the time."""
    found, ended = Traffic(), threading.Event()
    with sites.connected(cluster, service) as stream:

        def keep_streaming() -> None:
            _block(stream)
            found.streamed += 1

        def request() -> None:
            with sites.connect(cluster, service) as connection:
                _block(connection)
            found.requests += 1

        def look() -> None:
            found.looks += 1
            if not is_up():
                found.failures.append("the link is down")

        threads = [
            threading.Thread(target=_repeat, args=(each, ended, found.failures))
            for each in (keep_streaming, request, look)
        ]
        for thread in threads:
            thread.start()
        try:
            yield found
        finally:
            ended.set()
            for thread in threads:
                thread.join()


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
