# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS is always verified, the client's certificate is shown, and proxies stand on the way."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from kubernetes.client import Configuration

from ansible_collections.multicluster.interconnect.plugins.module_utils._client import transport
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError, Unreachable
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.pool import goes_direct, tls_context
from tests.unit.client.certificates import DAY, NOW, Authority, Pair
from tests.unit.client.scripted_server import Answer, ScriptedServer, quiet_server, running

VERSION = Answer(body={"gitVersion": "v1.34.4"})
Connect = Callable[..., Client]


def trouble(client: Client) -> str:
    with pytest.raises(Unreachable) as caught:
        client.read_version()
    return caught.value.message


def test_a_server_of_another_ca_gets_no_request(
    connect: Connect, server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Authority(tmp_path_factory.mktemp("other"), "another-ca")
    message = trouble(connect(ca_cert=str(other.file)))
    assert "the server's certificate is not trusted" in message
    assert "give its CA (ca_cert" in message
    assert server.requests == []


def test_a_ca_must_be_given_where_the_system_does_not_know_it(connect: Connect, server: ScriptedServer) -> None:
    assert "not trusted" in trouble(connect(ca_cert=None))
    assert server.requests == []


def test_a_context_is_not_changed_by_those_who_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 sets protocols for each connection, while other threads connect by the same context."""
    settings: list[list[str]] = []
    monkeypatch.setattr(ssl.SSLContext, "set_alpn_protocols", lambda _self, names: settings.append(list(names)))
    context = tls_context(Configuration())
    context.set_alpn_protocols(["h2"])
    assert settings == [["http/1.1"]]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("hosts", [("192.0.2.1",), ("elsewhere.example.com",)])
def test_a_certificate_for_another_name_is_refused(
    hosts: tuple[str, ...], authority: Authority, connect: Connect
) -> None:
    with running(authority.issue("other-name", hosts)) as server:
        message = trouble(connect(host=server.url))
        assert server.requests == []
    assert "tls_server_name" in message


def test_an_expired_certificate_is_called_that(authority: Authority, connect: Connect) -> None:
    with running(authority.issue("expired", ("127.0.0.1",), until=NOW - DAY)) as server:
        assert "renew it" in trouble(connect(host=server.url))


def test_the_certificate_may_be_for_a_name_that_is_given(connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /version", VERSION)
    assert connect(tls_server_name="kubernetes.invalid").read_version() == "v1.34.4"
    assert "tls_server_name" in trouble(connect(tls_server_name="other.invalid"))


def test_a_server_without_tls_is_no_api_server(connect: Connect) -> None:
    with quiet_server(BaseHTTPRequestHandler) as plain:
        assert "TLS failed" in trouble(connect(host=f"https://127.0.0.1:{plain.server_address[1]}"))


@pytest.fixture
def demanding(server_pair: Pair, authority: Authority) -> Iterator[ScriptedServer]:
    """A server that demands a client certificate."""
    with running(server_pair, client_ca=str(authority.file)) as server:
        server.on("GET /version", VERSION)
        yield server


def test_a_client_certificate_is_shown(demanding: ScriptedServer, connect: Connect, authority: Authority) -> None:
    pair = authority.issue("jane")
    client = connect(host=demanding.url, client_cert=str(pair.certificate), client_key=str(pair.key))
    client.read_version()
    assert demanding.requests[-1].peer_certificate


def test_a_demanded_certificate_that_is_not_given_is_named(demanding: ScriptedServer, connect: Connect) -> None:
    message = trouble(connect(host=demanding.url))
    assert "client certificate" in message
    assert demanding.requests == []


def test_an_encrypted_key_is_refused_without_asking_at_the_terminal(connect: Connect, authority: Authority) -> None:
    pair = authority.issue("locked", password=b"opensesame")
    with pytest.raises(InputError, match=r"client_cert: .*can not be loaded"):
        connect(client_cert=str(pair.certificate), client_key=str(pair.key))


class Proxy(BaseHTTPRequestHandler):
    """A proxy that knows CONNECT alone, and remembers what it was asked."""

    asked: list[tuple[str, str | None]]

    def do_CONNECT(self) -> None:
        self.asked.append((self.path, self.headers.get("Proxy-Authorization")))
        host, _colon, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as upstream:
            self.send_response(200)
            self.end_headers()
            pipes = {self.connection: upstream, upstream: self.connection}
            while True:
                for source in select.select(list(pipes), [], [], 10)[0]:
                    data = source.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    pipes[source].sendall(data)

    def log_message(self, *_arguments: Any) -> None:
        """Stay silent."""


@pytest.fixture
def proxy() -> Iterator[str]:
    """A proxy's address, such as 127.0.0.1:3128."""
    Proxy.asked = []
    with quiet_server(Proxy) as running_proxy:
        yield f"127.0.0.1:{running_proxy.server_address[1]}"


def test_a_proxy_is_used(proxy: str, connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /version", VERSION)
    client = connect(proxy=f"http://jane:pass%20word@{proxy}")
    client.read_version()
    client.close()
    credentials = base64.b64encode(b"jane:pass word").decode()
    assert Proxy.asked == [(server.url.removeprefix("https://"), f"Basic {credentials}")]
    assert server.requests[-1].header("Proxy-Authorization") == []


def test_the_proxy_of_the_environment_is_used(
    proxy: str, connect: Connect, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("GET /version", VERSION)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
    connect().read_version()
    assert len(Proxy.asked) == 1
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,127.0.0.0/8")
    connect().read_version()
    connect(proxy="http://192.0.2.1:1", no_proxy="127.0.0.1").read_version()
    assert len(Proxy.asked) == 1


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "FIRST_CONTACT_SECONDS", 0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        message = trouble(connect(proxy=f"http://jane:hunter2@127.0.0.1:{free.getsockname()[1]}"))
    assert "proxy" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("host", "no_proxy", "direct"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("api.example.com", ".example.com", True),
        ("api.example.com", "example.com", True),
        ("api.example.com", "10.0.0.0/8, other.com", False),
        ("api.example.com", "*", True),
        ("::1", "::1/128", True),
        ("10.1.2.3", "", False),
    ],
)
def test_hosts_that_need_no_proxy(host: str, no_proxy: str, direct: bool) -> None:
    assert goes_direct(host, no_proxy) is direct


def test_many_threads_renew_credentials_once_at_a_time(connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /version", VERSION)
    client = connect()
    busy = threading.Lock()

    def hook(_configuration: Any) -> None:
        assert busy.acquire(blocking=False)
        time.sleep(0.002)
        busy.release()

    client._configuration.refresh_api_key_hook = hook  # type: ignore[assignment]  # None or a function, says its docstring
    assert client.each(lambda _number: client.read_version(), range(32)) == ["v1.34.4"] * 32
