# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's end of a WebSocket (RFC 6455) that carries several streams, as Kubernetes uses it.

Each message begins with the number of its stream (k8s.io/apimachinery pkg/util/httpstream/wsstream). Used from one
thread: a TLS connection must not be read and written at the same time.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import select
import ssl
import struct
import time
from collections.abc import Iterator

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 32 * 1024
SEND_SECONDS = 30.0
CLOSE_SECONDS = 5.0
"""How long the other side is waited for at the end."""
CONTINUATION, BINARY, CLOSE, PING, PONG = 0x0, 0x2, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80


class WebSocket:
    """A connection that has been upgraded."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._received, self._message = bytearray(), bytearray()
        self.ended = False
        """The other side has closed it, or is gone."""

    @classmethod
    def accept(cls, handler: http.server.BaseHTTPRequestHandler, protocol: str) -> WebSocket:
        """Answer the request that a handler has read."""
        key = handler.headers.get("Sec-WebSocket-Key", "") + MAGIC
        handler.send_response(101)
        handler.send_header("Upgrade", "websocket")
        handler.send_header("Connection", "Upgrade")
        handler.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        handler.send_header("Sec-WebSocket-Protocol", protocol)
        handler.end_headers()
        assert isinstance(handler.connection, ssl.SSLSocket)
        return cls(handler.connection)

    def fileno(self) -> int:
        """For select: readable when `receive` may have something."""
        return self._connection.fileno()

    def send(self, stream: int, data: bytes) -> None:
        """Send data on a stream, in as many messages as it takes."""
        for begin in range(0, len(data), CHUNK):
            self._send(BINARY, bytes([stream]) + data[begin : begin + CHUNK])

    def receive(self) -> list[tuple[int, bytes]]:
        """What has come since the last time, without waiting: streams and data."""
        self._connection.settimeout(0)
        try:
            while data := self._connection.recv(CHUNK):
                self._received += data
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except OSError:
            self.ended = True
        finally:
            self._connection.settimeout(SEND_SECONDS)
        return [(message[0], message[1:]) for message in self._messages() if message]

    def close(self) -> None:
        """End it, and wait for the other side to do so, that nothing of ours is lost."""
        self._send(CLOSE, struct.pack(">H", 1000))
        deadline = time.monotonic() + CLOSE_SECONDS
        while not self.ended and select.select([self], [], [], max(0.0, deadline - time.monotonic()))[0]:
            self.receive()

    def _messages(self) -> Iterator[bytes]:
        for kind, is_final, payload in self._frames():
            if kind == CLOSE:
                self.ended = True
            elif kind == PING:
                self._send(PONG, payload)
            elif kind != PONG:
                self._message += payload
                if is_final:
                    yield bytes(self._message)
                    self._message.clear()

    def _frames(self) -> Iterator[tuple[int, bool, bytes]]:
        """Take whole frames off what has been received."""
        while len(self._received) >= 2:
            first, second = self._received[:2]
            size, begin = second & ~MASKED, 2
            if size >= 126:
                width = 2 if size == 126 else 8
                begin += width
                size = int.from_bytes(self._received[2:begin], "big")
            mask = self._received[begin : begin + 4] if second & MASKED else b""
            begin += len(mask)
            if len(self._received) < begin + size:
                return
            payload = bytes(self._received[begin : begin + size])
            del self._received[: begin + size]
            yield first & 0x0F, bool(first & FINAL), _unmasked(payload, bytes(mask)) if mask else payload

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = struct.pack(">BB", FINAL | kind, size) if size < 126 else struct.pack(">BBH", FINAL | kind, 126, size)
        self._connection.sendall(head + payload)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
