# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of a podman site's router, from the site's resources. Pure.

As skupperproject/skupper 2.0.0 renders it (pkg/nonkube/api/site_state.go ToRouterConfig, internal/site, internal/qdr
MarshalRouterConfig). tests/integration/bare_metal compares it with what upstream's CLI makes of the same resources.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .._client.client import Object

BASE = "${SSL_PROFILE_BASE_PATH}"
"""Filled in by the start script of the router's image."""
CERTIFICATES = "runtime/certs"
LOCAL = "skupper-local-server"
"""Credentials of the listener by which the router is managed."""
LOOPBACK = "127.0.0.1"
VERSION = "2.0.0"

Entity = tuple[str, dict[str, Any]]


def profile(credentials: str) -> str:
    """Name of the TLS profile of a link's credentials, and of their folder."""
    return f"{credentials}-profile"


def render(resources: Iterable[Object], site_id: str, management_port: int) -> str:
    """The router's file.

    :param site_id: what the network knows the site by.
    :param management_port: of the loopback address; only who has a certificate of the network can connect to it.
    """
    by_kind: dict[str, list[Object]] = {}
    for obj in resources:
        by_kind.setdefault(obj["kind"], []).append(obj)
    site = by_kind["Site"][0]
    name, edge = site["metadata"]["name"], bool(site["spec"].get("edge"))
    links = by_kind.get("Link", [])
    profiles = dict.fromkeys([LOCAL, *(profile(link["spec"]["tlsCredentials"]) for link in links)])
    entities: list[Entity] = [
        _router(name, site_id, edge),
        *(_profile(each) for each in profiles),
        *(each for link in links for each in _connector(link, edge)),
        _management(management_port),
        *(_tcp_connector(each) for each in by_kind.get("Connector", [])),
        *(_tcp_listener(each) for each in by_kind.get("Listener", [])),
        ("log", {"module": "ROUTER_CORE", "enable": "error+"}),
        (
            "site",
            {"name": name, "platform": "podman", "namespace": site["metadata"]["namespace"], "version": VERSION},
        ),
    ]
    return json.dumps(entities, indent=4)


def _router(name: str, site_id: str, edge: bool) -> Entity:
    metadata = {"id": site_id, "version": VERSION, "platform": "podman"}
    return (
        "router",
        {
            # Upstream appends the time of the rendering, by which each rendering would be another router.
            "id": f"{name}-{site_id[:8]}",
            "mode": "edge" if edge else "interior",
            "helloMaxAgeSeconds": "3",
            "metadata": json.dumps(metadata, separators=(",", ":")),
        },
    )


def _profile(name: str) -> Entity:
    folder = f"{BASE}/{CERTIFICATES}/{name}"
    files = {"certFile": "tls.crt", "privateKeyFile": "tls.key", "caCertFile": "ca.crt"}
    return ("sslProfile", {"name": name, **{key: f"{folder}/{file}" for key, file in files.items()}})


def _connector(link: Object, edge: bool) -> list[Entity]:
    role, spec = "edge" if edge else "inter-router", link["spec"]
    # A site has other endpoints for leaves than for routers that are routed through.
    found = [endpoint for endpoint in spec["endpoints"] if endpoint["name"] == role][:1]
    return [
        (
            "connector",
            {
                "name": link["metadata"]["name"],
                "role": role,
                "host": endpoint["host"],
                "port": str(endpoint["port"]),
                "cost": spec["cost"],
                "sslProfile": profile(spec["tlsCredentials"]),
            },
        )
        for endpoint in found
    ]


def _management(port: int) -> Entity:
    return (
        "listener",
        {
            "name": "skupper-local-normal",
            "role": "normal",
            "host": LOOPBACK,
            "port": port,
            "sslProfile": LOCAL,
            "saslMechanisms": "EXTERNAL",
            "authenticatePeer": True,
        },
    )


def _tcp_connector(connector: Object) -> Entity:
    host = connector["spec"]["host"]
    return ("tcpConnector", _tcp(f"{connector['metadata']['name']}@{host}", connector["spec"]))


def _tcp_listener(listener: Object) -> Entity:
    return ("tcpListener", _tcp(listener["metadata"]["name"], listener["spec"]))


def _tcp(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "host": spec["host"], "port": str(spec["port"]), "address": spec["routingKey"]}
