# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is looked at, and what one look at one cluster brings. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._client.client import Object
from .._skupper.network_members import Member
from .._skupper.network_status import Network


@dataclass(frozen=True)
class Target:
    """A cluster that is to be looked at."""

    name: str
    """As the user calls it: the inventory host."""
    namespace: str = ""
    """Of the Skupper site."""
    site_name: str = ""
    """Of the Skupper site, as the others know it."""
    skupper_version: str = ""
    """Empty: it has no site."""
    hub: bool = False
    argocd_namespace: str = ""
    applications: bool = False
    """Whether Argo CD's Applications are looked at."""
    placement_namespaces: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    """Label selectors by which ManagedClusters are named."""
    workloads: str = ""
    """Namespace whose Deployments are looked at; empty: none are."""


@dataclass(frozen=True)
class Snapshot:
    """What a cluster has answered."""

    target: Target
    server: str = ""
    version: str = ""
    error: str = ""
    """Why it can not be asked; empty where it answers."""
    objects: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)
    """By kind. A kind that could not be read is not there."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """By kind: why it could not be read."""
    missing: frozenset[str] = frozenset()
    """Of these kinds, those that the cluster does not serve."""

    @property
    def reachable(self) -> bool:
        return not self.error

    def of(self, kind: str) -> tuple[Object, ...]:
        """The objects of a kind; none where they could not be read."""
        return self.objects.get(kind, ())

    def one(self, kind: str, name: str) -> Object | None:
        """One object by its name."""
        return next((obj for obj in self.of(kind) if obj["metadata"]["name"] == name), None)


@dataclass(frozen=True)
class SiteView:
    """A site as its own cluster shows it."""

    name: str = ""
    id: str = ""
    """Empty where there is none."""
    version: str = ""
    ready: bool = False
    message: str = ""
    network: Network = field(default_factory=Network)
    """All sites and links that its routers know."""
    members: Mapping[str, Member] = field(default_factory=dict)
    """By id: sites and gateways of the network, with what they offer."""

    @property
    def is_there(self) -> bool:
        return bool(self.id)

    def partner_of(self, gateway: Member) -> str:
        """The id of the site that a gateway is linked to, as this one sees it; empty where it is linked to none."""
        for link in self.network.links:
            if link.up and gateway.id in (link.site, link.remote):
                return link.remote if link.site == gateway.id else link.site
        return ""

    def as_result(self) -> dict[str, Any]:
        """As the document has it."""
        return {
            "present": self.is_there,
            "name": self.name or None,
            "id": self.id or None,
            "version": self.version or None,
            "ready": self.ready,
            "message": self.message,
            "network": sorted(self.network.sites.values()),
        }


@dataclass(frozen=True)
class End:
    """A cluster with what it has answered, and its site."""

    name: str
    """Of the cluster."""
    snapshot: Snapshot
    site: SiteView

    @property
    def reachable(self) -> bool:
        return self.snapshot.reachable

    @property
    def version(self) -> str:
        """Of Skupper; empty where it has no site."""
        return self.snapshot.target.skupper_version
