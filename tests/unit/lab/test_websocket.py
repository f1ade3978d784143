# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of a WebSocket, taken off the bytes that have come."""

from __future__ import annotations

import ssl
import struct
from typing import cast

import pytest

from tests.lab.port_forward import ports_of
from tests.lab.websocket import BINARY, CLOSE, CONTINUATION, FINAL, MASKED, PING, PONG, WebSocket

MASK = b"\x11\x22\x33\x44"


class Connection:
    """Gives what a client has sent, piece by piece, and keeps what is sent to it."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces, self.sent = list(pieces), b""

    def settimeout(self, seconds: float) -> None:
        pass

    def recv(self, _size: int) -> bytes:
        if not self._pieces:
            raise ssl.SSLWantReadError
        return self._pieces.pop(0)

    def sendall(self, data: bytes) -> None:
        self.sent += data


def websocket(connection: Connection) -> WebSocket:
    return WebSocket(cast(ssl.SSLSocket, connection))


def frame(payload: bytes, kind: int = BINARY, *, final: bool = True) -> bytes:
    """As a client sends it: masked."""
    size = len(payload)
    if size < 126:
        length = struct.pack(">B", MASKED | size)
    elif size < 1 << 16:
        length = struct.pack(">BH", MASKED | 126, size)
    else:
        length = struct.pack(">BQ", MASKED | 127, size)
    masked = bytes(each ^ MASK[at % 4] for at, each in enumerate(payload))
    return bytes([kind | (FINAL if final else 0)]) + length + MASK + masked


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 65_534, 65_535, 70_000])
def test_messages_of_all_sizes_come_whole(size: int) -> None:
    data = bytes(at % 251 for at in range(size))

    assert websocket(Connection(frame(b"\x02" + data))).receive() == [(2, data)]


def test_a_message_may_come_in_pieces_of_pieces() -> None:
    sent = frame(b"\x00ab", final=False) + frame(b"cd", CONTINUATION) + frame(b"\x04ef")

    received = websocket(Connection(*(sent[at : at + 1] for at in range(len(sent))))).receive()

    assert received == [(0, b"abcd"), (4, b"ef")]


def test_a_ping_is_answered_and_an_end_is_seen() -> None:
    connection = Connection(frame(b"there?", PING), frame(b"\x00bye"), frame(b"", CLOSE))
    under_test = websocket(connection)

    assert under_test.receive() == [(0, b"bye")]
    assert under_test.ended
    assert connection.sent == bytes([FINAL | PONG, 6]) + b"there?"


def test_much_is_sent_in_several_messages() -> None:
    connection = Connection()

    websocket(connection).send(1, b"x" * 40_000)

    first = 32 * 1024 + 1
    assert connection.sent[:5] == struct.pack(">BBHB", FINAL | BINARY, 126, first, 1)
    assert len(connection.sent) == 40_000 + 2 * 5


def test_ports_are_read_as_the_api_server_passes_them_on() -> None:
    assert ports_of({"port": ["80,8080", "443"]}) == [80, 8080, 443]


@pytest.mark.parametrize("query", [{}, {"port": ["http"]}, {"port": ["0"]}, {"port": ["65536"]}])
def test_what_is_no_port_is_refused(query: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"port|invalid literal"):
        ports_of(query)
