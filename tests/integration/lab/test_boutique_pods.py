# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that stand in for the shop's, reached through the API server's port-forward."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.stream import portforward

from tests.integration.lab.waiting import until
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import path
from tests.lab.argocd.controllers import redis_server
from tests.lab.objects import condition

CLUSTER = "ca-toronto"
CART, FRONTEND = 7070, 8080


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """A Redis of the test's own: host and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(argv, executable=redis_server(), stdout=subprocess.DEVNULL) as process:
        yield f"127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def shop(lab: Lab, scratch: Scratch, redis: str) -> str:
    """Frontend, cart service with its Service, and a pod that is pretended; returns their namespace."""
    namespace = scratch.namespace(CLUSTER)
    accounts = path("v1", "serviceaccounts", "default", namespace)
    until(lambda: lab.api(CLUSTER).find(accounts), "pods can be made")
    _pod(scratch, namespace, "frontend", FRONTEND, CART_SERVICE_ADDR=f"cart:{CART}")
    _pod(scratch, namespace, "cart", CART, REDIS_ADDR=redis)
    _pod(scratch, namespace, "ads", 9555)
    port = {"port": CART, "targetPort": "service"}
    service = {"metadata": {"name": "cart"}, "spec": {"selector": {"app": "cart"}, "ports": [port]}}
    scratch.make(CLUSTER, path("v1", "services", namespace=namespace), service)
    pods = path("v1", "pods", namespace=namespace)
    until(
        lambda: all(condition(each, "Ready") == "True" for each in lab.api(CLUSTER).items(pods)),
        "the pods are ready",
    )
    return namespace


def _pod(scratch: Scratch, namespace: str, name: str, port: int, **environment: str) -> None:
    container = {
        "name": "server",
        "image": f"registry.invalid/lab-{name}:1",
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "ports": [{"name": "service", "containerPort": port}],
    }
    pod = {"metadata": {"name": name, "labels": {"app": name}}, "spec": {"containers": [container]}}
    scratch.make(CLUSTER, path("v1", "pods", namespace=namespace), pod)


def _ask(forward: Any, port: int, method: str, page: str, body: str = "") -> tuple[int, str]:
    """One request over a connection that is forwarded already."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = forward.socket(port)
    connection.sock.setblocking(True)
    connection.request(method, page, body or None)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_request_takes_the_whole_way_from_the_frontend_to_redis(lab: Lab, shop: str, redis: str) -> None:
    with config.new_client_from_config(str(lab.kubeconfig), CLUSTER) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward

        def ask(method: str, page: str, body: str = "") -> tuple[int, str]:
            return _ask(portforward(connect, "frontend", shop, ports=str(FRONTEND)), FRONTEND, method, page, body)

        assert ask("GET", "/") == (200, "ok")
        assert ask("GET", "/cart/ann") == (200, "")
        assert ask("PUT", "/cart/ann", "x" * 100_000) == (200, "x" * 100_000)
        assert ask("GET", "/cart/ann") == (200, "x" * 100_000)
        host, port = redis.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"STRLEN cart:ann\r\n")
            assert connection.recv(100) == b":100000\r\n"

        lab.api(CLUSTER).delete(path("v1", "services", "cart", shop))
        status, text = ask("GET", "/cart/ann")
        assert status == 503
        assert text.startswith(f"cart service at cart:{CART}: ")


@pytest.mark.parametrize(
    ("pod", "port", "reason"), [("ads", 9555, "it is pretended"), ("cart", 1, "Connection refused")]
)
def test_a_port_where_nothing_listens_says_so(lab: Lab, shop: str, pod: str, port: int, reason: str) -> None:
    with config.new_client_from_config(str(lab.kubeconfig), CLUSTER) as api:
        forward = portforward(client.CoreV1Api(api).connect_get_namespaced_pod_portforward, pod, shop, ports=str(port))
        error = until(lambda: forward.error(port), "the error is there", 10)
    assert error.startswith(f"error forwarding port {port} to pod {pod}")
    assert reason in error
