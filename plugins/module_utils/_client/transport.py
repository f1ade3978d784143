# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to one API server: authentication, retries, typed errors.

The Python client `kubernetes` reads the credentials (kubeconfig, exec plugins, OIDC, proxies); requests go through a
urllib3 pool of our own. The generated `ApiClient` above such a pool changes its signatures between releases, loads the
certificates anew for each connection, and costs more than the request itself.
"""

from __future__ import annotations

import base64
import json
import random
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Callable, NamedTuple
from urllib.parse import urlencode

from .errors import ApiError, FieldConflict, InputError, Unauthorized, Unreachable, from_response, not_kubernetes
from .pool import connection_pool

if TYPE_CHECKING:
    from kubernetes.client import Configuration

# Before the first answer a server may simply be the wrong one: give up soon; but not at once, as each task is a new
# client, and the API server may just be restarting. After it, a restart (a minute on a small control plane) should not
# end the run.
FIRST_CONTACT_SECONDS = 10.0
OUTAGE_SECONDS = 45.0
MAX_PAUSE_SECONDS = 5.0

RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})


class Again(NamedTuple):
    """An attempt that failed in a way that may pass."""

    error: ApiError
    after: float | None = None
    """Seconds that the server asks to wait."""


class Transport:
    """Requests to one API server. Safe to use from several threads."""

    def __init__(
        self,
        configuration: Configuration,
        user_agent: str,
        extra_headers: Sequence[tuple[str, str]] = (),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configuration = configuration
        self._pool = connection_pool(configuration)
        self._sleep = sleep
        self._clock = clock
        self._answered = False
        self.answered_at = 0.0
        """When the last answer was sent, by the server's clock (seconds since 1970); 0 before there is one."""
        self._lost = False
        self.outage_seconds = OUTAGE_SECONDS
        """How long a request is repeated once the server has answered another."""
        self._credentials_lock = threading.Lock()
        self._fixed_headers = [
            ("Accept", "application/json"),
            ("User-Agent", user_agent),
            *((name, header_value(value, name)) for name, value in extra_headers),
        ]
        self.server: str = configuration.host.rstrip("/")

    def request(
        self,
        method: str,
        path: str,
        what: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        retry_conflict: bool = False,
    ) -> dict[str, Any]:
        """Send one request and return the decoded body.

        Connection failures, 429 and 5xx are retried with growing pauses (and `Retry-After`), and 409 too where
        `retry_conflict` says that repeating is right (a patch without resourceVersion).

        :param path: absolute path on the server, such as `/api/v1/namespaces`.
        :param what: the request in words, for messages.
        :raises ApiError: the typed error of the last answer.
        """
        url = f"{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        started = self._clock()
        failing_since: float | None = None
        pause = 0.2
        while True:
            answer = self._attempt(method, url, data, content_type, what, retry_conflict)
            if not isinstance(answer, Again):
                return answer
            now = self._clock()
            failing_since = now if failing_since is None else failing_since
            # While it is repeated, the first answer may come, if only to say that the server is not ready yet.
            deadline = failing_since + self._patience() if self._answered else started + FIRST_CONTACT_SECONDS
            wait = answer.after or pause * random.uniform(0.8, 1.2)  # spreads retries, hides nothing
            if now + wait > deadline:
                self._lost = self._answered and answer.error.transient
                raise answer.error
            self._sleep(wait)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def _patience(self) -> float:
        """Seconds to repeat a request: once one was given up, those that come after it need not wait as long again."""
        return min(self.outage_seconds, FIRST_CONTACT_SECONDS) if self._lost else self.outage_seconds

    def _attempt(
        self, method: str, url: str, data: bytes | None, content_type: str, what: str, retry_conflict: bool
    ) -> dict[str, Any] | Again:
        """One try: the decoded body, or an error that is worth another try (any other is raised)."""
        from urllib3.exceptions import HTTPError, SSLError

        headers = self._headers(content_type if data is not None else None)
        try:
            # urllib3 1.26 follows redirects, and takes a body that was cut off for a whole one, unless told otherwise.
            response = self._pool.request(
                method, url, body=data, headers=headers, redirect=False, enforce_content_length=True
            )
        except SSLError as error:
            if not _was_cut(error):
                raise Unreachable(self._tls_problem(error)) from error
            return Again(self._no_answer(error))
        except HTTPError as error:
            return Again(self._no_answer(error))
        if response.status < 300:
            document = self._decoded(response.data, what)
            self._answered, self._lost = True, False
            self.answered_at = _date(response.headers) or self.answered_at
            return document
        failure = from_response(response.status, response.data, what, self.server)
        # A proxy or load balancer may answer for a server that is not there: only Kubernetes says why.
        self._answered = self._answered or response.status < 500 or failure.details["reason"] is not None
        if failure.transient and response.status in RETRIED_STATUS:
            return Again(failure, _retry_after(response.headers))
        if response.status == 409 and retry_conflict and not isinstance(failure, FieldConflict):
            return Again(failure)
        raise failure

    def _decoded(self, data: bytes, what: str) -> dict[str, Any]:
        try:
            document = json.loads(data)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise not_kubernetes(self.server, what)
        return document

    def _headers(self, content_type: str | None) -> Any:
        from urllib3._collections import HTTPHeaderDict  # its one place in urllib3 1.26

        headers = HTTPHeaderDict()
        for name, value in self._fixed_headers:
            headers.add(name, value)  # Impersonate-Group may come several times
        if content_type:
            headers["Content-Type"] = content_type
        credentials = self.authorization()
        if credentials:
            headers["Authorization"] = header_value(credentials, "Authorization")
        return headers

    def authorization(self) -> str | None:
        """Value of the header Authorization; None where a client certificate speaks for us.

        Asking each time runs the refresh hook of exec plugins and OIDC: a token may expire in a long wait.
        """
        configuration = self._configuration
        try:
            with self._credentials_lock:  # one renewal for all threads
                settings: Mapping[str, Any] = dict(configuration.auth_settings())
        except Exception as error:  # the hook raises what the plugin and the libraries behind it raise
            raise Unauthorized(
                f"{self.server}: the credentials have expired and could not be renewed ({type(error).__name__}): log "
                "in again, or correct the user in the kubeconfig"
            ) from error
        token: str | None = (settings.get("BearerToken") or {}).get("value")
        if token or not configuration.username:
            return token
        pair = f"{configuration.username}:{configuration.password or ''}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _no_answer(self, error: Exception) -> Unreachable:
        return Unreachable(
            f"{self.server} does not answer ({_in_words(error)}): check that the API server runs, the URL in the "
            "kubeconfig, and proxies on the way"
        )

    def _tls_problem(self, error: Exception) -> str:
        words = _in_words(error)
        if "mismatch" in words or "doesn't match" in words:  # OpenSSL's word, and that of urllib3 1.26
            remedy = "use a name that it is made for in the URL, or give that name as tls_server_name"
        elif "has expired" in words or "not yet valid" in words:
            remedy = "renew it, or set this machine's clock"
        elif "CERTIFICATE_VERIFY_FAILED" in words:
            remedy = "give its CA (ca_cert, or certificate-authority-data in the kubeconfig)"
        else:
            return f"{self.server}: TLS failed ({words}): check the client certificate and proxies on the way"
        return (
            f"{self.server}: the server's certificate is not trusted ({words}): {remedy}; verification can not be "
            "switched off"
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()


def header_value(value: str, header: str) -> str:
    """`value` without the line break that files end with.

    :raises InputError: HTTP can not carry it; the message does not show it.
    """
    text = value.strip()
    if text.isascii() and text.isprintable():
        return text
    fields = {"Impersonate-User": "impersonate_user", "Impersonate-Group": "impersonate_groups"}
    raise InputError(
        fields.get(header, "api_key"),
        f"can not be sent in the HTTP header {header}: it holds a line break, or characters that are not ASCII (the "
        "value may come from the kubeconfig)",
    )


def _was_cut(error: Exception) -> bool:
    """Whether a connection ended in the middle of TLS, as load balancers do it while a server restarts."""
    return any(isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for cause in error.args)


def _in_words(error: BaseException) -> str:
    """What went wrong without the representations of objects that urllib3 puts around it."""
    if isinstance(error, OSError):
        return str(error)
    parts = [_in_words(part) if isinstance(part, BaseException) else str(part) for part in error.args]
    # such as "<HTTPSConnection object at 0x7f…>: Failed to establish a new connection: [Errno 111] Connection refused"
    return ", ".join(part.rpartition(": ")[2] if part.startswith(("<", "HTTP")) else part for part in parts)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait (Kubernetes uses only the form in seconds)."""
    value = headers.get("Retry-After", "")
    return min(float(value), MAX_PAUSE_SECONDS) if value.isdecimal() else None


def _date(headers: Mapping[str, str]) -> float:
    """When an answer was sent; 0 where it does not say so."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):  # the one before, the other since Python 3.10
        return 0.0
