# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters in memory join, leave and are forgotten: in which order, after a crash, and what is refused."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    ObjectRef,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitFailed, WaitTimeout
from tests.unit.apply.fake_cluster import Crash
from tests.unit.submariner.join_clusters import (
    BROKER_NAMESPACE,
    NOW,
    OPERATOR_NAMESPACE,
    READY,
    SUBMARINER,
    Network,
)

AT_BROKER = [
    f"create ServiceAccount {BROKER_NAMESPACE}/cluster-west",
    f"create RoleBinding {BROKER_NAMESPACE}/cluster-west-submariner-k8s-broker-cluster",
    f"create Secret {BROKER_NAMESPACE}/cluster-west-token",
    f"update ConfigMap {BROKER_NAMESPACE}/submariner-clustersetip-info",
]
ON_CLUSTER = [
    f"apply Secret {OPERATOR_NAMESPACE}/submariner-broker-secret",
    f"apply Secret {OPERATOR_NAMESPACE}/submariner-ipsec-psk",
    "apply Node worker-1",
    f"apply Submariner {OPERATOR_NAMESPACE}/submariner",
]
GATEWAY = ObjectRef("submariner.io/v1", "Gateway", "worker-1", OPERATOR_NAMESPACE)


@pytest.fixture
def network() -> Network:
    return Network()


def test_check_join_and_again(network: Network) -> None:
    predicted = network.perform(check=True)
    assert (predicted["changed"], network.writes) == (True, [])
    made = network.perform()
    assert (network.brokers.writes, network.joining.writes) == (AT_BROKER, ON_CLUSTER)
    assert [each["action"] for each in made["resources"]] == [each["action"] for each in predicted["resources"]]
    assert (made["name"], made["gateway_nodes"]) == ("west", ["worker-1"])
    assert (made["service_cidr"], made["cluster_cidr"]) == (["10.96.0.0/16"], ["10.10.0.0/16"])
    assert made["clusterset_ip_cidr"] == "243.0.0.0/20"
    network.forget_writes()
    assert network.perform()["changed"] is False
    assert network.perform(check=True)["changed"] is False
    assert network.writes == []


def test_credentials_are_in_the_secrets_and_nowhere_else(network: Network) -> None:
    made = network.perform()
    objects = network.joining.objects
    credentials = objects[ObjectRef("v1", "Secret", "submariner-broker-secret", OPERATOR_NAMESPACE)]["data"]
    token = network.at_broker("v1", "Secret", "cluster-west-token")
    assert token is not None
    assert credentials["token"] == token["data"]["token"]
    assert network.broker.psk is not None
    hidden = {credentials["token"], base64.b64decode(credentials["token"]).decode(), network.broker.psk}
    assert hidden <= network.secrets
    said = json.dumps([made, objects[SUBMARINER]])
    assert [each for each in hidden if each in said] == []
    spec = objects[SUBMARINER]["spec"]
    assert (spec["brokerK8sApiServer"], spec["clusterID"]) == ("broker.example.com:6443", "west")
    assert (spec["clusterCIDR"], spec["serviceCIDR"]) == ("", ""), "the operator finds them itself"


@pytest.mark.parametrize("write", range(len(AT_BROKER) + len(ON_CLUSTER)))
@pytest.mark.parametrize("with_effect", [False, True])
def test_a_run_that_ends_at_any_write_is_completed(network: Network, write: int, with_effect: bool) -> None:
    counter = itertools.count()

    def crash(what: str) -> None:
        if next(counter) == write:
            raise Crash(what)

    for cluster in (network.brokers, network.joining):
        setattr(cluster, "after_write" if with_effect else "on_write", crash)
    with pytest.raises(Crash):
        network.perform()
    for cluster in (network.brokers, network.joining):
        cluster.on_write = cluster.after_write = lambda what: None
    network.perform()
    assert sorted(network.writes) == sorted([*AT_BROKER, *ON_CLUSTER])


def test_an_option_is_changed_in_place(network: Network) -> None:
    network.perform()
    network.forget_writes()
    before = network.joining.objects[SUBMARINER]["metadata"]["uid"]
    network.perform(cable_driver="wireguard", air_gapped=True)
    assert network.writes == [f"apply {SUBMARINER}"]
    live = network.joining.objects[SUBMARINER]
    assert (live["metadata"]["uid"], live["spec"]["cableDriver"]) == (before, "wireguard")


def test_addresses_that_another_takes_meanwhile_are_not_given_twice() -> None:
    network = Network(globalnet=True)
    pool = ObjectRef("v1", "ConfigMap", "submariner-globalnet-info", BROKER_NAMESPACE)

    def east_is_quicker(write: str) -> None:
        live = network.brokers.objects[pool]
        if "ServiceAccount" in write:
            live["data"]["clusterinfo"] = json.dumps([{"cluster_id": "east", "global_cidr": ["242.0.0.0/16"]}])
            live["metadata"]["resourceVersion"] = "99"

    network.brokers.after_write = east_is_quicker
    made = network.perform()
    assert (made["globalnet_cidr"], made["leftovers"]) == ("242.1.0.0/16", {"east": ["242.0.0.0/16"]})
    info = json.loads(network.brokers.objects[pool]["data"]["clusterinfo"])
    assert [each["cluster_id"] for each in info] == ["east", "west"]
    assert network.joining.objects[SUBMARINER]["spec"]["globalCIDR"] == "242.1.0.0/16"


# -- what is refused ---------------------------------------------------------------------------------------------------


def overlapping(network: Network) -> None:
    network.register("east", "10.10.128.0/20")


def another_west(network: Network) -> None:
    network.register("west", "10.99.0.0/16")


def another_west_at_the_same_time(network: Network) -> None:
    network.perform()
    network.joining.uid = "uid-of-another"
    network.joining.objects.pop(SUBMARINER)


def old_submariner(network: Network) -> None:
    network.joining.kubernetes = "v1.33.0"


def other_broker(network: Network) -> None:
    spec = {"clusterID": "west", "brokerK8sApiServer": "other:6443", "brokerK8sRemoteNamespace": BROKER_NAMESPACE}
    network.put("submariner.io/v1alpha1", "Submariner", "submariner", OPERATOR_NAMESPACE, spec=spec)


def other_id(network: Network) -> None:
    spec = {"clusterID": "occident", "brokerK8sRemoteNamespace": BROKER_NAMESPACE}
    network.put("submariner.io/v1alpha1", "Submariner", "submariner", OPERATOR_NAMESPACE, spec=spec)


def no_node(network: Network) -> None:
    for name in ("worker-1", "worker-2"):
        network.joining.objects[ObjectRef("v1", "Node", name)]["spec"] = {"unschedulable": True}


def unknown_setting(network: Network) -> None:
    network.put("v1", "Node", "worker-1", labels={"gateway.submariner.io/udp_port": "4501"}, status=READY)


def no_ranges(network: Network) -> None:
    network.joining.objects.pop(ObjectRef("v1", "Pod", "kube-controller-manager-a", "kube-system"))


def no_operator(network: Network) -> None:
    network.joining.missing_kinds.add("Submariner")


def no_broker(network: Network) -> None:
    network.brokers.objects.pop(ObjectRef("submariner.io/v1alpha1", "Broker", "submariner-broker", BROKER_NAMESPACE))


def no_key(network: Network) -> None:
    network.brokers.objects.pop(ObjectRef("v1", "Secret", "submariner-ipsec-psk", BROKER_NAMESPACE))


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (overlapping, "10.10.0.0/16 of west overlaps 10.10.128.0/20 of east"),
        (another_west, "its gateway is west-gateway (192.0.2.7); its ranges are 10.99.0.0/16"),
        (another_west_at_the_same_time, "uid uid-of-kube-system"),
        (old_submariner, "Kubernetes v1.33.0 needs Submariner 0.21.1 or later, and this is 0.20.1"),
        (other_broker, "have it leave there first"),
        (other_id, "this cluster has joined as occident"),
        (no_node, "is 1, but 0 nodes are gateways and 0 more could be"),
        (unknown_setting, "gateway.submariner.io/udp_port, with which its gateway does not start"),
        (no_ranges, "cluster_cidr: can not be found"),
        (no_operator, "has no Submariner operator"),
        (no_broker, "There is no broker in namespace submariner-k8s-broker"),
        (no_key, "does not store the key"),
    ],
)
def test_what_would_not_connect_is_refused_before_any_write(
    network: Network, prepare: Callable[[Network], None], words: str
) -> None:
    prepare(network)
    network.forget_writes()
    with pytest.raises(InterconnectError) as refused:
        network.perform()
    assert words in refused.value.message
    assert network.writes == []


@pytest.mark.parametrize("prepare", [no_operator, no_broker])
def test_a_check_run_takes_what_is_missing_for_the_work_of_an_earlier_task(
    network: Network, prepare: Callable[[Network], None]
) -> None:
    prepare(network)
    assert network.perform(check=True)["changed"] is True
    assert network.warnings[0].startswith("Not validated: ")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": "West"}, "name: 'West' is no DNS label"),
        ({"context": None}, "name: is missing"),
        ({"state": "forgotten"}, "name: is missing"),
        ({"cluster_cidr": ["10.1.0.1/16"]}, "cluster_cidr: "),
        ({"cluster_cidr": ["10.1.0.0/16"], "service_cidr": ["10.0.0.0/8"]}, "overlaps 10.0.0.0/8 of service_cidr"),
        ({"globalnet_cidr": "242.0.0.0/16", "globalnet_cluster_size": 8}, "does not go with globalnet_cluster_size"),
        ({"gateways": 0}, "gateways: "),
        ({"gateway_nodes": ["worker-9"]}, "worker-9 not there; nodes are worker-1, worker-2"),
        ({"nat_port": 0}, "nat_port: "),
        ({"health_check_interval": 0}, "health_check_interval: "),
        ({"version": "latest"}, "version: "),
    ],
)
def test_wrong_options_are_refused_before_any_write(network: Network, params: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        network.perform(**params)
    assert words in refused.value.message
    assert network.writes == []


# -- waiting -----------------------------------------------------------------------------------------------------------


def joined(network: Network, *connected: str) -> None:
    network.perform()
    network.operate(*connected)
    network.forget_writes()


def test_the_wait_ends_with_a_connection_to_each_cluster_that_is_expected(network: Network) -> None:
    network.register("east", "10.20.0.0/16")
    network.register("north", "10.30.0.0/16")
    joined(network, "east")
    with pytest.raises(WaitTimeout) as timeout:
        network.perform(wait=True)
    assert "no connection to north" in timeout.value.message
    assert [each["cluster"] for each in timeout.value.details["connections"]] == ["east"]
    made = network.perform(wait=True, expected_clusters=["east"])
    assert [(each["cluster"], each["status"]) for each in made["connections"]] == [("east", "connected")]
    assert network.writes == []


def test_a_connection_that_is_frozen_is_none(network: Network) -> None:
    network.register("east", "10.20.0.0/16")
    joined(network, "east")
    network.joining.objects[GATEWAY]["metadata"]["annotations"]["update-timestamp"] = str(int(NOW) - 60)
    with pytest.raises(WaitTimeout, match="has been silent for 60 s"):
        network.perform(wait=True)


def test_what_never_connects_is_not_waited_for(network: Network) -> None:
    network.register("east", "10.20.0.0/16", driver="wireguard")
    joined(network)
    with pytest.raises(WaitFailed, match="east has cable driver wireguard and this cluster libreswan"):
        network.perform(wait=True)


# -- leaving -----------------------------------------------------------------------------------------------------------


def without_bookkeeping(network: Network) -> list[dict[ObjectRef, Any]]:
    return [
        {ref: [obj.get(part) for part in ("data", "spec")] for ref, obj in cluster.objects.items()}
        for cluster in (network.brokers, network.joining)
    ]


def test_who_has_left_leaves_nothing_behind(network: Network) -> None:
    pool = ObjectRef("v1", "ConfigMap", "submariner-clustersetip-info", BROKER_NAMESPACE)
    before = without_bookkeeping(network)
    network.perform()
    network.operate()
    network.register("west", "10.10.0.0/16")
    made = network.perform(state="absent", release_cidrs=True)
    assert made["remaining"] == []
    after = without_bookkeeping(network)
    assert json.loads(after[0][pool][0].pop("clusterinfo")) == []
    assert after == before
    labels = network.joining.objects[ObjectRef("v1", "Node", "worker-1")]["metadata"].get("labels")
    assert not labels
    network.forget_writes()
    assert network.perform(state="absent", release_cidrs=True)["changed"] is False
    assert network.writes == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_subctl_has_written_into_the_resource_is_not_shown(network: Network, state: str) -> None:
    network.perform()
    live = network.joining.objects[SUBMARINER]
    network.put(
        SUBMARINER.api_version,
        SUBMARINER.kind,
        SUBMARINER.name,
        OPERATOR_NAMESPACE,
        spec={**live["spec"], "ceIPSecPSK": "cHNrLW9mLXN1YmN0bA==", "brokerK8sApiServerToken": "token-of-subctl"},
    )
    network.perform(state=state, force_conflicts=True)
    assert {"cHNrLW9mLXN1YmN0bA==", "token-of-subctl"} <= network.secrets


def test_addresses_stay_unless_they_are_released(network: Network) -> None:
    network.perform()
    network.perform(state="absent")
    network.forget_writes()
    network.perform()
    assert AT_BROKER[3] not in network.writes


def test_the_operator_takes_the_gateway_down_or_nothing_is_written(network: Network) -> None:
    joined(network)
    network.joining.objects[SUBMARINER]["metadata"]["finalizers"] = ["controllers.submariner.io/cleanup"]
    with pytest.raises(WaitTimeout):
        network.perform(state="absent")
    assert network.brokers.writes == [], "the gateway still needs its account"
    network.joining.objects[SUBMARINER]["metadata"].pop("deletionTimestamp")
    operator = ObjectRef("apps/v1", "Deployment", "submariner-operator", OPERATOR_NAMESPACE)
    network.joining.objects[operator]["status"] = {}
    network.forget_writes()
    with pytest.raises(InterconnectError, match="does not run"):
        network.perform(state="absent")
    assert network.writes == []


def test_a_broker_that_does_not_answer_does_not_keep_a_cluster_from_leaving(network: Network) -> None:
    joined(network)
    network.brokers.down = Unreachable("https://broker.example.com:6443 does not answer")
    made = network.perform(state="absent")
    assert SUBMARINER not in network.joining.objects
    assert made["remaining"][0].startswith("account cluster-west with its token")
    assert "Run this task again" in network.warnings[-1]
    network.brokers.down = None
    assert network.perform(state="absent")["changed"] is True
    assert network.at_broker("v1", "ServiceAccount", "cluster-west") is None


def test_a_lost_cluster_is_forgotten_and_its_successor_joins(network: Network) -> None:
    network.perform()
    network.register("west", "10.10.0.0/16")
    mcs = "multicluster.x-k8s.io/v1alpha1"
    both = {"clusters": [{"cluster": "east"}, {"cluster": "west"}]}
    network.broker.put(mcs, "ServiceImport", "redis-guestbook", status=both)
    network.broker.put(mcs, "ServiceImport", "alone-guestbook", status={"clusters": [{"cluster": "west"}]})
    network.joining = Network().joining
    network.joining.uid = "uid-of-the-successor"
    with pytest.raises(InputError, match="state: forgotten"):
        network.perform()
    network.joining.down = Unreachable("lost")
    network.forget_writes()
    assert network.perform(check=True, name="west", state="forgotten")["changed"] is True
    assert network.writes == []
    network.perform(name="west", state="forgotten")
    shared = network.at_broker(mcs, "ServiceImport", "redis-guestbook")
    assert shared is not None
    assert shared["status"]["clusters"] == [{"cluster": "east"}]
    assert network.at_broker(mcs, "ServiceImport", "alone-guestbook") is None
    assert network.perform(name="west", state="forgotten")["changed"] is False
    network.joining.down = None
    network.perform()
