# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Kubernetes API client on the standard library.

The lab's doubles are long-running and many; without the ``kubernetes`` package each starts at once and stays small. And
the lab must not share faults with the client that it is there to test.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
TIMEOUT_SECONDS = 30.0


class ApiError(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason


def path(
    api_version: str, resource: str, name: str = "", namespace: str = "", subresource: str = "", **query: str
) -> str:
    """Path of a resource: ``path("v1", "pods", "redis-0", "boutique", "status")``."""
    parts = ["api" if "/" not in api_version else "apis", api_version]
    parts += ["namespaces", namespace] if namespace else []
    parts += [each for each in (resource, name, subresource) if each]
    return "/" + "/".join(parts) + (f"?{urllib.parse.urlencode(query)}" if query else "")


class Api:
    """One cluster's API. Threads may share it; each has its own connection."""

    def __init__(
        self,
        server: str,
        ca: bytes,
        certificate: bytes = b"",
        key: bytes = b"",
        token: str = "",
        user_agent: str = "lab",
    ) -> None:
        address = urllib.parse.urlsplit(server)
        self.server = server
        self._host, self._port = str(address.hostname), address.port or 443
        self._tls = ssl.create_default_context(cadata=ca.decode())
        if certificate:
            # The ssl module reads client certificates from files only.
            with tempfile.NamedTemporaryFile() as both:
                both.write(certificate + key)
                both.flush()
                self._tls.load_cert_chain(both.name)
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._local = threading.local()

    @classmethod
    def from_kubeconfig(cls, file: Path, context: str = "", user_agent: str = "lab") -> Api:
        """Open the API of a context (by default the current one) of a kubeconfig with embedded credentials."""
        config = yaml.safe_load(file.read_text())
        wanted = context or config["current-context"]
        chosen = next(each["context"] for each in config["contexts"] if each["name"] == wanted)
        cluster = next(each["cluster"] for each in config["clusters"] if each["name"] == chosen["cluster"])
        user = next(each["user"] for each in config["users"] if each["name"] == chosen["user"])
        return cls(
            cluster["server"],
            base64.b64decode(cluster["certificate-authority-data"]),
            base64.b64decode(user.get("client-certificate-data", "")),
            base64.b64decode(user.get("client-key-data", "")),
            user.get("token", ""),
            user_agent,
        )

    def request(
        self, method: str, target: str, body: Any = None, content_type: str = "application/json", **headers: str
    ) -> Any:
        """Send one request; return the decoded answer. Raise ApiError, or OSError when the server is out of reach."""
        payload = None if body is None else json.dumps(body).encode()
        sent = self._headers | ({"Content-Type": content_type} if payload else {}) | headers
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            response, data = self._exchange(method, target, payload, sent)
            # "Later": the server has not done anything, as while it takes up a definition that has just been applied.
            if response.status != 429 or time.monotonic() > deadline:
                break
            time.sleep(float(response.headers.get("Retry-After") or 1))
        if response.status >= 300:
            raise _error(response.status, response.reason, data)
        return json.loads(data) if response.headers.get_content_type() == "application/json" else data.decode()

    def _exchange(
        self, method: str, target: str, payload: bytes | None, sent: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        for attempt in (1, 2):
            reused = getattr(self._local, "connection", None) is not None
            connection = self._connection()
            try:
                connection.request(method, target, payload, sent)
                response = connection.getresponse()
                return response, response.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # A kept connection may have been closed by a server that has restarted since.
                if not reused or attempt == 2:
                    raise OSError(f"{method} {self.server}{target}: {error!r}") from error
        raise AssertionError("the second attempt returns or raises")

    def get(self, target: str) -> Object:
        result: Object = self.request("GET", target)
        return result

    def find(self, target: str) -> Object | None:
        """Like get, but None when there is no such object."""
        try:
            return self.get(target)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def items(self, target: str) -> list[Object]:
        """All objects of a list."""
        found: list[Object] = self.get(target).get("items") or []
        return found

    def create(self, target: str, body: Object) -> Object:
        result: Object = self.request("POST", target, body)
        return result

    def replace(self, target: str, body: Object) -> Object:
        result: Object = self.request("PUT", target, body)
        return result

    def merge(self, target: str, patch: Object) -> Object:
        result: Object = self.request("PATCH", target, patch, MERGE_PATCH)
        return result

    def apply(self, target: str, body: Object, manager: str = "lab") -> Object:
        """Server-side apply as field manager ``lab``."""
        joint = "&" if "?" in target else "?"
        result: Object = self.request("PATCH", f"{target}{joint}fieldManager={manager}&force=true", body, APPLY_PATCH)
        return result

    def delete(self, target: str, options: Object | None = None) -> None:
        """Delete; nothing happens when the object is gone already."""
        try:
            self.request("DELETE", target, options)
        except ApiError as error:
            if error.status != 404:
                raise

    def watch(self, target: str, resource_version: str, seconds: int = 300) -> Iterator[Object]:
        """Yield watch events until the server ends the watch, after ``seconds`` at the latest."""
        query = {"watch": "1", "resourceVersion": resource_version, "timeoutSeconds": str(seconds)}
        query["allowWatchBookmarks"] = "true"
        joint = "&" if "?" in target else "?"
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=seconds + 30, context=self._tls)
        try:
            connection.request("GET", f"{target}{joint}{urllib.parse.urlencode(query)}", headers=self._headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _error(response.status, response.reason, response.read())
            while line := response.readline():
                yield json.loads(line)
        except http.client.HTTPException as error:
            raise OSError(f"watch of {self.server}{target}: {error!r}") from error
        finally:
            connection.close()

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> http.client.HTTPSConnection:
        connection: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._tls)
            self._local.connection = connection
        return connection


def _error(status: int, reason: str, data: bytes) -> ApiError:
    try:
        answer: Mapping[str, Any] = json.loads(data)
        return ApiError(status, str(answer.get("reason") or reason), str(answer.get("message") or ""))
    except (ValueError, AttributeError):
        return ApiError(status, reason, data.decode(errors="replace")[:500])
