# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never the wrong cluster: what is asked of a server before it is known to be the right one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    ApiError,
    Forbidden,
    ObjectRef,
    WrongCluster,
)
from tests.unit.client.scripted_server import Answer, ScriptedServer, status

Connect = Callable[..., Client]
NAMESPACE = ObjectRef("v1", "Namespace", "shop")
KUBE_SYSTEM = "GET /api/v1/namespaces/kube-system"
WRITES: list[Callable[[Client], object]] = [
    lambda client: client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    lambda client: client.merge_patch(NAMESPACE, {"metadata": {"labels": {"a": "b"}}}),
    lambda client: client.delete(NAMESPACE, "uid"),
    lambda client: client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    lambda client: client.get(NAMESPACE),
    lambda client: client.list("v1", "Namespace"),
    lambda client: client.has_kind("v1", "Namespace"),
]


def identity(uid: str) -> Answer:
    return Answer(body={"metadata": {"name": "kube-system", "uid": uid}})


@pytest.mark.parametrize("write", WRITES)
def test_another_cluster_is_asked_for_its_id_and_nothing_else(
    write: Callable[[Client], object], connect: Connect, server: ScriptedServer
) -> None:
    server.on(KUBE_SYSTEM, identity("the-other"))
    client = connect(cluster_id="the-one")
    for _again in range(2):
        with pytest.raises(WrongCluster) as caught:
            write(client)
    assert set(server.asked()) == {KUBE_SYSTEM}
    assert "id the-other, but cluster_id says the-one" in caught.value.message
    assert caught.value.details == {"expected": "the-one", "found": "the-other"}


def test_another_url_is_asked_nothing(connect: Connect, server: ScriptedServer) -> None:
    with pytest.raises(WrongCluster, match=r"cluster_api_url says https://api\.example\.com:6443"):
        connect(cluster_api_url="https://api.example.com:6443/")
    assert server.requests == []


def test_the_right_url_may_end_with_a_slash(connect: Connect, server: ScriptedServer) -> None:
    assert connect(cluster_api_url=f"{server.url}/").server == server.url


def test_the_right_cluster_is_asked_for_its_id_once_by_all_threads(connect: Connect, server: ScriptedServer) -> None:
    server.on(KUBE_SYSTEM, identity("the-one"))
    server.on("GET /api/v1/namespaces/shop", Answer(body={"metadata": {"name": "shop"}}))
    client = connect(cluster_id="the-one")
    client.each(lambda _number: client.get(NAMESPACE), range(8))
    assert server.asked().count(KUBE_SYSTEM) == 1
    assert server.asked()[0] == KUBE_SYSTEM


def test_without_an_expected_id_none_is_asked_for(connect: Connect, server: ScriptedServer) -> None:
    connect().get(NAMESPACE)
    assert KUBE_SYSTEM not in server.asked()


def test_an_id_that_may_not_be_read_stops_the_work(connect: Connect, server: ScriptedServer) -> None:
    server.on(KUBE_SYSTEM, status(403, "no", "Forbidden"))
    with pytest.raises(Forbidden):
        WRITES[0](connect(cluster_id="the-one"))
    assert set(server.asked()) == {KUBE_SYSTEM}


@pytest.mark.parametrize(
    "answer", [Answer(body=b"<html>Sign in</html>"), Answer(body={}), Answer(body=[1]), Answer(204, b"")]
)
def test_a_server_that_is_no_kubernetes_is_called_that(
    answer: Answer, connect: Connect, server: ScriptedServer
) -> None:
    server.on("GET /version", answer)
    server.on(KUBE_SYSTEM, answer)
    for ask in (Client.read_version, Client.read_id):
        with pytest.raises(ApiError, match="no Kubernetes object"):
            ask(connect())


def test_a_redirect_is_not_followed(connect: Connect, server: ScriptedServer) -> None:
    server.on("GET /version", Answer(302, headers={"Location": f"{server.url}/login"}))
    with pytest.raises(ApiError, match="a redirect") as caught:
        connect().read_version()
    assert server.asked() == ["GET /version"]
    assert not caught.value.transient
