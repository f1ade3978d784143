# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority, a scripted server, and the options that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from tests.unit.client.certificates import Authority, Pair
from tests.unit.client.scripted_server import ScriptedServer, running

ENVIRONMENT = (
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "K8S_AUTH_HOST",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test meets the kubeconfig or the proxies of the machine that it runs on."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The CA of the server and of its users."""
    return Authority(tmp_path_factory.mktemp("ca"), "cluster-ca")


@pytest.fixture(scope="session")
def server_pair(authority: Authority) -> Pair:
    """The server's certificate, for 127.0.0.1 and a name that no machine has."""
    return authority.issue("apiserver", ("127.0.0.1", "kubernetes.invalid"))


@pytest.fixture
def server(server_pair: Pair) -> Iterator[ScriptedServer]:
    """A server that knows namespaces and ConfigMaps, and has one namespace."""
    with running(server_pair) as script:
        script.serves("v1", ("Namespace", "namespaces", False), ("ConfigMap", "configmaps", True))
        yield script


@pytest.fixture
def options(server: ScriptedServer, authority: Authority) -> dict[str, Any]:
    """Options that lead to the server."""
    return {"host": server.url, "api_key": "a-token-for-tests", "ca_cert": str(authority.file)}


@pytest.fixture
def connect(options: dict[str, Any]) -> Iterator[Callable[..., Client]]:
    """Makes clients of the server, with further options or others."""
    clients: list[Client] = []

    def make(**others: Any) -> Client:
        clients.append(Client({**options, **others}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
