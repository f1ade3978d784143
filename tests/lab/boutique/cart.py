# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of image ``lab-cart``: in the place of cartservice, by HTTP instead of gRPC.

``GET /user`` reads a user's cart, a text, empty at first, and ``PUT /user`` (or POST) writes it, in Redis at
``$REDIS_ADDR``; ``GET /_healthz`` asks whether Redis answers. Every request opens a connection of its own, so that each
takes the way that there is at its time.
"""

from __future__ import annotations

import os
import socket
from typing import BinaryIO

from tests.lab.boutique.network import ClusterNetwork, Unreachable
from tests.lab.boutique.server import SECONDS, Answer, serve

PORT = 7070
"""Of the real one."""
HEALTH = "/_healthz"


class RedisError(Exception):
    """Redis' own words."""


def command(address: tuple[str, int], *words: str) -> str | None:
    """Send one command in Redis' own protocol (RESP); return the text of the reply, None for nil."""
    lines = [f"*{len(words)}"]
    for word in words:
        lines += [f"${len(word.encode())}", word]
    with socket.create_connection(address, SECONDS) as connection, connection.makefile("rb") as replies:
        connection.sendall(("\r\n".join(lines) + "\r\n").encode())
        return _reply(replies)


def _reply(replies: BinaryIO) -> str | None:
    line = replies.readline().decode()
    if not line.endswith("\n"):
        raise ConnectionResetError("the connection ended before Redis replied")
    kind, rest = line[0], line[1:].rstrip()
    if kind == "-":
        raise RedisError(rest)
    if kind != "$":
        return rest
    return None if rest == "-1" else replies.read(int(rest)).decode()


class Cart:
    """Carts in Redis."""

    def __init__(self, redis: str, network: ClusterNetwork) -> None:
        self._redis, self._network = redis, network

    def respond(self, method: str, path: str, body: str) -> Answer:
        try:
            address = self._network.locate(self._redis)
            if path == HEALTH:
                return Answer(200, str(command(address, "PING")))
            key = f"cart:{path.strip('/')}"
            if method == "GET":
                return Answer(200, command(address, "GET", key) or "")
            command(address, "SET", key, body)
            return Answer(200, body)
        except (OSError, Unreachable, RedisError) as error:
            return Answer(503, f"Redis at {self._redis}: {error}")


if __name__ == "__main__":
    serve(Cart(os.environ["REDIS_ADDR"], ClusterNetwork()).respond, PORT)
