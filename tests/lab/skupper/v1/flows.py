# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a router of Skupper v1 tells of its site and its links (S1 pkg/network, pkg/flow).

A link bears the name of the router at its other end, one for all parallel ones (skupper-router#1799).
"""

from __future__ import annotations

from typing import Any

from tests.lab.skupper.configuration import Configuration
from tests.lab.skupper.links import Peer


def site(configuration: Configuration, name: str, namespace: str, platform: str = "kubernetes") -> dict[str, Any]:
    return {
        "recType": "SITE",
        "identity": configuration.site,
        "name": name,
        "nameSpace": namespace,
        "platform": platform,
        "siteVersion": configuration.version,
        "policy": "disabled",
        "startTime": 0,
        "endTime": 0,
    }


def links(peers: list[Peer]) -> list[dict[str, Any]]:
    return [
        {
            "mode": "edge" if peer.role == "edge" else "interior",
            "name": peer.router,
            "linkCost": peer.cost,
            "direction": "outgoing" if peer.outgoing else "incoming",
        }
        for peer in peers
    ]
