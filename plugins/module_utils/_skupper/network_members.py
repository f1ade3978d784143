# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is in the network and what goes through each, in the formats of both versions, as one. Pure.

Formats as in network_status.py. A gateway is a router that is no site of a cluster: in v2 its platform says so, in v1
its name (skupperproject/skupper 1.9.6 pkg/network/network.go, DisplayableRouter). v1 puts the port behind an address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KUBERNETES = "kubernetes"
GATEWAY_PREFIX = "skupper-gateway-"


@dataclass(frozen=True)
class Member:
    """A site or a gateway, as another one sees it."""

    id: str
    name: str
    version: str = ""
    is_gateway: bool = False
    provides: frozenset[str] = frozenset()
    """Names of the services that lead to something here."""
    consumes: frozenset[str] = frozenset()
    """Names of the services that are listened for here."""


def of_v1(text: str | None) -> dict[str, Member]:
    """The members by their ids, as v1's ConfigMap has them."""
    try:
        status = json.loads(text or "{}")
    except ValueError:
        return {}
    found = [_member_v1(entry) for entry in _mappings(status.get("siteStatus") if isinstance(status, dict) else None)]
    return {member.id: member for member in found if member.id}


def _member_v1(entry: Mapping[str, Any]) -> Member:
    site, routers = entry.get("site") or {}, _mappings(entry.get("routerStatus"))
    ids = [str((router.get("router") or {}).get("name") or "").rpartition("/")[2] for router in routers]
    return Member(
        id=str(site.get("identity") or ""),
        name=str(site.get("name") or ""),
        version=str(site.get("siteVersion") or ""),
        is_gateway=bool(ids) and all(name.startswith(GATEWAY_PREFIX) for name in ids),
        provides=_addresses(routers, "connectors"),
        consumes=_addresses(routers, "listeners"),
    )


def _addresses(routers: Sequence[Mapping[str, Any]], ends: str) -> frozenset[str]:
    found = (str(end.get("address") or "") for router in routers for end in _mappings(router.get(ends)))
    return frozenset(address.partition(":")[0] for address in found) - {""}


def of_v2(records: Sequence[Mapping[str, Any]] | None) -> dict[str, Member]:
    """The members by their ids, as `status.network` of a Site has them."""
    found = [_member_v2(entry) for entry in _mappings(records)]
    return {member.id: member for member in found if member.id}


def _member_v2(entry: Mapping[str, Any]) -> Member:
    services = _mappings(entry.get("services"))

    def those_with(ends: str) -> frozenset[str]:
        return frozenset(str(each.get("routingKey") or "") for each in services if each.get(ends)) - {""}

    return Member(
        id=str(entry.get("id") or ""),
        name=str(entry.get("name") or ""),
        version=str(entry.get("version") or ""),
        is_gateway=str(entry.get("platform") or KUBERNETES) != KUBERNETES,
        provides=those_with("connectors"),
        consumes=those_with("listeners"),
    )


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
