# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the routers say of the network, in the formats of both versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.network_status import (
    Network,
    of_v1,
    of_v2,
)


def v1(*entries: dict[str, Any]) -> str:
    return json.dumps({"addresses": None, "siteStatus": list(entries) or None})


def site_v1(identity: str, *links: str, router: str = "") -> dict[str, Any]:
    found = [{"mode": "interior", "name": name, "linkCost": 1, "direction": "outgoing"} for name in links]
    return {
        "site": {"recType": "SITE", "identity": identity, "name": f"name-{identity}", "nameSpace": "boutique"},
        "routerStatus": [
            {
                "router": {"recType": "ROUTER", "name": f"0/{router or identity + '-router'}"},
                "links": found or None,
                "listeners": None,
                "connectors": None,
            }
        ],
    }


def test_v1_link_bears_the_remote_router_s_name() -> None:
    network = of_v1(v1(site_v1("a", "b-router"), site_v1("b", "a-router")))
    assert network.sites == {"a": "name-a", "b": "name-b"}
    assert network.joins("a", "b")
    assert network.joins("b", "a")
    assert network.knows("a")


def test_v1_link_that_one_side_tells_of_suffices() -> None:
    assert of_v1(v1(site_v1("a"), site_v1("b", "a-router"))).joins("a", "b")


def test_v1_sites_over_a_third_one_are_not_joined() -> None:
    network = of_v1(v1(site_v1("a", "hub-router"), site_v1("hub", "a-router", "b-router"), site_v1("b", "hub-router")))
    assert network.joins("a", "hub")
    assert not network.joins("a", "b")
    assert network.knows("b")


def test_v1_router_names_may_bear_the_area_in_links_too() -> None:
    assert of_v1(v1(site_v1("a", "0/b-router"), site_v1("b"))).joins("a", "b")


def test_v1_link_with_an_unknown_router_joins_nothing() -> None:
    network = of_v1(v1(site_v1("a", "gone-router")))
    assert not network.joins("a", "gone")
    assert not network.joins("a", "")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{}",
        "null",
        "[]",
        "no json",
        '{"siteStatus": null}',
        '{"siteStatus": [{"site": {"identity": ""}, "routerStatus": null}]}',
        '{"siteStatus": [{"site": null, "routerStatus": [{"router": null, "links": null}]}]}',
        '{"siteStatus": [null]}',
    ],
)
def test_v1_status_that_says_nothing_is_an_empty_network(text: str | None) -> None:
    assert of_v1(text).sites == {}
    assert not of_v1(text).joins("a", "b")


def v2(identity: str, *links: dict[str, Any]) -> dict[str, Any]:
    return {"id": identity, "name": f"name-{identity}", **({"links": list(links)} if links else {})}


def link(name: str, remote: str, operational: bool = True) -> dict[str, Any]:
    found = {"name": name, "remoteSiteId": remote, "remoteSiteName": f"name-{remote}"}
    return {**found, "operational": True} if operational else found


def test_v2_link_bears_its_own_name_at_the_site_that_dials() -> None:
    network = of_v2([v2("a", link("a-to-b", "b")), v2("b")])
    assert network.carries("a-to-b", "a", "b")
    assert not network.carries("a-to-b", "b", "a")
    assert not network.carries("a-to-b-2", "a", "b")
    assert network.joins("b", "a")
    assert network.sites == {"a": "name-a", "b": "name-b"}


def test_v2_link_that_is_down_carries_nothing() -> None:
    """Go leaves `operational: false` out."""
    network = of_v2([v2("a", link("a-to-b", "b", operational=False)), v2("b")])
    assert not network.carries("a-to-b", "a", "b")
    assert not network.joins("a", "b")


def test_v2_one_of_two_links_suffices_to_join() -> None:
    network = of_v2([v2("a", link("old", "b", operational=False), link("new", "b"))])
    assert network.joins("a", "b")
    assert network.carries("new", "a", "b")
    assert not network.carries("old", "a", "b")


@pytest.mark.parametrize("records", [None, [], [{}], [{"id": "", "links": None}], [None]])
def test_v2_status_that_says_nothing_is_an_empty_network(records: list[Any] | None) -> None:
    assert of_v2(records) == Network() or not of_v2(records).sites
