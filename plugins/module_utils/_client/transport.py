# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to one API server: pooled TLS connections, authentication, retries.

The Python client `kubernetes` reads the credentials (kubeconfig, exec plugins, OIDC, proxies); requests go through a
urllib3 pool of our own. The generated `ApiClient` above such a pool changes its signatures between releases, loads the
certificates anew for each connection, and costs more than the request itself.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlencode, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # in Python, not in typeshed

from .errors import ApiError, InputError, Unreachable, from_response

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from urllib3 import PoolManager

# Before the first answer a server may simply be the wrong one: give up soon. After it, an API server that
# restarts (a minute on a small control plane) should not end the run.
FIRST_CONTACT_SECONDS = 3.0
OUTAGE_SECONDS = 45.0
MAX_PAUSE_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 65.0  # above the API server's own limit of 60 s for a request
MAX_CONNECTIONS = 32

RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})


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
        self._fixed_headers = [("Accept", "application/json"), ("User-Agent", user_agent), *extra_headers]
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
        `retry_conflict` says that repeating is right (a merge patch without resourceVersion).

        :param path: absolute path on the server, such as `/api/v1/namespaces`.
        :param what: the request in words, for messages.
        :raises ApiError: the typed error of the last answer.
        """
        url = f"{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        deadline: float | None = None
        pause = 0.2
        while True:
            answer, failure, retry_after = self._attempt(method, url, data, content_type, what, retry_conflict)
            if failure is None:
                return answer
            limit = OUTAGE_SECONDS if self._answered else FIRST_CONTACT_SECONDS
            deadline = deadline or self._clock() + limit
            wait = retry_after or pause * random.uniform(0.8, 1.2)  # spreads retries, hides nothing
            if self._clock() + wait > deadline:
                raise failure
            self._sleep(wait)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def _attempt(
        self, method: str, url: str, data: bytes | None, content_type: str, what: str, retry_conflict: bool
    ) -> tuple[dict[str, Any], ApiError | None, float | None]:
        """One try: body, error worth another try (any other is raised), and the pause that the server asks for."""
        from urllib3.exceptions import HTTPError, SSLError

        try:
            answer = self._pool.request(
                method, url, body=data, headers=self._headers(content_type if data is not None else None)
            )
        except SSLError as error:
            raise Unreachable(self._tls_problem(error)) from error
        except HTTPError as error:
            return {}, self._no_answer(error), None
        if answer.status < 300:
            self._answered = True
            return json.loads(answer.data), None, None
        failure = from_response(answer.status, answer.data, what, self.server)
        if answer.status in RETRIED_STATUS:
            return {}, failure, _retry_after(answer.headers)
        self._answered = True
        if answer.status == 409 and retry_conflict:
            return {}, failure, None
        raise failure

    def _headers(self, content_type: str | None) -> Any:
        from urllib3 import HTTPHeaderDict

        headers = HTTPHeaderDict(self._fixed_headers)
        if content_type:
            headers["Content-Type"] = content_type
        # Asking each time runs the refresh hook of exec plugins and OIDC: a token may expire in a long wait.
        settings: dict[str, Any] = dict(self._configuration.auth_settings())
        for setting in settings.values():
            if setting.get("in") == "header" and setting.get("value"):
                headers[setting["key"]] = setting["value"]
        if self._configuration.username and "authorization" not in headers:
            headers["authorization"] = str(self._configuration.get_basic_auth_token())
        return headers

    def _no_answer(self, error: Exception) -> Unreachable:
        reason = getattr(error, "reason", None) or error
        # urllib3 puts the connection object's repr before the words: keep the words.
        words = str(reason).rpartition(": ")[2]
        return Unreachable(
            f"{self.server} does not answer ({words}): check that the API server runs, the URL in the kubeconfig, and "
            "proxies on the way"
        )

    def _tls_problem(self, error: Exception) -> str:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return (
                f"{self.server}: the server's certificate is not trusted ({error}): give its CA (ca_cert, or "
                "certificate-authority-data in the kubeconfig); verification can not be switched off"
            )
        return f"{self.server}: TLS failed ({error}): check the client certificate and proxies on the way"

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()


def connection_pool(configuration: Configuration) -> PoolManager:
    """A pool with one TLS context, made once: files with keys are not needed afterwards."""
    from urllib3 import PoolManager, ProxyManager, Timeout

    options: dict[str, Any] = {
        "ssl_context": tls_context(configuration),
        "maxsize": MAX_CONNECTIONS,
        "retries": False,
        "timeout": Timeout(connect=CONNECT_TIMEOUT_SECONDS, read=READ_TIMEOUT_SECONDS),
    }
    if getattr(configuration, "tls_server_name", None):
        options["server_hostname"] = configuration.tls_server_name
    host = urlsplit(configuration.host).hostname or ""
    if configuration.proxy and not proxy_bypass_environment(host, {"no": configuration.no_proxy or ""}):
        return ProxyManager(configuration.proxy, proxy_headers=configuration.proxy_headers, **options)
    return PoolManager(**options)


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """Verifying TLS context with the cluster's CA and the client's certificate.

    :raises InputError: a certificate or key that can not be loaded.
    """
    field, path = "ca_cert", configuration.ssl_ca_cert
    try:
        context = ssl.create_default_context(cafile=path or None)
        # Python 3.13 demands extensions that the CAs of many clusters lack; chain, name and dates stay verified.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if configuration.cert_file:
            field, path = "client_cert", configuration.cert_file
            context.load_cert_chain(configuration.cert_file, configuration.key_file)
    except (ssl.SSLError, OSError) as error:
        raise InputError(field, f"{path} can not be loaded: {error}") from error
    return context


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait (Kubernetes uses only the form in seconds)."""
    value = headers.get("Retry-After", "")
    return min(float(value), MAX_PAUSE_SECONDS) if value.isdigit() else None
