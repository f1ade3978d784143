# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that stand in for the shop's, reached through the API server's port-forward."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.stream import portforward

from tests.integration.lab.waiting import until
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import path
from tests.lab.objects import condition

CLUSTER = "ca-toronto"
CART, FRONTEND, REDIS, ADS = 7070, 8080, 6379, 9555


@pytest.fixture
def shop(lab: Lab, scratch: Scratch) -> str:
    """Frontend, cart service, Redis; one pod that listens and one that is pretended; returns their namespace."""
    namespace, api = scratch.namespace(CLUSTER), lab.api(CLUSTER)
    until(lambda: api.find(path("v1", "serviceaccounts", "default", namespace)), "pods can be made")
    _pod(scratch, namespace, "frontend", "lab-frontend:1", FRONTEND, CART_SERVICE_ADDR=f"cart:{CART}")
    _pod(scratch, namespace, "cart", "registry.invalid/lab-cart", CART, REDIS_ADDR=f"redis:{REDIS}")
    _pod(scratch, namespace, "redis", "lab-redis:1", REDIS)
    _pod(scratch, namespace, "ads", "lab-listener/ads:1", ADS)
    _pod(scratch, namespace, "mail", "registry.invalid/mail:1", ADS)
    for name, port in (("cart", CART), ("redis", REDIS)):
        ports = [{"port": port, "targetPort": "service"}]
        service = {"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": ports}}
        scratch.make(CLUSTER, path("v1", "services", namespace=namespace), service)
    pods = path("v1", "pods", namespace=namespace)
    until(lambda: all(condition(each, "Ready") == "True" for each in api.items(pods)), "the pods are ready")
    return namespace


def _pod(scratch: Scratch, namespace: str, name: str, image: str, port: int, **environment: str) -> None:
    container = {
        "name": "server",
        "image": image,
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


def _connected(forward: Any, port: int) -> socket.socket:
    connection: socket.socket = forward.socket(port)
    connection.settimeout(5)
    return connection


def test_a_request_takes_the_whole_way_from_the_frontend_to_redis(lab: Lab, shop: str) -> None:
    with config.new_client_from_config(str(lab.kubeconfig), CLUSTER) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward

        def ask(method: str, page: str, body: str = "") -> tuple[int, str]:
            return _ask(portforward(connect, "frontend", shop, ports=str(FRONTEND)), FRONTEND, method, page, body)

        assert ask("GET", "/") == (200, "ok")
        assert ask("GET", "/cart/ann") == (200, "")
        assert ask("PUT", "/cart/ann", "x" * 100_000) == (200, "x" * 100_000)
        assert ask("GET", "/cart/ann") == (200, "x" * 100_000)
        with closing(_connected(portforward(connect, "redis", shop, ports=str(REDIS)), REDIS)) as redis:
            redis.sendall(b"STRLEN cart:ann\r\n")
            assert redis.recv(100) == b":100000\r\n"

        lab.api(CLUSTER).delete(path("v1", "services", "cart", shop))
        status, text = ask("GET", "/cart/ann")
        assert status == 503
        assert text.startswith(f"cart service at cart:{CART}: ")


def test_a_pod_that_listens_lets_in_until_it_is_gone(lab: Lab, shop: str) -> None:
    with config.new_client_from_config(str(lab.kubeconfig), CLUSTER) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward
        with closing(_connected(portforward(connect, "ads", shop, ports=str(ADS)), ADS)) as connection:
            connection.sendall(b"anything")
            connection.settimeout(0.5)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            lab.api(CLUSTER).delete(path("v1", "pods", "ads", shop))
            connection.settimeout(10)
            assert connection.recv(1) == b""


def test_a_port_where_nothing_listens_says_so(lab: Lab, shop: str) -> None:
    with config.new_client_from_config(str(lab.kubeconfig), CLUSTER) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward
        for pod, port, reason in (("mail", ADS, "it is pretended"), ("cart", 1, "Connection refused")):
            error = _error(portforward(connect, pod, shop, ports=str(port)), port)
            assert error.startswith(f"error forwarding port {port} to pod {pod}")
            assert reason in error


def _error(forward: Any, port: int) -> str:
    return str(until(lambda: forward.error(port), "the error is there", 10))
