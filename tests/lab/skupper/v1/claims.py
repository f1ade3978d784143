# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims server of a site's config-sync: an HTTPS POST with a password yields a certificate token.

Follows S1 pkg/kube/claims/claim_verifier.go: status and text of the answers, order of the checks, counters; and the use
is counted before the certificate is issued, so that an issue that fails costs one.
"""

from __future__ import annotations

import datetime
import http.server
import ssl
import threading
import time
import urllib.parse
from base64 import b64decode
from dataclasses import dataclass

import yaml

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.errors import LabError
from tests.lab.skupper.v1 import issuing, names

ATTEMPTS = 5
LONGEST_BODY = 64 * 1024
SOCKET_SECONDS = 10.0


@dataclass(frozen=True)
class Refused(Exception):
    """Why a claim is not redeemed."""

    status: int
    text: str


def serve(api: Api, namespace: str, address: str, context: ssl.SSLContext) -> None:
    """Serve at the pod's address, in threads of its own."""

    class Handler(_Handler):
        verifier = ClaimVerifier(api, namespace)

    server = http.server.ThreadingHTTPServer((address, names.CLAIMS_PORT), Handler)
    server.daemon_threads = True
    # The handshake is left to the connection's own thread, so that nobody can hold up others with it.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(60,), name="claims", daemon=True).start()


class ClaimVerifier:
    """Claims of one site."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._namespace = api, namespace

    def redeem(self, name: str, subject: str, password: bytes) -> Object:
        """Return the token as a Secret. Refused when there is none to be had."""
        for attempt in range(ATTEMPTS):
            try:
                self._use(name, password)
                break
            except Refused as refusal:
                if refusal.status != 503 or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.01 * 5**attempt)
        try:
            token = issuing.issue(self._api, self._namespace, subject)
        except (LabError, ApiError, OSError, LookupError, ValueError) as error:
            raise Refused(500, str(error)) from error
        metadata = {"name": subject, "labels": {names.TYPE: names.TOKEN}, "annotations": token.annotations}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "data": token.data,
            "type": "kubernetes.io/tls",
        }

    def _use(self, name: str, password: bytes) -> None:
        """Check the claim, and count this use."""
        target = path("v1", "secrets", name, self._namespace)
        record = self._api.find(target) if name else None
        metadata = record["metadata"] if record else {}
        if record is None or (metadata.get("labels") or {}).get(names.TYPE) != names.CLAIM_RECORD:
            raise Refused(404, "No such claim")
        annotations = dict(metadata.get("annotations") or {})
        expiration = annotations.get(names.CLAIM_EXPIRATION)
        if expiration and _time(expiration) < datetime.datetime.now(datetime.UTC):
            raise Refused(404, "No such claim")
        if b64decode((record.get("data") or {}).get("password", "")) != password:
            raise Refused(403, "Claim refused")
        if remaining := annotations.get(names.CLAIMS_REMAINING):
            if _number(remaining) == 0:
                raise Refused(404, "No such claim")
            annotations[names.CLAIMS_REMAINING] = str(_number(remaining) - 1)
        annotations[names.CLAIMS_MADE] = str(_number(annotations.get(names.CLAIMS_MADE, "0")) + 1)
        changed = record | {"apiVersion": "v1", "kind": "Secret", "metadata": metadata | {"annotations": annotations}}
        try:
            self._api.replace(target, changed)
        except ApiError as error:
            raise Refused(503, "Internal error") from error


class _Handler(http.server.BaseHTTPRequestHandler):
    verifier: ClaimVerifier
    timeout = SOCKET_SECONDS
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        name = url.path.replace("/", "")
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY))
        version = urllib.parse.parse_qs(url.query).get("site-version", [""])[0]
        try:
            _require_compatible(version)
            token = self.verifier.redeem(name, self.headers.get("skupper-site-name") or name, body)
        except Refused as refusal:
            self._answer(refusal.status, f"{refusal.text}\n")
        except (ApiError, OSError) as error:
            self._answer(500, f"{error}\n")
        else:
            self._answer(200, yaml.safe_dump(token))

    def do_GET(self) -> None:
        self._answer(405, "Only POST is supported\n")

    do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815 - the names are the base class's

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        print(f"claims: {self.command} {self.path}: {code} {size}", flush=True)

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


def _require_compatible(version: str) -> None:
    major = version.partition(".")[0]
    if not major.isdigit() or int(major) < 1:
        raise Refused(400, "minimum version required 0.8.0")


def _time(text: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(500, "Corrupted claim") from error


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refused(500, "Corrupted claim") from error
