# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services between sites, as objects of either version of Skupper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.filter.skupper_gateway_bindings import (
    skupper_gateway_bindings,
)
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_problems import skupper_problems
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_services import skupper_services
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_stale_services import skupper_stale_services
from tests.unit.skupper_network.inventories import GROUPS, HUB, PHILLY, REDIS, TORONTO, hostvars

SITES = GROUPS["skupper_sites"]
LABEL = "multicluster.interconnect/service"
CART: dict[str, Any] = {
    "name": "redis-cart",
    "port": 6379,
    "target_port": 16379,
    "selector": {"tier": "data", "app": "redis"},
    "provided_by": [PHILLY],
}
WORKLOAD = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "redis"}}


def objects(service: dict[str, Any], host: str, version: str = "v2", **more: Any) -> dict[str, dict[str, Any]]:
    """By kind."""
    return {each["kind"]: each for each in skupper_services([service], host, SITES, version, "boutique", **more)}


def test_v2_connects_where_a_service_runs_and_listens_everywhere() -> None:
    found = objects(CART, PHILLY)
    assert set(found) == {"Connector", "Listener"}
    assert found["Connector"]["spec"] == {
        "routingKey": "redis-cart",
        "port": 16379,
        "selector": "app=redis,tier=data",
        "type": "tcp",
    }
    assert found["Listener"]["spec"] == {"routingKey": "redis-cart", "host": "redis-cart", "port": 6379, "type": "tcp"}
    assert found["Listener"]["metadata"] == {
        "name": "redis-cart",
        "namespace": "boutique",
        "labels": {LABEL: "redis-cart"},
    }
    assert set(objects(CART, HUB)) == {"Listener"}


def test_v2_listens_only_where_a_service_is_used() -> None:
    service = {**CART, "consumed_by": [TORONTO]}
    assert set(objects(service, TORONTO)) == {"Listener"}
    assert set(objects(service, PHILLY)) == {"Connector"}
    assert objects(service, HUB) == {}


def test_a_host_outside_is_reached_by_its_address_and_the_same_port() -> None:
    service = {"name": "redis-cart", "port": "6379", "host": "192.0.2.249", "provided_by": [HUB]}
    spec = objects(service, HUB)["Connector"]["spec"]
    assert (spec["host"], spec["port"]) == ("192.0.2.249", 6379)
    assert "selector" not in spec


def test_v1_defines_a_service_where_it_runs() -> None:
    (config_map,) = objects(CART, PHILLY, "v1").values()
    assert config_map["metadata"] == {"name": "skupper-services", "namespace": "boutique"}
    assert json.loads(config_map["data"]["redis-cart"]) == {
        "address": "redis-cart",
        "protocol": "tcp",
        "ports": [6379],
        "exposeIngress": "",
        "targets": [{"name": "redis-cart", "selector": "app=redis,tier=data", "targetPorts": {"6379": 16379}}],
    }
    assert objects(CART, HUB, "v1") == {}, "v1 makes it known there by itself"


def test_v1_annotates_the_workload_where_that_is_wanted() -> None:
    service = {**CART, "service": WORKLOAD, "protocol": "http2"}
    (workload,) = objects(service, PHILLY, "v1", expose="annotations").values()
    assert (workload["apiVersion"], workload["kind"]) == ("apps/v1", "Deployment")
    assert workload["metadata"]["name"] == "redis"
    assert workload["metadata"]["namespace"] == "boutique"
    assert workload["metadata"]["annotations"] == {
        "skupper.io/proxy": "http2",
        "skupper.io/address": "redis-cart",
        "skupper.io/port": "6379:16379",
    }
    assert set(workload) == {"apiVersion", "kind", "metadata"}, "nothing else of the workload is ours"


def test_objects_of_other_services_are_selected_kind_by_kind() -> None:
    kinds = [["skupper.io/v2alpha1", "Connector"], ["skupper.io/v2alpha1", "Listener"]]
    wanted = skupper_services([CART], HUB, SITES, "v2", "boutique")
    connectors, listeners = skupper_stale_services(wanted, "boutique", kinds)
    assert connectors["label_selector"] == LABEL, "all of them: the hub provides nothing any more"
    assert listeners["label_selector"] == f"{LABEL},{LABEL} notin (redis-cart)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "redis.cart"}, [".name", "'redis.cart'", "DNS label"]),
        ({"name": "6redis"}, [".name", "begins with a letter"]),
        ({"port": 0}, [".port", "0", "1 to 65535"]),
        ({"port": 70000}, [".port", "70000"]),
        ({"port": "http"}, [".port", "'http'"]),
        ({"target_port": 65536}, [".target_port", "65536"]),
        ({"provided_by": []}, [".provided_by", "is missing"]),
        ({"provided_by": ["us-phily"]}, [".provided_by", "'us-phily'", "did you mean us-philly?"]),
        ({"provided_by": "us-philly"}, [".provided_by", "must be a list"]),
        ({"consumed_by": [REDIS]}, [".consumed_by", REDIS, "no site"]),
        ({"protocol": "udp"}, [".protocol", "'udp'", "Skupper v2", "tcp"]),
        ({"protocol": "http"}, [".protocol", "'http'"]),
        ({"host": "192.0.2.1"}, ["both selector and host"]),
        ({"selector": {}}, ["neither selector", "nor host"]),
        ({"selector": ["app"]}, [".selector", "mapping"]),
        ({"target": 1}, ["'target'", "target_port"]),
    ],
)
def test_a_wrong_service_is_refused_with_what_is_wrong_and_where(change: dict[str, Any], words: list[str]) -> None:
    found = skupper_problems([], hostvars(), GROUPS, [{**CART, **change}])
    assert len(found) == 1, found
    assert found[0].startswith("skupper_services[0]")
    assert [word for word in words if word not in found[0]] == [], found[0]


def test_a_gateway_offers_what_its_host_provides() -> None:
    here = {"name": "redis-cart", "port": 6379, "provided_by": [REDIS]}
    beside = {"name": "stock", "port": 80, "target_port": 8080, "protocol": "http", "host": "192.0.2.7"}
    services = [CART, here, {**beside, "provided_by": [PHILLY, REDIS]}]
    assert skupper_gateway_bindings(services, REDIS) == [
        {"address": "redis-cart", "host": "127.0.0.1", "ports": ["6379:6379"], "protocol": "tcp"},
        {"address": "stock", "host": "192.0.2.7", "ports": ["80:8080"], "protocol": "http"},
    ]
    assert skupper_gateway_bindings([CART], REDIS) == []


def test_bare_metal_has_no_pods_to_select() -> None:
    service = {"name": "redis-cart", "port": 6379, "provided_by": [REDIS], "selector": {"app": "redis"}}
    (line,) = skupper_problems([], hostvars(), GROUPS, [service])
    assert "skupper_services[0].selector" in line
    assert REDIS in line


def test_a_service_of_bare_metal_alone_needs_no_target_here() -> None:
    service = {"name": "redis-cart", "port": 6379, "provided_by": [REDIS]}
    assert skupper_problems([], hostvars(), GROUPS, [service]) == []
    assert set(objects(service, HUB)) == {"Listener"}


def test_two_services_of_one_name_are_refused() -> None:
    (found,) = skupper_problems([], hostvars(), GROUPS, [CART, CART])
    assert found.startswith("skupper_services[1].name")


def test_v1_knows_more_protocols() -> None:
    assert skupper_problems([], hostvars(all={"skupper_version": "v1"}), GROUPS, [{**CART, "protocol": "http2"}]) == []


def test_annotations_want_a_workload() -> None:
    variables = hostvars(us_philly={"skupper_version": "v1", "skupper_network_expose": "annotations"})
    (found,) = skupper_problems([], variables, GROUPS, [CART])
    assert "[0].service" in found
    assert skupper_problems([], variables, GROUPS, [{**CART, "service": WORKLOAD}]) == []


@pytest.mark.parametrize("services", ["redis", [17]])
def test_services_that_are_none_are_refused(services: Any) -> None:
    (found,) = skupper_problems([], hostvars(), GROUPS, services)
    assert "must be" in found
