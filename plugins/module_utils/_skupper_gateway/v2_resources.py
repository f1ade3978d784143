# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources of a gateway of v2: a site of its own on the host, as upstream's CLI takes them for its input. Pure.

Formats: skupperproject/skupper 2.0.0 pkg/apis/skupper/v2alpha1/types.go, internal/nonkube/common/site_state_loader.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._client.client import Object
from .._skupper.model import Endpoint, Material
from .._skupper.v2 import objects
from .bindings import Binding


@dataclass(frozen=True)
class PodmanSite:
    """A site on the host, linked to one in a cluster."""

    name: str
    """Of the site, and of its namespace: the folder on the host in which its files are."""
    link: str
    """Of the link and of its credentials."""
    endpoints: tuple[Endpoint, ...]
    """Where the site in the cluster can be dialled."""
    material: Material | None
    """The link's credentials; None where they are not known yet (check run)."""
    bindings: Sequence[Binding] = ()
    edge: bool = True
    """Whether it is a leaf of the network, which others do not route through."""
    cost: int = 1

    @property
    def container(self) -> str:
        """Name of the router's container."""
        return container_of(self.name)

    def resources(self) -> list[Object]:
        """All resources, in an order that stays."""
        services = sorted(self.bindings, key=lambda each: (each.forwards, each.address, each.service_port))
        found = [
            _object("Site", self.name, {"edge": True} if self.edge else {}),
            *(self._listener(each) if each.forwards else self._connector(each) for each in services),
            objects.secret(self.link, self.material),
            *objects.links(self.link, self.endpoints, self.cost),
        ]
        return [{**obj, "metadata": {**obj["metadata"], "namespace": self.name}} for obj in found]

    def _connector(self, binding: Binding) -> Object:
        key = self.routing_key(binding)
        return _object("Connector", key, {"routingKey": key, "host": binding.host, "port": binding.port})

    def _listener(self, binding: Binding) -> Object:
        key = self.routing_key(binding)
        return _object("Listener", key, {"routingKey": key, "host": binding.host, "port": binding.port})

    def routing_key(self, binding: Binding) -> str:
        """What connectors and listeners meet by. One service may have several ports, a routing key has one."""
        ports = {each.service_port for each in self.bindings if each.address == binding.address}
        return binding.address if len(ports) == 1 else f"{binding.address}-{binding.service_port}"


def container_of(name: str) -> str:
    """Name of the container of a site's router (internal/nonkube/compat/site_state_renderer.go)."""
    return f"{name}-skupper-router"


def _object(kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": objects.API, "kind": kind, "metadata": {"name": name}, "spec": spec}
