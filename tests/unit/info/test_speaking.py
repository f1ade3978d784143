# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few words with a server, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._info.speaking import HTTP, REDIS, TCP, speak

Server = Callable[[socket.socket], None]


@contextmanager
def talking_to(server: Server) -> Iterator[socket.socket]:
    """A connection whose other end is in the hands of `server`, which closes it."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            server(theirs)

    thread = threading.Thread(target=serve)
    thread.start()
    with ours:
        yield ours
    thread.join()


def answering(*parts: bytes) -> Server:
    def serve(connection: socket.socket) -> None:
        assert connection.recv(1000)
        for part in parts:
            connection.sendall(part)
            time.sleep(0.01)

    return serve


def until_closed(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


@pytest.mark.parametrize(
    ("answer", "good", "says"),
    [
        ((b"+PONG\r\n",), True, "Redis answers +PONG"),
        ((b"-NOAUTH Authentication required.\r\n",), True, "Redis answers -NOAUTH Authentication required."),
        ((b"+PO", b"NG\r\n"), True, "Redis answers +PONG"),
        ((b"HTTP/1.1 400 Bad Request\r\n",), False, "no Redis: HTTP/1.1 400 Bad Request"),
        ((b"\x16\x03\x01\x00\n",), False, "no Redis: ????"),
        ((), False, "the connection was closed without an answer: nothing is behind it"),
    ],
)
def test_redis(answer: tuple[bytes, ...], good: bool, says: str) -> None:
    with talking_to(answering(*answer)) as connection:
        spoken = speak(connection, REDIS)
    assert (spoken.ok, spoken.message) == (good, says)
    assert (spoken.seconds is not None) is bool(answer)


@pytest.mark.parametrize(
    ("answer", "good", "says"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True, "HTTP answers 200"),
        (b"HTTP/1.0 302 Found\r\n\r\n", True, "HTTP answers 302"),
        (b"HTTP/1.1 500 Oops\r\n\r\n", False, "HTTP answers 500"),
        (b"+PONG\r\n", False, "no HTTP: +PONG"),
    ],
)
def test_http(answer: bytes, good: bool, says: str) -> None:
    asked = []

    def serve(connection: socket.socket) -> None:
        asked.append(connection.recv(1000))
        connection.sendall(answer)

    with talking_to(serve) as connection:
        spoken = speak(connection, HTTP, host="frontend", path="/cart")
    assert (spoken.ok, spoken.message) == (good, says)
    assert asked[0].startswith(b"GET /cart HTTP/1.1\r\nHost: frontend\r\n")


def test_a_connection_that_stays_open_will_do_where_the_words_are_not_known() -> None:
    with talking_to(until_closed) as connection:
        assert speak(connection, TCP).ok


def test_a_router_that_leads_nowhere_takes_a_connection_and_closes_it() -> None:
    with talking_to(lambda connection: None) as connection:
        spoken = speak(connection, TCP)
    assert (spoken.ok, spoken.message) == (False, "the connection was closed at once: nothing is behind it")


def test_a_server_that_speaks_first_will_do() -> None:
    with talking_to(lambda connection: connection.sendall(b"220 ready\r\n")) as connection:
        assert speak(connection, TCP).ok


@pytest.mark.parametrize("kind", [REDIS, HTTP])
def test_a_server_that_says_nothing_is_given_up(kind: str) -> None:
    with talking_to(until_closed) as connection:
        spoken = speak(connection, kind, timeout=0.05)
    assert not spoken.ok
    assert spoken.message.startswith("no answer")


def test_a_server_that_sends_for_ever_is_not_listened_to_for_ever() -> None:
    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection.sendall(b"x" * 1000)

    with talking_to(serve) as connection:
        assert not speak(connection, REDIS).ok
