# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubelet's server, as far as commands in live pods go: ``GET /exec/<namespace>/<pod>/<container>``.

kube-apiserver proxies a client's WebSocket to the node of the pod, at the address and port in the node's status
(kubernetes/kubernetes pkg/registry/core/pod/rest/subresources.go, pkg/kubelet/client). TLS both ways: only the API
server's own client certificate is let in. Protocols v4 and v5 (they differ in how the client ends its input, which is
not taken here); messages begin with the number of their stream, and the last one is a Status on the error stream
(k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go, exec.go).

The translation of v5 into SPDY, which the API server does by default, is switched off in the lab
(``TranslateStreamCloseWebsocketRequests``): the client sees the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import ssl
import struct
import threading
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.lab.commands import Outcome
from tests.lab.controlplane import KUBELET_CLIENT
from tests.lab.informer import Key

STDOUT, STDERR, ERROR = 1, 2, 3
PROTOCOLS = ("v4.channel.k8s.io", "v5.channel.k8s.io")
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 32 * 1024
SOCKET_SECONDS = 30.0


Run = Callable[[Key, str, list[str]], Outcome]
"""Runs a command in a container of a pod. KeyError when there is no such pod."""


def serve(address: str, port: int, pki: Path, run: Run) -> None:
    """Serve for one node, in threads of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(pki / "ca.crt")
    context.load_cert_chain(pki / "kubelet.crt", pki / "kubelet.key")

    class Handler(_Handler):
        command_runner = staticmethod(run)

    server = http.server.ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(60,), name=f"kubelet {address}", daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    command_runner: Run
    timeout = SOCKET_SECONDS
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.connection, ssl.SSLSocket)
        subject = dict(part for each in (self.connection.getpeercert() or {}).get("subject", ()) for part in each)  # type: ignore[misc]
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        offered = [each.strip() for each in self.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        protocol = next((each for each in PROTOCOLS if each in offered), "")
        self.close_connection = True
        if subject.get("commonName") != KUBELET_CLIENT:
            self._refuse(403, "Forbidden")
        elif len(parts) != 4 or parts[0] != "exec":
            self._refuse(404, "404 page not found")
        elif not protocol:
            self._refuse(400, "only WebSockets are served here")
        else:
            command = urllib.parse.parse_qs(url.query).get("command", [])
            try:
                outcome = self.command_runner((parts[1], parts[2]), parts[3], command)
            except KeyError:
                self._refuse(404, "pod does not exist")
            else:
                self._answer(protocol, outcome)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        print(f"kubelet: {self.path}: {code} {size}", flush=True)

    def _refuse(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, protocol: str, outcome: Outcome) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "") + MAGIC
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.send_header("Sec-WebSocket-Protocol", protocol)
        self.end_headers()
        for stream, text in ((STDOUT, outcome.stdout), (STDERR, outcome.stderr)):
            data = text.encode()
            for begin in range(0, len(data), CHUNK):
                self._send(stream, data[begin : begin + CHUNK])
        self._send(ERROR, json.dumps(status_of(outcome)).encode())
        self.wfile.write(b"\x88\x02" + struct.pack(">H", 1000))
        self.wfile.flush()
        self.rfile.read(2)  # the other side's end, so that nothing of ours is lost

    def _send(self, stream: int, data: bytes) -> None:
        payload = bytes([stream]) + data
        size = (
            struct.pack(">BB", 0x82, len(payload))
            if len(payload) < 126
            else struct.pack(">BBH", 0x82, 126, len(payload))
        )
        self.wfile.write(size + payload)


def status_of(outcome: Outcome) -> dict[str, Any]:
    """The Status that ends a command."""
    if outcome.problem:
        message = f"Internal error occurred: {outcome.problem}"
        details = {"causes": [{"message": outcome.problem}]}
        return {
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": "InternalError",
            "details": details,
            "code": 500,
        }
    if not outcome.code:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: error executing command, exit code {outcome.code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(outcome.code)}]},
    }
