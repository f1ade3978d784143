# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-ins of the application have in common: an HTTP server on ``$PORT`` of the pod."""

from __future__ import annotations

import http.server
import os
from collections.abc import Callable
from dataclasses import dataclass

from tests.lab.process import say_ready

SECONDS = 5.0
"""For everything that one request asks of others."""


@dataclass(frozen=True)
class Answer:
    """Of a request."""

    status: int
    text: str = ""


Respond = Callable[[str, str, str], Answer]
"""From method, path and body to the answer."""


def serve(respond: Respond, default_port: int) -> None:
    """Serve for ever."""

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = SECONDS

        def do_GET(self) -> None:
            self._any()

        def do_POST(self) -> None:
            self._any()

        def do_PUT(self) -> None:
            self._any()

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            answer = respond(self.command, self.path, body)
            payload = answer.text.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    address = os.environ["POD_IP"], int(os.environ.get("PORT") or default_port)
    server = http.server.ThreadingHTTPServer(address, Handler)
    say_ready()
    server.serve_forever()
