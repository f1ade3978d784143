# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a router's configuration says: its bindings, and how it can be managed. Pure.

Format: skupperproject/skupper internal/qdr/qdr.go (MarshalRouterConfig), an array of pairs of entity and attributes.
Entities and their defaults: skupperproject/skupper-router python/skupper_router/management/skrouter.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

BINDINGS = ("tcpConnector", "tcpListener", "httpConnector", "httpListener")
"""Entities that a router makes and drops while it runs, without any effect on its other connections."""
PREFIX = "io.skupper.router."


class Binding(NamedTuple):
    """One entity by which a service enters or leaves the network. Values as text: routers tell numbers either way."""

    entity: str
    name: str
    attributes: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """What a router knows it by."""
        return (self.entity, self.name)

    def as_dict(self) -> dict[str, Any]:
        """As results carry it."""
        return {"entity": self.entity, "name": self.name, "attributes": dict(self.attributes)}


class Management(NamedTuple):
    """How `skmanage` reaches the router, from within its container."""

    url: str
    certificate: str = ""
    key: str = ""
    authority: str = ""

    def options(self) -> list[str]:
        """The options of `skmanage`."""
        words = ["--bus", self.url]
        if self.certificate:
            words += ["--ssl-certificate", self.certificate, "--ssl-key", self.key]
        if self.authority:
            words += ["--ssl-trustfile", self.authority]
        return words


DEFAULT_MANAGEMENT = Management("amqp://127.0.0.1:5672")


@dataclass(frozen=True)
class RouterConfig:
    """A configuration, as far as it matters to whoever runs the router."""

    bindings: tuple[Binding, ...]
    rest: str
    """All other entities as canonical text: what the router takes up only when it starts."""
    management: Management
    listening: frozenset[tuple[str, int]]
    """Hosts and ports that the router takes connections at; the host is empty where it names none."""
    dials: tuple[str, ...]
    """Names of the connectors to other routers."""


def parse(text: str, env: Mapping[str, str]) -> RouterConfig:
    """Read a configuration; `env` is the container's environment, which the router fills in.

    :raises ValueError: it is not what a router takes; the text says where.
    """
    entities = _entities(text)
    bindings = tuple(_binding(kind, entity) for kind, entity in entities if kind in BINDINGS)
    names = [binding.key for binding in bindings]
    doubled = sorted({" ".join(name) for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"has several entities of one name ({', '.join(doubled)}), of which a router takes one")
    rest = [[kind, entity] for kind, entity in entities if kind not in BINDINGS]
    rest.sort(key=lambda pair: json.dumps(pair, sort_keys=True))
    return RouterConfig(
        bindings=tuple(sorted(bindings, key=lambda binding: binding.key)),
        rest=json.dumps(rest, sort_keys=True),
        management=_management(entities, env),
        listening=frozenset(_listening(entities)),
        dials=tuple(str(entity.get("name", "")) for kind, entity in entities if kind == "connector"),
    )


def running_binding(entity: str, told: Mapping[str, Any]) -> Binding:
    """A binding as a query tells it, with all attributes that the router has."""
    return Binding(entity, str(told.get("name", "")), {name: as_text(value) for name, value in told.items()})


def same(wanted: Binding, running: Binding) -> bool:
    """Whether a running binding is as wanted. A router tells more attributes than it was given."""
    return all(running.attributes.get(name, "") == value for name, value in wanted.attributes.items() if value)


def as_text(value: Any) -> str:
    """An attribute's value as text, as `skmanage` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _entities(text: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from error
    entities = []
    for number, pair in enumerate(document if isinstance(document, list) else [document]):
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], dict)):
            raise ValueError(f"has an element {number} that is no pair of entity and attributes")
        entities.append((str(pair[0]).replace(PREFIX, "", 1), pair[1]))
    if not any(kind == "router" for kind, entity in entities):
        raise ValueError("has no entity `router`")
    return entities


def _binding(kind: str, entity: Mapping[str, Any]) -> Binding:
    if not entity.get("name"):
        raise ValueError(f"has a {kind} without name")
    attributes = {name: as_text(value) for name, value in entity.items() if name != "name"}
    return Binding(kind, str(entity["name"]), attributes)


def _management(entities: Sequence[tuple[str, Mapping[str, Any]]], env: Mapping[str, str]) -> Management:
    profiles = {str(entity.get("name")): entity for kind, entity in entities if kind == "sslProfile"}
    for kind, entity in entities:
        if kind != "listener" or entity.get("http") or entity.get("role", "normal") != "normal":
            continue
        host = str(entity.get("host") or "127.0.0.1")
        where = f"[{host}]" if ":" in host else host
        port = entity.get("port", 5672)
        profile = profiles.get(str(entity.get("sslProfile") or ""))
        if profile is None:
            return Management(f"amqp://{where}:{port}")
        files = [_filled(str(profile.get(name) or ""), env) for name in ("certFile", "privateKeyFile", "caCertFile")]
        return Management(f"amqps://{where}:{port}", *files)
    return DEFAULT_MANAGEMENT


def _filled(path: str, env: Mapping[str, str]) -> str:
    """A path with the variables of the environment filled in, as the router's start script does."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: env.get(found[1] or found[2], found[0]), path)


def _listening(entities: Sequence[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, int]]:
    found = []
    for kind, entity in entities:
        port = str(entity.get("port", ""))
        if kind in ("listener", "tcpListener", "httpListener") and port.isdigit():
            found.append((str(entity.get("host") or ""), int(port)))
    return found
