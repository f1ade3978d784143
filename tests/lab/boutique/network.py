# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster has between its pods, in the lab: names of Services, and the way to a pod behind one.

Stands for cluster DNS and kube-proxy, with a node's rights. There is no address that answers for a Service here.
"""

from __future__ import annotations

import ipaddress
import os
import random
from pathlib import Path

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.layout import Layout
from tests.lab.objects import condition


class Unreachable(Exception):
    """No pod is behind a name; the message says why."""


class ClusterNetwork:
    """The network as the pod of this process sees it."""

    def __init__(self) -> None:
        identity: Path = Layout.find().identity(os.environ["LAB_CLUSTER"], "node-agent")
        self._api = Api.from_kubeconfig(identity, user_agent="lab-cluster-network")
        self._namespace = os.environ["POD_NAMESPACE"]

    def locate(self, address: str) -> tuple[str, int]:
        """Where ``host:port`` leads to now: one of the ready pods behind a Service; anything else is left as it is."""
        host, _colon, port = address.rpartition(":")
        try:
            service = self._service(host)
            return self._behind(service, int(port)) if service else (host, int(port))
        except (ApiError, OSError) as error:
            raise Unreachable(f"{address}: {error}") from error

    def _service(self, host: str) -> Object | None:
        """The Service that a name stands for: ``name`` or ``name.namespace``, with or without ``svc.…``."""
        name, _dot, rest = host.partition(".")
        namespace = rest.partition(".")[0] or self._namespace
        if not name or host.replace(".", "").isdigit():
            return None
        return self._api.find(path("v1", "services", name, namespace))

    def _behind(self, service: Object, port: int) -> tuple[str, int]:
        name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
        target = next((each["targetPort"] for each in service["spec"]["ports"] if each["port"] == port), None)
        if target is None:
            raise Unreachable(f"Service {name} has no port {port}")
        selector = ",".join(f"{key}={value}" for key, value in (service["spec"].get("selector") or {}).items())
        if not selector:
            raise Unreachable(f"Service {name} selects no pods")
        pods = self._api.items(path("v1", "pods", namespace=namespace, labelSelector=selector))
        ready = [each for each in pods if condition(each, "Ready") == "True" and _is_staying(each)]
        if not ready:
            raise Unreachable(f"no pod is ready behind Service {name}")
        chosen = random.choice(ready)
        pod_ip = ipaddress.ip_address(chosen["status"]["podIP"])
        if not pod_ip.is_loopback:
            raise Unreachable(f"pod {chosen['metadata']['name']} behind Service {name} is pretended: nothing answers")
        return str(pod_ip), target if isinstance(target, int) else _named(chosen, target)


def _is_staying(pod: Object) -> bool:
    return "deletionTimestamp" not in pod["metadata"]


def _named(pod: Object, name: str) -> int:
    """A port that a container has given a name."""
    ports = (port for container in pod["spec"]["containers"] for port in container.get("ports") or [])
    found = next((int(port["containerPort"]) for port in ports if port.get("name") == name), None)
    if found is None:
        raise Unreachable(f"pod {pod['metadata']['name']} has no port {name}")
    return found
