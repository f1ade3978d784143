# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a join that need no cluster: blocks, ids, ranges, gateways, versions, and how far a join has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_pools import (
    CLUSTERSET_IP,
    GLOBALNET,
    Pool,
    read_pool,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.cidr import network, networks_in
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_allocation import (
    block_for,
    with_block,
    without_cluster,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_checks import check_versions
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_gateways import to_label
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_ranges import (
    Ranges,
    ranges_of,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_status import (
    Joined,
    JoinedWait,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_survey import Spoke
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_wanted import cluster_id
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.goal import Outcome

POOL = Pool(GLOBALNET, enabled=True, cidr_range="242.0.0.0/8", cluster_size=65536)
CONFIG_MAP = {"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"globalnetEnabled": "true"}}


# -- blocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "size", "block"),
    [
        # submariner-operator pkg/cidr/cidr_test.go has the sequence of the default size.
        ({}, None, "242.0.0.0/16"),
        ({"a": "242.0.0.0/16"}, None, "242.1.0.0/16"),
        ({"a": "242.0.0.0/16", "b": "242.2.0.0/16"}, None, "242.1.0.0/16"),
        ({"a": "242.0.0.0/19"}, None, "242.1.0.0/16"),
        ({"a": "242.0.0.0/15"}, 8192, "242.2.0.0/19"),
        ({"a": "242.0.0.0/19"}, 8000, "242.0.32.0/19"),
        ({"a": "10.0.0.0/8"}, None, "242.0.0.0/16"),
        ({"west": "242.7.0.0/16"}, None, "242.7.0.0/16"),
    ],
)
def test_a_cluster_gets_the_first_free_block_or_keeps_its_own(
    taken: dict[str, str], size: int | None, block: str
) -> None:
    pool = replace(POOL, clusters={name: (each,) for name, each in taken.items()})
    assert block_for(pool, "west", size=size) == block


@given(st.lists(st.integers(1, 1 << 20), max_size=12))
def test_blocks_never_overlap_and_lie_in_the_range(sizes: list[int]) -> None:
    pool = POOL
    for number, size in enumerate(sizes):
        name = f"cluster-{number}"
        pool = replace(pool, clusters={**pool.clusters, name: (block_for(pool, name, size=size),)})
    blocks = networks_in(each for blocks in pool.clusters.values() for each in blocks)
    assert not [pair for pair in combinations(blocks, 2) if pair[0].overlaps(pair[1])]
    assert all(each.overlaps(network(pool.cidr_range, "")) for each in blocks)
    assert [size for size, each in zip(sizes, blocks, strict=True) if each.num_addresses < size] == []


def test_an_exhausted_range_and_a_block_of_another_are_refused() -> None:
    full = replace(POOL, cidr_range="242.0.0.0/15", clusters={"a": ("242.0.0.0/16",), "b": ("242.1.0.0/16",)})
    with pytest.raises(InterconnectError, match="no block of 65536 addresses left for Globalnet: a, b have all"):
        block_for(full, "west")
    with pytest.raises(InputError, match=r"globalnet_cidr: 242.1.128.0/20 overlaps 242.1.0.0/16, which cluster b has"):
        block_for(full, "west", given="242.1.128.0/20")
    assert block_for(full, "west", given="241.0.0.0/16") == "241.0.0.0/16", "upstream takes one outside, too"


def test_clusterset_ips_have_a_size_where_the_broker_names_none() -> None:
    assert block_for(Pool(CLUSTERSET_IP, enabled=False, cidr_range="243.0.0.0/8"), "west") == "243.0.0.0/20"


@given(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
def test_what_is_written_of_blocks_is_read_again(names: list[str]) -> None:
    config_map: dict[str, Any] = CONFIG_MAP
    for number, name in enumerate(names):
        config_map = with_block(config_map, name, f"242.{number}.0.0/16")
    assert list(read_pool(GLOBALNET, config_map).clusters) == names
    for name in names:
        config_map = without_cluster(config_map, name)
    assert read_pool(GLOBALNET, config_map).clusters == {}
    assert config_map["data"]["globalnetEnabled"] == "true"


# -- ids, ranges, versions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "name"),
    [("aws-sub1", "aws-sub1"), ("default/api:6443/admin", "default-api-6443-admin"), ("_A_b_", "0a-b0")],
)
def test_an_id_is_made_from_the_context_as_subctl_does(context: str, name: str) -> None:
    assert cluster_id({"name": None, "context": context, "state": "present"}) == name


NONE = Ranges((), ())
OPENSHIFT = {
    "kind": "Network",
    "spec": {"clusterNetwork": [{"cidr": "10.128.0.0/14"}, {"cidr": "fd01::/48"}], "serviceNetwork": ["172.30.0.0/16"]},
}
JOINED = {"kind": "Submariner", "status": {"clusterCIDR": "10.1.0.0/16,10.2.0.0/16", "serviceCIDR": "10.96.0.0/16"}}
SERVICES = {"kind": "ServiceCIDR", "spec": {"cidrs": ["10.96.0.0/16"]}}
API_SERVER = {"kind": "Pod", "spec": {"containers": [{"command": ["x", "--service-cluster-ip-range=10.96.0.0/16"]}]}}
NODE = {"metadata": {"name": "only"}, "spec": {"podCIDR": "10.1.0.0/16"}}


@pytest.mark.parametrize(
    ("sources", "nodes", "found"),
    [
        ([OPENSHIFT], [], (["172.30.0.0/16"], ["10.128.0.0/14"])),
        ([JOINED], [], (["10.96.0.0/16"], ["10.1.0.0/16", "10.2.0.0/16"])),
        ([SERVICES], [NODE], (["10.96.0.0/16"], ["10.1.0.0/16"])),
        ([API_SERVER, SERVICES], [NODE], (["10.96.0.0/16"], ["10.1.0.0/16"])),
    ],
)
def test_ranges_are_found(sources: list[Any], nodes: list[Any], found: tuple[list[str], list[str]]) -> None:
    service, cluster = ranges_of(NONE, sources, nodes)
    assert ([str(each) for each in service], [str(each) for each in cluster]) == found


def test_ranges_that_can_not_be_found_or_overlap_are_refused() -> None:
    with pytest.raises(InputError, match="service_cidr: can not be found"):
        ranges_of(NONE, [], [NODE])
    with pytest.raises(InputError, match="cluster_cidr: can not be found"):
        ranges_of(NONE, [SERVICES], [NODE, NODE])
    with pytest.raises(InputError, match=r"10.96.0.0/12 of the pods overlaps 10.96.0.0/16"):
        ranges_of(Ranges((), (network("10.96.0.0/12", ""),)), [SERVICES], [])


def spoke(kubernetes: str, image: str = "") -> Spoke:
    template = {"spec": {"containers": [{"image": image}]}}
    return Spoke("uid", kubernetes, True, {"spec": {"template": template}}, None, None, {}, [], [])


@pytest.mark.parametrize(
    ("kubernetes", "image", "given", "words"),
    [
        ("v1.32.1", "submariner-operator:0.18.0", None, ""),
        ("v1.33.0+k3s1", "registry:5000/submariner-operator:v0.21.1", None, ""),
        ("v1.33.0", "registry:5000/submariner-operator@sha256:0", None, "can not be told"),
        ("v1.34.0", "submariner-operator:0.20.0", "0.24.1", ""),
        ("v1.34.0", "submariner-operator:0.24.0", "0.21.0", "InputError"),
        ("v1.20.9", "submariner-operator:0.24.0", None, "InputError"),
    ],
)
def test_versions_that_do_not_go_together_are_refused(
    kubernetes: str, image: str, given: str | None, words: str
) -> None:
    if words == "InputError":
        with pytest.raises(InputError, match="Kubernetes"):
            check_versions(spoke(kubernetes, image), given)
    else:
        warning = check_versions(spoke(kubernetes, image), given)
        assert words in warning
        assert bool(words) == bool(warning)


# -- gateways ----------------------------------------------------------------------------------------------------------


def node(name: str, *labels: str, ready: bool = True, **spec: Any) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": "True" if ready else "Unknown"}]
    values = {label: "true" if label == "submariner.io/gateway" else "" for label in labels}
    return {"metadata": {"name": name, "labels": values}, "spec": spec, "status": {"conditions": conditions}}


CONTROL = "node-role.kubernetes.io/control-plane"
GATEWAY = "submariner.io/gateway"
TAINT = [{"key": CONTROL, "effect": "NoSchedule"}]


@pytest.mark.parametrize(
    ("nodes", "named", "count", "labelled"),
    [
        ([node("b"), node("a")], (), 1, ["a"]),
        ([node("b", GATEWAY), node("a")], (), 1, []),
        ([node("b", GATEWAY), node("a")], (), 2, ["a"]),
        ([node("b", GATEWAY), node("a")], ("b", "a"), 1, ["a"]),
        ([node("a", CONTROL), node("b")], (), 1, ["b"]),
        ([node("a", CONTROL)], (), 1, ["a"]),
        ([node("a", CONTROL), node("c", ready=False), node("b", CONTROL, taints=TAINT)], (), 1, ["a"]),
        ([node("a", CONTROL, "node-role.kubernetes.io/worker"), node("b")], (), 2, ["a", "b"]),
        ([node("a", unschedulable=True), node("b")], (), 1, ["b"]),
        ([node("a", unschedulable=True), node("b")], ("a",), 1, ["a"]),
    ],
)
def test_gateways_are_those_that_are_named_or_the_first_workers(
    nodes: list[Any], named: tuple[str, ...], count: int, labelled: list[str]
) -> None:
    assert to_label(nodes, named, count) == labelled


@pytest.mark.parametrize("nodes", [[], [node("a", ready=False)], [node("a", CONTROL, taints=TAINT)]])
def test_no_node_for_a_gateway_is_an_error(nodes: list[Any]) -> None:
    with pytest.raises(InputError, match="gateways: is 1, but 0 nodes are gateways"):
        to_label(nodes, (), 1)


# -- how far it has come -----------------------------------------------------------------------------------------------

NOW = 1_800_000_000
Change = Callable[[dict[str, Any], dict[str, Any]], None]


def state(change: Change = lambda submariner, gateway: None) -> tuple[Outcome, str]:
    daemons = {"status": {"desiredNumberScheduled": 2, "numberReady": 2}}
    daemon_sets = {"gatewayDaemonSetStatus": dict(daemons), "routeAgentDaemonSetStatus": dict(daemons)}
    submariner: dict[str, Any] = {
        "metadata": {"name": "submariner"},
        "spec": {"clusterID": "west"},
        "status": {"clusterID": "west", **daemon_sets},
    }
    gateway: dict[str, Any] = {
        "metadata": {"name": "worker-1", "annotations": {"update-timestamp": str(NOW - 5)}},
        "status": {
            "haStatus": "active",
            "localEndpoint": {"backend": "libreswan", "subnets": ["10.1.0.0/16"]},
            "connections": [{"status": "connected", "endpoint": {"cluster_id": "east"}}],
        },
    }
    change(submariner, gateway)
    rule = Joined({"east": [{"backend": "libreswan", "subnets": ["10.2.0.0/16"]}]}, lambda: float(NOW))
    wait = JoinedWait(rule=rule, clusters=["east"])
    passive = {"metadata": {"name": "worker-2"}, "status": {"haStatus": "passive", "connections": []}}
    return wait.judge([submariner], {rule.reads(submariner, wait)[0]: [gateway, passive]}).verdict


def put(where: str, key: str, value: Any) -> Change:
    """Have a value elsewhere in the resource (`s.`) or the gateway (`g.`)."""

    def change(submariner: dict[str, Any], gateway: dict[str, Any]) -> None:
        target: Any = submariner if where.startswith("s") else gateway
        for part in where.split(".")[1:]:
            target = target[part]
        target[key] = value

    return change


CREATING = {"waiting": {"reason": "ContainerCreating"}}
BAD_IMAGE = {"waiting": {"reason": "InvalidImageName", "message": "no such name"}}
NOT_READY = {"desiredNumberScheduled": 2, "numberReady": 1}


def test_a_cluster_has_joined_when_all_is_as_it_should_be() -> None:
    assert state() == (Outcome.SATISFIED, "connected with east")


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (put("s", "status", {}), Outcome.PENDING, "the operator has not taken it up"),
        (put("s.spec", "version", "0.24.1"), Outcome.SATISFIED, "connected"),
        (put("s.status", "gatewayDaemonSetStatus", {}), Outcome.PENDING, "no node runs a gateway"),
        (put("s.status.routeAgentDaemonSetStatus", "status", NOT_READY), Outcome.PENDING, "1 of 2 pods of the route"),
        (put("s.status.gatewayDaemonSetStatus", "mismatchedContainerImages", True), Outcome.PENDING, "another version"),
        (put("s.spec", "globalCIDR", "242.0.0.0/16"), Outcome.PENDING, "no node runs a globalnet"),
        (put("g.status", "haStatus", "passive"), Outcome.PENDING, "no gateway is active"),
        (put("g.status", "statusFailure", "no lease"), Outcome.PENDING, "gateway worker-1: no lease"),
        (put("g.metadata", "annotations", {}), Outcome.PENDING, "has been silent"),
        (put("g.status", "connections", []), Outcome.PENDING, "no connection to east"),
        (put("g.status.localEndpoint", "backend", "vxlan"), Outcome.FAILED, "east has cable driver libreswan"),
        (put("g.status.localEndpoint", "subnets", ["10.2.3.0/24"]), Outcome.FAILED, "overlaps 10.2.0.0/16 of east"),
    ],
)
def test_what_is_missing_is_said(change: Change, outcome: Outcome, words: str) -> None:
    found, said = state(change)
    assert found is outcome
    assert words in said


@pytest.mark.parametrize(
    ("container", "outcome", "words"),
    [(CREATING, Outcome.PENDING, "(ContainerCreating)"), (BAD_IMAGE, Outcome.FAILED, "InvalidImageName: no such name")],
)
def test_a_pod_that_never_starts_ends_the_wait(container: dict[str, Any], outcome: Outcome, words: str) -> None:
    daemons = {"status": NOT_READY, "nonReadyContainerStates": [container]}
    found, said = state(put("s.status", "gatewayDaemonSetStatus", daemons))
    assert found is outcome
    assert words in said
