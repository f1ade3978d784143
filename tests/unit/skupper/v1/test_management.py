# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a v1 router for its links: skmanage, in its pod, over a WebSocket."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1 import management
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.management import Connection
from tests.unit.client.certificates import Authority
from tests.unit.skupper.v1.sites import LINK, NAMESPACE, World, made

CONNECTORS = [
    {"name": LINK, "connectionStatus": "SUCCESS", "connectionMsg": ""},
    {"name": "other", "connectionStatus": "FAILED", "connectionMsg": "certificate verify failed"},
]


class Node:
    """An API server that runs one command in a pod: RFC 6455, subprotocol v4.channel.k8s.io."""

    def __init__(self, authority: Authority, *messages: bytes, status: str = "101 Switching Protocols") -> None:
        self._messages, self._status = messages, status
        self.ca = str(authority.file)
        pair = authority.issue("server", ("127.0.0.1",))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._socket = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self.request = ""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _address = self._socket.accept()
        with connection:
            while "\r\n\r\n" not in self.request:
                self.request += connection.recv(65536).decode()
            key = next(
                line.split(": ")[1] for line in self.request.splitlines() if line.startswith("Sec-WebSocket-Key")
            )
            digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
            upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n"
            accept = f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n"
            headers = upgrade + accept if self._status.startswith("101") else "Content-Length: 0\r\n"
            connection.sendall(f"HTTP/1.1 {self._status}\r\n{headers}\r\n".encode())
            for message in self._messages:
                connection.sendall(b"\x82" + (bytes([126]) + struct.pack(">H", len(message))) + message)
            if self._status.startswith("101"):
                connection.sendall(b"\x88\x00")

    def close(self) -> None:
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []
    authority = Authority(tmp_path, "ca")

    def start(*messages: bytes, **options: Any) -> Node:
        nodes.append(Node(authority, *messages, **options))
        return nodes[-1]

    yield start
    for each in nodes:
        each.close()


def asked(node: Node) -> dict[str, Connection]:
    client = Client({"host": node.url, "api_key": "token-of-a-user", "ca_cert": node.ca})
    try:
        return management.connections(client, NAMESPACE, "skupper-router-1")
    finally:
        client.close()


def ended(code: int = 0) -> bytes:
    if code == 0:
        return b"\x03" + json.dumps({"status": "Success"}).encode()
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return b"\x03" + json.dumps({"status": "Failure", "details": {"causes": causes}}).encode()


def test_the_router_is_asked_in_its_pod(node: Callable[..., Node]) -> None:
    text = json.dumps(CONNECTORS).encode()
    server = node(b"\x01" + text[:10], b"\x01" + text[10:], ended())
    assert asked(server) == {
        LINK: Connection("SUCCESS", ""),
        "other": Connection("FAILED", "certificate verify failed"),
    }
    line, *headers = server.request.splitlines()
    assert line.startswith(f"GET /api/v1/namespaces/{NAMESPACE}/pods/skupper-router-1/exec?")
    for part in ("container=router", "command=skmanage", "command=query", "command=io.skupper.router.connector"):
        assert part in line
    assert "authorization: bearer token-of-a-user" in [header.lower() for header in headers]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ((b"\x02no such entity", ended(1)), "ends with 1: no such entity"),
        ((b"\x01nonsense", ended()), "prints no connectors"),
        ((b'\x01{"a": 1}', ended()), "prints no connectors"),
    ],
)
def test_what_is_no_answer_is_told(node: Callable[..., Node], messages: tuple[bytes, ...], said: str) -> None:
    with pytest.raises(InterconnectError, match=said):
        asked(node(*messages))


def test_a_missing_permission_is_told(node: Callable[..., Node]) -> None:
    with pytest.raises(InterconnectError, match="exec: true needs the right to get and create pods/exec"):
        asked(node(status="403 Forbidden"))


def test_a_link_is_up_when_its_own_connector_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pod = ObjectRef("v1", "Pod", "skupper-router-1", NAMESPACE)
    labels = {"skupper.io/component": "router"}
    world.linking.put(made(pod, metadata={"labels": labels}, status={"phase": "Running"}))
    said = {LINK: Connection("FAILED", "certificate verify failed")}
    monkeypatch.setattr(management, "connections", lambda client, namespace, pod: said)
    with pytest.raises(InterconnectError, match="router says FAILED: certificate verify failed"):
        world.perform(exec=True)
    said[LINK] = Connection("SUCCESS", "")
    assert world.perform(exec=True)["link"]["up"]
    del said[LINK]
    with pytest.raises(InterconnectError, match="has no connector of that name yet"):
        world.perform(exec=True)
    world.linking.objects[pod]["status"]["phase"] = "Pending"
    with pytest.raises(InterconnectError, match="has no connector"):
        world.perform(exec=True)
    assert world.perform(exec=True, check=True)["link"]["up"]
