# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference inventory over any number of sites: the lab's three clusters, with several sites in each."""

from __future__ import annotations

from typing import Any

import yaml

from tests.lab import Lab
from tests.lab.topology import CLUSTERS, HUB, SPOKES
from tests.tree import CHECKOUT

GROUP_VARS = CHECKOUT / "inventories" / "boutique" / "group_vars"
CHART = CHECKOUT / "roles" / "boutique" / "files" / "chart"
STORE = {"name": "redis-cart", "port": 6379, "selector": {"app": "redis-cart"}, "provided_by": [HUB.name]}
"""The cart store, in the hub's cluster in place of a bare-metal host."""


def inventory(lab: Lab, count: int, helm: str) -> dict[str, Any]:
    """An inventory of `count` sites, the hub's among them. The first three are those of the reference inventory.

    Each further one is a copy of one of the two spokes, in a namespace of its own on the same cluster.
    """
    namespaces = {HUB.name: "online-boutique"}
    copies: dict[str, list[str]] = {each.name: [] for each in SPOKES}
    hosts: dict[str, dict[str, Any]] = {}
    for number in range(count - 1):
        cluster = SPOKES[number % len(SPOKES)]
        suffix = f"-{number // len(SPOKES) + 1}" if number >= len(SPOKES) else ""
        name = cluster.name + suffix
        copies[cluster.name].append(name)
        namespaces[name] = f"online-boutique{suffix}"
        hosts[name] = {"context": cluster.name, "managed_as": cluster.managed_as, **_runs(cluster.name)}
    hub: dict[str, Any] = {"context": HUB.name, "managed_as": HUB.managed_as}
    hub["boutique_services"] = [*_runs(HUB.name)["boutique_services"], STORE["name"]]
    for name, host in ((HUB.name, hub), *hosts.items()):
        host["skupper_namespace"] = namespaces[name]
        host["cluster_membership_name"] = host["managed_as"]
    everybody = {
        **_variables("all"),
        **_variables("clusters"),
        "kubeconfig": str(lab.kubeconfig),
        "skupper_site_controller": "present",
        "skupper_services": [*_services(copies), STORE],
        "boutique_delivery": "direct",
        "boutique_repo_url": "",
        "boutique_helm_binary": helm,
        # for the plain playbook
        "cluster": {"kubeconfig": str(lab.kubeconfig), "context": "{{ context }}"},
        "hub_cluster": {"kubeconfig": str(lab.kubeconfig), "context": HUB.name},
        "hub_namespace": namespaces[HUB.name],
        "chart": str(CHART),
    }
    return {
        "all": {
            "vars": everybody,
            "children": {
                "hub": {"hosts": {HUB.name: {**hub, **_variables("hub")}}},
                "spokes": {"hosts": hosts, "vars": _variables("spokes")},
                "clusters": {"children": {"hub": {}, "spokes": {}}},
                "skupper_sites": {"children": {"clusters": {}}},
                "boutique_sites": {"children": {"clusters": {}}},
            },
        }
    }


def _variables(group: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((GROUP_VARS / f"{group}.yml").read_text(encoding="utf-8"))
    return loaded


def _runs(cluster: str) -> dict[str, list[str]]:
    """The services that a cluster's site runs, without what is particular about them."""
    return {"boutique_services": list(_variables(f"site_{cluster.replace('-', '_')}")["boutique_services"])}


def _services(copies: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The services of clusters, provided by the copies of their providers as well."""
    names = {each.name for each in CLUSTERS}
    found = [each for each in _variables("all")["skupper_services"] if names.issuperset(each["provided_by"])]
    return [
        {**each, "provided_by": [site for name in each["provided_by"] for site in copies.get(name, [name])]}
        for each in found
    ]
