# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the routers of a v1 network tell of a gateway: ConfigMap `skupper-network-status`. Pure.

Format: skupperproject/skupper 1.9.6 pkg/network/types.go. A router bears its area before its id (`0/<id>`), and
addresses the port of the service behind their name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """What a site sees of a gateway."""

    is_linked: bool = False
    addresses: frozenset[str] = frozenset()
    """That the gateway's router offers."""


def of_gateway(text: str | None, router: str) -> Seen:
    """What the network status tells of a gateway.

    :param router: id of its router.
    """
    try:
        status = json.loads(text or "{}")
    except ValueError:
        return Seen()
    routers = [each for each in _routers(status) if _plain((each.get("router") or {}).get("name")) == router]
    others = [each for each in _routers(status) if each not in routers]
    linked = any(_mappings(each.get("links")) for each in routers) or any(
        _plain(link.get("name")) == router for each in others for link in _mappings(each.get("links"))
    )
    addresses = {str(end.get("address") or "") for each in routers for end in _mappings(each.get("connectors"))}
    return Seen(bool(routers) and linked, frozenset(addresses - {""}))


def _routers(status: Any) -> Iterator[Mapping[str, Any]]:
    for entry in _mappings(status.get("siteStatus") if isinstance(status, Mapping) else None):
        yield from _mappings(entry.get("routerStatus"))


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _plain(name: Any) -> str:
    return str(name or "").rpartition("/")[2]
