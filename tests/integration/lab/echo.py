# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP server to reach, and a way to reach it."""

from __future__ import annotations

import os
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def echo(address: str) -> Iterator[int]:
    """Run an echo server on a free port of the address; yield the port."""
    with _Server((address, 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def exchange(connection: socket.socket, size: int = 1000) -> bool:
    """Whether fresh random bytes come back as they were sent."""
    sent = os.urandom(size)
    threading.Thread(target=connection.sendall, args=(sent,), daemon=True).start()
    received = b""
    while len(received) < size:
        data = connection.recv(65536)
        if not data:
            return False
        received += data
    return received == sent
