# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the objects of a v1 site: states of Secrets, hosts by ingress, the router's configuration."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.model import Endpoint
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.network_status import Network, of_v1
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1 import ingress, reading, tokens
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.controller import watches
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.router import read_router_config
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.site import SiteV1, names_in
from tests.unit.skupper.v1.authority import Authority
from tests.unit.skupper.v1.sites import LINK, NAMESPACE, TYPE, config_map_ref, made, secret_ref

ENDS = {"inter-router-host": "h", "inter-router-port": "55671", "edge-host": "h", "edge-port": "45671"}
WHOLE = {"ca.crt": "YQ==", "tls.crt": "Yg==", "tls.key": "Yw=="}


def token(kind: str | None = "connection-token", **annotations: str) -> dict[str, Any]:
    labels = {TYPE: kind} if kind else {}
    metadata = {"labels": labels, "annotations": {**ENDS, **annotations}}
    return copy.deepcopy(made(secret_ref(), metadata=metadata, data=WHOLE, type="Opaque"))


def without(secret: dict[str, Any], part: str, key: str) -> dict[str, Any]:
    found = secret["metadata"]["annotations"] if part == "annotations" else secret["data"]
    del found[key]
    return secret


@pytest.mark.parametrize(
    ("secret", "state"),
    [
        (None, "absent"),
        (token("connection-token-request"), "requested"),
        (made(secret_ref(), metadata={"labels": {TYPE: "connection-token-request"}}), "requested"),
        (token(), "issued"),
        (token(**{"inter-router-host": ""}), "hostless"),
        (token(**{"edge-host": ""}), "hostless"),
        (without(token(), "data", "tls.key"), "incomplete"),
        (without(token(), "annotations", "edge-port"), "incomplete"),
        (made(secret_ref(), metadata={"labels": {TYPE: "connection-token"}}), "incomplete"),
        (token("token-claim"), "claim"),
        (token("token-claim-record"), "claim record"),
        (token("gateway-connection-token"), "foreign"),
        (token(None), "foreign"),
        (made(secret_ref()), "foreign"),
    ],
)
def test_the_state_of_a_secret_is_told_by_its_label_and_what_it_holds(
    secret: dict[str, Any] | None, state: str
) -> None:
    assert tokens.state_of(secret) == state


def test_what_is_not_issued_can_not_be_copied() -> None:
    for secret in (token("connection-token-request"), token(**{"edge-host": ""}), token("token-claim")):
        with pytest.raises(ValueError, match=LINK):
            tokens.copy(secret, NAMESPACE, {}, 1)


def test_tokens_are_told_apart_by_keys_and_by_where_they_lead() -> None:
    other = token()
    other["data"]["tls.key"] = "ZA=="
    found = {tokens.digest(each) for each in (token(), other, token(**{"edge-host": "i"}))}
    assert len(found) == 3
    assert tokens.digest(token(**{"skupper.io/cost": "5"})) == tokens.digest(token())


@pytest.mark.parametrize(("text", "cost"), [("3", 3), ("cheap", 1), ("", 1), (None, 1)])
def test_a_cost_that_is_no_number_is_ignored_as_upstream_does(text: str | None, cost: int) -> None:
    annotations = {} if text is None else {"skupper.io/cost": text}
    assert tokens.cost_of(token(**annotations)) == cost


SERVICE = ObjectRef("v1", "Service", "skupper-router", NAMESPACE)
INGRESS = ObjectRef("networking.k8s.io/v1", "Ingress", "skupper", NAMESPACE)


def rule(host: str, port: int) -> dict[str, Any]:
    return {"host": host, "http": {"paths": [{"backend": {"service": {"port": {"number": port}}}}]}}


def route(name: str) -> ObjectRef:
    return ObjectRef("route.openshift.io/v1", "Route", name, NAMESPACE)


LOAD_BALANCED = {SERVICE: {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com", "ip": "1.2.3.4"}]}}}}
PORTS = [{"name": "inter-router", "nodePort": 31001}, {"name": "edge", "nodePort": 31002}]
NODE_PORTS = {SERVICE: {"spec": {"ports": [*PORTS, {"name": "claims", "nodePort": 31003}]}}}
ROUTES = {route(name): {"spec": {"host": f"{name}.e"}} for name in ("skupper-inter-router", "skupper-edge", "claims")}
RULES = {INGRESS: {"spec": {"rules": [rule("i.e", 55671), rule("e.e", 45671), rule("c.e", 8081)]}}}


@pytest.mark.parametrize(
    ("data", "objects", "hosts"),
    [
        ({"ingress": "loadbalancer"}, LOAD_BALANCED, ("1.2.3.4:55671", "1.2.3.4:45671", "1.2.3.4:8081")),
        ({}, LOAD_BALANCED, ("1.2.3.4:55671", "1.2.3.4:45671", "1.2.3.4:8081")),
        ({"ingress": "route"}, ROUTES, ("skupper-inter-router.e:443", "skupper-edge.e:443", "claims.e:443")),
        ({"ingress": "nginx-ingress-v1"}, RULES, ("i.e:443", "e.e:443", "c.e:443")),
        ({"ingress": "ingress"}, RULES, ("i.e:443", "e.e:443", "c.e:443")),
        ({"ingress": "nodeport", "ingress-host": "n"}, NODE_PORTS, ("n:31001", "n:31002", "n:31003")),
        (
            {"ingress": "contour-http-proxy", "ingress-host": "c.e"},
            {},
            tuple(f"skupper-{role}.{NAMESPACE}.c.e:443" for role in ("inter-router", "edge", "claims")),
        ),
        (
            {"ingress": "none"},
            {},
            tuple(f"skupper-router.{NAMESPACE}:{port}" for port in (55671, 45671, 8081)),
        ),
    ],
)
def test_hosts_and_ports_are_those_that_the_site_controller_writes(
    data: dict[str, str], objects: dict[ObjectRef, Any], hosts: tuple[str, ...]
) -> None:
    kind = ingress.kind_of_ingress(data, has_routes=False)
    assert set(ingress.objects_of(kind, NAMESPACE)) == set(objects)
    found = ingress.access(kind, data, NAMESPACE, objects)
    assert found.is_complete
    assert tuple(f"{found.endpoints[role].host}:{found.endpoints[role].port}" for role in ingress.ROLES) == hosts


@pytest.mark.parametrize(
    ("data", "objects", "waits_for"),
    [
        ({"ingress": "loadbalancer"}, {SERVICE: {"status": {"loadBalancer": {}}}}, "Service skupper-router"),
        ({"ingress": "loadbalancer"}, {SERVICE: None}, "Service skupper-router"),
        ({"ingress": "route"}, {**ROUTES, route("claims"): None}, "Routes skupper-inter-router, skupper-edge, claims"),
        ({"ingress": "route"}, {**ROUTES, route("claims"): {"spec": {"host": ""}}}, "claims"),
        ({"ingress": "nginx-ingress-v1"}, {INGRESS: None}, "Ingress skupper"),
        ({"ingress": "nodeport"}, NODE_PORTS, "ingress-host"),
        ({"ingress": "contour-http-proxy"}, {}, "ingress-host"),
    ],
)
def test_what_has_no_host_yet_is_named(data: dict[str, str], objects: dict[ObjectRef, Any], waits_for: str) -> None:
    found = ingress.access(data["ingress"], data, NAMESPACE, objects)
    assert not found.is_complete
    assert waits_for in found.waits_for


def test_a_cluster_with_routes_has_them_by_default() -> None:
    assert ingress.kind_of_ingress({}, has_routes=True) == "route"
    assert ingress.kind_of_ingress({"cluster-local": "true", "ingress": "route"}, has_routes=True) == "none"


def test_the_router_s_configuration_tells_of_its_links() -> None:
    entities = [
        ["router", {"id": "a-1", "mode": "edge", "metadata": json.dumps({"id": "site", "version": "1.9.6"})}],
        ["sslProfile", {"name": f"{LINK}-profile"}],
        ["sslProfile", {"name": "gone-profile"}],
        ["connector", {"name": LINK, "host": "h", "port": "45671", "cost": 2, "sslProfile": f"{LINK}-profile"}],
    ]
    found = read_router_config(made(config_map_ref("skupper-internal"), data={"skrouterd.json": json.dumps(entities)}))
    assert found is not None
    assert (found.mode, found.site_id, found.version) == ("edge", "site", "1.9.6")
    assert (found.connectors[LINK].host, found.connectors[LINK].cost) == ("h", 2)
    assert [found.holds(name) for name in (LINK, "gone", "other")] == [True, True, False]
    assert read_router_config(None) is None


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "[1]", '[["listener", {}]]', '[["router", {"metadata": "x"}]]'])
def test_a_damaged_configuration_is_named(text: str | None) -> None:
    data = {} if text is None else {"skrouterd.json": text}
    with pytest.raises(InterconnectError, match=f"ConfigMap {NAMESPACE}/skupper-internal holds no router config"):
        read_router_config(made(config_map_ref("skupper-internal"), data=data))


def controller(namespace: str, *env: dict[str, Any], **annotations: str) -> dict[str, Any]:
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [{"env": list(env)}]}}
    ref = ObjectRef("apps/v1", "Deployment", "skupper-site-controller", namespace)
    return made(ref, spec={"template": template})


def field(name: str) -> dict[str, Any]:
    return {"name": "WATCH_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": name}}}


OLM = "olm.targetNamespaces"


@pytest.mark.parametrize(
    ("deployment", "does"),
    [
        (controller(NAMESPACE, field("metadata.namespace")), True),
        (controller("other", field("metadata.namespace")), False),
        (controller("skupper-site-controller"), True),
        (controller("other", {"name": "WATCH_NAMESPACE", "value": f"a,{NAMESPACE}"}), True),
        (controller("other", {"name": "WATCH_NAMESPACE", "value": "a,b"}), False),
        (controller("openshift-operators", field(f"metadata.annotations['{OLM}']"), **{OLM: ""}), True),
        (controller("operators", field(f"metadata.annotations['{OLM}']"), **{OLM: "a"}), False),
    ],
)
def test_which_namespaces_a_site_controller_looks_after(deployment: dict[str, Any], does: bool) -> None:
    assert watches(deployment, NAMESPACE) is does


def test_a_router_s_certificate_names_addresses_as_such() -> None:
    data = Authority().issue("server", ("Skupper-Router.boutique", "203.0.113.7"))
    pem = tokens.part({"data": data}, "tls.crt")
    assert names_in(pem) == frozenset({"skupper-router.boutique", "203.0.113.7"})
    assert names_in(b"nonsense") is None


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        (token(**{"skupper.io/generated-by": "issuer"}), ""),
        (token(**{"skupper.io/generated-by": "own"}), "issued by the linking site itself"),
        (token(**{"skupper.io/generated-by": "third"}), "issued by another site (third)"),
        (token("connection-token-request"), "would issue it to itself"),
        (token(**{"edge-host": "", "inter-router-host": ""}), "leads nowhere"),
    ],
)
def test_a_copy_that_can_not_link_says_why(secret: dict[str, Any], problem: str) -> None:
    found = reading.linked_of(secret, "issuer", "own")
    assert problem in found.problem
    assert bool(found.problem) == bool(problem)


def test_a_token_that_a_policy_of_the_site_forbids_is_not_waited_for() -> None:
    secret = token()
    secret["metadata"]["labels"]["internal.skupper.io/disabled"] = "true"
    found = reading.link_state(secret, None, [])
    assert found.hopeless
    assert "a SkupperClusterPolicy of the cluster forbids it (h)" in found.message


def test_a_token_by_which_the_issuing_site_links_to_others_is_none_that_it_issues() -> None:
    site = SiteV1(NAMESPACE, made(config_map_ref("skupper-site"), metadata={"uid": "own"}))
    assert reading.issued_by(site, token(**{"skupper.io/generated-by": "own"}))
    assert not reading.issued_by(site, token(**{"skupper.io/generated-by": "third"}))
    assert not reading.issued_by(site, token("token-claim"))
    assert tokens.endpoints_of(token()) == (Endpoint("inter-router", "h", "55671"), Endpoint("edge", "h", "45671"))


def network(*links: tuple[str, str, str]) -> Network:
    """What the sites `here` and `there` report: site, the one at the other end, direction."""
    sites = []
    for site in ("here", "there"):
        own = [{"name": f"{other}-router", "direction": way} for name, other, way in links if name == site]
        router = {"router": {"name": f"0/{site}-router"}, "links": own or None}
        sites.append({"site": {"identity": site, "name": site}, "routerStatus": [router]})
    return of_v1(json.dumps({"siteStatus": sites}))


@pytest.mark.parametrize(
    ("links", "seen"),
    [
        ([("here", "there", "outgoing")], True),
        ([("here", "there", "incoming")], False),
        ([("there", "here", "incoming")], False),
        ([], False),
    ],
)
def test_a_site_is_believed_of_its_own_links_that_go_the_right_way(
    links: list[tuple[str, str, str]], seen: bool
) -> None:
    assert reading.view("here", network(*links), "here", "there", dials=True).sees is seen


def test_a_site_that_has_no_id_yet_sees_nothing() -> None:
    assert not reading.view("here", network(("here", "there", "outgoing")), "", "there", dials=True).sees
