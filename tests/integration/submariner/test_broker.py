# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""submariner_broker: made, found again, adopted, changed with care, and taken out, on a real control plane."""

from __future__ import annotations

import base64
import json
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.rbac import USER, grant
from tests.integration.runs import Run, step, triple
from tests.integration.scratch import RBAC
from tests.integration.submariner import brokers
from tests.integration.submariner.brokers import ADMIN, NAMESPACE, SUBMARINER, Place
from tests.integration.submariner.conftest import Planes, Runner
from tests.lab.api import Api, ApiError, path

MODULE = "submariner_broker"
PLANE = "aws-sub1"
GLOBALNET = "submariner-globalnet-info"
KINDS = [f"customresourcedefinitions {kind}" for kind in brokers.KINDS]


def objects(namespace: str) -> list[str]:
    """All that a broker consists of, but for kinds."""
    names = (
        "brokers {}/submariner-broker",
        "configmaps {}/submariner-clustersetip-info",
        "configmaps {}/submariner-globalnet-info",
        f"rolebindings {{}}/{ADMIN}",
        f"roles {{}}/{ADMIN}",
        "roles {}/submariner-k8s-broker-cluster",
        "secrets {}/submariner-ipsec-psk",
        f"secrets {{}}/{ADMIN}-token",
        f"serviceaccounts {{}}/{ADMIN}",
        "namespaces {}",
    )
    return [each.format(namespace) for each in names]


@pytest.fixture(scope="module")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planes]:
    """One cluster, with controllers."""
    with brokers.controlled(PLANE, tmp_path_factory.mktemp("broker")) as plane:
        yield Planes({PLANE: plane})


@pytest.fixture(params=["runner", "as_module"])
def either_way(request: pytest.FixtureRequest) -> Runner:
    """Runs tasks, in one test with modules in the controller's process, in another with ordinary modules."""
    found: Runner = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(request: pytest.FixtureRequest, planes: Planes) -> Iterator[Place]:
    """A namespace for one test. It goes with the plane; kinds go after each test."""
    plane = planes[PLANE]
    yield Place(plane, f"broker-{zlib.crc32(request.node.name.encode()):x}")
    brokers.remove_kinds(plane)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the broker-info.subm is to be."""
    (tmp_path / "info").mkdir()
    return tmp_path / "info" / "broker-info.subm"


def writes(verb: str, *written: str) -> list[str]:
    return [f"{PLANE}: {verb} {each}" for each in written]


def assert_shows_no_secret(run: Run, file: Path) -> None:
    """Neither the key nor the token, plain or encoded, nor the file as a whole."""
    info = brokers.content(file)
    secrets = [info["IPSecPSK"]["data"]["psk"], info["ClientToken"]["data"]["token"], file.read_text()]
    said = run.output + json.dumps([each.result for each in run.tasks])
    assert [each for each in (*secrets, plain(secrets[1])) if each in said] == []


def plain(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def test_a_broker_is_made_by_one_write_an_object_and_taken_out_by_as_many(
    either_way: Runner, planes: Planes, file: Path, audit: Audit
) -> None:
    plane = planes[PLANE]
    place = Place(plane, NAMESPACE)
    options: dict[str, Any] = {"broker_info_path": str(file), "broker_url": "https://broker.example.com:6443/"}
    with audit() as log:
        run = either_way.steps(*triple("make", MODULE, **options))
    everything = [*objects(NAMESPACE), *KINDS]
    same = ("globalnet", "clusterset_ip", "components", "psk_from")
    log.expect_triple(run, "make", writes("patch", *everything), same=same)
    assert run.task("check make")["broker_info"] == {"path": str(file), "action": "created", "backup": None}
    assert run.task("make again")["psk_from"] == "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert_shows_no_secret(run, file)

    info = brokers.content(file)
    assert info["brokerURL"] == "https://broker.example.com:6443"
    assert info["Components"] == ["connectivity", "service-discovery"]
    assert plain(info["ClientToken"]["data"]["namespace"]) == NAMESPACE
    assert len(base64.b64decode(info["IPSecPSK"]["data"]["psk"])) == 48
    stored = plane.api.get(place.at("v1", "secrets", "submariner-ipsec-psk"))
    assert stored["data"]["psk"] == info["IPSecPSK"]["data"]["psk"]
    config = plane.api.get(place.at("v1", "configmaps", "submariner-clustersetip-info"))["data"]
    assert config == {
        "clustersetIPEnabled": "false",
        "clustersetIPCidrRange": '"243.0.0.0/8"',
        "clustersetIPClusterSize": "0",
    }

    with audit() as log:
        run = either_way.steps(*triple("take out", MODULE, broker_info_path=str(file), state="absent"))
    log.expect_triple(run, "take out", writes("delete", *everything))
    assert run.task("take out")["broker_info"]["action"] == "deleted"
    assert not file.exists()
    assert brokers.kinds(plane) == []
    assert plane.api.find(path("v1", "namespaces", NAMESPACE)) is None


def test_the_token_lets_a_cluster_join_and_do_no_more_and_the_file_follows_it(
    runner: Runner, place: Place, file: Path
) -> None:
    options: dict[str, Any] = {"broker_info_path": str(file), "namespace": place.namespace}
    runner.steps(step("make", MODULE, **options)).succeeded()
    first = brokers.content(file)
    joining = brokers.bearer(place.plane, plain(first["ClientToken"]["data"]["token"]))
    join_as_subctl_does(joining, place, "east")
    east = brokers.bearer(place.plane, place.token_of("east"))
    spec = {
        "cluster_id": "east",
        "cable_name": "submariner-cable-east-10-0-0-1",
        "subnets": ["10.1.0.0/16"],
        "backend_config": {"udp-port": "4500"},
        "healthCheckIPs": ["10.1.0.1"],
    }
    endpoint = {"apiVersion": SUBMARINER, "kind": "Endpoint", "metadata": {"name": "east-cable"}, "spec": spec}
    east.create(place.at(SUBMARINER, "endpoints"), endpoint)
    kept = east.get(place.at(SUBMARINER, "endpoints", "east-cable"))["spec"]
    assert kept == spec, "fields that only newer gateways know are kept"
    for target in (path("v1", "secrets", namespace="kube-system"), place.at(RBAC, "roles")):
        with pytest.raises(ApiError) as refused:
            joining.get(target)
        assert refused.value.status == 403

    place.plane.api.delete(place.at("v1", "secrets", f"{ADMIN}-token"))
    run = runner.steps(*triple("mend", MODULE, **options))
    assert [run.task(each).changed for each in ("check mend", "mend", "mend again")] == [True, True, False], run.output
    assert run.task("mend")["clusters"] == ["east"]
    backup = Path(run.task("mend")["broker_info"]["backup"])
    assert brokers.content(backup) == first
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    second = brokers.content(file)
    assert second["IPSecPSK"] == first["IPSecPSK"]
    mended = brokers.bearer(place.plane, plain(second["ClientToken"]["data"]["token"]))
    assert mended.items(place.at(SUBMARINER, "clusters")) == []


def join_as_subctl_does(joining: Api, place: Place, cluster: str) -> None:
    """Make the account of a cluster (subctl pkg/broker/rbac.go)."""
    account = f"cluster-{cluster}"
    joining.create(place.at("v1", "serviceaccounts"), {"metadata": {"name": account}})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "submariner-k8s-broker-cluster"}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": place.namespace}
    binding = {"metadata": {"name": account}, "roleRef": role, "subjects": [subject]}
    joining.create(place.at(RBAC, "rolebindings"), binding)
    annotations = {"kubernetes.io/service-account.name": account}
    secret = {"metadata": {"name": cluster, "annotations": annotations}, "type": "kubernetes.io/service-account-token"}
    joining.create(place.at("v1", "secrets"), secret)


def test_a_broker_of_subctl_is_adopted_with_its_key_and_never_given_another(
    runner: Runner, place: Place, file: Path, audit: Audit
) -> None:
    own: dict[str, Any] = {"namespace": place.namespace}
    runner.steps(step("bring the kinds", MODULE, namespace="kinds-only")).succeeded()
    token = place.make_as_subctl()
    place.join("aws-sub1")
    # As an older subctl writes it.
    psk = base64.b64encode(bytes(range(48))).decode()
    data = {"token": base64.b64encode(token.encode()), "namespace": base64.b64encode(place.namespace.encode())}
    old = {
        "brokerURL": place.plane.url,
        "clientToken": {"data": {key: value.decode() for key, value in data.items()}},
        "ipsecPSK": {"metadata": {"name": "submariner-ipsec-psk"}, "data": {"psk": psk}},
        "serviceDiscovery": True,
    }
    file.write_bytes(base64.urlsafe_b64encode(json.dumps(old).encode()))
    file.chmod(0o600)
    other = file.with_name("other.subm")
    changed = {**old, "ipsecPSK": {"data": {"psk": base64.b64encode(b"x" * 48).decode()}}}
    other.write_bytes(base64.urlsafe_b64encode(json.dumps(changed).encode()))
    with audit() as log:
        run = runner.steps(
            step("without the key", MODULE, **own),
            *triple("adopt", MODULE, **own, broker_info_path=str(file)),
            step("another key", MODULE, **own, ipsec_psk_from=str(other)),
            step("another range", MODULE, **own, clusterset_ip_cidr_range="243.0.0.0/9"),
            *triple("take out", MODULE, **own, state="absent", force=True),
        )
    without = run.task("without the key")
    assert without.failed
    assert "Give ipsec_psk_from" in without.message
    assert without["clusters"] == ["aws-sub1"]
    log.expect_triple(run, "adopt", writes("patch", f"secrets {place.namespace}/submariner-ipsec-psk"))
    assert run.task("adopt")["psk_from"] == "broker_info_path"
    assert run.task("adopt")["token_secret"].endswith("-token-x7k2p")
    info = brokers.content(file)
    assert info["IPSecPSK"]["data"]["psk"] == psk
    assert plain(info["ClientToken"]["data"]["token"]) == token
    assert "another key" in run.task("another key").message
    assert "is owned by subctl" in run.task("another range").message
    # One kind is used by the other broker; the account and the rest are not ours to remove.
    log.expect_triple(run, "take out", writes("delete", f"secrets {place.namespace}/submariner-ipsec-psk", *KINDS[1:]))
    assert place.plane.api.find(place.at("v1", "serviceaccounts", ADMIN))
    refused = log.during(without, run.task("another key"), run.task("another range"))
    assert refused == []


def test_a_range_in_use_can_grow_and_nothing_else(runner: Runner, place: Place, audit: Audit) -> None:
    on: dict[str, Any] = {
        "namespace": place.namespace,
        "globalnet": True,
        "globalnet_cidr_range": "242.0.0.0/12",
        "globalnet_cluster_size": 5000,
    }
    run = runner.steps(step("make", MODULE, **on)).succeeded()
    assert run.task("make")["globalnet"]["cluster_size"] == 8192
    assert run.task("make")["components"] == ["connectivity", "globalnet", "service-discovery"]
    place.join("east", "10.1.0.0/16")
    place.allocate(GLOBALNET, "east", "242.0.0.0/19")
    refused: dict[str, dict[str, Any]] = {
        "shrink": {"globalnet_cidr_range": "242.0.0.0/13"},
        "move": {"globalnet_cidr_range": "8.0.0.0/5"},
        "off": {"globalnet": False},
        "too large a block": {"globalnet_cluster_size": 600000},
    }
    with audit() as log:
        run = runner.steps(
            step("same", MODULE, **on),
            *(step(name, MODULE, **{**on, **options}) for name, options in refused.items()),
            *triple("grow", MODULE, **{**on, "globalnet_cidr_range": "242.0.0.0/8"}),
        )
    assert log.during(*(run.task(name) for name in ("same", *refused))) == []
    assert run.task("same")["globalnet"]["clusters"] == {"east": ["242.0.0.0/19"]}
    for name in ("shrink", "move"):
        assert "is 242.0.0.0/12 and in use (east has 242.0.0.0/19)" in run.task(name).message
    assert "Globalnet is on, and east joined so" in run.task("off").message
    assert "524288 at most" in run.task("too large a block").message
    changed = [f"configmaps {place.namespace}/{GLOBALNET}", f"brokers {place.namespace}/submariner-broker"]
    log.expect_triple(run, "grow", writes("patch", *changed))
    data = place.plane.api.get(place.at("v1", "configmaps", GLOBALNET))["data"]
    assert data["globalnetCidrRange"] == '"242.0.0.0/8"'
    assert "242.0.0.0/19" in data["clusterinfo"]


def test_a_broker_in_use_is_removed_by_force_only_and_a_kind_stays_where_others_use_it(
    runner: Runner, place: Place, audit: Audit
) -> None:
    own: dict[str, Any] = {"namespace": place.namespace}
    runner.steps(step("make", MODULE, **own)).succeeded()
    place.join("east")
    theirs = {"apiVersion": SUBMARINER, "kind": "Cluster", "metadata": {"name": "east"}, "spec": {"cluster_id": "east"}}
    place.plane.api.create(path(SUBMARINER, "clusters", namespace="default"), theirs)
    with audit() as log:
        run = runner.steps(
            step("remove", MODULE, **own, state="absent"), *triple("force", MODULE, **own, state="absent", force=True)
        )
    assert log.during(run.task("remove")) == []
    assert "east joined the broker" in run.task("remove").message
    removed = [each for each in (*objects(place.namespace), *KINDS) if "clusters.submariner" not in each]
    log.expect_triple(run, "force", writes("delete", *removed))
    kept = [each for each in run.task("force")["resources"] if each["action"] == "kept"]
    assert [each["name"] for each in kept] == ["clusters.submariner.io"]
    assert "such as Cluster default/east" in kept[0]["note"]
    assert brokers.kinds(place.plane) == ["clusters.submariner.io"]


def test_it_needs_no_more_permissions_than_its_manifest_grants(
    runner: Runner, place: Place, file: Path, audit: Audit
) -> None:
    grant(place.plane.api, "cluster")
    grant(place.plane.api, "broker", namespace=(NAMESPACE, place.namespace))
    identity = place.plane.api.get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"]
    options: dict[str, Any] = {
        "namespace": place.namespace,
        "broker_info_path": str(file),
        "impersonate_user": USER,
        "cluster_id": identity,
    }
    with audit() as log:
        run = runner.steps(
            step("make", MODULE, **options),
            step("change", MODULE, **options, globalnet=True),
            step("again", MODULE, **options, globalnet=True),
            step("remove", MODULE, **options, state="absent"),
        ).succeeded()
    assert [each.message for each in run.tasks if each.failed] == []
    changed = [run.task(each).changed for each in ("make", "change", "again", "remove")]
    assert changed == [True, True, False, True]
    assert [str(event) for _cluster, event in log.requests if event.code == 403] == []
    assert brokers.kinds(place.plane) == []
