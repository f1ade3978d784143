# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shop's cart: its page as a customer sees it, and its Redis as a pod of a cluster does.

Behind a Service is whatever the network leads to.
"""

from __future__ import annotations

import contextlib
import socket
import urllib.request

from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.api import ApiError, path

NAMESPACE, SERVICE = "online-boutique", "redis-cart"
ENTRANCE = "ca-central"
"""Where the frontend runs."""
SECONDS = 5.0


def cart_page(lab: Lab, customer: str, content: str | None = None) -> str:
    """What a customer's cart holds, after putting something into it; by way of frontend, cart service and Redis.

    OSError where the shop does not serve it.
    """
    pods = lab.api(ENTRANCE).items(path("v1", "pods", namespace=NAMESPACE, labelSelector="app=frontend"))
    body, method = (None, "GET") if content is None else (content.encode(), "PUT")
    url = f"http://{pods[0]['status']['podIP']}:{pods[0]['spec']['containers'][0]['ports'][0]['containerPort']}"
    with urllib.request.urlopen(urllib.request.Request(f"{url}/cart/{customer}", body, method=method)) as answer:
        return str(answer.read().decode())


def redis(lab: Lab, cluster: str, *words: str) -> str:
    """Send a command and return the reply's text, once the service answers at all."""
    return until(lambda: _attempt(lab, cluster, words), f"{SERVICE} answers in {cluster}")


def _attempt(lab: Lab, cluster: str, words: tuple[str, ...]) -> str:
    with contextlib.suppress(OSError, LookupError, ApiError):
        return _ask(_endpoint(lab, cluster), words)
    return ""


def _endpoint(lab: Lab, cluster: str) -> tuple[str, int]:
    """Where the Service leads to; the lab's pods have loopback addresses, which no EndpointSlice takes."""
    api = lab.api(cluster)
    spec = api.get(path("v1", "services", SERVICE, NAMESPACE))["spec"]
    selector = ",".join(f"{key}={value}" for key, value in spec["selector"].items())
    pods = api.items(path("v1", "pods", namespace=NAMESPACE, labelSelector=selector))
    return pods[0]["status"]["podIP"], int(spec["ports"][0]["targetPort"])


def _ask(address: tuple[str, int], words: tuple[str, ...]) -> str:
    """One command, in Redis' own protocol (RESP)."""
    parts = [f"*{len(words)}", *(line for word in words for line in (f"${len(word.encode())}", word)), ""]
    with socket.create_connection(address, SECONDS) as connection, connection.makefile("rb") as replies:
        connection.sendall("\r\n".join(parts).encode())
        first = replies.readline().decode().rstrip()
        if not first:
            raise ConnectionResetError("no reply")
        if first.startswith("$") and first != "$-1":
            return replies.readline().decode().rstrip()
        return first
