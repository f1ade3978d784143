# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference inventory in miniature."""

from __future__ import annotations

from typing import Any

HUB, TORONTO, PHILLY, REDIS = "ca-central", "ca-toronto", "us-philly", "redis-ca-central"
GROUPS = {
    "all": [HUB, TORONTO, PHILLY, REDIS],
    "hub": [HUB],
    "spokes": [TORONTO, PHILLY],
    "clusters": [HUB, TORONTO, PHILLY],
    "skupper_sites": [HUB, TORONTO, PHILLY],
    "bare_metal": [REDIS],
}


def hostvars(**of_hosts: Any) -> dict[str, dict[str, Any]]:
    """Variables of all hosts; keywords are hosts with `_` for `-`, or `all`."""
    common = {"application": "online-boutique", **of_hosts.pop("all", {})}
    own = {name.replace("_", "-"): variables for name, variables in of_hosts.items()}
    return {host: {"inventory_hostname": host, **common, **own.get(host, {})} for host in GROUPS["all"]}
