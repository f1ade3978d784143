# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""submariner_join on real API servers: written once, with the rights of the broker's accounts, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.runs import Run, Step, step, triple
from tests.integration.submariner import brokers
from tests.integration.submariner.brokers import NAMESPACE, SUBMARINER, Place
from tests.integration.submariner.conftest import Planes, Runner
from tests.integration.submariner.spokes import Spoke, beating, operated
from tests.lab import objects
from tests.lab.api import path
from tests.tree import CHECKOUT

MODULE = "submariner_join"
BROKER, WEST, EAST = "broker", "aws-sub1", "aws-sub2"
RANGES = {WEST: "10.128.0.0/14", EAST: "10.132.0.0/14"}


@pytest.fixture(scope="module")
def planes(planes: Planes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planes]:
    """Two clusters without controllers, and a third one with, for the broker."""
    with brokers.controlled(BROKER, tmp_path_factory.mktemp("join")) as plane:
        yield Planes({**planes.each, BROKER: plane})


@pytest.fixture
def spokes(planes: Planes) -> Iterator[dict[str, Spoke]]:
    """Both clusters, with an operator that does nothing by itself."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(operated(planes[name], planes[BROKER])) for name in (WEST, EAST)}


@pytest.fixture
def info(tmp_path: Path) -> Path:
    """Where the broker-info.subm is."""
    (tmp_path / "info").mkdir()
    return tmp_path / "info" / "broker-info.subm"


def make_broker(planes: Planes, info: Path, **options: Any) -> Step:
    return step("make the broker", "submariner_broker", **planes.auth(BROKER), broker_info_path=str(info), **options)


def options(planes: Planes, cluster: str, **more: Any) -> dict[str, Any]:
    """Options of a cluster with ranges of its own."""
    return {
        **planes.auth(cluster),
        "name": cluster,
        "broker": planes.auth(BROKER),
        "cluster_cidr": [RANGES[cluster]],
        "service_cidr": ["172.30.0.0/16" if cluster == WEST else "172.31.0.0/16"],
        "wait": False,
        **more,
    }


def assert_shows_no_secret(run: Run, spoke: Spoke, info: Path) -> None:
    document = brokers.content(info)
    secrets = {document["IPSecPSK"]["data"]["psk"], document["ClientToken"]["data"]["token"], info.read_text()}
    secrets.add(spoke.credentials()["token"])
    said = run.output + json.dumps([each.result for each in run.tasks])
    assert [each for each in secrets if each in said] == []


def account(planes: Planes, cluster: str, *manifests: str) -> dict[str, Any]:
    """Options that lead to a cluster by an account with just the permissions of some manifests of docs/rbac."""
    api = planes[cluster].api
    for manifest in ("cluster", *manifests):
        objects.apply(api, yaml.safe_load_all((CHECKOUT / "docs" / "rbac" / f"{manifest}.yml").read_text()))
    subject = path("v1", "serviceaccounts", "interconnect", "multicluster-interconnect", "token")
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    return {**planes.auth(cluster), "api_key": api.create(subject, request)["status"]["token"]}


AT_BROKER = [
    f"serviceaccounts {NAMESPACE}/cluster-{WEST}",
    f"rolebindings {NAMESPACE}/cluster-{WEST}-submariner-k8s-broker-cluster",
    f"secrets {NAMESPACE}/cluster-{WEST}-token",
]
ON_CLUSTER = [
    "secrets submariner-operator/submariner-broker-secret",
    "secrets submariner-operator/submariner-ipsec-psk",
    "submariners submariner-operator/submariner",
]


def test_a_cluster_joins_by_the_file_and_leaves(
    runner: Runner, planes: Planes, spokes: dict[str, Spoke], info: Path, audit: Audit
) -> None:
    """By the file's account, which may not patch, and one on the cluster with just the permissions of docs/rbac. The
    range of its Services is found.
    """
    west = spokes[WEST]
    given = options(planes, WEST, broker_info_path=str(info), **account(planes, WEST, "submariner-cluster"))
    for option in ("broker", "service_cidr"):
        given.pop(option)
    pool = f"{BROKER}: update configmaps {NAMESPACE}/submariner-clustersetip-info"
    with audit() as log:
        run = runner.steps(make_broker(planes, info), *triple("join", MODULE, **given))
    created = [f"{BROKER}: create {each}" for each in AT_BROKER]
    patched = [f"{WEST}: patch {each}" for each in (*ON_CLUSTER, "nodes worker-1")]
    same = ("gateway_nodes", "cluster_cidr", "service_cidr", "clusterset_ip_cidr")
    log.expect_triple(run, "join", [*created, pool, *patched], same=same)
    assert_shows_no_secret(run, west, info)
    assert run.task("join")["gateway_nodes"] == ["worker-1"]
    found = planes[WEST].api.get(path("networking.k8s.io/v1", "servicecidrs", "kubernetes"))["spec"]["cidrs"]
    assert run.task("join")["service_cidr"] == found
    spec = west.spec()
    assert (spec["clusterID"], spec["brokerK8sRemoteNamespace"]) == (WEST, NAMESPACE)
    assert f"https://{spec['brokerK8sApiServer']}" == planes[BROKER].url
    assert not {"brokerK8sApiServerToken", "ceIPSecPSK"} & set(spec)

    west.register(RANGES[WEST])
    registered = [f"clusters {NAMESPACE}/{WEST}", f"endpoints {NAMESPACE}/{WEST}-submariner-cable"]
    with audit() as log:
        run = runner.steps(*triple("leave", MODULE, **given, state="absent", release_cidrs=True))
    removed = [f"{BROKER}: delete {each}" for each in (*AT_BROKER, *registered)]
    deleted = [f"{WEST}: delete {each}" for each in ON_CLUSTER]
    log.expect_triple(run, "leave", [*removed, pool, *deleted, f"{WEST}: patch nodes worker-1"])
    assert run.task("leave")["remaining"] == []
    node = planes[WEST].api.get(path("v1", "nodes", "worker-1"))
    assert "submariner.io/gateway" not in (node["metadata"].get("labels") or {})


def test_an_ordinary_module_writes_the_same(
    as_module: Runner, planes: Planes, spokes: dict[str, Spoke], info: Path, audit: Audit
) -> None:
    given = options(planes, WEST)
    with audit() as log:
        run = as_module.steps(
            make_broker(planes, info),
            step("join", MODULE, **given),
            step("check again", MODULE, check=True, **given),
            step("join again", MODULE, **given),
            step("leave", MODULE, **given, state="absent"),
        )
    assert not any(each.failed for each in run.tasks), run.output
    assert [run.task(each).changed for each in ("join", "check again", "join again")] == [True, False, False]
    assert log.during(run.task("check again"), run.task("join again")) == []
    assert f"{WEST}: patch {ON_CLUSTER[-1]}" in log.during(run.task("join"))
    assert f"{WEST}: delete {ON_CLUSTER[-1]}" in log.during(run.task("leave"))
    said = run.output + json.dumps([each.result for each in run.tasks])
    assert brokers.content(info)["IPSecPSK"]["data"]["psk"] not in said
    assert spokes[WEST].plane.api.items(spokes[WEST].at("v1", "secrets")) == []


def test_two_clusters_are_waited_for_until_each_is_connected_with_the_other(
    runner: Runner, planes: Planes, spokes: dict[str, Spoke], info: Path, audit: Audit
) -> None:
    west, east = options(planes, WEST), options(planes, EAST)
    run = runner.steps(make_broker(planes, info), step("west", MODULE, **west), step("east", MODULE, **east))
    assert not any(each.failed for each in run.tasks), run.output
    for name, other in ((WEST, EAST), (EAST, WEST)):
        spokes[name].register(RANGES[name])
        spokes[name].operate(RANGES[name], **{other.replace("-", "_"): "connecting"})
    waiting = {**west, "wait": True, "wait_timeout": 1, "wait_sleep": 1}
    spokes[EAST].connect(WEST, "connected")
    with audit() as log, beating(*spokes.values()):
        run = runner.steps(
            step("too early", MODULE, **waiting),
            step("east again", MODULE, **{**east, "wait": True, "wait_timeout": 20}),
            step("a third one", MODULE, **{**waiting, "expected_clusters": [EAST, "aws-sub3"]}),
            step("same range", MODULE, check=True, **{**east, "cluster_cidr": ["10.128.0.0/16"]}),
            step("same id", MODULE, **{**east, "name": WEST}),
        )
    early = run.task("too early")
    assert early.failed
    assert "connection to aws-sub2 is connecting (no answer yet)" in early.message
    assert run.task("east again")["connections"][0]["status"] == "connected"
    assert "no connection to aws-sub3" in run.task("a third one").message
    assert "overlaps 10.128.0.0/14 of aws-sub1" in run.task("same range").message
    assert "this cluster has joined as aws-sub2" in run.task("same id").message
    assert log.writes == []

    spokes[WEST].connect(EAST, "connected")
    with audit() as log, beating(spokes[WEST]):
        run = runner.steps(*triple("wait", MODULE, **{**waiting, "wait_timeout": 20}))
    log.expect_triple(run, "wait", [])
    leaving: dict[str, Any] = {"state": "absent", "release_cidrs": True}
    away = [step(f"{each['name']} leaves", MODULE, **each, **leaving) for each in (west, east)]
    run = runner.steps(*away)
    assert not any(each.failed for each in run.tasks), run.output


def test_a_lost_cluster_is_forgotten(
    runner: Runner, planes: Planes, spokes: dict[str, Spoke], info: Path, audit: Audit
) -> None:
    """At the broker by an account with just the permissions of docs/rbac."""
    runner.steps(make_broker(planes, info)).succeeded()
    east = options(planes, EAST, broker=account(planes, BROKER, "submariner-broker"))
    with audit() as log:
        run = runner.steps(step("join", MODULE, **east), *triple("forget", MODULE, **east, state="forgotten"))
    of_east = [each.replace(WEST, EAST) for each in AT_BROKER]
    log.expect_triple(run, "forget", [f"{BROKER}: delete {each}" for each in of_east])
    assert spokes[EAST].spec()["clusterID"] == EAST, "the lost one is not asked for anything"
    place = Place(planes[BROKER], NAMESPACE)
    assert place.plane.api.items(place.at(SUBMARINER, "clusters")) == []
