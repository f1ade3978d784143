# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of Skupper v1: certificates, router configuration, services, and where a site can be dialled."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.lab.api import Api, Object
from tests.lab.errors import LabError
from tests.lab.skupper import configuration
from tests.lab.skupper.credentials import name_matches
from tests.lab.skupper.v1 import bindings, certificates, definitions, resolver, router_config, settings, tokens
from tests.lab.skupper.v1.router_config import RouterConfig

ANNOTATION = definitions.ANNOTATION


def site(**data: str) -> settings.Settings:
    metadata = {"name": "skupper-site", "namespace": "boutique", "uid": "the-uid"}
    settled = {key.replace("_", "-"): value for key, value in data.items()}
    return settings.read({"metadata": metadata, "data": settled}, "loadbalancer")


def entry(address: str, origin: str = "", *ports: int, targets: list[Object] | None = None) -> dict[str, Any]:
    made = {"address": address, "protocol": "tcp", "ports": list(ports or (7,)), "targets": targets}
    return made | ({"origin": origin} if origin else {})


def token(name: str = "link", **annotations: str) -> Object:
    hosts = {"inter-router-host": "10.0.0.1", "inter-router-port": "55671", "edge-host": "e", "edge-port": "45671"}
    named = {key.replace("_", "-"): value for key, value in annotations.items()}
    return {"metadata": {"name": name, "annotations": hosts | named}, "data": {"tls.crt": "x"}}


# Settings and configuration


def test_settings_have_upstream_s_defaults() -> None:
    found = site()
    assert (found.name, found.uid, found.edge, found.ingress, found.routers) == (
        "boutique",
        "the-uid",
        False,
        "loadbalancer",
        1,
    )
    assert site(cluster_local="true", ingress="route").ingress == "none"
    assert site(edge="true").edge
    assert site(console="true").rest_api
    assert not site(console="true", rest_api="false").rest_api


@pytest.mark.parametrize(("mode", "listeners"), [("interior", 5), ("edge", 3)])
def test_initial_configuration_is_one_that_a_router_takes(mode: str, listeners: int) -> None:
    config = router_config.initial(site(router_mode=mode))
    found = configuration.parse(config.text(), "pod-1")
    assert (found.router, found.site, found.version, found.edge) == (
        "boutique-pod-1",
        "the-uid",
        "1.9.6",
        mode == "edge",
    )
    assert len(found.listeners) == listeners


def test_token_becomes_a_connector_once_and_leaves_nothing_behind() -> None:
    config = router_config.initial(site())
    before = config.text()
    assert tokens.connect(config, token(**{"skupper.io/cost": "3"}))
    assert not tokens.connect(config, token(**{"skupper.io/cost": "3"}))
    made = configuration.parse(config.text(), "pod").connectors["link"]
    assert (made.host, made.port, made.role, made.cost, made.profile) == (
        "10.0.0.1",
        55671,
        "inter-router",
        3,
        "link-profile",
    )
    assert tokens.connect(config, token(**{"skupper.io/cost": "cheap"}))
    assert "cost" not in (config.find("connector", "link") or {})
    assert tokens.disconnect(config, "link")
    assert not tokens.disconnect(config, "link")
    assert config.text() == before


def test_edge_site_dials_the_edge_listener() -> None:
    config = router_config.initial(site(router_mode="edge"))
    tokens.connect(config, token())
    assert (config.find("connector", "link") or {})["port"] == "45671"


# Certificates


def test_address_is_no_dns_name_and_the_router_knows_it_by_the_common_name() -> None:
    ca = certificates.authority("skupper-site-ca")
    data = certificates.issue(ca, "127.20.1.100", ("127.20.1.100", "skupper-router.boutique"))
    names = (
        x509.load_pem_x509_certificate(b64decode(data["tls.crt"]))
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert names.get_values_for_type(x509.DNSName) == ["skupper-router.boutique"]
    assert data["ca.crt"] == ca["tls.crt"]
    decoded = {"subject": ((("commonName", "127.20.1.100"),),), "subjectAltName": (("DNS", "skupper-router.boutique"),)}
    assert name_matches(decoded, "127.20.1.100")
    assert not name_matches(decoded, "127.20.1.101")


def test_authority_with_a_key_of_another_form_is_refused_as_upstream_ends_then() -> None:
    ca = certificates.authority("skupper-site-ca")
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(LabError, match="not PKCS#1"):
        certificates.issue(ca | {"tls.key": b64encode(other).decode()}, "client")


# Services


def test_entry_belongs_to_who_has_had_it_first() -> None:
    live = {"a": entry("a"), "b": entry("b", "site-2")}
    offers = {
        "site-1": {"a": entry("a"), "b": entry("b"), "c": entry("c")},
        "site-2": {"b": entry("b"), "c": entry("c")},
    }
    found = definitions.merged(live, offers)
    assert {address: definitions.origin(each) for address, each in found.items()} == {
        "a": "",
        "b": "site-2",
        "c": "site-1",
    }


def test_entry_that_is_offered_no_more_goes_and_others_stay() -> None:
    live = {"a": entry("a"), "b": entry("b", "site-2"), "c": entry("c", ANNOTATION), "d": entry("d", "site-3")}
    assert set(definitions.merged(live, {"site-2": {}, ANNOTATION: {}})) == {"a", "d"}


def test_site_offers_what_is_its_own_without_targets() -> None:
    own = {"a": entry("a", targets=[{"name": "x", "selector": "app=x"}]), "b": entry("b", "site-2")}
    assert definitions.offered(own) == {"a": entry("a") | {"targets": None}}


def test_annotations_become_definitions() -> None:
    asked = {"skupper.io/proxy": "tcp", "skupper.io/port": "80:8080,81"}
    service = {
        "metadata": {"name": "web", "annotations": asked},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    found = definitions.annotated([], [service])["web"]
    assert found["ports"] == [80, 81]
    assert found["targets"] == [{"name": "web", "targetPorts": {"80": 8080, "81": 81}, "selector": "app=web"}]


def test_annotated_service_that_has_been_taken_over_is_known_by_what_it_was() -> None:
    taken = {
        "skupper.io/proxy": "tcp",
        definitions.ORIGINAL_SELECTOR: "app=web",
        definitions.ORIGINAL_TARGET_PORT: "80:8080",
    }
    service = {
        "metadata": {"name": "web", "annotations": taken},
        "spec": {"selector": bindings.SELECTOR, "ports": [{"port": 80, "targetPort": 1024}]},
    }
    target = definitions.annotated([], [service])["web"]["targets"][0]
    assert (target["selector"], target["targetPorts"]) == ("app=web", {"80": 8080})


def test_ports_are_kept_and_what_is_not_wanted_is_taken_out() -> None:
    config = router_config.initial(site())
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "podIP": "10.9.9.9"}
    pods = [{"metadata": {"name": "p", "labels": {"app": "x"}}, "status": ready}]
    target = {"name": "x", "selector": "app=x", "targetPorts": {"7": 8080}}
    entries = {"b": entry("b", targets=[target]), "c": entry("c", "", 7, 8)}
    assert bindings.bind(config, entries, pods)
    assert not bindings.bind(config, entries, pods)
    ports = {name: each["port"] for name, each in config.all("tcpListener").items()}
    assert ports == {"b:7": "1024", "c:7": "1025", "c:8": "1026"}
    assert set(config.all("tcpConnector")) == {"b.x@10.9.9.9:7:8080"}
    assert bindings.bind(config, {"a": entry("a"), "c": entries["c"]}, pods)
    after = {name: each["port"] for name, each in config.all("tcpListener").items()}
    assert {name: after[name] for name in ("c:7", "c:8")} == {name: ports[name] for name in ("c:7", "c:8")}
    assert config.all("tcpConnector") == {}


# Where a site can be dialled


class Objects(Api):
    """Answers with given objects, by the end of their path."""

    def __init__(self, **objects: Object) -> None:
        self._objects = objects

    def get(self, target: str) -> Object:
        return self._objects[target.rpartition("/")[2].replace("-", "_")]

    def find(self, target: str) -> Object | None:
        return self._objects.get(target.rpartition("/")[2].replace("-", "_"))


def places(found: resolver.Places) -> list[str]:
    return [f"{each.host}:{each.port}" for each in (found.inter_router, found.edge, found.claims)]


def test_pending_load_balancer_has_an_empty_host() -> None:
    api = Objects(skupper_router={"status": {"loadBalancer": {}}})
    assert places(resolver.resolve(api, site())) == [":55671", ":45671", ":8081"]


def test_address_of_a_load_balancer_goes_before_its_name() -> None:
    status = {"loadBalancer": {"ingress": [{"hostname": "lb.example", "ip": "192.0.2.1"}]}}
    assert places(resolver.resolve(Objects(skupper_router={"status": status}), site()))[0] == "192.0.2.1:55671"


def test_node_ports_are_at_the_host_of_the_settings() -> None:
    ports = [{"name": name, "nodePort": port} for name, port in (("inter-router", 31), ("edge", 32), ("claims", 33))]
    api = Objects(skupper_router={"spec": {"ports": ports}})
    found = resolver.resolve(api, site(ingress="nodeport", ingress_host="node.example"))
    assert places(found) == ["node.example:31", "node.example:32", "node.example:33"]


def test_ingress_has_to_have_all_rules() -> None:
    def rule(host: str, port: int) -> Object:
        return {"host": host, "http": {"paths": [{"backend": {"service": {"port": {"number": port}}}}]}}

    rules = [rule("i", 55671), rule("e", 45671), rule("c", 8081)]
    wanted = site(ingress="nginx-ingress-v1")
    assert places(resolver.resolve(Objects(skupper={"spec": {"rules": rules}}), wanted)) == ["i:443", "e:443", "c:443"]
    with pytest.raises(LabError, match="no rule for port 8081"):
        resolver.resolve(Objects(skupper={"spec": {"rules": rules[:2]}}), wanted)


def test_other_ingresses() -> None:
    proxied = places(resolver.resolve(Objects(), site(ingress="contour-http-proxy", ingress_host="x.example")))
    assert proxied[0] == "skupper-inter-router.boutique.x.example:443"
    assert places(resolver.resolve(Objects(), site(ingress="none")))[2] == "skupper-router.boutique:8081"
    with pytest.raises(LabError, match="OpenShift cluster not detected"):
        resolver.resolve(Objects(), site(ingress="route"))


def test_configuration_can_be_read_back() -> None:
    config = router_config.initial(site())
    again = RouterConfig.of({"data": {router_config.KEY: config.text()}})
    assert json.loads(again.text()) == json.loads(config.text())
