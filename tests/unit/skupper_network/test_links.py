# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links between sites, from the inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.skupper_default_links import skupper_default_links
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_links import skupper_links
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_problems import skupper_problems
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_stale_links import skupper_stale_links
from tests.unit.skupper_network.inventories import GROUPS, HUB, PHILLY, TORONTO, hostvars


def test_every_spoke_links_to_the_hub_where_nothing_is_said() -> None:
    assert skupper_default_links(GROUPS) == [{"from": TORONTO, "to": HUB}, {"from": PHILLY, "to": HUB}]


def test_only_hosts_with_a_site_link_by_default() -> None:
    groups = {**GROUPS, "skupper_sites": [HUB, PHILLY]}
    assert skupper_default_links(groups) == [{"from": PHILLY, "to": HUB}]
    assert skupper_default_links({"hub": [HUB]}) == []


def test_a_link_is_completed_from_the_variables_of_its_hosts() -> None:
    variables = hostvars(
        us_philly={"skupper_namespace": "cart", "skupper_distribution": "policy", "cluster_membership_name": "philly-1"}
    )
    (link,) = skupper_links([{"from": PHILLY, "to": HUB}], variables, GROUPS)
    assert link == {
        "name": "us-philly-to-ca-central",
        "from": PHILLY,
        "to": HUB,
        "cost": 1,
        "distribution": "policy",
        "version": "v2",
        "namespace": "cart",
        "issuer_namespace": "online-boutique",
        "cluster": "philly-1",
    }


def test_what_a_link_says_itself_counts() -> None:
    variables = hostvars(all={"skupper_distribution": "policy", "skupper_version": "v1"})
    wanted = {"from": PHILLY, "to": TORONTO, "name": "east", "cost": "5", "distribution": "direct"}
    (link,) = skupper_links([wanted], variables, GROUPS)
    assert (link["name"], link["cost"], link["distribution"], link["version"]) == ("east", 5, "direct", "v1")


def test_the_role_s_own_variables_come_before_the_common_ones() -> None:
    variables = hostvars(all={"skupper_namespace": "a", "skupper_network_namespace": "b"})
    (link,) = skupper_links([{"from": PHILLY, "to": HUB}], variables, GROUPS)
    assert (link["namespace"], link["issuer_namespace"]) == ("b", "b")


def test_sites_may_link_to_each_other_both_ways() -> None:
    links = [{"from": PHILLY, "to": TORONTO}, {"from": TORONTO, "to": PHILLY}]
    assert skupper_problems(links, hostvars(), GROUPS) == []


LONG = "a-name-of-sixty-one-characters-which-leaves-no-room-for-more-x"
POLICY: dict[str, Any] = {"all": {"skupper_distribution": "policy"}}


@pytest.mark.parametrize(
    ("links", "variables", "words"),
    [
        ([{"from": PHILLY, "to": "ca-torronto"}], {}, ["[0].to", "'ca-torronto'", "did you mean ca-toronto?", HUB]),
        ([{"from": "redis-ca-central", "to": HUB}], {}, ["[0].from", "redis-ca-central", "no site of the inventory"]),
        ([{"to": HUB}], {}, ["[0].from", "is missing", "linking site"]),
        ([{"from": HUB, "to": HUB}], {}, ["[0]", "ca-central would link to itself"]),
        ([{"from": PHILLY, "to": HUB, "name": "Cart.Link"}], {}, ["[0].name", "'Cart.Link'", "DNS label"]),
        ([{"from": PHILLY, "to": HUB, "name": LONG}], {}, ["[0].name", "60"]),
        ([{"from": PHILLY, "to": HUB, "cost": 0}], {}, ["[0].cost", "from 1"]),
        ([{"from": PHILLY, "to": HUB, "cost": True}], {}, ["[0].cost"]),
        ([{"from": PHILLY, "to": HUB, "const": 2}], {}, ["[0]", "'const'", "cost"]),
        (["us-philly"], {}, ["[0]", "must be a mapping"]),
        ("us-philly", {}, ["skupper_links:", "must be a list"]),
        ([{"from": PHILLY, "to": HUB}] * 2, {}, ["[1]", "as skupper_links[0] does", "remove one"]),
        (
            [{"from": PHILLY, "to": HUB, "name": "x"}, {"from": TORONTO, "to": HUB, "name": "x"}],
            {},
            ["[1].name", "'x'", "skupper_links[0]"],
        ),
        (
            [{"from": PHILLY, "to": HUB}],
            {"us_philly": {"skupper_version": "v1"}},
            ["us-philly runs Skupper v1", "ca-central v2", "same skupper_version"],
        ),
        ([{"from": PHILLY, "to": HUB}], {"us_philly": {"skupper_version": "v3"}}, ["host us-philly", "'v3'", "v1, v2"]),
        ([{"from": PHILLY, "to": HUB}], {"us_philly": {"skupper_namespace": "a.b"}}, ["host us-philly", "'a.b'"]),
        (
            [{"from": PHILLY, "to": TORONTO}],
            {"ca_toronto": {"skupper_site_ingress": "none"}},
            ["[0].to", "nobody can link to ca-toronto", "skupper_site_ingress is none", "turn the link round"],
        ),
        (
            [{"from": PHILLY, "to": TORONTO}],
            {"ca_toronto": {"skupper_site_edge": True}},
            ["[0].to", "ca-toronto", "edge site"],
        ),
        ([{"from": PHILLY, "to": TORONTO}], POLICY, ["[0].to", "ca-toronto", "link to the hub (ca-central)", "direct"]),
        ([{"from": HUB, "to": TORONTO}], POLICY, ["hub"]),
        (
            [{"from": PHILLY, "to": HUB}],
            {"all": {"skupper_distribution": "policy", "skupper_namespace": "n" * 46}},
            ["Policy link-to-ca-central", "too long", "62"],
        ),
        (
            [{"from": PHILLY, "to": HUB, "distribution": "pigeon"}],
            {},
            ["'pigeon'", "direct, policy"],
        ),
    ],
)
def test_a_wrong_link_is_refused_with_what_is_wrong_and_where(
    links: Any, variables: dict[str, Any], words: list[str]
) -> None:
    found = skupper_problems(links, hostvars(**variables), GROUPS)
    assert len(found) == 1, found
    assert found[0].startswith("skupper_links")
    assert [word for word in words if word not in found[0]] == [], found[0]
    with pytest.raises(AnsibleFilterError):
        skupper_links(links, hostvars(**variables), GROUPS)


def test_all_problems_are_told_at_once() -> None:
    links = [{"from": PHILLY, "to": "nowhere"}, {"from": HUB, "to": HUB}, {"from": TORONTO, "to": HUB, "cost": -1}]
    assert len(skupper_problems(links, hostvars(), GROUPS)) == 3


def test_a_host_of_a_large_inventory_looks_at_the_variables_of_those_it_links_with_only() -> None:
    class Counted(dict[str, Any]):
        looks = 0

        def __getitem__(self, host: str) -> Any:
            self.looks += 1
            return super().__getitem__(host)

    spokes = [f"spoke-{number}" for number in range(500)]
    variables = Counted({host: {"application": "boutique"} for host in (HUB, *spokes)})
    groups = {"all": [HUB, *spokes], "hub": [HUB], "spokes": spokes}
    links = skupper_default_links(groups)
    assert skupper_problems(links, variables, groups, [], "spoke-1") == []
    (link,) = skupper_links(links, variables, groups, "spoke-1")
    assert (link["name"], variables.looks) == (f"spoke-1-to-{HUB}", 4)
    assert len(skupper_links(links, variables, groups, HUB)) == 500


def test_what_is_left_of_other_links_is_selected() -> None:
    links = skupper_links(skupper_default_links(GROUPS), hostvars(), GROUPS)
    found = {entry["kind"]: entry for entry in skupper_stale_links(links, "boutique", "v2")}
    assert set(found) == {"Link", "AccessToken", "AccessGrant", "Certificate", "Secret", "ConfigMap"}
    label = "multicluster.interconnect/link"
    assert (
        found["Link"]["label_selector"] == f"{label},{label} notin (ca-toronto-to-ca-central,us-philly-to-ca-central)"
    )
    assert {entry["namespace"] for entry in found.values()} == {"boutique"}


def test_without_links_all_that_is_labelled_is_left_over() -> None:
    assert {entry["label_selector"] for entry in skupper_stale_links([], "boutique", "v1")} == {
        "multicluster.interconnect/link"
    }
