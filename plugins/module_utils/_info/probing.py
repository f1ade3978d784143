# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proof of traffic: speaks with a service through the network, from within a cluster.

The API server forwards a connection to a pod behind the Service, as `kubectl port-forward` does it. A Service of the
Skupper network leads to the router's pod, so that the words go the way that an application's go.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .._client.client import Client, Object
from .._client.errors import ApiError, InterconnectError, ObjectRef
from .._preflight.task import access_review
from .speaking import Connection, Spoken, speak

AT_ONCE = 8
CONNECT_SECONDS = 10.0
VERBS = ("get", "create")
"""A WebSocket is opened by a GET; newer API servers ask for the other verb as well."""
_LOCK = threading.Lock()
"""kubernetes' client keeps files with keys in a table of the module."""


@dataclass(frozen=True)
class Probe:
    """What is to be asked of which service."""

    cluster: str
    service: str
    namespace: str
    port: int
    kind: str
    path: str = "/"
    timeout: float = 5.0

    @property
    def name(self) -> str:
        return f"{self.service}:{self.port} ({self.kind})"

    def result(self, ok: bool | None, message: str, connect: float | None = None, first: float | None = None) -> Any:
        """As the document has it. `ok` is None where it could not be tried."""
        return {
            "cluster": self.cluster,
            "name": self.name,
            "service": self.service,
            "namespace": self.namespace,
            "port": self.port,
            "kind": self.kind,
            "ok": ok,
            "message": message,
            "connect_seconds": connect,
            "answer_seconds": first,
        }


class _Nothing(InterconnectError):
    """There is nothing that could be spoken with."""


class _OutOfReach(InterconnectError):
    """There may be something, that can not be reached in this way."""


def probe_all(clients: Mapping[str, Client], probes: Sequence[Probe]) -> list[dict[str, Any]]:
    """Try all of them, some at a time; results in their order.

    :param clients: of the clusters that answer, by name.
    """
    if not probes:
        return []
    places = sorted({(probe.cluster, probe.namespace) for probe in probes if probe.cluster in clients})
    with ThreadPoolExecutor(min(AT_ONCE, len(probes))) as pool:
        denials = dict(zip(places, pool.map(lambda place: _denial(clients[place[0]], place[1]), places)))

        def one(probe: Probe) -> dict[str, Any]:
            if probe.cluster not in clients:
                return dict(probe.result(None, "its API server does not answer"))
            denial = denials[probe.cluster, probe.namespace]
            return dict(probe.result(None, denial)) if denial else _tried(clients[probe.cluster], probe)

        return list(pool.map(one, probes))


def _denial(client: Client, namespace: str) -> str:
    """Why connections can not be forwarded there; empty where they can."""
    for verb in VERBS:
        wanted = {"verb": verb, "resource": "pods", "subresource": "portforward", "namespace": namespace}
        try:
            answer = client.create(access_review(wanted))
        except ApiError as error:
            return f"not tried: {error.message}"
        if not (answer.get("status") or {}).get("allowed"):
            return f"not tried: the user may not {verb} pods/portforward in namespace {namespace}"
    return ""


def _tried(client: Client, probe: Probe) -> dict[str, Any]:
    try:
        pod, port = _behind(client, probe)
        began = time.monotonic()
        with forwarded(client, probe.namespace, pod, port) as connection:
            connected = round(time.monotonic() - began, 4)
            spoken = speak(connection, probe.kind, probe.service, probe.path, probe.timeout)
            spoken = spoken if spoken.ok else _with_reason(spoken, connection)
    except _OutOfReach as error:
        return dict(probe.result(None, error.message))
    except InterconnectError as error:
        return dict(probe.result(False, error.message))
    return dict(probe.result(spoken.ok, spoken.message, connected, spoken.seconds))


def _behind(client: Client, probe: Probe) -> tuple[str, int]:
    """A pod of the Service, and the port in it.

    :raises InterconnectError: there is none, or it may not be read.
    """
    service = client.get(ObjectRef("v1", "Service", probe.service, probe.namespace))
    if service is None:
        raise _Nothing(f"there is no Service {probe.service} in namespace {probe.namespace}")
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector:
        raise _OutOfReach(f"not tried: Service {probe.service} selects no pods")
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    pods = [pod for pod in client.list("v1", "Pod", probe.namespace, label_selector=labels) if _is_ready(pod)]
    if not pods:
        raise _Nothing(f"there is no ready pod behind Service {probe.service}")
    return str(pods[0]["metadata"]["name"]), _target_port(service, pods[0], probe)


def _is_ready(pod: Object) -> bool:
    status = pod.get("status") or {}
    ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in status.get("conditions") or [])
    return ready and not pod["metadata"].get("deletionTimestamp")


def _target_port(service: Object, pod: Object, probe: Probe) -> int:
    """The port of the pod that the Service's one leads to; a name is looked up in the pod's containers."""
    ports = (service.get("spec") or {}).get("ports") or []
    port = next((each for each in ports if each.get("port") == probe.port), None)
    if port is None:
        raise _Nothing(f"Service {probe.service} has no port {probe.port}")
    target = port.get("targetPort") or port["port"]
    if isinstance(target, int):
        return target
    containers = (pod.get("spec") or {}).get("containers") or []
    named = (each for container in containers for each in container.get("ports") or [] if each.get("name") == target)
    found = next(named, None)
    if found is None:
        raise _Nothing(f"port {target} of Service {probe.service} is none of pod {pod['metadata']['name']}")
    return int(found["containerPort"])


class _Forwarded:
    """A connection to a port of a pod."""

    def __init__(self, forward: Any, port: int) -> None:
        self._forward, self._port, self._socket = forward, port, forward.socket(port)

    def settimeout(self, value: float) -> None:
        self._socket.settimeout(value)

    def sendall(self, data: bytes) -> None:
        self._socket.sendall(data)

    def recv(self, size: int) -> bytes:
        return bytes(self._socket.recv(size))

    @property
    def trouble(self) -> str:
        """What the node says of it."""
        return str(self._forward.error(self._port) or "").strip().partition("\n")[0]


def _with_reason(spoken: Spoken, connection: Connection) -> Spoken:
    trouble = getattr(connection, "trouble", "")
    return spoken._replace(message=f"{spoken.message} ({trouble})") if trouble else spoken


@contextmanager
def forwarded(client: Client, namespace: str, pod: str, port: int) -> Iterator[Connection]:
    """A connection to a port of a pod, through the API server.

    :raises InterconnectError: the API server does not forward it.
    """
    import websocket
    from kubernetes.client import ApiException, CoreV1Api
    from kubernetes.config import new_client_from_config_dict
    from kubernetes.stream import portforward

    with _LOCK:
        websocket.setdefaulttimeout(CONNECT_SECONDS)
        api = new_client_from_config_dict(client.own_kubeconfig(), persist_config=False)
    try:
        call = CoreV1Api(api).connect_get_namespaced_pod_portforward
        forward = portforward(call, pod, namespace, ports=str(port))
    except (ApiException, websocket.WebSocketException, OSError, ValueError) as error:
        # The library puts all headers of the answer behind the status.
        reason = str(getattr(error, "reason", "") or error).strip().partition("\n")[0].partition(" -+-+- ")[0]
        raise InterconnectError(
            f"{client.server} does not forward to port {port} of pod {namespace}/{pod} ({reason})"
        ) from error
    finally:
        api.close()
    try:
        yield _Forwarded(forward, port)
    finally:
        forward.close()
