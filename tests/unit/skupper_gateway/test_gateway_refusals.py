# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gateway is refused for, before anything is written on either side."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    ObjectRef,
)
from tests.unit.skupper.v1.sites import NAMESPACE, config_map_ref, made, secret_ref
from tests.unit.skupper_gateway.world import HOME, NAME, RESOURCE, GatewayWorld


def refused(world: GatewayWorld, words: str, kind: type[InterconnectError] = InterconnectError, **params: Any) -> None:
    """The run fails with these words, and has written nothing."""
    with pytest.raises(kind, match=words):
        world.perform(**params)
    assert world.changes() == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"address": "Redis"}, "address: 'Redis' can not be the name of a service.*DNS-1035"),
        ({"address": "6379"}, "address: '6379'"),
        ({"address": "a" * 64}, "63 characters"),
        ({"host": "10.0.0"}, "host: '10.0.0' is neither a DNS name nor an IP address"),
        ({"host": "10.0.0.249:6379"}, "ports go into the option ports"),
        ({"host": "a..b"}, "host: 'a..b'"),
        ({"host": ""}, "host: ''"),
        ({"ports": []}, "ports: is empty"),
        ({"ports": ["redis"]}, r"ports\[0\]: is 'redis'"),
        ({"ports": ["6379", "0"]}, r"ports\[1\]: is '0': a port is a number from 1 to 65535"),
        ({"ports": ["6379:70000"]}, "a port is a number from 1 to 65535"),
        ({"ports": ["6379:"]}, "give a port such as"),
        ({"ports": ["6379", "6379:6380"]}, "port 6379 of the service more than once"),
        ({"name": "Gate way"}, "name: 'Gate way' can not be the name of a gateway"),
        ({"namespace": "-"}, "namespace"),
        ({"renew_before": -1}, "renew_before"),
    ],
)
def test_what_can_not_be(world: GatewayWorld, params: dict[str, Any], words: str) -> None:
    refused(world, words, InputError, **params)
    assert world.host.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "redis.example.com", "redis", "10-0-0-249.nip.io"])
def test_names_and_addresses_are_taken(world: GatewayWorld, host: str) -> None:
    assert world.perform(host=host)["gateway"]["bindings"][0]["host"] == host


def test_a_namespace_without_a_site(world: GatewayWorld) -> None:
    del world.cluster.objects[config_map_ref("skupper-site")]
    refused(world, "has no Skupper v1 site: make one first")


def test_a_site_of_the_other_version(world: GatewayWorld) -> None:
    del world.cluster.objects[config_map_ref("skupper-site")]
    world.cluster.missing_kinds.discard("Site")
    world.cluster.put(made(ObjectRef("skupper.io/v2alpha1", "Site", "ca-central", NAMESPACE)))
    refused(world, "version: is v1, but .* has a Skupper v2 site")


def test_a_site_that_nobody_can_connect_to(world: GatewayWorld) -> None:
    world.cluster.make_site(**{"router-mode": "edge"})
    refused(world, "is an edge site")
    world.cluster.make_site(ingress="none")
    refused(world, "has the ingress `none`")


def test_a_host_without_podman(world: GatewayWorld) -> None:
    world.host.problems = ["podman is missing: install it"]
    refused(world, "on the host: podman is missing: install it")
    assert world.perform(check=True)["changed"]
    assert "podman is missing" in world.warnings[-1]


def test_a_host_that_does_not_reach_the_site(world: GatewayWorld) -> None:
    world.host.cut_off = {("203.0.113.7", 45671)}
    refused(world, r"does not reach the site at 203\.0\.113\.7:45671 \(connection refused\)")


def test_a_service_that_does_not_answer_yet_is_only_warned_of(world: GatewayWorld) -> None:
    world.host.cut_off = {("127.0.0.1", 6379)}
    assert world.perform()["changed"]
    assert "nothing answers at 127.0.0.1:6379" in world.warnings[0]


def test_a_gateway_of_another_site(standing: GatewayWorld) -> None:
    standing.host.files[HOME]["config/siteid.txt"] = "another"
    refused(standing, rf"the host has a gateway {NAME} of another site \(id another")
    refused(standing, "another site", state="absent", address=None)
    refused(standing, "another site", state="restarted")


def test_a_gateway_of_another_type(standing: GatewayWorld) -> None:
    annotations = standing.cluster.objects[config_map_ref(RESOURCE)]["metadata"]["annotations"]
    annotations["skupper.io/gateway-type"] = "service"
    refused(standing, "is there with type service")


def test_a_secret_of_somebody_else(world: GatewayWorld) -> None:
    world.cluster.put(made(secret_ref(RESOURCE), data={}))
    refused(world, f"Secret {RESOURCE} of .* is in the way")


def test_a_definition_that_is_none(world: GatewayWorld) -> None:
    world.cluster.put(made(config_map_ref(RESOURCE), data={"skrouterd.json": "["}))
    refused(world, "holds no configuration of a gateway")


# -- forwarding ----------------------------------------------------------------------------------------------------

FORWARD: dict[str, Any] = {"mode": "forward", "address": "frontend", "ports": ["80:8080"]}


def defined(world: GatewayWorld, **entry: Any) -> None:
    """Somebody else has defined a service."""
    found = {"address": "frontend", "protocol": "tcp", "ports": [80], "targets": None, **entry}
    ref = config_map_ref("skupper-services")
    world.cluster.objects[ref].setdefault("data", {})[found["address"]] = json.dumps(found)


def test_the_host_reaches_a_service_of_the_sites(world: GatewayWorld) -> None:
    defined(world, origin="another-site")
    world.perform(**FORWARD)
    assert world.host.entities("tcpListener")["frontend:80"]["port"] == "8080"
    assert not any("skupper-services" in write or "Service" in write for write in world.changes())
    assert not world.perform(**FORWARD)["changed"]


def test_a_service_that_nobody_offers_is_not_forwarded(world: GatewayWorld) -> None:
    refused(world, "there is no service frontend in .*mode: forward makes none", **FORWARD)


@pytest.mark.parametrize(("rootless", "is_refused"), [(True, True), (False, False)])
def test_a_port_that_only_root_has(world: GatewayWorld, rootless: bool, is_refused: bool) -> None:
    defined(world)
    world.host.rootless = rootless
    params = {**FORWARD, "ports": ["80"]}
    if is_refused:
        refused(world, "80 is a port that only root can listen at.*user alice", **params)
    else:
        assert world.perform(**params)["changed"]


def test_a_port_in_use(world: GatewayWorld) -> None:
    defined(world)
    world.host.taken[8080] = "nginx (pid 7)"
    refused(world, r"ports: 8080 is in use on the host by nginx \(pid 7\)", **FORWARD)


# -- services ------------------------------------------------------------------------------------------------------


def annotated(world: GatewayWorld) -> None:
    defined(world, address="redis-cart", origin="annotation")


def of_another_site(world: GatewayWorld) -> None:
    defined(world, address="redis-cart", origin="another-site", ports=[6379, 6380])


def with_targets(world: GatewayWorld) -> None:
    defined(world, address="redis-cart", targets=[{"name": "redis", "selector": "app=redis"}])


@pytest.mark.parametrize(
    ("define", "words"),
    [(annotated, "from annotations"), (of_another_site, "id another-site"), (with_targets, "it has other targets")],
)
def test_a_service_that_is_there_and_differs(
    world: GatewayWorld, define: Callable[[GatewayWorld], None], words: str
) -> None:
    define(world)
    refused(world, f"ports: service redis-cart .*{words}")


@pytest.mark.parametrize("origin", ["another-site", "annotation", ""])
def test_a_service_that_is_there_and_fits_is_left_alone(world: GatewayWorld, origin: str) -> None:
    defined(world, address="redis-cart", ports=[6379], targets=[{"name": "redis"}], origin=origin)
    before = world.cluster.objects[config_map_ref("skupper-services")]["data"]["redis-cart"]
    world.perform()
    assert world.cluster.objects[config_map_ref("skupper-services")]["data"]["redis-cart"] == before
    assert not any("skupper-services" in write or "Service" in write for write in world.changes())
    world.perform(state="absent", address=None)
    assert world.cluster.objects[config_map_ref("skupper-services")]["data"]["redis-cart"] == before


def test_bind_needs_a_definition_and_does_not_change_it(world: GatewayWorld) -> None:
    refused(world, "there is no service redis-cart", mode="bind")
    defined(world, address="redis-cart", ports=[6390])
    refused(world, "which mode: bind does not change", mode="bind")
    assert world.perform(mode="bind", ports=["6390:6379"])["gateway"]["link"]["up"]


def test_what_is_no_definition_is_named(world: GatewayWorld) -> None:
    world.cluster.objects[config_map_ref("skupper-services")]["data"] = {"redis-cart": "nonsense"}
    refused(world, "has no definition of a service under redis-cart")


def test_a_failure_on_the_host_says_what_was_written(world: GatewayWorld) -> None:
    world.host.fails_with = "the image can not be pulled"
    with pytest.raises(InterconnectError, match="on the host: the image can not be pulled") as caught:
        world.perform()
    assert caught.value.details["changed"]
    assert [each["kind"] for each in caught.value.details["resources"]] == ["Secret", "Secret", "ConfigMap"]
    world.host.fails_with = ""
    world.changes()
    assert world.perform()["gateway"]["link"]["up"]
    assert world.changes() == [
        f"ca-central: patch ConfigMap {NAMESPACE}/skupper-services",
        f"ca-central: patch Service {NAMESPACE}/redis-cart",
        "present wrote created",
    ]
