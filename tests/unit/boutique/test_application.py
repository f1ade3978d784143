# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application lacks where, from the inventory alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.boutique_problems import boutique_problems
from ansible_collections.multicluster.interconnect.plugins.filter.boutique_values import boutique_values

HUB, SPOKE, REDIS = "ca-central", "us-philly", "redis-ca-central"
CHART: dict[str, Any] = {
    "services": {
        "web": {"enabled": False, "port": 80, "targetPort": 8080, "consumes": {"CART": "cart:7070"}, "service": True},
        "cart": {"enabled": False, "port": 7070, "consumes": {"REDIS": "redis:6379", "LOG": "log.example.com:514"}},
    }
}
NETWORK: list[dict[str, Any]] = [
    {"name": "cart", "port": 7070, "selector": {"app": "cart"}, "provided_by": [SPOKE]},
    {"name": "redis", "port": 6379, "host": "127.0.0.1", "provided_by": [REDIS]},
]
GROUPS = {
    "all": [HUB, SPOKE, REDIS],
    "skupper_sites": [HUB, SPOKE],
    "boutique_sites": [HUB, SPOKE],
    "bare_metal": [REDIS],
}
RUNS: dict[str, Any] = {HUB: ["web"], SPOKE: ["cart"]}


def problems(
    runs: dict[str, Any] | None = None,
    network: Any = None,
    values: dict[str, Any] | None = None,
    chart: Any = None,
    **groups: list[str],
) -> list[str]:
    """Of a small application that lacks nothing but for what a test says."""
    services = {**RUNS, **(runs or {})}
    hostvars = {
        host: {"boutique_services": services.get(host, []), "boutique_values": (values or {}).get(host, {})}
        for host in GROUPS["all"]
    }
    offered = deepcopy(NETWORK) if network is None else network
    return boutique_problems(CHART if chart is None else chart, hostvars, {**GROUPS, **groups}, offered)


def offer(index: int, **changes: Any) -> list[dict[str, Any]]:
    """The services of the network, one of them changed."""
    network = deepcopy(NETWORK)
    network[index].update(changes)
    return network


def test_an_application_that_lacks_nothing_has_no_problems() -> None:
    assert problems() == []


@pytest.mark.parametrize("services", [["cart"], {"cart": None}, {"cart": {}}, {"cart": {"replicas": 2}}])
def test_services_are_names_with_or_without_values_of_their_own(services: Any) -> None:
    own = (services["cart"] if isinstance(services, dict) else None) or {}
    assert boutique_values(services) == {"services": {"cart": {"enabled": True, **own}}}
    assert problems({SPOKE: services}) == []


def test_free_values_come_last_and_are_merged_to_all_depths() -> None:
    services = {"cart": {"replicas": 2, "env": {"A": "1", "B": "1"}}}
    values = {"services": {"cart": {"env": {"B": "2"}}, "web": {"image": "x"}}, "global": {"tag": "v1"}}
    assert boutique_values(services, values) == {
        "global": {"tag": "v1"},
        "services": {
            "cart": {"enabled": True, "replicas": 2, "env": {"A": "1", "B": "2"}},
            "web": {"image": "x"},
        },
    }
    assert services == {"cart": {"replicas": 2, "env": {"A": "1", "B": "1"}}}


def test_a_chart_of_another_kind_is_told_by_free_values_alone() -> None:
    assert boutique_values([], {"greeting": "hello"}) == {"greeting": "hello"}
    assert boutique_values(None, None) == {}
    charts: list[Any] = [{"greeting": ""}, {"services": ["cart"]}, ["cart"], "cart"]
    assert [problems(chart=chart) for chart in charts] == [[]] * len(charts)


@pytest.mark.parametrize(
    ("services", "values", "said"),
    [
        ("cart", {}, "boutique_services: 'cart' must be a list of names"),
        ([{"name": "cart"}], {}, "boutique_services: .* must be a list of names"),
        ({"cart": 2}, {}, "boutique_services.cart: 2 must be a dictionary"),
        (["cart"], ["x"], "boutique_values: .* must be a dictionary"),
    ],
)
def test_what_is_no_description_of_services_is_refused(services: Any, values: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        boutique_values(services, values)


def test_such_a_description_is_a_problem_of_its_host() -> None:
    assert problems({HUB: 5}, network=offer(0, provided_by=[SPOKE])) == [
        f"{HUB}: boutique_services: 5 must be a list of names, or a dictionary of names and their values"
    ]


def test_an_unknown_service_is_named_with_what_may_be_meant() -> None:
    assert problems({HUB: ["web", "crat"]}) == [
        f"{HUB}: boutique_services: 'crat' is no service of the chart; did you mean cart? (known are cart, web)"
    ]


def test_an_address_that_nothing_provides_is_named_with_its_consumer() -> None:
    (problem,) = problems(network=NETWORK[:1])
    assert problem == (
        f"{SPOKE}: cart consumes redis:6379 (REDIS), which nothing provides there; run it there with service: true, or "
        f"offer it to {SPOKE} by skupper_services"
    )


def test_a_service_that_others_alone_consume_does_not_count() -> None:
    (problem,) = problems(network=offer(1, consumed_by=[HUB]))
    assert problem.startswith(f"{SPOKE}: cart consumes redis:6379 (REDIS), which nothing provides there")


def test_nothing_reaches_a_cluster_outside_the_network() -> None:
    (problem,) = problems(skupper_sites=[SPOKE])
    assert problem.startswith(f"{HUB}: web consumes cart:7070 (CART), which nothing provides there")


def test_a_service_at_the_same_site_needs_a_service_of_the_chart() -> None:
    (problem,) = problems({HUB: ["web", "cart"], SPOKE: []}, network=NETWORK[1:])
    assert problem.startswith(f"{HUB}: web consumes cart:7070 (CART), which nothing provides there, although it runs")
    assert problems({HUB: {"web": {}, "cart": {"service": True}}, SPOKE: []}, network=NETWORK[1:]) == []


def test_a_site_that_provides_runs_the_service() -> None:
    (problem,) = problems(network=offer(0, provided_by=[SPOKE, HUB]))
    assert problem == (
        f"skupper_services[0].provided_by: {HUB} does not run cart: add it to boutique_services of {HUB}, which has to "
        "be in group boutique_sites, or take the host out"
    )


@pytest.mark.parametrize("selector", ["app=cart", "app=cart,tier=x", {"app": "cart", "tier": "x"}])
def test_providers_are_looked_at_however_they_select(selector: Any) -> None:
    (problem,) = problems({SPOKE: []}, network=offer(0, selector=selector))
    assert problem.startswith(f"skupper_services[0].provided_by: {SPOKE} does not run cart")


def test_ports_are_the_same_from_consumer_to_container() -> None:
    assert problems(network=offer(0, port=7071, target_port=7070)) == [
        f"{HUB}: web consumes cart:7070 (CART), but skupper_services offers cart at port 7071"
    ]
    assert problems(network=offer(0, target_port=9090)) == [
        f"skupper_services[0].target_port: is 9090, but cart listens on 7070 at {SPOKE}"
    ]
    values = {HUB: {"services": {"web": {"consumes": {"CART": "cart:1"}}, "cart": {"enabled": True, "service": True}}}}
    (problem,) = problems(values=values, network=offer(0, consumed_by=[SPOKE]))
    assert problem == f"{HUB}: web consumes cart:1 (CART), but the Service cart has port 7070 there"


def test_a_service_comes_from_the_chart_or_from_the_network() -> None:
    (problem,) = problems({SPOKE: {"cart": {"service": True}}})
    assert problem == (
        f"{SPOKE}: cart would get its Service from the chart and from skupper_services: set service: false, or leave "
        f"{SPOKE} out of consumed_by"
    )


def test_descriptions_that_others_refuse_do_not_stop_the_look() -> None:
    for network in (None, "x", [5], [{"name": "cart"}], [{"provided_by": "x", "selector": 3}]):
        assert isinstance(problems(network=network or []), list)
