# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router double's pure halves: configuration, ways through the network, names in certificates, network status."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.lab.skupper import frames, network_status
from tests.lab.skupper.configuration import Connector, Listener, TcpEndpoint, parse, secret_of
from tests.lab.skupper.credentials import name_matches
from tests.lab.skupper.topology import STALE_SECONDS, Record, Topology

SKROUTERD: list[list[Any]] = [
    [
        "router",
        {
            "id": "philly-${HOSTNAME}",
            "mode": "interior",
            "helloMaxAgeSeconds": "3",
            "metadata": '{"id":"site-uid","version":"2.0.0"}',
        },
    ],
    ["sslProfile", {"name": "to-central-profile", "caCertFile": "/etc/x/ca.crt"}],
    ["sslProfile", {"name": "skupper-site-server"}],
    ["connector", {"name": "to-central", "role": "inter-router", "host": "h", "port": "55671", "cost": 2}],
    ["connector", {"name": "cheap", "role": "inter-router", "host": "h", "port": "55671"}],
    ["listener", {"name": "inter", "role": "inter-router", "port": 55671, "sslProfile": "skupper-site-server"}],
    ["listener", {"name": "@9090", "role": "normal", "port": 9090, "http": True, "healthz": True}],
    ["address", {"prefix": "mc", "distribution": "multicast"}],
    ["tcpListener", {"name": "cart", "host": "0.0.0.0", "port": "1024", "address": "redis-cart"}],
    ["tcpConnector", {"name": "cart@10.0.0.1", "host": "10.0.0.1", "port": "6379", "address": "redis-cart"}],
]


def test_configuration_is_read_as_the_controller_writes_it() -> None:
    found = parse(json.dumps(SKROUTERD), "pod-1")

    assert (found.router, found.site, found.version, found.edge) == ("philly-pod-1", "site-uid", "2.0.0", False)
    assert found.max_age_seconds == 3.0
    assert found.connectors["to-central"] == Connector("to-central", "inter-router", "h", 55671, 2, "", True)
    assert found.connectors["cheap"].cost == 1
    assert found.listeners["inter"] == Listener("inter", "inter-router", "", 55671, "skupper-site-server", False)
    assert found.listeners["@9090"].http
    assert found.tcp_listeners["cart"] == TcpEndpoint("cart", "0.0.0.0", 1024, "redis-cart", "")
    assert [secret_of(each) for each in found.profiles] == ["skupper-site-server", "to-central"]


@pytest.mark.parametrize("text", ["", "{}", "[[]]", "[]", '[["router", {}]]'])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        parse(text, "pod-1")


def record(name: str, neighbours: dict[str, int], *, edge: bool = False, addresses: tuple[str, ...] = ()) -> Record:
    return {"id": name, "seq": 1, "edge": edge, "neighbours": neighbours, "addresses": list(addresses)}


def network(own: str, *records: Record) -> Topology:
    topology = Topology(own)
    for each in records:
        topology.put(each)
    return topology


def test_spokes_reach_each_other_through_the_hub() -> None:
    found = network("a", record("a", {"hub": 1}), record("b", {"hub": 1}), record("hub", {"a": 1, "b": 1}))

    assert found.next_hop("b") == "hub"


def test_the_cheapest_way_is_taken() -> None:
    found = network(
        "a",
        record("a", {"b": 10, "hub": 1}),
        record("b", {"a": 10, "hub": 1}),
        record("hub", {"a": 1, "b": 1}),
    )

    assert found.next_hop("b") == "hub"


def test_a_link_that_only_one_end_knows_is_none() -> None:
    found = network("a", record("a", {"b": 1}), record("b", {}))

    assert found.next_hop("b") is None


def test_an_edge_router_is_never_on_the_way() -> None:
    found = network("a", record("a", {"e": 1}), record("e", {"a": 1, "b": 1}, edge=True), record("b", {"e": 1}))

    assert found.next_hop("e") == "e"
    assert found.next_hop("b") is None


def test_the_nearest_connector_serves() -> None:
    found = network(
        "a",
        record("a", {"hub": 1}),
        record("hub", {"a": 1, "b": 1}, addresses=("cart",)),
        record("b", {"hub": 1}, addresses=("cart", "mail")),
    )

    assert found.nearest("cart") == "hub"
    assert found.nearest("mail") == "b"
    assert found.nearest("search") is None


def test_an_older_record_is_no_news() -> None:
    found = network("a", record("a", {}))

    assert not found.put(record("a", {"b": 1}))
    assert found.put(record("a", {"b": 1}) | {"seq": 2})


def test_a_router_out_of_reach_is_remembered_for_a_while() -> None:
    now = 0.0
    topology = Topology("a", lambda: now)
    topology.put(record("a", {"b": 1}))
    topology.put(record("b", {"a": 1}))
    topology.put(record("a", {}) | {"seq": 2})

    now = STALE_SECONDS
    assert not topology.drop_stale()
    assert [each["id"] for each in topology.records] == ["a", "b"]
    assert [each["id"] for each in topology.reachable_records()] == ["a"]
    now = STALE_SECONDS + 1
    assert topology.drop_stale()
    assert [each["id"] for each in topology.records] == ["a"]


@pytest.mark.parametrize(
    ("host", "matches"),
    [
        ("router.example.org", True),
        ("ROUTER.example.org.", True),
        ("a.apps.example.org", True),
        ("a.b.apps.example.org", False),
        ("apps.example.org", False),
        ("127.20.1.100", True),
        ("127.20.1.101", False),
    ],
)
def test_only_dns_names_of_a_certificate_count(host: str, matches: bool) -> None:
    names = (
        ("DNS", "router.example.org"),
        ("DNS", "*.apps.example.org"),
        ("DNS", "127.20.1.100"),
        ("IP Address", "127.20.1.101"),
    )

    assert name_matches({"subjectAltName": names}, host) is matches


def test_a_certificate_without_names_fits_no_host() -> None:
    assert not name_matches({}, "")
    assert not name_matches(None, "router")


def test_network_status_has_upstream_s_form() -> None:
    listener = {"name": "cart", "destHost": "0.0.0.0", "destPort": "1024", "protocol": "tcp", "address": "cart"}
    connector = {"destHost": "10.0.0.1", "destPort": "6379", "address": "cart"}

    def one(site: str, **ends: Any) -> Record:
        return {"site": {"identity": site}, "status": {"listeners": [], "connectors": [], **ends}}

    found = network_status.build([one("2", listeners=[listener]), one("1", connectors=[connector]), one("1")])

    assert found["addresses"] == [
        {"name": "cart", "startTime": 0, "endTime": 0, "protocol": "tcp", "listenerCount": 1, "connectorCount": 1}
    ]
    assert [each["site"]["identity"] for each in found["siteStatus"]] == ["1", "2"]
    assert [len(each["routerStatus"]) for each in found["siteStatus"]] == [2, 1]


def test_an_empty_network_has_null_for_its_lists() -> None:
    assert network_status.build([]) == {"addresses": None, "siteStatus": None}


def test_frames_come_through_as_they_were_sent() -> None:
    async def through() -> list[tuple[frames.Header, bytes]]:
        reader = asyncio.StreamReader()
        reader.feed_data(frames.encode({"type": "alive"}) + frames.encode({"op": "data"}, b"\0" * 70_000))
        return [await frames.read(reader), await frames.read(reader)]

    assert asyncio.run(through()) == [({"type": "alive"}, b""), ({"op": "data"}, b"\0" * 70_000)]


@pytest.mark.parametrize("nonsense", [b"\xff" * 8, b"\0\0\0\1\0\0\0\0x", b"\0\0\0\1\0\0\0\x001"])
def test_what_is_no_frame_is_refused(nonsense: bytes) -> None:
    async def refused() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(nonsense)
        await frames.read(reader)

    with pytest.raises(frames.FrameError):
        asyncio.run(refused())
