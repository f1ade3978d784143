# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of sites, links, gateways and services: what is named when something breaks, and what still serves."""

from __future__ import annotations

import json

import pytest

from tests.unit.info.world import GATEWAY, HUB, PHILLY, REDIS, TORONTO, World, failed, message, unknown

EVERY_VERSION = pytest.mark.parametrize("version", ["v1", "v2"])


@EVERY_VERSION
def test_a_whole_network_has_nothing_but_good_checks(version: str) -> None:
    result = World(version).look()
    assert [each for each in result["checks"] if each["state"] != "ok"] == []
    assert result["ok"]
    assert result["lost"] == []
    assert {each["layer"] for each in result["checks"]} == {
        "api", "site", "link", "certificate", "gateway", "service",
    }  # fmt: skip


@EVERY_VERSION
def test_links_are_seen_from_both_ends_and_bear_their_certificate(version: str) -> None:
    links = World(version, days=90).look()["document"]["links"]
    assert [(each["from"], each["to"], each["up"], each["seen_from"]) for each in links] == [
        (TORONTO, HUB, True, [TORONTO, HUB]),
        (PHILLY, HUB, True, [PHILLY, HUB]),
    ]
    assert [each["certificate"]["days_left"] for each in links] == [90, 90]


@EVERY_VERSION
def test_a_gateway_bears_the_name_that_it_was_given(version: str) -> None:
    (gateway,) = World(version).look()["document"]["gateways"]
    assert (gateway["name"], gateway["cluster"], gateway["up"], gateway["provides"]) == (
        "gateway", HUB, True, ["redis-cart"],
    )  # fmt: skip
    assert gateway["certificate"]["days_left"] == 700


@EVERY_VERSION
def test_no_key_is_in_the_document(version: str) -> None:
    assert "aGlkZGVu" not in json.dumps(World(version).look())


@EVERY_VERSION
def test_an_api_server_that_is_down_is_one_failure_and_what_it_knows_is_unknown(version: str) -> None:
    """The site itself goes on: its link is seen from the other end, and its pods serve."""
    result = World(version, down={PHILLY}).look()
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]
    assert unknown(result) == [f"site {PHILLY} {PHILLY}", f"service {PHILLY} checkout provided", *[
        f"service {PHILLY} redis-cart reachable"
    ]]  # fmt: skip
    assert message(result, "link", PHILLY) == f"up, seen from {HUB}"
    assert message(result, "site", PHILLY) == f"its API server does not answer; {HUB} still sees it in the network"
    assert [each["serves"] for each in result["serving"]] == [True, True]
    assert result["lost"] == []


@EVERY_VERSION
def test_a_site_that_is_lost_as_a_whole_is_named_with_who_serves_in_its_place(version: str) -> None:
    result = World(version, down={PHILLY}, links_down={PHILLY}, checkout_at=(TORONTO,)).look()
    assert failed(result) == [f"api {PHILLY} {PHILLY}", f"link {PHILLY} {PHILLY}-to-{HUB}"]
    assert message(result, "link", PHILLY) == f"{HUB} sees no link with {PHILLY}"
    assert result["lost"] == [f"checkout: lost at {PHILLY}; serves by {TORONTO}"]
    assert [(each["name"], each["serves"]) for each in result["serving"]] == [("redis-cart", True), ("checkout", True)]


@EVERY_VERSION
def test_the_hub_s_api_server_that_is_down_leaves_links_to_the_word_of_those_that_dial(version: str) -> None:
    result = World(version, down={HUB}).look()
    assert failed(result) == [f"api {HUB} {HUB}"]
    assert message(result, "link", TORONTO) == f"up, seen from {TORONTO}"
    assert message(result, "gateway", REDIS) == f"connected to {HUB}, offers redis-cart"
    assert [each["serves"] for each in result["serving"]] == [True, True]


@EVERY_VERSION
def test_nothing_can_be_seen_where_no_api_server_answers(version: str) -> None:
    result = World(version, down={HUB, TORONTO, PHILLY}).look()
    assert failed(result) == [f"api {each} {each}" for each in (HUB, TORONTO, PHILLY)]
    assert message(result, "link", PHILLY) == "neither end can be asked"
    assert f"link {PHILLY} {PHILLY}-to-{HUB}" in unknown(result)
    assert not any(each["serves"] for each in result["serving"])


@EVERY_VERSION
def test_a_link_that_is_down_is_a_failure_of_the_site_that_dials(version: str) -> None:
    result = World(version, links_down={PHILLY}, checkout_at=(TORONTO,)).look()
    assert f"link {PHILLY} {PHILLY}-to-{HUB}" in failed(result)
    assert [each for each in failed(result) if TORONTO in each] == []


@EVERY_VERSION
def test_a_site_that_is_not_ready_says_why(version: str) -> None:
    result = World(version, not_ready={TORONTO: "skupper-router has no ready pods"}).look()
    assert failed(result) == [f"site {TORONTO} {TORONTO}"]
    assert "no ready pod" in message(result, "site", TORONTO)


@EVERY_VERSION
def test_a_site_that_is_not_there_is_a_failure(version: str) -> None:
    result = World(version, without_site={PHILLY}, links_down={PHILLY}, checkout_at=(TORONTO,)).look()
    assert f"site {PHILLY} {PHILLY}" in failed(result)
    assert "has no Skupper site" in message(result, "site", PHILLY)
    assert f"link {PHILLY} {PHILLY}-to-{HUB}" in failed(result)


@EVERY_VERSION
def test_a_gateway_that_is_lost_takes_what_it_alone_provides(version: str) -> None:
    result = World(version, gateway_up=False).look()
    assert f"gateway {REDIS} gateway" in failed(result)
    assert message(result, "gateway", REDIS).startswith(f"{HUB} sees no link with it")
    assert result["lost"] == [f"redis-cart: lost at {REDIS}; does not serve"]
    assert {each for each in failed(result) if each.startswith("service")} == {
        f"service {each} redis-cart reachable" for each in (HUB, TORONTO, PHILLY)
    }


@EVERY_VERSION
def test_a_gateway_that_offers_something_else_is_a_failure(version: str) -> None:
    result = World(version, gateway_offers=("other",)).look()
    assert message(result, "gateway", REDIS) == "connected, but does not offer redis-cart"
    assert "other" in [each["name"] for each in result["document"]["services"]], "it is part of the document"


@EVERY_VERSION
def test_pods_that_are_lost_at_one_of_two_sites_leave_the_service_serving(version: str) -> None:
    result = World(version, checkout_at=(PHILLY,)).look()
    assert failed(result) == [f"service {TORONTO} checkout provided"]
    assert result["lost"] == [f"checkout: lost at {TORONTO}; serves by {PHILLY}"]


@EVERY_VERSION
@pytest.mark.parametrize(("days", "says"), [(15, ""), (13, "fewer than 14"), (-1, "expired at")])
def test_certificates_have_to_be_good_for_some_days(version: str, days: int, says: str) -> None:
    result = World(version, days=days).look()
    wanted = [f"certificate {host} {name}" for host, name in _tokens()]
    assert failed(result) == (wanted if says else [])
    assert says in message(result, "certificate", PHILLY)


def _tokens() -> list[tuple[str, str]]:
    return [(TORONTO, f"{TORONTO}-to-{HUB}"), (REDIS, "gateway"), (PHILLY, f"{PHILLY}-to-{HUB}")]


@EVERY_VERSION
def test_only_the_named_hosts_are_judged_by_what_the_others_know_of_them(version: str) -> None:
    result = World(version, down={HUB}).look(HUB, PHILLY, hosts=[PHILLY])
    assert {each["host"] for each in result["checks"]} == {PHILLY}
    assert result["ok"]
    only = World(version).look(HUB, hosts=[REDIS])
    assert [(each["layer"], each["host"]) for each in only["checks"]] == [("certificate", REDIS), ("gateway", REDIS)]
    assert only["serving"][1]["by"] == [TORONTO, PHILLY], "sites that were not read are known from the network"


def test_what_may_not_be_read_is_unknown_and_no_failure() -> None:
    problems = {TORONTO: {"Site": "the user may not list sites", "Deployment": "the user may not list deployments"}}
    result = World("v2", problems=problems).look()
    assert f"site {TORONTO} {TORONTO}" in unknown(result)
    assert message(result, "site", TORONTO) == "the user may not list sites"
    (cluster,) = [each for each in result["document"]["clusters"] if each["name"] == TORONTO]
    assert cluster["problems"] == ["the user may not list deployments", "the user may not list sites"]


def test_a_site_whose_kind_is_not_installed_is_a_failure() -> None:
    world = World("v2", problems={PHILLY: {"Site": "does not serve Site"}}, missing={PHILLY: frozenset({"Site"})})
    assert f"site {PHILLY} {PHILLY}" in failed(world.look())


@EVERY_VERSION
def test_links_that_nobody_wants_are_part_of_the_document(version: str) -> None:
    links = World(version).look(links=[])["document"]["links"]
    assert [(each["name"], each["expected"], each["to"]) for each in links] == [
        (f"{TORONTO}-to-{HUB}", False, HUB),
        (f"{PHILLY}-to-{HUB}", False, HUB),
    ]


def test_gateways_are_told_apart_by_their_names_where_they_have_some() -> None:
    wanted = [{"host": REDIS, "cluster": HUB, "name": "another", "services": ["redis-cart"]}]
    result = World("v2").look(gateways=wanted)
    assert f"gateway {REDIS} another" in failed(result)
    assert GATEWAY not in json.dumps(result["document"]["gateways"]), "by its own name, not that of its objects"
