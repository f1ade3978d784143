# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that are handed on as a kubeconfig lead where, and to whom, they led before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from tests.unit.client.certificates import Authority
from tests.unit.client.kubeconfigs import inline, write_kubeconfig
from tests.unit.client.scripted_server import Answer, Request, ScriptedServer

Connect = Callable[..., Client]


@pytest.fixture
def handed_on(server: ScriptedServer, tmp_path: Path) -> Callable[[Client], Request]:
    """The request of a client that has nothing but the kubeconfig that another has written."""

    def ask(client: Client) -> Request:
        server.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
        file = tmp_path / "handed-on"
        file.write_text(json.dumps(client.own_kubeconfig()))
        heir = Client({"kubeconfig": str(file)})
        heir.read_version()
        heir.close()
        return server.requests[-1]

    return ask


def test_a_token(connect: Connect, handed_on: Callable[[Client], Request]) -> None:
    assert handed_on(connect()).header("Authorization") == ["Bearer a-token-for-tests"]


def test_a_user_and_password_of_options_or_of_a_kubeconfig(
    connect: Connect,
    handed_on: Callable[[Client], Request],
    server: ScriptedServer,
    authority: Authority,
    tmp_path: Path,
) -> None:
    given = connect(api_key=None, username="jane", password="o:pen")
    path = write_kubeconfig(tmp_path / "config", server.url, authority.file, {"username": "jane", "password": "o:pen"})
    read = Client({"kubeconfig": path})
    for client in (given, read):
        assert handed_on(client).header("Authorization") == ["Basic amFuZTpvOnBlbg=="]
    read.close()


def test_a_client_certificate_and_a_name(connect: Connect, authority: Authority) -> None:
    pair = authority.issue("jane")
    options: dict[str, Any] = {"client_cert": str(pair.certificate), "client_key": str(pair.key), "api_key": None}
    config = connect(**options, tls_server_name="kubernetes.invalid", impersonate_user="admin").own_kubeconfig(
        "https://a"
    )
    assert config["clusters"][0]["cluster"] == {
        "server": "https://a",
        "certificate-authority-data": inline(authority.file),
        "tls-server-name": "kubernetes.invalid",
    }
    assert config["users"][0]["user"] == {
        "client-certificate-data": inline(pair.certificate),
        "client-key-data": inline(pair.key),
        "as": "admin",
    }


def test_nothing_to_hand_on_is_an_error(server: ScriptedServer, authority: Authority, tmp_path: Path) -> None:
    client = Client({"kubeconfig": write_kubeconfig(tmp_path / "config", server.url, authority.file, {})})
    with pytest.raises(InterconnectError, match="no token, client certificate or password"):
        client.own_kubeconfig()
    client.close()
