# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every site of the inventory: what the chart makes there, and that nothing is consumed that nobody provides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.filter.boutique_problems import boutique_problems
from ansible_collections.multicluster.interconnect.plugins.filter.boutique_values import boutique_values
from tests.tree import CHECKOUT
from tests.unit.boutique.charts import VALUES, container, environment, of_kind, render

HUB, TORONTO, PHILLY = SITES = ("ca-central", "ca-toronto", "us-philly")
INVENTORIES = {"reference": ("inventories/boutique",), "lab": ("inventories/boutique", "inventories/lab")}
TWICE = {"adservice", "cartservice", "checkoutservice", "currencyservice", "emailservice", "shippingservice"}


@cache
def inventory(name: str) -> dict[str, Any]:
    """An inventory as Ansible reads it; its templates are left as they are."""
    words = [str(Path(sys.executable).parent / "ansible-inventory"), "--list"]
    words += [word for source in INVENTORIES[name] for word in ("-i", source)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    run = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(run.stdout))


def hostvars(name: str) -> dict[str, Any]:
    return dict(inventory(name)["_meta"]["hostvars"])


def groups(name: str) -> dict[str, list[str]]:
    """Groups with their hosts, as Ansible has them in `groups`."""
    found = inventory(name)

    def hosts(group: str) -> list[str]:
        inner = [host for child in found[group].get("children", []) if child in found for host in hosts(child)]
        return [*found[group].get("hosts", []), *inner]

    return {group: hosts(group) for group in found if group != "_meta"}


def objects(name: str, site: str) -> list[dict[str, Any]]:
    """What the chart makes at a site."""
    variables = hostvars(name)[site]
    return render(boutique_values(variables["boutique_services"], variables["boutique_values"]))


def running(name: str, site: str) -> set[str]:
    return set(of_kind(objects(name, site), "Deployment"))


@pytest.mark.parametrize("name", INVENTORIES)
def test_nothing_is_consumed_that_nobody_provides(name: str) -> None:
    variables = hostvars(name)
    services = variables[HUB]["skupper_services"]
    assert sorted(groups(name)["boutique_sites"]) == sorted(SITES)
    assert boutique_problems(VALUES, variables, groups(name), services) == []


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_rendered_addresses_are_those_of_the_network_or_of_a_service_beside(name: str) -> None:
    offered = {f"{each['name']}:{each['port']}" for each in hostvars(name)[HUB]["skupper_services"]}
    for site in SITES:
        made = objects(name, site)
        beside = {
            f"{service['metadata']['name']}:{port['port']}"
            for service in of_kind(made, "Service").values()
            for port in service["spec"]["ports"]
        }
        assert not beside & offered, "a Service that the network makes, too"
        for part, deployment in of_kind(made, "Deployment").items():
            told = environment(deployment)
            consumed = {told[variable] for variable in VALUES["services"][part].get("consumes", {})}
            assert consumed <= offered | beside, f"{part} at {site}"


@pytest.mark.parametrize("name", INVENTORIES)
def test_every_part_but_redis_runs_somewhere_and_the_stateless_ones_twice(name: str) -> None:
    at = {site: running(name, site) for site in SITES}
    assert at[TORONTO] == TWICE
    assert at[PHILLY] == TWICE | {"paymentservice"}
    assert at[HUB] == set(VALUES["services"]) - TWICE - {"redis-cart"}
    providers = {each["name"]: each["provided_by"] for each in hostvars(name)[HUB]["skupper_services"]}
    for part, hosts in providers.items():
        if part != "redis-cart":
            assert sorted(hosts) == sorted(site for site in SITES if part in at[site])


@pytest.mark.parametrize("site", [TORONTO, PHILLY])
def test_loss_of_one_spoke_leaves_every_service_that_it_ran(site: str) -> None:
    left = set().union(*(running("reference", other) for other in SITES if other != site))
    assert running("reference", site) <= left


def test_on_openshift_the_frontend_has_a_route_and_pods_have_no_user_of_ours() -> None:
    made = objects("reference", HUB)
    assert sorted(of_kind(made, "Route")) == ["frontend"]
    for deployment in of_kind(made, "Deployment").values():
        assert "runAsUser" not in deployment["spec"]["template"]["spec"]["securityContext"]


def test_the_lab_has_no_routes_and_runs_the_cart_and_the_frontend_for_real() -> None:
    assert of_kind(objects("lab", HUB), "Route") == {}
    images = {
        name: container(deployment)["image"]
        for site in SITES
        for name, deployment in of_kind(objects("lab", site), "Deployment").items()
    }
    listening = {name for name, image in images.items() if image.startswith("lab-listener/")}
    assert set(images) - listening == {"cartservice", "frontend"}
    assert (images["cartservice"], images["frontend"]) == ("lab-cart:1", "lab-frontend:1")
