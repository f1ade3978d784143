# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entities of a router's configuration: which kinds a version knows, what they need, and what may not be twice.

skupperproject/skupper-router python/skupper_router/management/skrouter.json; HTTP's kinds ended with version 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.skupper.configuration import Attributes

PREFIX = "io.skupper.router."
_TLS = {"sslProfile", "authenticatePeer", "verifyHostname"}
_BINDING = {"name", "address", "host", "port", "siteId", *_TLS}
_HTTP = {"protocolVersion", "aggregation", "eventChannel", "hostOverride"}


class Refused(Exception):
    """What management answers; the first word is its kind."""


@dataclass(frozen=True)
class Kind:
    """What is checked of one kind of entity."""

    required: frozenset[str]
    known: frozenset[str] | None = None
    """None: any attribute."""
    changes: bool = False
    """Whether management may create and delete it."""


def kinds(version: str) -> dict[str, Kind]:
    """By their names without prefix."""
    old = version.startswith("2.")
    more = {"encapsulation"} if old else {"processId"}
    end = frozenset({"address", "port"})
    found = {
        "router": Kind(frozenset({"id"})),
        "sslProfile": Kind(frozenset({"name"}), changes=True),
        "listener": Kind(frozenset({"port"}), changes=True),
        "connector": Kind(frozenset({"port"}), changes=True),
        "address": Kind(frozenset()),
        "autoLink": Kind(frozenset()),
        "log": Kind(frozenset({"module"})),
        "tcpConnector": Kind(end, frozenset(_BINDING | more), changes=True),
        "tcpListener": Kind(end, frozenset(_BINDING | more | (set() if old else {"observer"})), changes=True),
    }
    if old:
        found["httpConnector"] = Kind(end, frozenset(_BINDING | _HTTP), changes=True)
        found["httpListener"] = Kind(end, frozenset(_BINDING | _HTTP), changes=True)
    else:
        found["site"] = Kind(frozenset())
    return found


class Entities:
    """The entities of a running router."""

    def __init__(self, text: str, version: str) -> None:
        """``text``: the configuration file. Refused when the router would not start with it."""
        self._kinds = kinds(version)
        self._entities: list[tuple[str, Attributes]] = []
        try:
            pairs = [(str(kind), dict(attributes)) for kind, attributes in json.loads(text)]
        except (ValueError, TypeError) as error:
            raise Refused(f"Invalid configuration: {error}") from error
        for kind, attributes in pairs:
            self._add(kind, attributes)
        if not self.of("router"):
            raise Refused("Invalid configuration: no router")

    def __iter__(self) -> Iterator[tuple[str, Attributes]]:
        return iter(self._entities)

    def of(self, kind: str) -> list[Attributes]:
        return [attributes for each, attributes in self._entities if each == kind]

    def require(self, kind: str) -> None:
        """Refused for a kind that this version does not know."""
        self._kind(kind)

    def create(self, kind: str, attributes: Mapping[str, Any]) -> Attributes:
        """Add one while the router runs."""
        if not self._kind(kind).changes:
            raise Refused(f"ForbiddenStatus: {kind} can not be created")
        return self._add(kind, dict(attributes))

    def delete(self, kind: str, name: str) -> None:
        """Remove one while the router runs."""
        if not self._kind(kind).changes:
            raise Refused(f"ForbiddenStatus: {kind} can not be deleted")
        live = [each for each in self._entities if each[0] == kind and each[1]["name"] == name]
        if not live:
            raise Refused(f"NotFoundStatus: No entity with name={name}")
        self._entities.remove(live[0])

    def _add(self, kind: str, attributes: Attributes) -> Attributes:
        rules = self._kind(kind)
        missing = sorted(rules.required - set(attributes))
        if missing:
            raise Refused(f"ValidationError: Missing value for required attribute '{missing[0]}' of {kind}")
        unknown = sorted(set(attributes) - rules.known) if rules.known is not None else []
        if unknown:
            raise Refused(f"ValidationError: {kind} has no attribute '{unknown[0]}'")
        named = {"name": f"{kind}/{len(self.of(kind))}", **attributes}
        if any(each["name"] == named["name"] for each in self.of(kind)):
            raise Refused(f"ValidationError: Duplicate value '{named['name']}' for unique attribute 'name' of {kind}")
        self._entities.append((kind, named))
        return named

    def _kind(self, kind: str) -> Kind:
        if kind not in self._kinds:
            raise Refused(f"ValidationError: No such entity type '{kind}'")
        return self._kinds[kind]
