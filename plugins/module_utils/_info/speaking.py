# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A few words with a server, enough to know that it is one: Redis, HTTP, or any that keeps a connection open.

Redis: https://redis.io/docs/latest/develop/reference/protocol-spec/ (inline commands, first bytes of answers).
"""

from __future__ import annotations

import re
import socket
import time
from typing import NamedTuple, Protocol

REDIS, HTTP, TCP = "redis", "http", "tcp"
KINDS = (REDIS, HTTP, TCP)

OPEN_SECONDS = 0.7
"""How long a connection has to stay open: a router that leads nowhere closes it at once."""
MOST_BYTES = 4096
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_RESP = (b"+", b"-", b":", b"$", b"*")


class Connection(Protocol):
    """What is needed of a socket."""

    def settimeout(self, value: float) -> None:
        """Seconds that a call may take."""

    def sendall(self, data: bytes) -> None:
        """Send everything."""

    def recv(self, size: int) -> bytes:
        """What has come, at most so many bytes; empty at the end."""


class Spoken(NamedTuple):
    """How it went."""

    ok: bool
    message: str
    seconds: float | None = None
    """From the question to the first byte of the answer."""


def speak(connection: Connection, kind: str, host: str = "", path: str = "/", timeout: float = 5.0) -> Spoken:
    """Say what fits the kind, and judge the answer.

    :param host: name of the service, for HTTP.
    :param timeout: seconds for the whole.
    """
    try:
        if kind == TCP:
            return _stays_open(connection, timeout)
        question = b"PING\r\n" if kind == REDIS else _request(host, path)
        return _ask(connection, kind, question, timeout)
    except OSError as error:  # a time-out is one
        return Spoken(False, f"no answer ({str(error) or type(error).__name__})")


def _request(host: str, path: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: multicluster.interconnect", "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


def _ask(connection: Connection, kind: str, question: bytes, timeout: float) -> Spoken:
    began = time.monotonic()
    connection.settimeout(timeout)
    connection.sendall(question)
    answer, first = b"", 0.0
    while b"\n" not in answer and len(answer) < MOST_BYTES:
        connection.settimeout(max(0.001, timeout - (time.monotonic() - began)))
        part = connection.recv(MOST_BYTES)
        if not part:
            break
        first = first or time.monotonic() - began
        answer += part
    if not answer:
        return Spoken(False, "the connection was closed without an answer: nothing is behind it")
    good, message = (_judge_redis if kind == REDIS else _judge_http)(answer)
    return Spoken(good, message, round(first, 4))


def _judge_redis(answer: bytes) -> tuple[bool, str]:
    """Any answer of Redis will do: one that wants a password is a Redis, too."""
    line = _shown(answer)
    return answer.startswith(_RESP), f"Redis answers {line}" if answer.startswith(_RESP) else f"no Redis: {line}"


def _judge_http(answer: bytes) -> tuple[bool, str]:
    status = _STATUS.match(answer)
    if status is None:
        return False, f"no HTTP: {_shown(answer)}"
    code = int(status.group(1))
    return code < 400, f"HTTP answers {code}"


def _shown(answer: bytes) -> str:
    line = answer.partition(b"\n")[0].strip()[:60].decode("ascii", "replace")
    return "".join(each if each.isprintable() else "?" for each in line)


def _stays_open(connection: Connection, timeout: float) -> Spoken:
    connection.settimeout(min(OPEN_SECONDS, timeout))
    began = time.monotonic()
    try:
        said = connection.recv(MOST_BYTES)
    except socket.timeout:  # an error of its own before Python 3.10
        return Spoken(True, "the connection is taken and stays open")
    if said:
        return Spoken(True, "the server speaks", round(time.monotonic() - began, 4))
    return Spoken(False, "the connection was closed at once: nothing is behind it")
