# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making and changing skrouterd.json of Skupper v1: an array of pairs of entity and attributes (S1 pkg/qdr/qdr.go)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.lab.api import Object
from tests.lab.skupper.v1 import names
from tests.lab.skupper.v1.settings import Settings

KEY = "skrouterd.json"
CERTIFICATES = "/etc/skupper-router-certs"
FRAMES = {"maxFrameSize": 16384, "maxSessionFrames": 640}
Entity = dict[str, Any]


class RouterConfig:
    """The entities, by kind and name."""

    def __init__(self, pairs: list[tuple[str, Entity]]) -> None:
        self._pairs = pairs

    @classmethod
    def of(cls, config_map: Object) -> RouterConfig:
        """Read the ConfigMap ``skupper-internal``. KeyError or ValueError when it has no usable configuration."""
        return cls([(kind, dict(entity)) for kind, entity in json.loads(config_map["data"][KEY])])

    def text(self) -> str:
        return json.dumps(self._pairs, indent=4)

    def find(self, kind: str, name: str) -> Entity | None:
        return next((entity for kind_, entity in self._pairs if (kind_, entity.get("name")) == (kind, name)), None)

    def all(self, kind: str) -> dict[str, Entity]:
        return {entity["name"]: entity for kind_, entity in self._pairs if kind_ == kind}

    def put(self, kind: str, entity: Entity) -> bool:
        """Add an entity, or replace the one of its name; return whether that changes anything."""
        for index, (kind_, live) in enumerate(self._pairs):
            if kind_ == kind and live.get("name") == entity["name"]:
                self._pairs[index] = (kind, entity)
                return live != entity
        self._pairs.append((kind, entity))
        return True

    def remove(self, kind: str, name: str) -> bool:
        """Remove an entity; return whether it was there."""
        kept = [(kind_, each) for kind_, each in self._pairs if kind_ != kind or each.get("name") != name]
        self._pairs, before = kept, len(self._pairs)
        return len(kept) < before

    @property
    def edge(self) -> bool:
        return self._router.get("mode") == "edge"

    @property
    def metadata(self) -> Mapping[str, str]:
        """Site id and version."""
        found: Mapping[str, str] = json.loads(self._router.get("metadata") or "{}")
        return found

    @property
    def _router(self) -> Entity:
        return next(entity for kind, entity in self._pairs if kind == "router")


def initial(site: Settings) -> RouterConfig:
    """As RouterCreate writes it (S1 pkg/qdr/qdr.go InitialConfigSkupperRouter, client/router_create.go)."""
    metadata = {"id": site.uid, "version": names.VERSION, "platform": "kubernetes"}
    secured = {"saslMechanisms": "EXTERNAL", "authenticatePeer": True}
    router = {
        "id": f"{site.name}-${{HOSTNAME}}",
        "mode": "edge" if site.edge else "interior",
        "helloMaxAgeSeconds": "3",
        "metadata": json.dumps(metadata, separators=(",", ":")),
    }
    health = {"name": f"@{names.HEALTH_PORT}", "role": "normal", "port": names.HEALTH_PORT, "http": True}
    pairs: list[tuple[str, Entity]] = [
        ("router", router),
        ("address", {"prefix": "mc", "distribution": "multicast"}),
        ("listener", health | {"httpRootDir": "disabled", "healthz": True, "metrics": True}),
        ("listener", {"name": "amqp", "host": "localhost", "port": 5672}),
        ("sslProfile", profile("skupper-amqps")),
        ("listener", {"name": "amqps", "port": names.AMQPS_PORT, "sslProfile": "skupper-amqps", **secured}),
        ("sslProfile", profile(names.SERVICE_CLIENT, simple=True)),
        ("log", {"module": "ROUTER_CORE", "enable": "error+"}),
    ]
    if not site.edge:
        pairs.append(("sslProfile", profile("skupper-internal")))
        for name, role, port in (
            ("interior-listener", "inter-router", names.INTER_ROUTER_PORT),
            ("edge-listener", "edge", names.EDGE_PORT),
        ):
            listener = {"name": name, "role": role, "port": port, "sslProfile": "skupper-internal"}
            pairs.append(("listener", listener | secured | FRAMES))
    return RouterConfig(pairs)


def profile(name: str, *, simple: bool = False) -> Entity:
    """A TLS profile; a simple one has no certificate of its own."""
    folder = f"{CERTIFICATES}/{name}"
    own = {} if simple else {"certFile": f"{folder}/tls.crt", "privateKeyFile": f"{folder}/tls.key"}
    return {"name": name, **own, "caCertFile": f"{folder}/ca.crt"}


def secret_of(profile_name: str) -> str:
    """The Secret that a profile's files come from: two are mounted, config-sync copies the others."""
    mounted = {"skupper-amqps": names.LOCAL_SERVER, "skupper-internal": names.SITE_SERVER}
    return mounted.get(profile_name) or profile_name.removesuffix("-profile")
