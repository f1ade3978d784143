# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""serviceexport on real API servers, with the definitions of each generation of the Multi-Cluster Services API."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.rbac import USER, grant
from tests.integration.runs import Run, TaskRun, step, triple
from tests.integration.submariner.conftest import Planes, Runner
from tests.integration.submariner.mcs import (
    EXPORTER,
    HISTORY,
    IMPORTER,
    Agents,
    Generation,
    conditions_now,
    export_path,
    install,
    remove,
    rest,
    upgrade,
)
from tests.lab import objects
from tests.lab.api import path
from tests.lab.build import SOURCES
from tests.lab.gotool import Go
from tests.unit.mcs.objects import ALPHA, BETA, condition

MODULE = "serviceexport"
ABOUT = "about.k8s.io/v1alpha1"
MANY = 100
REQUESTS_WITHOUT_A_WRITE = 10
"""Of one task, whatever the number of exports: what the server serves, who the cluster is, and a LIST of each kind."""

Namespace = Callable[..., str]


@pytest.fixture(scope="module")
def member(planes: Planes) -> Iterator[Planes]:
    """The exporting cluster knows its name in the set, by the standard property (sigs.k8s.io/about-api)."""
    api = planes[EXPORTER].api
    folder = Path(Go().module_dir("sigs.k8s.io/about-api", SOURCES / "control"), "config", "crd")
    crds = [yaml.safe_load(file.read_text()) for file in sorted(folder.glob("*.yaml"))]
    for each in crds:  # the group is protected; upstream's definition comes without the mark
        each["metadata"]["annotations"]["api-approved.kubernetes.io"] = "unapproved, in a test"
    objects.apply_crds(api, crds)
    name = {"apiVersion": ABOUT, "kind": "ClusterProperty", "metadata": {"name": "cluster.clusterset.k8s.io"}}
    api.create(path(ABOUT, "clusterproperties"), {**name, "spec": {"value": EXPORTER}})
    yield planes
    for each in crds:
        api.delete(path("apiextensions.k8s.io/v1", "customresourcedefinitions", each["metadata"]["name"]))


@pytest.fixture(scope="module", params=HISTORY)
def generation(request: pytest.FixtureRequest, member: Planes) -> Iterator[Generation]:
    """Every generation of the API, on both planes, one after the other."""
    found = HISTORY[request.param]
    yield from _installed(member, found)


@pytest.fixture(scope="module")
def newest(member: Planes) -> Iterator[Generation]:
    """The newest generation."""
    yield from _installed(member, HISTORY["v1beta1"])


def _installed(planes: Planes, generation: Generation) -> Iterator[Generation]:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: install(planes[name].api, generation.crds), planes.clusters))
        yield generation
        list(pool.map(lambda name: remove(planes[name].api), planes.clusters))


@pytest.fixture
def namespace(planes: Planes) -> Namespace:
    """Makes a namespace with Services on the exporting plane, and on the importing one without.

    On planes without controllers, namespaces stay where they are.
    """

    def make(*services: str, planes_: tuple[str, ...] = (EXPORTER, IMPORTER), **spec: Any) -> str:
        name = f"guestbook-{uuid.uuid4().hex[:8]}"
        for plane in planes_:
            planes[plane].api.create(path("v1", "namespaces"), {"metadata": {"name": name}})
        for each in services:
            body = {
                "metadata": {"name": each, "labels": {"app": "guestbook"}},
                "spec": {"ports": [{"port": 6379}], **spec},
            }
            planes[EXPORTER].api.create(path("v1", "services", namespace=name), body)
        return name

    return make


@pytest.fixture
def importers(planes: Planes) -> list[dict[str, Any]]:
    """The importing plane, as the module takes it."""
    return [planes.auth(IMPORTER)]


def give_status(planes: Planes, place: str, *conditions: dict[str, Any]) -> None:
    """Have an export that somebody else made, with conditions."""
    collection, _slash, name = place.rpartition("/")
    api = planes[EXPORTER].api
    found = {"apiVersion": BETA, "kind": "ServiceExport", "metadata": {"name": name}}
    api.create(f"{collection}?fieldManager=subctl", found)
    api.merge(f"{place}/status", conditions_now(conditions))


def failed(run: Run, name: str, *words: str) -> TaskRun:
    """The task, which has failed with these words."""
    task = run.task(name)
    assert task.failed, run.output
    for each in words:
        assert each in task.message, task.message
    return task


# -- exports that come and go ----------------------------------------------------------------------------------------


def cycle(runner: Runner, generation: Generation, name: str, importers: list[dict[str, Any]]) -> Run:
    """Export and take back, each checked, done, and done again."""
    options: dict[str, Any] = {
        "namespace": name,
        "names": ["redis-master", "redis-slave"],
        "importers": importers,
        "minimum_condition": generation.minimum,
        "wait_timeout": 30,
        "wait_sleep": 1,
    }
    return runner.steps(
        *triple("export", MODULE, **options), *triple("withdraw", MODULE, **options, state="absent")
    ).succeeded()


def expect_cycle(run: Run, log: Any, name: str, api_version: str) -> None:
    """Hold that to the truth."""
    both = [f"{EXPORTER}: {{}} serviceexports {name}/{each}" for each in ("redis-master", "redis-slave")]
    log.expect_triple(run, "export", [each.format("patch") for each in both], same=("api_version",))
    log.expect_triple(run, "withdraw", [each.format("delete") for each in both])
    exported = run.task("export")
    assert exported["api_version"] == api_version
    assert exported["source_cluster"] == EXPORTER
    for entry in exported["exports"]:
        assert entry["exported"]
        assert entry["dns_name"] == f"{entry['name']}.{name}.svc.clusterset.local"
        (seen,) = entry["imports"]
        assert seen["imported"]
        assert (seen["cluster"], seen["clusters"], seen["ready_endpoints"]) == (IMPORTER, [EXPORTER], 1)
    assert [each["imports"][0]["imported"] for each in run.task("withdraw")["exports"]] == [False, False]


def test_exports_come_and_go_in_every_generation(
    runner: Runner,
    member: Planes,
    generation: Generation,
    namespace: Namespace,
    importers: list[dict[str, Any]],
    audit: Audit,
) -> None:
    name = namespace("redis-master", "redis-slave")
    with audit() as log, Agents(member, generation, name):
        run = cycle(runner, generation, name, importers)
    expect_cycle(run, log, name, generation.api_version)
    assert rest(member, generation.api_version, name) == {EXPORTER: [], IMPORTER: []}


def test_it_is_the_same_as_an_ordinary_module(
    as_module: Runner,
    member: Planes,
    newest: Generation,
    namespace: Namespace,
    importers: list[dict[str, Any]],
    audit: Audit,
) -> None:
    name = namespace("redis-master", "redis-slave")
    with audit() as log, Agents(member, newest, name):
        run = cycle(as_module, newest, name, importers)
    expect_cycle(run, log, name, BETA)


def test_an_upgrade_of_the_api_makes_no_second_write(
    runner: Runner, member: Planes, newest: Generation, namespace: Namespace, audit: Audit
) -> None:
    api = member[EXPORTER].api
    install(api, HISTORY["ready-reason"].crds)
    try:
        name = namespace("redis-master", planes_=(EXPORTER,))
        options: dict[str, Any] = {"namespace": name, "names": ["redis-master"], "clusterset_ip": True, "wait": False}
        before = runner.steps(step("export", MODULE, **options)).succeeded().task("export")
    finally:
        upgrade(api, newest.crds)
    with audit() as log:
        after = runner.steps(step("export", MODULE, **options)).succeeded().task("export")
    assert (before["api_version"], before.changed) == (ALPHA, True)
    assert (after["api_version"], after.changed) == (BETA, False)
    assert log.writes == []
    assert [event.uri for _cluster, event in log.requests if "dryRun" in event.uri] == []


# -- many ------------------------------------------------------------------------------------------------------------


def test_a_hundred_exports_take_one_write_each_and_a_list_of_each_kind(
    runner: Runner,
    member: Planes,
    newest: Generation,
    namespace: Namespace,
    importers: list[dict[str, Any]],
    audit: Audit,
) -> None:
    del newest
    names = [f"service-{number:03}" for number in range(MANY)]
    name = namespace()
    body = {"spec": {"clusterIP": "None", "ports": [{"port": 6379}]}}
    services = path("v1", "services", namespace=name)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda each: member[EXPORTER].api.create(
                    services, {**body, "metadata": {"name": each, "labels": {"app": "guestbook"}}}
                ),
                names,
            )
        )
    options: dict[str, Any] = {
        "namespace": name,
        "label_selector": "app=guestbook",
        "importers": importers,
        "wait": False,
    }
    with audit() as log:
        run = runner.steps(*triple("export", MODULE, **options)).succeeded()
    log.expect_triple(run, "export", [f"{EXPORTER}: patch serviceexports {name}/{each}" for each in names])
    again = run.task("export again")
    requests = [
        event for _cluster, event in log.requests if again.began <= event.received <= again.ended and event.code
    ]
    assert len(requests) <= REQUESTS_WITHOUT_A_WRITE, [event.uri for event in requests]
    assert {each["type"] for each in again["exports"]} == {"Headless"}
    assert len(again["exports"]) == MANY


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_wait_in_vain_names_the_stage_and_the_words_of_the_agents(
    runner: Runner, member: Planes, newest: Generation, namespace: Namespace, importers: list[dict[str, Any]]
) -> None:
    del newest
    valid, ready = condition("Valid", "True", "Valid"), condition("Ready", "True", "Exported")
    differs = condition("Conflict", "True", "TypeConflict", "the type differs from that of gcp-sub3")
    ports = condition("Conflict", "True", "PortConflict", "the ports differ from those of gcp-sub3")
    exports = {
        "pending": (valid, condition("Ready", "False", "Pending", "waits for the broker")),
        "conflict": (valid, condition("Ready", "False", "Failed", "not exported"), differs),
        "restricted": (condition("Valid", "False", "RestrictedNamespace", "not from here"),),
        "exported": (valid, ready, ports),
    }
    name = namespace("untaken", *exports, planes_=(EXPORTER,))
    for each, conditions in exports.items():
        give_status(member, export_path(BETA, name, each), *conditions)
    options: dict[str, Any] = {"namespace": name, "importers": importers, "wait_sleep": 1}
    run = runner.steps(
        step("untaken", MODULE, **options, names=["untaken"], wait_timeout=1),
        step("pending", MODULE, **options, names=["pending"], wait_timeout=1),
        step("conflict", MODULE, **options, names=["conflict"]),
        step("restricted", MODULE, **options, names=["restricted"]),
        step("exported", MODULE, **options, names=["exported"], wait_timeout=1),
        step("look", MODULE, **options, names=["exported"], wait=False),
    )
    untaken = failed(run, "untaken", "Timed out after", f"{name}/untaken: stage valid at {EXPORTER}", "no Deployment")
    assert untaken.changed
    assert untaken["resources"][0]["action"] == "created"
    pending = failed(run, "pending", "stage ready", "Ready=False Pending: waits for the broker")
    assert not pending.changed
    failed(run, "conflict", "Gave up after", "the type differs from that of gcp-sub3")
    failed(run, "restricted", "Gave up after", "stage valid", "Valid=False RestrictedNamespace: not from here")
    failed(run, "exported", f"stage imported at {IMPORTER}", f"{IMPORTER} has no namespace {name}")
    look = run.task("look")
    assert not look.failed
    assert look["exports"][0]["exported"]
    assert look["exports"][0]["conflict"]["messages"] == ["the ports differ from those of gcp-sub3"]
    assert "conflicts with that of another cluster: PortConflict" in run.output


def test_what_can_not_be_exported_is_refused_before_any_write(
    runner: Runner, member: Planes, newest: Generation, namespace: Namespace, audit: Audit, tmp_path: Path
) -> None:
    del newest
    name = namespace("redis-master")
    services = path("v1", "services", namespace=name)
    for each in ("NodePort", "ExternalName"):
        spec = {"type": each, "ports": [{"port": 80}], **({"externalName": "x.test"} if each == "ExternalName" else {})}
        member[EXPORTER].api.create(services, {"metadata": {"name": each.lower()}, "spec": spec})
    ca = tmp_path / "ca.crt"
    cluster = yaml.safe_load(member[IMPORTER].kubeconfig.read_text())["clusters"][0]["cluster"]
    ca.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    stranger = {"host": member[IMPORTER].url, "ca_cert": str(ca), "api_key": "not-a-token-of-this-cluster"}
    names = ["redis-master", "nodeport", "externalname", "missing"]
    with audit() as log:
        run = runner.steps(
            step("types", MODULE, namespace=name, names=names),
            step("selector", MODULE, namespace=name, label_selector="app=none"),
            step("both", MODULE, namespace=name, names=names, label_selector="app=none"),
            step("nowhere", MODULE, namespace=name, names=["redis-master"], importers=[{}]),
            step("stranger", MODULE, namespace=name, names=["redis-master"], importers=[stranger]),
            step("other version", MODULE, namespace=name, names=["redis-master"], api_version="net.gke.io/v1"),
        )
    failed(run, "types", f"{name}/missing is not there", "nodeport is of type NodePort", "externalname is of type")
    failed(run, "selector", "label_selector: matches no Service")
    failed(run, "both", "mutually exclusive")
    failed(run, "nowhere", "one of the following is required")
    failed(run, "stranger", "does not accept the credentials")
    failed(run, "other version", "does not serve ServiceExport of net.gke.io/v1")
    assert log.writes == []
    assert "not-a-token-of-this-cluster" not in run.output


def test_it_needs_no_more_permissions_than_its_manifests_grant(
    runner: Runner,
    member: Planes,
    newest: Generation,
    namespace: Namespace,
    audit: Audit,
) -> None:
    name = namespace("redis-master", "redis-slave")
    for plane, manifest in ((EXPORTER, "serviceexport"), (IMPORTER, "serviceimport")):
        grant(member[plane].api, manifest, namespace=("guestbook", name))
    importers = [{**member.auth(IMPORTER), "impersonate_user": USER}]
    options: dict[str, Any] = {
        "namespace": name,
        "names": ["redis-master", "redis-slave"],
        "importers": importers,
        "source_cluster": EXPORTER,
        "impersonate_user": USER,
        "wait_timeout": 30,
        "wait_sleep": 1,
    }
    with audit() as log, Agents(member, newest, name):
        run = runner.steps(
            step("export", MODULE, **options), step("withdraw", MODULE, **options, state="absent")
        ).succeeded()
    assert run.task("export").changed
    assert run.task("withdraw").changed
    assert {event.code for _cluster, event in log.requests if event.code >= 400} <= {404}, "nothing was forbidden"
