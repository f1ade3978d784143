# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a v1 site's router is told: the ConfigMap `skupper-internal`, as pure functions.

Format: an array of pairs of entity type and attributes; skupperproject/skupper 1.9.6 pkg/qdr/qdr.go (RouterConfig,
UnmarshalRouterConfig). All attributes that it writes are texts, but cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._client.errors import InterconnectError
from .vocabulary import INTERIOR, ROUTER_CONFIG, ROUTER_CONFIG_KEY


@dataclass(frozen=True)
class Connector:
    """A link as the router is to make it; it bears the name of the token's Secret."""

    name: str
    host: str
    port: str
    cost: int
    profile: str


@dataclass(frozen=True)
class RouterConfig:
    """The parts of the configuration that tell of the site and its links."""

    mode: str = INTERIOR
    site_id: str = ""
    version: str = ""
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()

    def holds(self, token: str) -> bool:
        """Whether anything of the link of a token (name of its Secret) is left in the configuration."""
        return token in self.connectors or profile_of(token) in self.profiles


def profile_of(token: str) -> str:
    """The sslProfile that a token's connector has."""
    return f"{token}-profile"


def read_router_config(config_map: Mapping[str, Any] | None) -> RouterConfig | None:
    """What the ConfigMap says; None where it is not there.

    :raises InterconnectError: it holds no router configuration.
    """
    if config_map is None:
        return None
    text = (config_map.get("data") or {}).get(ROUTER_CONFIG_KEY)
    try:
        entities = [(str(kind), dict(attributes)) for kind, attributes in json.loads(text or "")]
        router = next(attributes for kind, attributes in entities if kind == "router")
        # The template has it as a text within the text, which is empty in very old sites.
        metadata = json.loads(router.get("metadata") or "{}")
        connectors = [_connector(attributes) for kind, attributes in entities if kind == "connector"]
    except (ValueError, TypeError, KeyError, StopIteration) as error:
        raise InterconnectError(
            f"ConfigMap {config_map['metadata'].get('namespace')}/{ROUTER_CONFIG} holds no router configuration under "
            f"{ROUTER_CONFIG_KEY} ({type(error).__name__}): the site is damaged; remove this ConfigMap, and the site "
            "controller makes it anew"
        ) from error
    return RouterConfig(
        mode=str(router.get("mode") or INTERIOR),
        site_id=str(metadata.get("id", "")),
        version=str(metadata.get("version", "")),
        connectors={connector.name: connector for connector in connectors},
        profiles=frozenset(str(each.get("name", "")) for kind, each in entities if kind == "sslProfile"),
    )


def _connector(attributes: Mapping[str, Any]) -> Connector:
    return Connector(
        name=str(attributes["name"]),
        host=str(attributes.get("host", "")),
        port=str(attributes.get("port", "")),
        cost=int(attributes.get("cost") or 1),
        profile=str(attributes.get("sslProfile", "")),
    )
