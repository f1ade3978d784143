# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from a Service's name to a pod, without cluster DNS and kube-proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.api import Api, path
from tests.lab.boutique.network import ClusterNetwork, Unreachable

NAMED = {"name": "web", "containerPort": 8080}


class FakeApi:
    """Answers from a table."""

    def __init__(self, services: dict[str, dict[str, Any]], pods: list[dict[str, Any]]) -> None:
        self._services, self._pods = services, pods

    def find(self, target: str) -> dict[str, Any] | None:
        return self._services.get(target)

    def items(self, _target: str) -> list[dict[str, Any]]:
        return self._pods


def service(target: int | str, **spec: Any) -> dict[str, dict[str, Any]]:
    ports = [{"port": 80, "targetPort": target}]
    found = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": ports, **spec},
    }
    return {path("v1", "services", "web", "shop"): found}


def pod(name: str, address: str, ready: str = "True", **metadata: str) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": ready}]
    return {
        "metadata": {"name": name, **metadata},
        "spec": {"containers": [{"ports": [NAMED]}]},
        "status": {"podIP": address, "conditions": conditions},
    }


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A network of one Service and some pods."""

    def make(services: dict[str, dict[str, Any]], *pods: dict[str, Any]) -> ClusterNetwork:
        def opened(_file: Path, **_options: str) -> FakeApi:
            return FakeApi(services, list(pods))

        monkeypatch.setattr(Api, "from_kubeconfig", opened)
        monkeypatch.setenv("LAB_CLUSTER", "ca-toronto")
        monkeypatch.setenv("POD_NAMESPACE", "shop")
        return ClusterNetwork()

    return make


@pytest.mark.parametrize("host", ["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local"])
def test_a_service_leads_to_a_ready_pod(network: Any, host: str) -> None:
    pods = [pod("a", "127.0.0.2", "False"), pod("b", "127.0.0.3", deletionTimestamp="now"), pod("c", "127.0.0.4")]

    assert network(service(8080), *pods).locate(f"{host}:80") == ("127.0.0.4", 8080)


def test_a_target_port_may_have_a_name(network: Any) -> None:
    assert network(service("web"), pod("a", "127.0.0.2")).locate("web:80") == ("127.0.0.2", 8080)


def test_what_is_no_service_is_left_as_it_is(network: Any) -> None:
    assert network(service(8080)).locate("127.0.0.9:6379") == ("127.0.0.9", 6379)
    assert network(service(8080)).locate("db.elsewhere:6379") == ("db.elsewhere", 6379)


@pytest.mark.parametrize(
    ("services", "pods", "why"),
    [
        (service(8080), [], "no pod is ready behind Service web"),
        (service(8080), [pod("a", "10.202.0.5")], "pod a behind Service web is pretended"),
        (service("https"), [pod("a", "127.0.0.2")], "pod a has no port https"),
        (service(8080, selector=None), [], "Service web selects no pods"),
        (service(8080, ports=[]), [], "Service web has no port 80"),
    ],
)
def test_why_nothing_is_reached_is_said(network: Any, services: Any, pods: Any, why: str) -> None:
    with pytest.raises(Unreachable, match=why):
        network(services, *pods).locate("web:80")
