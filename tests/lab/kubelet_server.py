# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubelet's server, as far as live pods go: commands in them, and connections to their ports.

``GET /exec/<namespace>/<pod>/<container>`` and ``/portForward/<namespace>/<pod>``. kube-apiserver proxies a client's
WebSocket to the node of the pod, at the address and port in the node's status (kubernetes/kubernetes
pkg/registry/core/pod/rest/subresources.go, pkg/kubelet/client). TLS both ways: only the API server's own client
certificate is let in. Commands: protocols v4 and v5 (they differ in how the client ends its input, which is not taken
here); the last message is a Status on the error stream (k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go,
exec.go). Ports: `port_forward`.

The translation of v5 into SPDY, which the API server does by default, is switched off in the lab
(``TranslateStreamCloseWebsocketRequests``): the client sees the same bytes.
"""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.lab import port_forward
from tests.lab.commands import Outcome
from tests.lab.controlplane import KUBELET_CLIENT
from tests.lab.informer import Key
from tests.lab.websocket import WebSocket

STDOUT, STDERR, ERROR = 1, 2, 3
PROTOCOLS = ("v4.channel.k8s.io", "v5.channel.k8s.io")
SOCKET_SECONDS = 30.0


Run = Callable[[Key, str, list[str]], Outcome]
"""Runs a command in a container of a pod. KeyError when there is no such pod."""
Locate = Callable[[Key], str]
"""Address of the process that runs for a pod; "" when none does."""


def serve(address: str, port: int, pki: Path, run: Run, locate: Locate) -> None:
    """Serve for one node, in threads of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(pki / "ca.crt")
    context.load_cert_chain(pki / "kubelet.crt", pki / "kubelet.key")

    class Handler(_Handler):
        command_runner = staticmethod(run)
        pod_address = staticmethod(locate)

    server = http.server.ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(60,), name=f"kubelet {address}", daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    command_runner: Run
    pod_address: Locate
    timeout = SOCKET_SECONDS
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.connection, ssl.SSLSocket)
        subject = dict(part for each in (self.connection.getpeercert() or {}).get("subject", ()) for part in each)  # type: ignore[misc]
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        self.close_connection = True
        if subject.get("commonName") != KUBELET_CLIENT:
            self._refuse(403, "Forbidden")
            return
        match url.path.strip("/").split("/"):
            case ["exec", namespace, pod, container]:
                self._exec((namespace, pod), container, query.get("command", []))
            case ["portForward", namespace, pod]:
                self._forward((namespace, pod), query)
            case _:
                self._refuse(404, "404 page not found")

    def _exec(self, pod: Key, container: str, command: list[str]) -> None:
        protocol = self._protocol(PROTOCOLS)
        if not protocol:
            return
        try:
            outcome = self.command_runner(pod, container, command)
        except KeyError:
            self._refuse(404, "pod does not exist")
            return
        websocket = WebSocket.accept(self, protocol)
        for stream, text in ((STDOUT, outcome.stdout), (STDERR, outcome.stderr)):
            websocket.send(stream, text.encode())
        websocket.send(ERROR, json.dumps(status_of(outcome)).encode())
        websocket.close()

    def _forward(self, pod: Key, query: dict[str, list[str]]) -> None:
        protocol = self._protocol(port_forward.PROTOCOLS)
        if not protocol:
            return
        try:
            ports = port_forward.ports_of(query)
        except ValueError as error:
            self._refuse(400, str(error))
            return
        port_forward.forward(WebSocket.accept(self, protocol), pod[1], self.pod_address(pod), ports)

    def _protocol(self, known: tuple[str, ...]) -> str:
        """The first of the known protocols that the client offers; "" when it has been refused."""
        offered = [each.strip() for each in self.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        chosen = next((each for each in known if each in offered), "")
        if not chosen:
            self._refuse(400, "only WebSockets are served here")
        return chosen

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        print(f"kubelet: {self.path}: {code} {size}", flush=True)

    def _refuse(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


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
