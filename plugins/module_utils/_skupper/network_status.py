# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the routers say of the whole network, in the formats of both versions, as one. Pure.

v1: ConfigMap `skupper-network-status`, key `NetworkStatus` (skupperproject/skupper 1.9.6 pkg/network/types.go). A link
bears the name of the remote router, whichever side dialled; there is no state: what is listed is up.
v2: `status.network` of a Site (skupperproject/skupper 2.0.0 pkg/apis/skupper/v2alpha1/types.go, SiteRecord), which the
controller makes of a ConfigMap of that name. A link bears its own name, at the site that dialled.
Go writes empty lists as null, or leaves them out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class LinkRecord(NamedTuple):
    """A link between two sites, by their ids."""

    site: str
    """The one whose router says so; in v2 the one that dials."""
    remote: str
    name: str
    """v1: of the remote router; v2: of the link."""
    up: bool
    direction: str = ""
    """v1: `outgoing` where `site` has dialled, else `incoming`."""


@dataclass(frozen=True)
class Network:
    """All sites that are known, and the links between them."""

    sites: Mapping[str, str] = field(default_factory=dict)
    """Id to name."""
    links: tuple[LinkRecord, ...] = ()

    def knows(self, site: str) -> bool:
        """Whether a site is in the network."""
        return site in self.sites

    def joins(self, one: str, other: str) -> bool:
        """Whether a link between two sites is up, whichever side dialled."""
        return bool(one and other) and any(link.up and {link.site, link.remote} == {one, other} for link in self.links)

    def reports(self, site: str, remote: str, direction: str) -> bool:
        """v1: whether the routers of `site` themselves tell of a link with `remote` that goes this way.

        What a router has told is kept for a minute after it was heard last, so only a site's own view of its own
        links is up to date.
        """
        return any(
            (link.site, link.remote) == (site, remote) and link.up and link.direction in ("", direction)
            for link in self.links
        )

    def carries(self, name: str, site: str, remote: str) -> bool:
        """v2: whether the link of that name, by which `site` dials `remote`, is up."""
        return LinkRecord(site, remote, name, True) in self.links


def of_v1(text: str | None) -> Network:
    """The network as v1's ConfigMap has it; empty where there is none yet, or it can not be read."""
    try:
        status = json.loads(text or "{}")
    except ValueError:
        return Network()
    entries = _mappings(status.get("siteStatus") if isinstance(status, Mapping) else None)
    sites: dict[str, str] = {}
    routers: dict[str, str] = {}
    for entry in entries:
        site = entry.get("site") or {}
        identity = str(site.get("identity") or "")
        sites[identity] = str(site.get("name") or "")
        routers.update({_router_name(router): identity for router in _mappings(entry.get("routerStatus"))})
    sites.pop("", None)
    links = tuple(
        LinkRecord(identity, routers.get(name, ""), name, True, str(link.get("direction") or ""))
        for entry in entries
        for identity in [str((entry.get("site") or {}).get("identity") or "")]
        for router in _mappings(entry.get("routerStatus"))
        for link in _mappings(router.get("links"))
        for name in [_plain(str(link.get("name") or ""))]
    )
    return Network(sites, links)


def of_v2(records: Sequence[Mapping[str, Any]] | None) -> Network:
    """The network as `status.network` of a Site has it."""
    entries = _mappings(records)
    sites = {str(entry.get("id") or ""): str(entry.get("name") or "") for entry in entries}
    sites.pop("", None)
    links = tuple(
        LinkRecord(
            str(entry.get("id") or ""),
            str(link.get("remoteSiteId") or ""),
            str(link.get("name") or ""),
            bool(link.get("operational")),
        )
        for entry in entries
        for link in _mappings(entry.get("links"))
    )
    return Network(sites, links)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _router_name(status: Mapping[str, Any]) -> str:
    return _plain(str((status.get("router") or {}).get("name") or ""))


def _plain(router: str) -> str:
    """A router's id: its name bears the area before it (`0/<id>`)."""
    return router.rpartition("/")[2]
