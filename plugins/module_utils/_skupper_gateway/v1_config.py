# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of a v1 gateway's router: what stands in the cluster, and what lies on the host. Pure.

Both are an array of pairs of entity type and attributes. The one in the cluster has placeholders of Go's templates in
the place of what only the host knows, and upstream's CLI reads and rewrites it: skupperproject/skupper 1.9.6
client/gateway.go, pkg/qdr/qdr.go.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._client.errors import InterconnectError
from .._skupper.model import Endpoint
from .bindings import Binding

Entity = tuple[str, dict[str, Any]]

ROUTER_ID, WORKING_DIR = "{{.RouterID}}", "{{.WorkingDir}}"
"""Placeholders, filled in on the host."""
IN_CONTAINER = "/opt/skupper"
"""Where the router's container has the gateway's directory."""
CONNECTOR, PROFILE, MANAGEMENT = "conn1", "conn1-profile", "amqp"
DEFAULT_PORT = 5672
"""Of AMQP; stands in the cluster's configuration. On the host the gateway has another one, as others may use it."""

_KINDS = {
    ("tcp", False): "tcpConnector",
    ("tcp", True): "tcpListener",
    ("http", False): "httpConnector",
    ("http", True): "httpListener",
    ("http2", False): "httpConnector",
    ("http2", True): "httpListener",
}
_HTTP_VERSIONS = {"http": "HTTP1", "http2": "HTTP2"}
BINDING_KINDS = frozenset(_KINDS.values())


@dataclass(frozen=True)
class Gateway:
    """What the configuration is made from."""

    resource: str
    """Name of its objects in the cluster, and of its router."""
    router_id: str
    """Names the gateway in the network's status, where it looks like a site."""
    version: str
    """Of the site."""
    edge: Endpoint
    bindings: Sequence[Binding] = ()


def definition(gateway: Gateway) -> str:
    """What the cluster has."""
    return _text(_entities(gateway, ROUTER_ID, WORKING_DIR, DEFAULT_PORT))


def local(gateway: Gateway, port: int) -> str:
    """What the host has.

    :param port: where the router is managed at, on the loopback address.
    """
    return _text(_entities(gateway, gateway.router_id, IN_CONTAINER, port))


def _text(entities: Iterable[Entity]) -> str:
    return json.dumps([[kind, attributes] for kind, attributes in entities], indent=4)


def _entities(gateway: Gateway, router_id: str, directory: str, port: int) -> list[Entity]:
    metadata = json.dumps({"id": router_id, "version": gateway.version, "platform": "kubernetes"})
    files = f"{directory}/skupper-router-certs/{PROFILE}"
    return [
        ("router", {"id": gateway.resource, "mode": "edge", "helloMaxAgeSeconds": "3", "metadata": metadata}),
        (
            "sslProfile",
            {
                "name": PROFILE,
                "certFile": f"{files}/tls.crt",
                "privateKeyFile": f"{files}/tls.key",
                "caCertFile": f"{files}/ca.crt",
            },
        ),
        (
            "connector",
            {
                "name": CONNECTOR,
                "role": "edge",
                "host": gateway.edge.host,
                "port": gateway.edge.port,
                "cost": 1,
                "sslProfile": PROFILE,
                "maxFrameSize": 16384,
                "maxSessionFrames": 640,
            },
        ),
        ("listener", {"name": MANAGEMENT, "host": "localhost", "port": port}),
        *(entity(binding, gateway.router_id) for binding in sorted(gateway.bindings)),
    ]


def entity(binding: Binding, router_id: str) -> Entity:
    """What the router has for a binding."""
    address = f"{binding.address}:{binding.service_port}"
    attributes = {
        "name": address,
        "host": binding.host,
        "port": str(binding.port),
        "address": address,
        "siteId": router_id,
    }
    if binding.protocol in _HTTP_VERSIONS:
        attributes["protocolVersion"] = _HTTP_VERSIONS[binding.protocol]
    return _KINDS[binding.protocol, binding.forwards], attributes


@dataclass(frozen=True)
class Known:
    """What a configuration says that is there."""

    bindings: Sequence[Binding] = ()
    router_id: str = ""
    """As far as it says that."""
    port: int = 0


def read(text: str | None, where: str) -> Known:
    """What an existing configuration says, ours or upstream's.

    :param where: it was read, for the message.
    :raises InterconnectError: it is none.
    """
    if not text:
        return Known()
    try:
        entities = [(str(kind), dict(attributes)) for kind, attributes in json.loads(text)]
        found = [_binding(kind, attributes) for kind, attributes in entities if kind in BINDING_KINDS]
        metadata = next((each.get("metadata") for kind, each in entities if kind == "router"), None)
        own = str(json.loads(metadata or "{}").get("id", ""))
        listeners = [each for kind, each in entities if kind == "listener" and each.get("name") == MANAGEMENT]
        port = int(listeners[0].get("port") or 0) if listeners else 0
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InterconnectError(
            f"{where} holds no configuration of a gateway ({type(error).__name__}): it is damaged; remove the gateway "
            "(state: absent), and make it anew"
        ) from error
    ids = [str(each.get("siteId", "")) for kind, each in entities if kind in BINDING_KINDS]
    router_id = own if own != ROUTER_ID else next((each for each in ids if each and each != ROUTER_ID), "")
    return Known(found, router_id, port)


def _binding(kind: str, attributes: Mapping[str, Any]) -> Binding:
    address, _colon, service_port = str(attributes.get("address") or attributes["name"]).rpartition(":")
    protocol = {"HTTP1": "http", "HTTP2": "http2"}.get(str(attributes.get("protocolVersion", "")), "tcp")
    return Binding(
        address,
        int(service_port),
        str(attributes.get("host") or ""),
        int(attributes["port"]),
        protocol if kind.startswith("http") else "tcp",
        kind.endswith("Listener"),
    )


def new_router_id(resource: str, site: str) -> str:
    """An id for the router of a gateway: the same for the same gateway, so that a check run predicts it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"skupper:{site}/{resource}"))


def candidate_ports(resource: str, count: int = 4) -> list[int]:
    """Ports at which the router may be managed, below those that systems take for outgoing connections."""
    first = int(hashlib.sha256(resource.encode()).hexdigest()[:8], 16)
    return [20000 + (first + number * 1009) % 10000 for number in range(count)]


def management_url(port: int) -> str:
    """As upstream's CLI has it in url.txt."""
    return f"amqp://127.0.0.1:{port}"


def port_of_url(url: str | None) -> int:
    """The port in url.txt; 0 where there is none."""
    port = (url or "").strip().rpartition(":")[2]
    return int(port) if port.isdigit() else 0
