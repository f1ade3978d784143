# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's configuration: skrouterd.json as the real controller writes it into the ConfigMap.

Format: skupperproject/skupper internal/qdr/qdr.go (MarshalRouterConfig), an array of pairs of entity and attributes;
entities: skupperproject/skupper-router python/skupper_router/management/skrouter.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Connector:
    """Dials another router: what a Link becomes."""

    name: str
    role: str
    host: str
    port: int
    cost: int
    profile: str
    verified: bool
    """Whether the other's certificate has to name the host."""


@dataclass(frozen=True)
class Listener:
    """Is dialled by other routers (role inter-router or edge), or by probes (http)."""

    name: str
    role: str
    host: str
    port: int
    profile: str
    http: bool


@dataclass(frozen=True)
class TcpEndpoint:
    """End of the service network for plain TCP: a listener takes connections in, a connector lets them out."""

    name: str
    host: str
    port: int
    address: str
    """Routing key."""
    profile: str
    protocol: str = "tcp"


@dataclass(frozen=True)
class Configuration:
    """What a router is to do."""

    router: str
    """Its name: one a pod."""
    edge: bool
    site: str
    """Id of its site."""
    version: str
    max_age_seconds: float
    """After this time without a word, a neighbour counts as gone."""
    profiles: tuple[str, ...]
    connectors: dict[str, Connector]
    listeners: dict[str, Listener]
    tcp_connectors: dict[str, TcpEndpoint]
    tcp_listeners: dict[str, TcpEndpoint]


def parse(text: str, hostname: str) -> Configuration:
    """Read skrouterd.json; ``hostname`` is what the router would have in its environment.

    ValueError or KeyError when it is not what a router takes.
    """
    return build(json.loads(text), hostname)


def build(pairs: Iterable[tuple[str, Attributes]], hostname: str) -> Configuration:
    """From entities; errors as `parse`."""
    entities: dict[str, list[Attributes]] = {}
    for kind, attributes in pairs:
        entities.setdefault(kind, []).append(attributes)
    router = entities["router"][0]
    metadata = json.loads(router.get("metadata") or "{}")
    return Configuration(
        router=router["id"].replace("${HOSTNAME}", hostname),
        edge=router.get("mode") == "edge",
        site=str(metadata.get("id", "")),
        version=str(metadata.get("version", "")),
        max_age_seconds=float(router.get("helloMaxAgeSeconds") or 3),
        profiles=tuple(sorted(each["name"] for each in entities.get("sslProfile", []))),
        connectors={each["name"]: _connector(each) for each in entities.get("connector", [])},
        listeners={each["name"]: _listener(each) for each in entities.get("listener", [])},
        tcp_connectors=_endpoints(entities, "Connector"),
        tcp_listeners=_endpoints(entities, "Listener"),
    )


def secret_of(profile: str) -> str:
    """Name of the Secret that a TLS profile's files come from (internal/kube/adaptor/profile.go)."""
    return profile.removesuffix("-profile")


def _connector(entity: Attributes) -> Connector:
    return Connector(
        entity["name"],
        entity.get("role", "normal"),
        entity["host"],
        int(entity["port"]),
        int(entity.get("cost") or 1),
        entity.get("sslProfile", ""),
        entity.get("verifyHostname") not in (False, "false", "no"),
    )


def _listener(entity: Attributes) -> Listener:
    return Listener(
        entity["name"],
        entity.get("role", "normal"),
        entity.get("host", ""),
        int(entity["port"]),
        entity.get("sslProfile", ""),
        bool(entity.get("http")),
    )


def _endpoints(entities: Mapping[str, list[Attributes]], end: str) -> dict[str, TcpEndpoint]:
    """By name. HTTP (routers 2.x) is carried as any bytes are."""
    plain = {each["name"]: _endpoint(each, "tcp") for each in entities.get(f"tcp{end}", [])}
    http = {each["name"]: _endpoint(each, _http(each)) for each in entities.get(f"http{end}", [])}
    return plain | http


def _http(entity: Attributes) -> str:
    return str(entity.get("protocolVersion", "HTTP1")).lower()


def _endpoint(entity: Attributes, protocol: str) -> TcpEndpoint:
    return TcpEndpoint(
        entity["name"],
        entity.get("host", ""),
        int(entity["port"]),
        entity["address"],
        entity.get("sslProfile", ""),
        protocol,
    )
