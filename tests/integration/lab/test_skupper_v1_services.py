# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``skupper``: services of Skupper v1, over two linked sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.lab.echo import echo, exchange
from tests.integration.lab.sites_v1 import Object, SitesV1
from tests.integration.lab.waiting import until
from tests.lab import Lab

EXTENSION = "skupper"
HUB, PHILLY = "ca-central", "us-philly"
ROUTER = {"application": "skupper-router", "skupper.io/component": "router"}


@pytest.fixture(scope="module")
def linked(lab: Lab) -> Iterator[SitesV1]:
    made = SitesV1(lab, "skupper-v1-services", HUB, PHILLY)
    try:
        made.make(HUB, ingress="loadbalancer")
        made.make(PHILLY, ingress="none")
        for cluster in (HUB, PHILLY):
            made.ready(cluster)
        made.apply(PHILLY, made.issue(HUB, "to-central"))
        made.linked(PHILLY, HUB)
        yield made
    finally:
        made.clean()


def test_service_of_one_site_is_reached_from_the_other(linked: SitesV1) -> None:
    linked.echo(PHILLY, "echo")
    linked.define(PHILLY, "echo", [7], [{"name": "echo", "selector": "app=echo", "targetPorts": {"7": 8080}}])
    with linked.connected(HUB, "echo") as connection:
        assert exchange(connection, 1_000_000)
    entry = linked.services(HUB)["echo"]
    assert entry["origin"] == linked.site_id(PHILLY)
    assert entry["targets"] is None
    made = linked.get(HUB, "services", "echo")
    assert made["metadata"]["annotations"]["internal.skupper.io/controlled"] == "true"
    assert made["spec"]["selector"] == ROUTER
    assert [each["port"] for each in made["spec"]["ports"]] == [7]
    assert made["spec"]["ports"][0]["targetPort"] >= 1024
    # Routers report one after the other: the address is known before all that belongs to it is.
    until(lambda: counts(linked, HUB, "echo:7") == (2, 1), "two listeners and one connector are in the status")


def test_service_that_is_not_offered_any_more_is_taken_back_everywhere(linked: SitesV1) -> None:
    linked.define(PHILLY, "brief", [7], None)
    linked.define(HUB, "own", [7], None)
    until(lambda: linked.get(HUB, "services", "brief"), "the other site has a Service for it")
    linked.merge(PHILLY, "configmaps", "skupper-services", {"data": {"brief": None}})
    for cluster in (PHILLY, HUB):
        until(lambda: not linked.get(cluster, "services", "brief"), f"it is gone in {cluster}")  # noqa: B023
    assert linked.services(HUB)["own"].get("origin", "") == ""
    linked.merge(HUB, "configmaps", "skupper-services", {"data": {"own": None}})
    until(lambda: "own" not in linked.services(PHILLY), "the other site has forgotten it")


def test_annotated_deployment_is_offered_to_the_network(linked: SitesV1) -> None:
    asked = {"skupper.io/proxy": "tcp", "skupper.io/address": "annotated", "skupper.io/port": "9:8080"}
    linked.echo(HUB, "by-annotation", **asked)
    with linked.connected(PHILLY, "annotated") as connection:
        assert exchange(connection)
    assert linked.services(HUB)["annotated"]["origin"] == "annotation"
    linked.delete(HUB, "deployments", "by-annotation", "apps/v1")
    until(lambda: "annotated" not in linked.services(PHILLY), "it is gone with the Deployment")


def test_service_of_the_same_name_is_taken_over_and_given_back(linked: SitesV1) -> None:
    spec = {"selector": {"app": "mine"}, "ports": [{"port": 7, "targetPort": 7777}]}
    linked.create(HUB, "services", {"metadata": {"name": "mine"}, "spec": spec})
    linked.define(HUB, "mine", [7], None)
    until(lambda: selector(linked, "mine") == ROUTER, "it is taken over")
    annotations = linked.get(HUB, "services", "mine")["metadata"]["annotations"]
    assert annotations["internal.skupper.io/originalSelector"] == "app=mine"
    assert annotations["internal.skupper.io/originalTargetPort"] == "7:7777"
    linked.merge(HUB, "services", "mine", {"spec": {"selector": None}})  # as GitOps does, with what it knows
    linked.merge(HUB, "services", "mine", {"spec": {"selector": {"app": "mine"}}})
    until(lambda: selector(linked, "mine") == ROUTER, "it is taken over again")
    linked.merge(HUB, "configmaps", "skupper-services", {"data": {"mine": None}})
    until(lambda: selector(linked, "mine") == {"app": "mine"}, "it is given back")
    live = linked.get(HUB, "services", "mine")
    assert live["spec"]["ports"][0]["targetPort"] == 7777
    assert "internal.skupper.io/originalSelector" not in (live["metadata"].get("annotations") or {})
    linked.delete(HUB, "services", "mine")


def test_host_beside_the_cluster_is_reached_by_its_address(linked: SitesV1) -> None:
    with echo("127.20.3.61") as port:
        target = {"name": "beside", "service": "127.20.3.61", "targetPorts": {"7": port}}
        linked.define(PHILLY, "beside", [7], [target])
        with linked.connected(HUB, "beside") as connection:
            assert exchange(connection)
        linked.merge(PHILLY, "configmaps", "skupper-services", {"data": {"beside": None}})


def counts(sites: SitesV1, cluster: str, address: str) -> tuple[int, int] | None:
    """Listeners and connectors of an address by the network's status in a cluster."""
    known = {each["name"]: each for each in sites.status(cluster).get("addresses") or []}
    found = known.get(address)
    return (found["listenerCount"], found["connectorCount"]) if found else None


def selector(sites: SitesV1, service: str) -> Object:
    found: Object = sites.get(HUB, "services", service)["spec"].get("selector") or {}
    return found
