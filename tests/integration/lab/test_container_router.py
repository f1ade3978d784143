# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The double of a router in podman: linked to sites in the clusters, it carries traffic and is managed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.integration.lab.containers import Containers, Entity, RouterContainer, answers, edge, free_port, need_podman
from tests.integration.lab.sites import Sites
from tests.integration.lab.sites_v1 import SitesV1
from tests.integration.lab.waiting import until
from tests.lab import Lab

EXTENSION = "skupper"
HUB, PHILLY = "ca-central", "us-philly"
RESOURCE = "skupper-gateway-0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    need_podman()
    made = Containers(f"lab-parts-{uuid.uuid4().hex[:6]}", tmp_path_factory.mktemp("containers"))
    yield made
    made.clean()


@pytest.fixture(scope="module")
def v1(lab: Lab) -> Iterator[SitesV1]:
    made = SitesV1(lab, "container-router-v1", HUB, PHILLY)
    try:
        made.make(HUB, ingress="loadbalancer")
        made.make(PHILLY, ingress="none")
        for cluster in (HUB, PHILLY):
            made.ready(cluster)
        made.apply(PHILLY, made.issue(HUB, "to-central"))
        yield made
    finally:
        made.clean()


def test_gateway_of_v1_carries_redis_to_all_sites(v1: SitesV1, containers: Containers) -> None:
    redis, amqp, own = containers.redis(), free_port(), str(uuid.uuid4())
    bus = f"amqp://127.0.0.1:{amqp}"
    token = v1.issue(HUB, RESOURCE)
    where = token["metadata"]["annotations"]
    metadata = {"id": own, "version": "1.9.6", "platform": "kubernetes"}
    pairs = edge(RESOURCE, metadata, where["edge-host"], int(where["edge-port"]), amqp)
    router = containers.router("2.7.6", pairs, token["data"])
    until(lambda: link_status(router, bus) == "SUCCESS", "the gateway is linked")

    v1.define(HUB, "redis-cart", [6379], None)
    binding = {"host": "127.0.0.1", "port": str(redis), "address": "redis-cart:6379", "siteId": own}
    given = [f"{key}={value}" for key, value in binding.items()]
    create = ("create", "--bus", bus, "--type", "tcpConnector", "--name", "redis-cart:6379", *given)
    assert router.manage(*create).returncode == 0
    assert "Duplicate" in router.manage(*create).stderr
    [live] = router.query(bus, "tcpConnector")
    assert {key: live[key] for key in binding} == binding
    for cluster in (HUB, PHILLY):
        assert answers(v1.connected(cluster, "redis-cart"))

    site = until(lambda: gateway_site(v1, own), "the gateway is in the network status of the hub")
    [status] = site["routerStatus"]
    assert status["router"]["name"] == f"0/{RESOURCE}"
    assert [(each["mode"], each["direction"]) for each in status["links"]] == [("edge", "outgoing")]
    assert [each["address"] for each in status["connectors"]] == ["redis-cart:6379"]

    assert router.manage("delete", "--bus", bus, "--type", "tcpConnector", "--name", "redis-cart:6379").returncode == 0
    assert router.query(bus, "tcpConnector") == []
    until(lambda: not gateway_site(v1, own)["routerStatus"][0]["connectors"], "the hub knows that it is gone")


def test_other_authority_keeps_the_gateway_out(v1: SitesV1, containers: Containers) -> None:
    amqp = free_port()
    where = v1.issue(HUB, "gateway-of-another")["metadata"]["annotations"]
    stranger = v1.get(PHILLY, "secrets", "skupper-local-server")["data"]
    pairs = edge("stranger", {"id": "other"}, where["edge-host"], int(where["edge-port"]), amqp)
    router = containers.router("2.7.6", pairs, stranger)
    until(lambda: link_status(router, f"amqp://127.0.0.1:{amqp}") == "FAILED", "the link has failed")


def test_configuration_that_no_router_takes_ends_it(containers: Containers) -> None:
    pairs = [*edge("wrong", {}, "127.0.0.1", 1, free_port()), ("httpConnector", {"address": "a", "port": 1})]
    router = containers.router("3.3.0", pairs, {})
    until(lambda: "No such entity type 'httpConnector'" in router.log(), "the router says why it does not start")


def test_podman_site_of_v2_carries_redis(lab: Lab, containers: Containers) -> None:
    sites = Sites(lab, "container-router-v2")
    try:
        sites.make(HUB, "Site", HUB, linkAccess="loadbalancer")
        sites.wait(HUB, "Site", HUB, "Ready")
        redis, amqp, own = containers.redis(), free_port(), str(uuid.uuid4())
        bus = f"amqp://127.0.0.1:{amqp}"
        data = sites.issue(HUB, "bare-metal")
        end = next(each for each in sites.endpoints(HUB) if each["name"] == "edge")
        pairs = edge("bare-metal", {"id": own, "version": "2.0.0"}, end["host"], int(end["port"]), amqp)
        pairs.append(("site", {"name": "bare-metal", "namespace": "boutique", "platform": "podman"}))
        target = {"host": "127.0.0.1", "port": str(redis), "address": "redis-cart"}
        pairs.append(("tcpConnector", {"name": "connector/redis-cart@127.0.0.1", **target}))
        router = containers.router("3.3.0", pairs, data)
        sites.make(HUB, "Listener", "redis-cart", host="redis-cart", port=6379, routingKey="redis-cart", type="tcp")
        assert answers(sites.connected(HUB, "redis-cart"))
        assert link_status(router, bus) == "SUCCESS"
        known = [each["site"] for each in sites.network_status(HUB)["siteStatus"] if each["site"]["identity"] == own]
        assert [(each["name"], each["platform"]) for each in known] == [("bare-metal", "podman")]
    finally:
        sites.clean()


def link_status(router: RouterContainer, bus: str) -> str:
    found = router.query(bus, "io.skupper.router.connector")
    return str(found[0]["connectionStatus"]) if found else ""


def gateway_site(sites: SitesV1, identity: str) -> Entity:
    found = [each for each in sites.status(HUB).get("siteStatus") or [] if each["site"]["identity"] == identity]
    return found[0] if found else {}
