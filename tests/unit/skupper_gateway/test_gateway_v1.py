# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v1 gateway over its life: made, found as it was, mended, changed, removed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InterconnectError,
    ObjectRef,
    Unreachable,
)
from tests.unit.skupper.v1.sites import NAMESPACE, TYPE, config_map_ref, made, rsa_authority, secret_ref
from tests.unit.skupper_gateway.world import CERTIFICATE, HOME, NAME, RESOURCE, GatewayWorld

SERVICES = config_map_ref("skupper-services")
SERVICE = ObjectRef("v1", "Service", "redis-cart", NAMESPACE)
MADE = [
    f"ca-central: apply Secret {NAMESPACE}/{RESOURCE}",
    f"ca-central: patch Secret {NAMESPACE}/{RESOURCE}",
    f"ca-central: apply ConfigMap {NAMESPACE}/{RESOURCE}",
    f"ca-central: patch ConfigMap {NAMESPACE}/skupper-services",
    f"ca-central: patch Service {NAMESPACE}/redis-cart",
    "present wrote created",
]


def test_it_is_made_on_both_sides(world: GatewayWorld) -> None:
    result = world.perform()
    assert world.changes() == MADE
    assert result["changed"]
    assert result["name"] == NAME
    gateway = result["gateway"]
    assert gateway["link"] == {"up": True, "message": "up"}
    assert (gateway["running"], gateway["resource"], gateway["edge"]) == (
        True,
        RESOURCE,
        {"host": "203.0.113.7", "port": "45671"},
    )
    assert [each["address"] for each in gateway["bindings"]] == ["redis-cart"]
    assert gateway["versions"] == {
        "podman": "5.4.2",
        "router": "2.7.6",
        "image": "quay.io/skupper/skupper-router:2.7.6",
    }


def test_what_it_is_made_of_is_what_upstream_reads(standing: GatewayWorld) -> None:
    objects = standing.cluster.objects
    secret, definition = objects[secret_ref(RESOURCE)], objects[config_map_ref(RESOURCE)]
    assert secret["metadata"]["labels"][TYPE] == "gateway-connection-token"
    assert definition["metadata"]["labels"][TYPE] == "gateway-definition"
    assert definition["metadata"]["annotations"] == {
        "skupper.io/gateway-type": "podman",
        "skupper.io/gateway-name": NAME,
    }
    for each in (secret, definition):
        assert [owner["name"] for owner in each["metadata"]["ownerReferences"]] == ["skupper-router"]
    stored = dict(json.loads(definition["data"]["skrouterd.json"]))
    assert json.loads(stored["router"]["metadata"])["id"] == "{{.RouterID}}"
    assert stored["sslProfile"]["certFile"] == "{{.WorkingDir}}/skupper-router-certs/conn1-profile/tls.crt"
    assert stored["listener"]["port"] == 5672
    entry = json.loads(objects[SERVICES]["data"]["redis-cart"])
    assert entry == {"address": "redis-cart", "protocol": "tcp", "ports": [6379], "exposeIngress": "", "targets": None}
    assert objects[SERVICE]["metadata"]["labels"]["internal.skupper.io/gateway"] == NAME


def test_the_host_has_files_with_what_only_it_knows(standing: GatewayWorld) -> None:
    files = standing.host.files[HOME]
    config = dict(json.loads(files["config/skrouterd.json"]))
    assert config["router"]["id"] == RESOURCE
    assert json.loads(config["router"]["metadata"])["id"] == files["config/routerid.txt"]
    assert config["sslProfile"]["caCertFile"] == "/opt/skupper/skupper-router-certs/conn1-profile/ca.crt"
    assert files["config/url.txt"] == f"amqp://127.0.0.1:{config['listener']['port']}"
    assert config["listener"]["port"] != 5672
    assert files["config/siteid.txt"] == standing.cluster.id
    assert config["tcpConnector"] == {
        "name": "redis-cart:6379",
        "host": "127.0.0.1",
        "port": "6379",
        "address": "redis-cart:6379",
        "siteId": files["config/routerid.txt"],
    }
    data = standing.cluster.objects[secret_ref(RESOURCE)]["data"]
    assert files[CERTIFICATE] == base64.b64decode(data["tls.crt"]).decode()


def test_a_second_run_changes_nothing(standing: GatewayWorld) -> None:
    result = standing.perform()
    assert (result["changed"], standing.changes(), result["diff"]) == (False, [], [])
    assert result["gateway"]["link"]["up"]


def test_with_its_name_given_the_host_is_looked_at_once(standing: GatewayWorld) -> None:
    standing.perform(name=NAME)
    assert standing.host.asked == ["probed", "present"]
    standing.host.asked.clear()
    standing.perform()
    assert standing.host.asked == ["probed", "probed", "present"]


def test_a_check_run_predicts_and_writes_nothing(world: GatewayWorld) -> None:
    result = world.perform(check=True)
    assert result["changed"]
    assert [resource["kind"] for resource in result["resources"]] == ["Secret", "ConfigMap", "ConfigMap"]
    assert result["actions"] == ["wrote", "created"]
    assert world.changes() == []
    predicted = result["gateway"]
    done = world.perform()["gateway"]
    for key in ("name", "resource", "router_id", "edge", "bindings"):
        assert predicted[key] == done[key]


def test_a_check_run_before_the_site_is_made_predicts_as_much_as_can_be_known(world: GatewayWorld) -> None:
    world.cluster.objects.clear()
    world.work = lambda: None  # type: ignore[method-assign]  # nothing works there yet
    result = world.perform(check=True)
    assert result["changed"]
    assert result["gateway"]["edge"] == {"host": "", "port": ""}
    assert world.changes() == []
    assert world.perform(check=True, mode="bind")["changed"]


def test_no_key_is_shown(world: GatewayWorld) -> None:
    result = world.perform()
    key = base64.b64decode(world.cluster.objects[secret_ref(RESOURCE)]["data"]["tls.key"]).decode()
    assert key in world.secrets
    assert key not in json.dumps(result)


def stop(world: GatewayWorld) -> None:
    world.host.containers[NAME]["running"] = False


def lose_container(world: GatewayWorld) -> None:
    del world.host.containers[NAME]


def lose_file(world: GatewayWorld) -> None:
    del world.host.files[HOME][CERTIFICATE]


def lose_secret(world: GatewayWorld) -> None:
    del world.cluster.objects[secret_ref(RESOURCE)]


def lose_definition(world: GatewayWorld) -> None:
    del world.cluster.objects[config_map_ref(RESOURCE)]


def lose_service(world: GatewayWorld) -> None:
    del world.cluster.objects[SERVICES]["data"]["redis-cart"]


def revoke(world: GatewayWorld) -> None:
    world.cluster.revoke()


def move(world: GatewayWorld) -> None:
    world.cluster.get_address("203.0.113.99")


def lose_site_of_token(world: GatewayWorld) -> None:
    metadata = world.cluster.objects[secret_ref(RESOURCE)]["metadata"]
    metadata["labels"][TYPE] = "connection-token"


@pytest.mark.parametrize(
    ("harm", "mended"),
    [
        (stop, ["present started"]),
        (lose_container, ["present created"]),
        (lose_file, ["present wrote"]),
        (lose_secret, [*MADE[:2], "present wrote replaced"]),
        (lose_definition, [MADE[2]]),
        (lose_service, MADE[3:5]),
        (revoke, [MADE[1], MADE[1], "present wrote replaced"]),
        (move, [MADE[1], MADE[2], "present wrote replaced"]),
        (lose_site_of_token, [MADE[1]]),
    ],
)
def test_what_was_harmed_is_mended_and_nothing_else(
    standing: GatewayWorld, harm: Callable[[GatewayWorld], None], mended: list[str]
) -> None:
    harm(standing)
    assert standing.perform(check=True)["changed"]
    assert standing.changes() == []
    result = standing.perform()
    assert standing.changes() == mended
    assert result["gateway"]["link"]["up"]
    assert not standing.perform()["changed"]


def test_a_service_is_added_to_the_running_gateway(standing: GatewayWorld) -> None:
    result = standing.perform(address="database", host="10.0.0.249", ports=["5432:15432"])
    assert standing.changes() == [
        MADE[2],
        MADE[3],
        f"ca-central: patch Service {NAMESPACE}/database",
        "present wrote bound",
    ]
    assert set(standing.host.entities("tcpConnector")) == {"redis-cart:6379", "database:5432"}
    assert standing.host.entities("tcpConnector")["database:5432"]["port"] == "15432"
    assert [each["address"] for each in result["gateway"]["bindings"]] == ["redis-cart", "database"]


def test_another_target_port_is_bound_in_the_running_router(standing: GatewayWorld) -> None:
    standing.perform(ports=["6379:6380"])
    assert standing.changes() == [MADE[2], "present wrote bound"]
    assert standing.host.entities("tcpConnector")["redis-cart:6379"]["port"] == "6380"


def test_another_port_of_a_service_of_its_own_is_defined_anew(standing: GatewayWorld) -> None:
    standing.perform(ports=["6390:6379"])
    assert standing.changes() == [MADE[2], MADE[3], "present wrote bound"]
    assert json.loads(standing.cluster.objects[SERVICES]["data"]["redis-cart"])["ports"] == [6390]
    assert set(standing.host.entities("tcpConnector")) == {"redis-cart:6390"}


def test_another_image_replaces_the_container(standing: GatewayWorld) -> None:
    result = standing.perform(image="registry.example.com/router:1")
    assert standing.changes() == ["present replaced"]
    assert result["gateway"]["versions"]["image"] == "registry.example.com/router:1"


def test_it_is_restarted(standing: GatewayWorld) -> None:
    result = standing.perform(state="restarted", address=None, ports=None)
    assert (result["changed"], standing.changes()) == (True, ["restarted restarted"])


def test_what_is_not_there_can_not_be_restarted(world: GatewayWorld) -> None:
    with pytest.raises(InterconnectError, match="no gateway redis-1-alice that could be restarted"):
        world.perform(state="restarted")
    assert world.changes() == []


def test_its_credentials_are_signed_here_where_that_is_asked_for(world: GatewayWorld) -> None:
    rsa_authority(world)
    with pytest.raises(InterconnectError, match=r"install it|start it"):
        world.perform()
    assert world.changes() == []
    result = world.perform(sign=True)
    assert world.changes() == [MADE[0], *MADE[2:]]
    assert result["gateway"]["link"]["up"]
    secret = world.cluster.objects[secret_ref(RESOURCE)]
    assert (secret["type"], secret["metadata"]["labels"][TYPE]) == ("kubernetes.io/tls", "gateway-connection-token")
    assert not world.perform(sign=True)["changed"]
    del secret["data"]["tls.key"]
    world.perform(sign=True)
    assert world.changes() == [MADE[1], "present wrote replaced"]


def test_upstreams_own_is_adopted(standing: GatewayWorld) -> None:
    """Its objects are in another order, its container's files are open to all, and its management port is random."""
    definition = standing.cluster.objects[config_map_ref(RESOURCE)]
    entities = json.loads(definition["data"]["skrouterd.json"])
    definition["data"]["skrouterd.json"] = json.dumps(list(reversed(entities)))
    definition["metadata"]["managedFields"] = []
    files = standing.host.files[HOME]
    files["config/url.txt"], files["config/routerid.txt"] = "amqp://127.0.0.1:41234", "0d6e-upstream"
    standing.perform()
    assert standing.changes() == [MADE[2], "present wrote replaced"]
    assert standing.host.entities("listener")["amqp"]["port"] == 41234
    assert standing.host.entities("tcpConnector")["redis-cart:6379"]["siteId"] == "0d6e-upstream"
    assert not standing.perform()["changed"]


def test_a_lost_definition_comes_back_with_all_services(standing: GatewayWorld) -> None:
    standing.perform(address="database", ports=["5432"])
    lose_definition(standing)
    standing.perform()
    assert set(standing.host.entities("tcpConnector")) == {"redis-cart:6379", "database:5432"}


def test_a_management_port_that_was_lost_is_replaced(standing: GatewayWorld) -> None:
    port = standing.host.entities("listener")["amqp"]["port"]
    stop(standing)
    standing.host.taken[port] = "nginx"
    standing.perform()
    assert standing.host.entities("listener")["amqp"]["port"] != port


def test_a_router_that_does_not_get_in_says_why(standing: GatewayWorld) -> None:
    standing.host.status = lambda container: ("FAILED", "certificate verify failed")
    result = standing.perform(wait=False)
    assert result["gateway"]["link"] == {
        "up": False,
        "message": "the gateway's router says FAILED: certificate verify failed",
    }


def test_a_request_that_the_site_dropped_is_brought_before_it_again(
    world: GatewayWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.v1_cluster.POKE_SECONDS", 0
    )
    world.dropped = True
    patched = [0]

    def wake(write: str) -> None:
        patched[0] += "patch Secret" in write
        world.dropped = patched[0] == 0

    world.cluster.on_write = wake
    world.perform(wait_timeout=5)
    assert world.host.containers[NAME]["running"]


# -- removal -------------------------------------------------------------------------------------------------------


def test_it_is_removed_from_both_sides(standing: GatewayWorld) -> None:
    assert standing.perform(check=True, state="absent", address=None)["changed"]
    assert standing.changes() == []
    result = standing.perform(state="absent", address=None)
    assert result["gateway"] is None
    assert sorted(standing.changes()) == [
        "absent removed",
        f"ca-central: delete ConfigMap {NAMESPACE}/{RESOURCE}",
        f"ca-central: delete Secret {NAMESPACE}/{RESOURCE}",
        f"ca-central: patch ConfigMap {NAMESPACE}/skupper-services",
    ]
    assert "redis-cart" not in standing.cluster.objects[SERVICES]["data"]
    assert not standing.perform(state="absent", address=None)["changed"]
    assert standing.changes() == []


def test_one_of_two_services_is_removed_from_the_running_gateway(standing: GatewayWorld) -> None:
    standing.perform(address="database", ports=["5432"])
    standing.changes()
    result = standing.perform(state="absent", address="redis-cart")
    assert standing.changes() == [MADE[2], MADE[3], "present wrote bound"]
    assert [each["address"] for each in result["gateway"]["bindings"]] == ["database"]
    assert list(standing.cluster.objects[SERVICES]["data"]) == ["database"]
    assert standing.perform(state="absent", address="database")["gateway"] is None
    assert standing.host.containers == {}


def test_a_service_with_other_targets_stays_without_its_label(standing: GatewayWorld) -> None:
    entry = json.loads(standing.cluster.objects[SERVICES]["data"]["redis-cart"])
    entry["targets"] = [{"name": "redis", "selector": "app=redis"}]
    standing.cluster.objects[SERVICES]["data"]["redis-cart"] = json.dumps(entry)
    standing.perform(state="absent", address=None)
    assert "redis-cart" in standing.cluster.objects[SERVICES]["data"]
    assert "internal.skupper.io/gateway" not in standing.cluster.objects[SERVICE]["metadata"]["labels"]


@pytest.mark.parametrize("address", [None, "redis-cart"])
def test_with_the_host_out_of_reach_the_cluster_is_cleaned(standing: GatewayWorld, address: str | None) -> None:
    standing.host.down = "ssh: no route to host"
    with pytest.raises(InterconnectError, match="remains what the host has of it") as caught:
        standing.perform(state="absent", name=NAME, address=address)
    assert caught.value.details["changed"]
    assert secret_ref(RESOURCE) not in standing.cluster.objects
    assert config_map_ref(RESOURCE) not in standing.cluster.objects
    standing.host.down = ""
    assert standing.perform(state="absent", name=NAME, address=address)["changed"]
    assert standing.host.containers == {}


def test_where_the_host_fails_the_cluster_is_cleaned(standing: GatewayWorld) -> None:
    standing.host.fails_with = "podman hangs"
    with pytest.raises(InterconnectError, match=r"remains what the host has of it \(on the host: podman hangs\)"):
        standing.perform(state="absent", address=None)
    assert secret_ref(RESOURCE) not in standing.cluster.objects
    standing.host.fails_with, standing.host.broken = "", "no Python"
    with pytest.raises(InterconnectError, match="no Python"):
        standing.perform(state="absent", address=None, name=NAME)


def test_without_host_and_name_nothing_is_guessed(standing: GatewayWorld) -> None:
    standing.host.down = "ssh: no route to host"
    with pytest.raises(InterconnectError, match="give it by name"):
        standing.perform(state="absent", address=None)
    assert standing.changes() == []


def test_with_the_cluster_out_of_reach_the_host_is_cleaned(standing: GatewayWorld) -> None:
    standing.cluster.down = Unreachable("https://ca-central.example.com:6443 does not answer")
    with pytest.raises(InterconnectError, match=r"remains what the cluster has of it.*does not answer"):
        standing.perform(state="absent", address=None)
    assert standing.host.containers == {}


def test_a_gateway_whose_site_has_gone_is_removed(standing: GatewayWorld) -> None:
    for ref in [ref for ref in standing.cluster.objects if ref.kind != "Namespace"]:
        del standing.cluster.objects[ref]
    standing.cluster.put(made(SERVICES))
    standing.site_controller_runs = False
    standing.work = lambda: None  # type: ignore[method-assign]  # nothing works there any more
    assert standing.perform(state="absent", address=None)["changed"]
    assert standing.host.containers == {}
