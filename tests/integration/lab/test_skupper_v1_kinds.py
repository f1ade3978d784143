# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``skupper``: kinds of Skupper v1 sites: by ingress, edge, with a console, without a service-controller."""

from __future__ import annotations

import itertools
import time
from base64 import b64decode
from collections.abc import Iterator

import pytest

from tests.integration.lab.echo import echo, exchange
from tests.integration.lab.sites_v1 import SitesV1
from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.api import path

EXTENSION = "skupper"
HUB, TORONTO = "ca-central", "ca-toronto"
NUMBERS = itertools.count(1)
SETTLED_SECONDS = 1.5


@pytest.fixture
def scratch(lab: Lab) -> Iterator[SitesV1]:
    """A namespace in two clusters, of another name each time, for it takes a while until one is gone."""
    made = SitesV1(lab, f"skupper-v1-kinds-{next(NUMBERS)}", HUB, TORONTO)
    yield made
    made.clean(wait=False)


def test_tokens_of_a_site_with_node_ports_name_them(scratch: SitesV1) -> None:
    scratch.make(TORONTO, ingress="nodeport", ingress_host="node.example")
    token = scratch.issue(TORONTO, "token")
    ports = {
        each["name"]: each["nodePort"] for each in scratch.get(TORONTO, "services", "skupper-router")["spec"]["ports"]
    }
    annotations = token["metadata"]["annotations"]
    assert annotations["inter-router-host"] == annotations["edge-host"] == "node.example"
    assert annotations["inter-router-port"] == str(ports["inter-router"])
    assert annotations["edge-port"] == str(ports["edge"])


def test_tokens_of_a_site_with_an_ingress_name_its_hosts(scratch: SitesV1) -> None:
    scratch.make(TORONTO, ingress="nginx-ingress-v1", ingress_host="apps.example")
    annotations = scratch.issue(TORONTO, "token")["metadata"]["annotations"]
    assert annotations["inter-router-host"] == f"inter-router.{scratch.namespace}.apps.example"
    assert annotations["inter-router-port"] == annotations["edge-port"] == "443"
    assert scratch.get(TORONTO, "ingresses", "skupper", "networking.k8s.io/v1")


def test_site_with_routes_is_not_made_where_there_are_none(scratch: SitesV1) -> None:
    scratch.make(TORONTO, ingress="route")
    said = f"{scratch.namespace}/skupper-site: OpenShift cluster not detected"
    until(lambda: said in scratch.controller_log(TORONTO), "the site-controller says why")
    assert not scratch.get(TORONTO, "configmaps", "skupper-internal")


def test_edge_site_serves_through_the_site_that_it_is_linked_with(scratch: SitesV1) -> None:
    scratch.make(HUB, ingress="loadbalancer")
    scratch.make(TORONTO, router_mode="edge")
    for cluster in (HUB, TORONTO):
        scratch.ready(cluster)
    scratch.apply(TORONTO, scratch.issue(HUB, "to-central"))
    scratch.linked(TORONTO, HUB)
    assert scratch.connectors(TORONTO)["to-central"]["port"] == "45671"
    with echo("127.20.2.61") as port:
        target = {"name": "beside", "service": "127.20.2.61", "targetPorts": {"7": port}}
        scratch.define(TORONTO, "beside", [7], [target])
        with scratch.connected(HUB, "beside") as connection:
            assert exchange(connection)


def test_nothing_becomes_of_a_token_while_the_service_controller_is_away(scratch: SitesV1) -> None:
    scratch.make(HUB, ingress="loadbalancer")
    scratch.make(TORONTO, ingress="none")
    for cluster in (HUB, TORONTO):
        scratch.ready(cluster)
    deployment = path("apps/v1", "deployments", "skupper-service-controller", scratch.namespace)
    scratch.api[TORONTO].merge(deployment, {"spec": {"replicas": 0}})
    until(lambda: not scratch.api[TORONTO].get(deployment)["status"].get("readyReplicas"), "it is away")
    scratch.apply(TORONTO, scratch.issue(HUB, "to-central"))
    time.sleep(SETTLED_SECONDS)
    assert scratch.connectors(TORONTO) == {}
    scratch.api[TORONTO].merge(deployment, {"spec": {"replicas": 1}})
    scratch.linked(TORONTO, HUB)


def test_console_comes_with_the_flow_collector(scratch: SitesV1) -> None:
    scratch.make(TORONTO, ingress="none", console="true", console_password="known", flow_collector="true")
    scratch.ready(TORONTO)
    users = scratch.get(TORONTO, "secrets", "skupper-console-users")["data"]
    assert b64decode(users["admin"]) == b"known"
    ports = {each["name"]: each["port"] for each in scratch.get(TORONTO, "services", "skupper")["spec"]["ports"]}
    assert ports == {"rest-api": 8080, "metrics": 8010}
