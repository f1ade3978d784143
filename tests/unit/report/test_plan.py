# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of an inventory is verified, and where one looks for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.verify_options import verify_options
from ansible_collections.multicluster.interconnect.plugins.module_utils._info.options import ARGUMENT_SPEC

HUB, TORONTO, PHILLY, REDIS = "ca-central", "ca-toronto", "us-philly", "redis-ca-central"
GROUPS = {
    "all": [HUB, TORONTO, PHILLY, REDIS],
    "hub": [HUB],
    "spokes": [TORONTO, PHILLY],
    "clusters": [HUB, TORONTO, PHILLY],
    "skupper_sites": [HUB, TORONTO, PHILLY],
    "boutique_sites": [HUB, PHILLY],
    "skupper_gateways": [REDIS],
    "site_ca_central": [HUB, REDIS],
}
COMMON = {
    "application": "boutique",
    "kubeconfig": "/kubeconfig",
    "argocd_namespace": "argocd",
    "boutique_repo_url": "https://git.example.com/boutique.git",
    "cluster_membership_placements": [{"name": "all", "namespace": "argocd"}],
    "skupper_services": [
        {"name": "redis-cart", "port": 6379, "host": "127.0.0.1", "provided_by": [REDIS]},
        {"name": "ad", "port": 9555, "selector": {"app": "ad"}, "provided_by": [PHILLY], "consumed_by": [HUB]},
    ],
}
OWN: dict[str, dict[str, Any]] = {
    HUB: {"cluster_membership_selector": "local-cluster=true", "boutique_services": ["frontend", "catalog"]},
    PHILLY: {"boutique_services": {"ad": {"replicas": 2}, "cart": None, "email": {"enabled": False}}},
}


def options(hosts: list[str] | None = None, without: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    groups = {name: members for name, members in GROUPS.items() if name not in without}
    settings = {key: more.pop(key) for key in ("probes", "certificate_days") if key in more}
    variables = {host: {"inventory_hostname": host, **COMMON, **OWN.get(host, {}), **more} for host in GROUPS["all"]}
    return verify_options(variables, groups, GROUPS["all"] if hosts is None else hosts, **settings)


def names(found: dict[str, Any]) -> list[str]:
    return [each["name"] for each in found["clusters"]]


def test_the_whole_inventory() -> None:
    found = options()
    assert names(found) == [HUB, TORONTO, PHILLY]
    wanted = found["expected"]
    assert wanted["links"] == [
        {"name": f"{host}-to-{HUB}", "from": host, "to": HUB, "cost": 1} for host in (TORONTO, PHILLY)
    ]
    assert wanted["gateways"] == [{"host": REDIS, "cluster": HUB, "name": "", "services": ["redis-cart"]}]
    assert wanted["services"][0]["consumed_by"] == [HUB, TORONTO, PHILLY]
    assert wanted["members"][0] == {
        "host": HUB, "cluster": HUB, "selector": "local-cluster=true", "placements": ["argocd/all"], "argocd": True,
    }  # fmt: skip
    assert wanted["applications"] == [
        {"host": host, "name": "boutique", "delivery": "auto", "cluster": host, "selector": selector}
        for host, selector in ((HUB, "local-cluster=true"), (PHILLY, ""))
    ]
    assert wanted["workloads"] == [
        {"host": HUB, "names": ["frontend", "catalog"]},
        {"host": PHILLY, "names": ["ad", "cart"]},
    ]
    assert wanted["certificate_days"] == 14


def test_a_cluster_is_described_as_the_module_takes_it() -> None:
    hub, toronto, _philly = options()["clusters"]
    assert hub == {
        "name": HUB,
        "auth": {"kubeconfig": "/kubeconfig", "context": HUB},
        "hub": True,
        "argocd_namespace": "argocd",
        "applications": True,
        "placement_namespaces": ["argocd"],
        "selectors": ["local-cluster=true"],
        "namespace": "boutique",
        "skupper_version": "v2",
        "site_name": HUB,
        "workloads_namespace": "boutique",
    }
    assert "workloads_namespace" not in toronto
    assert not toronto["hub"]


def test_all_options_are_the_module_s() -> None:
    found = options()
    for option in ("clusters", "probes"):
        for each in found[option]:
            assert set(each) <= set(ARGUMENT_SPEC[option]["options"])
    wanted = ARGUMENT_SPEC["expected"]["options"]
    assert set(found["expected"]) == set(wanted)
    for part, entries in found["expected"].items():
        for each in entries if part not in ("hosts", "certificate_days") else ():
            assert set(each) <= set(wanted[part]["options"])


def test_a_part_of_the_inventory_reads_those_that_know_of_it() -> None:
    philly = options([PHILLY])
    assert names(philly) == [PHILLY, HUB]
    assert philly["expected"]["hosts"] == [PHILLY]
    assert [each["from"] for each in philly["expected"]["links"]] == [PHILLY]
    assert {each["cluster"] for each in philly["probes"]} == {PHILLY}
    redis = options([REDIS])
    assert names(redis) == [HUB]
    assert [each["name"] for each in redis["expected"]["services"]] == ["redis-cart"]
    assert redis["probes"] == []


@pytest.mark.parametrize(
    ("group", "part"),
    [
        ("hub", "members"),
        ("skupper_sites", "links"),
        ("skupper_sites", "services"),
        ("skupper_gateways", "gateways"),
        ("boutique_sites", "workloads"),
        ("boutique_sites", "applications"),
        ("hub", "applications"),
    ],
)
def test_what_the_inventory_has_not_is_left_out(group: str, part: str) -> None:
    found = options(without=(group,))
    assert found["expected"][part] == []
    assert names(found) == [HUB, TORONTO, PHILLY]


def test_clusters_without_a_network_are_still_looked_at() -> None:
    found = options(without=("skupper_sites", "skupper_gateways", "boutique_sites"))
    assert [each.get("skupper_version") for each in found["clusters"]] == [None] * 3
    assert found["probes"] == []


def test_a_host_that_nothing_is_known_of_is_passed_over() -> None:
    assert options(["localhost", PHILLY])["expected"]["hosts"] == [PHILLY]


def test_argo_cd_is_not_expected_to_know_clusters_that_nobody_gives_it() -> None:
    assert not any(each["argocd"] for each in options(argocd_import="none")["expected"]["members"])


@pytest.mark.parametrize(
    ("more", "deliveries"),
    [
        ({"boutique_delivery": "direct"}, []),
        ({"boutique_repo_url": ""}, []),
        ({"boutique_delivery": "gitops", "boutique_repo_url": ""}, ["gitops"] * 2),
    ],
)
def test_applications_are_those_that_argo_cd_may_deliver(more: dict[str, Any], deliveries: list[str]) -> None:
    assert [each["delivery"] for each in options(**more)["expected"]["applications"]] == deliveries


def test_a_gateway_s_own_bindings_go_before_the_common_services() -> None:
    bindings = [{"address": "other", "ports": [1]}, {"address": "from-a-site", "ports": [2], "mode": "forward"}]
    found = options(skupper_gateway_bindings=bindings, skupper_gateway_name="mine")
    assert found["expected"]["gateways"] == [{"host": REDIS, "cluster": HUB, "name": "mine", "services": ["other"]}]


def test_each_service_is_spoken_with_from_each_site_that_consumes_it() -> None:
    found = options()["probes"]
    assert [(each["cluster"], each["service"], each["kind"]) for each in found] == [
        (HUB, "redis-cart", "redis"),
        (TORONTO, "redis-cart", "redis"),
        (PHILLY, "redis-cart", "redis"),
        (HUB, "ad", "tcp"),
        (HUB, "frontend", "http"),
    ]


def test_probes_are_left_out_or_named() -> None:
    assert options(probes=False)["probes"] == options(probes="false")["probes"] == []
    assert options(probes="yes")["probes"] == options()["probes"]
    own = [{"service": "cart", "port": 7070, "kind": "http", "hosts": [PHILLY, "elsewhere"]}]
    assert options(probes=own)["probes"] == [{"cluster": PHILLY, "service": "cart", "port": 7070, "kind": "http"}]
    everywhere = options(probes=[{"service": "cart", "port": 7070}])["probes"]
    assert [each["cluster"] for each in everywhere] == [HUB, TORONTO, PHILLY]


def test_links_that_are_wrong_are_told_of() -> None:
    with pytest.raises(AnsibleFilterError, match="would link to itself"):
        options(skupper_links=[{"from": PHILLY, "to": PHILLY}])
