# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's files say of a gateway of v2: which site it belongs to, its own id, and its bindings. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._skupper.model import Endpoint
from .bindings import EXPOSE, FORWARD, Binding
from .v2_config import LOCAL

NOTES = "internal/gateway.json"
"""Ours: what the router's configuration does not tell, such as the ports of services. Upstream's CLI ignores it."""


@dataclass(frozen=True)
class Known:
    """A gateway as an earlier run has left it, or a podman site as upstream's CLI has."""

    cluster_site: str = ""
    """uid of the Site in the cluster; empty where it was not made here."""
    site_id: str = ""
    """What the network knows it by; empty where there is none."""
    bindings: tuple[Binding, ...] = ()
    port: int = 0
    """At which the router is managed."""
    dials: frozenset[tuple[str, str]] = frozenset()
    """Hosts and ports."""


def read(config: str | None, notes: str | None) -> Known:
    """Read what lies on the host. A file that makes no sense is as good as none: it is written anew."""
    entities = _entities(config)
    routers = [entity for kind, entity in entities if kind == "router"]
    noted = _object(notes)
    metadata = _object(routers[0].get("metadata")) if routers else {}
    ports = [
        int(str(entity.get("port") or 0))
        for kind, entity in entities
        if kind == "listener" and entity.get("sslProfile") == LOCAL and str(entity.get("port")).isdigit()
    ]
    return Known(
        cluster_site=str(noted.get("site") or ""),
        site_id=str(metadata.get("id") or ""),
        bindings=_noted_bindings(noted) if noted else _configured_bindings(entities),
        port=ports[0] if ports else 0,
        dials=frozenset(
            (str(entity.get("host")), str(entity.get("port"))) for kind, entity in entities if kind == "connector"
        ),
    )


def write(cluster_site: str, bindings: Iterable[Binding]) -> str:
    """The notes for the next run; the same whichever service a run was about."""
    noted = {"site": cluster_site, "bindings": [binding.as_result() for binding in sorted(bindings)]}
    return json.dumps(noted, indent=2, sort_keys=True) + "\n"


def belongs(known: Known, cluster_site: str, endpoints: Sequence[Endpoint]) -> bool:
    """Whether what is there is a gateway of that site: as noted, or by where it dials."""
    if not known.site_id:
        return True
    if known.cluster_site:
        return known.cluster_site == cluster_site
    return any((each.host, each.port) in known.dials for each in endpoints)


def new_site_id(cluster_site: str, resource: str) -> str:
    """The same for the same gateway, so that one whose files are lost comes back as itself."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{cluster_site}/{resource}"))


def _noted_bindings(noted: Mapping[str, Any]) -> tuple[Binding, ...]:
    """Those that nobody has edited into nonsense."""
    entries = [each for each in noted.get("bindings") or [] if isinstance(each, dict)]
    return tuple(
        Binding(
            str(each["address"]),
            each["service_port"],
            str(each.get("host") or ""),
            each["port"],
            forwards=each.get("mode") == FORWARD,
        )
        for each in entries
        if each.get("address") and isinstance(each.get("service_port"), int) and isinstance(each.get("port"), int)
    )


def _configured_bindings(entities: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Binding, ...]:
    """Of a site that upstream's CLI has made: the routing key is the address, and ports are the same on both sides."""
    modes = {"tcpConnector": EXPOSE, "tcpListener": FORWARD}
    return tuple(
        Binding(
            str(entity.get("address")), int(port), str(entity.get("host")), int(port), forwards=modes[kind] == FORWARD
        )
        for kind, entity in entities
        for port in [str(entity.get("port"))]
        if kind in modes and port.isdigit()
    )


def _entities(text: str | None) -> list[tuple[str, dict[str, Any]]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    pairs = found if isinstance(found, list) else []
    return [(str(pair[0]), pair[1]) for pair in pairs if isinstance(pair, list) and isinstance(pair[-1], dict)]


def _object(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
