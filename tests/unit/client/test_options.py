# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options given outright: what they mean beside a kubeconfig, and what is refused before any request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import USER_AGENT, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from tests.unit.client.certificates import Authority
from tests.unit.client.kubeconfigs import inline, write_kubeconfig
from tests.unit.client.scripted_server import Answer, Request, ScriptedServer

SECRET = "hunter2-hunter2"
Connect = Callable[..., Client]


@pytest.fixture
def ask(server: ScriptedServer, connect: Connect) -> Callable[..., Request]:
    """The request that options lead to."""

    def request(**options: Any) -> Request:
        server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
        assert connect(**options).read_version() == "v1.34.4"
        return server.requests[-1]

    return request


def refusal(connect: Connect, **options: Any) -> InterconnectError:
    with pytest.raises(InputError) as caught:
        connect(**options).read_version()
    assert SECRET not in caught.value.message
    return caught.value


def test_a_request_names_the_program_and_bears_the_token(ask: Callable[..., Request]) -> None:
    request = ask()
    assert request.header("User-Agent") == [USER_AGENT]
    assert USER_AGENT.startswith("multicluster.interconnect/")
    assert request.header("Authorization") == ["Bearer a-token-for-tests"]
    assert request.header("Accept") == ["application/json"]
    assert request.header("Content-Type") == []


def test_another_user_is_impersonated(ask: Callable[..., Request]) -> None:
    request = ask(impersonate_user="jane", impersonate_groups=["a", "b"])
    assert request.header("Impersonate-User") == ["jane"]
    assert request.header("Impersonate-Group") == ["a", "b"]


def test_groups_without_a_user_are_refused(connect: Connect) -> None:
    assert "impersonate_groups: needs impersonate_user" in refusal(connect, impersonate_groups=["a"]).message


def test_a_user_and_password_of_any_alphabet(ask: Callable[..., Request]) -> None:
    assert ask(api_key=None, username="jane", password="пароль").header("Authorization") == [
        "Basic amFuZTrQv9Cw0YDQvtC70Yw="
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", " "])
def test_a_token_read_from_a_file_may_end_with_a_line_break(end: str, ask: Callable[..., Request]) -> None:
    assert ask(api_key=f"token{end}").header("Authorization") == ["Bearer token"]


@pytest.mark.parametrize("token", [f"{SECRET}\nHost: elsewhere", f"{SECRET}ключ", f"\x07{SECRET}"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(
    token: str, connect: Connect, server: ScriptedServer
) -> None:
    assert refusal(connect, api_key=token).details["field"] == "api_key"
    assert refusal(connect, impersonate_user=token).details["field"] == "impersonate_user"
    assert server.requests == []


def test_given_credentials_replace_those_of_the_kubeconfig(
    authority: Authority, server: ScriptedServer, tmp_path: Path
) -> None:
    pair = authority.issue("of-the-kubeconfig")
    user = {
        "token": "of-the-kubeconfig",
        "client-certificate-data": inline(pair.certificate),
        "client-key-data": inline(pair.key),
    }
    server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
    path = write_kubeconfig(tmp_path / "config", server.url, authority.file, user)
    client = Client({"kubeconfig": path, "api_key": "given"})
    client.read_version()
    assert server.requests[-1].header("Authorization") == ["Bearer given"]
    assert client._configuration.cert_file is None
    client.close()


def test_a_host_that_is_given_replaces_that_of_the_context(
    authority: Authority, server: ScriptedServer, tmp_path: Path
) -> None:
    path = write_kubeconfig(tmp_path / "config", "https://elsewhere.invalid", authority.file, {"token": "x"})
    client = Client({"kubeconfig": path, "host": f"{server.url}/"})
    assert client.server == server.url
    client.close()


def test_a_host_of_the_environment_does_not_lead_away_from_the_context(
    authority: Authority, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_kubeconfig(tmp_path / "config", "https://ca-toronto.invalid:6443", authority.file, {"token": SECRET})
    monkeypatch.setenv("K8S_AUTH_HOST", server.url)
    with pytest.raises(InputError) as caught:
        Client({"kubeconfig": path, "context": "ca-toronto", "host": server.url, "api_key": SECRET})
    assert caught.value.message == (
        f"host: K8S_AUTH_HOST says {server.url}, but context ca-toronto of the kubeconfig leads to "
        "https://ca-toronto.invalid:6443: unset one of them"
    )
    assert server.requests == []


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"host": "http://127.0.0.1:1"}, "host", "https URL"),
        ({"host": "127.0.0.1:6443"}, "host", "https URL"),
        ({"host": "https://"}, "host", "https URL"),
        ({"host": "https://[::1"}, "host", "not a URL"),
        ({"host": f"https://jane:{SECRET}@127.0.0.1"}, "host", "holds credentials"),
        ({"api_key": None}, "host", "without credentials"),
        ({"ca_cert": "/nowhere.pem"}, "ca_cert", "no such file: /nowhere.pem"),
        ({"client_cert": "/nowhere.pem"}, "client_cert", "no such file: /nowhere.pem"),
        ({"client_key": __file__}, "client_key", "needs client_cert"),
        ({"ca_cert": __file__}, "ca_cert", "can not be loaded"),
        ({"client_cert": __file__, "client_key": __file__}, "client_cert", "can not be loaded"),
        ({"proxy": f"user:{SECRET}@proxy:3128"}, "proxy", "http"),
        ({"proxy": "socks5://proxy:3128"}, "proxy", "http"),
    ],
)
def test_options_that_can_not_work_are_named(
    wrong: dict[str, Any], field: str, words: str, connect: Connect, server: ScriptedServer
) -> None:
    error = refusal(connect, **wrong)
    assert error.details["field"] == field
    assert words in error.message
    assert server.requests == []
