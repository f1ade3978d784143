# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTPS server on loopback that answers as a test tells it to, and remembers what it was asked.

It stands for an API server where the way to it is tested (TLS, headers, retries, errors), never for what a real one
decides: for that there is the lab.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.client.certificates import Pair


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `cut` ends the connection in the middle of the body."""

    status: int = 200
    body: Any = field(default_factory=dict)
    """Plain data is sent as JSON, bytes as they are."""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: list[tuple[str, str]]
    body: Any
    peer_certificate: dict[str, Any] | None

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def status(code: int, message: str = "", reason: str | None = "Because", **details: Any) -> Answer:
    """An error as Kubernetes answers it."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return Answer(code, {**body, **({"reason": reason} if reason else {}), **({"details": details} if details else {})})


class ScriptedServer:
    """What is answered (`on`), and what was asked (`requests`)."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self._lock = threading.Lock()

    def on(self, request: str, *answers: Answer) -> None:
        """Answer `METHOD /path` by each of `answers` in turn, and by the last one from then on."""
        self._answers[request] = list(answers)

    def serves(self, api_version: str, *resources: tuple[str, str, bool]) -> None:
        """Discovery of a group and version; resources as (kind, plural, namespaced)."""
        entries = [
            {"kind": kind, "name": plural, "namespaced": namespaced, "verbs": ["get"]}
            for kind, plural, namespaced in resources
        ]
        root = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
        self.on(f"GET {root}", Answer(body={"kind": "APIResourceList", "resources": entries}))

    def take(self, request: Request) -> Answer:
        """The answer for a request, which is remembered."""
        with self._lock:
            self.requests.append(request)
            answers = self._answers.get(str(request))
            if not answers:
                return status(404, f"{request.path} not found", "NotFound")
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def asked(self) -> list[str]:
        """All requests so far, as `METHOD /path`."""
        with self._lock:
            return list(map(str, self.requests))


@contextmanager
def running(pair: Pair, client_ca: str | None = None, port: int = 0) -> Iterator[ScriptedServer]:
    """A server on 127.0.0.1; with `client_ca` it demands a client certificate of that CA."""
    script = ScriptedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # headers and body in one packet

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            tls: ssl.SSLSocket = self.connection
            query = parse_qs(parts.query, keep_blank_values=True)
            headers = list(self.headers.items())
            self._send(
                script.take(
                    Request(self.command, parts.path, query, headers, json.loads(raw or b"null"), tls.getpeercert())
                )
            )

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  # names that http.server looks for

        def _send(self, answer: Answer) -> None:
            data = answer.data()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if answer.cut else data)
            self.close_connection = answer.cut

        def log_message(self, *_arguments: Any) -> None:
            """Stay silent."""

    with quiet_server(Handler, port) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
            # In TLS 1.3 the client is done before the server refuses, and may see a reset connection instead.
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        script.url = f"https://127.0.0.1:{server.server_address[1]}"
        yield script


@contextmanager
def quiet_server(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[ThreadingHTTPServer]:
    """A server that runs in a thread of its own, and keeps trouble with its peers to itself."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that refuses the certificate is what some tests want."""

        def shutdown_request(self, request: Any) -> None:
            with suppress(OSError):
                request.shutdown(socket.SHUT_WR)
            self.close_request(request)

    with Server(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
