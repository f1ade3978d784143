# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections from a WebSocket to ports of a pod.

Two streams a port, data and error; on each comes the port first, as two bytes, the lower one first. Where the pod does
not let us in, the reason is on the error stream (k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go).
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Mapping

from tests.lab.websocket import CHUNK, WebSocket

PROTOCOLS = ("v4.channel.k8s.io",)
CONNECT_SECONDS = 5.0


def ports_of(query: Mapping[str, list[str]]) -> list[int]:
    """The ports that a request asks for. ValueError for none, or what is none."""
    found = [int(port) for value in query.get("port", []) for port in value.split(",")]
    if not found or not all(0 < port < 1 << 16 for port in found):
        raise ValueError("query parameter port: at least one, each between 1 and 65535")
    return found


def forward(websocket: WebSocket, pod: str, address: str, ports: list[int]) -> None:
    """Carry bytes both ways until either side has ended. ``address``: "" for a pod whose containers do not run."""
    streams: dict[int, socket.socket] = {}
    for number, port in enumerate(ports):
        data, error = 2 * number, 2 * number + 1
        for stream in (data, error):
            websocket.send(stream, struct.pack("<H", port))
        try:
            streams[data] = _connect(address, port)
        except OSError as problem:
            websocket.send(error, f"error forwarding port {port} to pod {pod}, uid : {problem}".encode())
    try:
        while streams and not websocket.ended:
            _carry(websocket, streams)
    finally:
        for connection in streams.values():
            connection.close()
    if not websocket.ended:
        websocket.close()


def _connect(address: str, port: int) -> socket.socket:
    if not address:
        raise ConnectionRefusedError(f"failed to connect to localhost:{port}: no process runs in it, it is pretended")
    return socket.create_connection((address, port), CONNECT_SECONDS)


def _carry(websocket: WebSocket, streams: dict[int, socket.socket]) -> None:
    """Wait for something, and pass it on."""
    numbers = {connection.fileno(): number for number, connection in streams.items()}
    readable, _writable, _failed = select.select([websocket.fileno(), *numbers], [], [])
    for each in readable:
        if each in numbers:
            _take(websocket, streams, numbers[each])
    if websocket.fileno() in readable:
        for number, data in websocket.receive():
            _give(streams, number, data)


def _take(websocket: WebSocket, streams: dict[int, socket.socket], number: int) -> None:
    try:
        data = streams[number].recv(CHUNK)
    except OSError:
        data = b""
    if data:
        websocket.send(number, data)
    else:
        streams.pop(number).close()


def _give(streams: dict[int, socket.socket], number: int, data: bytes) -> None:
    try:
        if number in streams:
            streams[number].sendall(data)
    except OSError:
        streams.pop(number).close()
