# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module itself: what is asked of which cluster, how often, and with what result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    MissingKind,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._info import probing
from ansible_collections.multicluster.interconnect.plugins.module_utils._info import task as info_task
from ansible_collections.multicluster.interconnect.plugins.module_utils._info.options import ARGUMENT_SPEC
from ansible_collections.multicluster.interconnect.plugins.module_utils._info.speaking import Spoken
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.info.world import HUB, PHILLY, World, failed


class Cluster:
    """Stands for a client of one of the world's clusters; keeps what was asked."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.server = world, name, f"https://{name}:6443"
        self.asked: list[str] = []
        self.denies: dict[str, Exception] = {}
        self.may_forward = True
        self.selector: dict[str, str] = {"app": "router"}
        self.pods = [_pod("router-1", False), _pod("router-2", True)]

    @contextmanager
    def without_retries(self) -> Iterator[None]:
        yield

    def each(self, function: Any, items: Any, workers: int = 1) -> list[Any]:
        assert workers
        return [function(item) for item in items]

    def read_version(self) -> str:
        if self.name in self.world.down:
            raise Unreachable(f"{self.server} does not answer")
        return "v1.34.4"

    def check_identity(self) -> None:
        pass

    def list(self, _api: str, kind: str, namespace: str | None = None, label_selector: str = "") -> list[Any]:
        self.asked.append(f"list {kind} {namespace} {label_selector}".strip())
        if kind in self.denies:
            raise self.denies[kind]
        return self.pods if kind == "Pod" else self.world.objects(self.name).get(kind, [])

    def get(self, ref: Any) -> dict[str, Any] | None:
        self.asked.append(f"get {ref}")
        ports = [{"port": 6379, "targetPort": "redis"}, {"port": 80, "targetPort": 8080}]
        return {"spec": {"selector": self.selector, "ports": ports}} if ref.kind == "Service" else None

    def create(self, review: Mapping[str, Any]) -> dict[str, Any]:
        attributes = review["spec"]["resourceAttributes"]
        self.asked.append(f"may {attributes['verb']} {attributes['resource']}/{attributes['subresource']}")
        return {"status": {"allowed": self.may_forward}}


def _pod(name: str, ready: bool) -> dict[str, Any]:
    containers = [{"ports": [{"name": "redis", "containerPort": 1024}]}]
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    return {"metadata": {"name": name}, "spec": {"containers": containers}, "status": status}


class Bench:
    """A run of the module over a world of clusters."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.clusters = {name: Cluster(world, name) for name in (HUB, PHILLY)}
        self.forwarded: list[str] = []
        self.answer = Spoken(True, "Redis answers +PONG", 0.003)
        self.lines: list[str] = []
        self.now = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

        @contextmanager
        def forward(client: Cluster, namespace: str, pod: str, port: int) -> Iterator[object]:
            self.forwarded.append(f"{client.name}: {namespace}/{pod}:{port}")
            yield object()

        monkeypatch.setattr(probing, "forwarded", forward)
        monkeypatch.setattr(probing, "speak", lambda *_args: self.answer)

    def run(self, check_mode: bool = False, **params: Any) -> dict[str, Any]:
        clusters = [
            {"name": name, "auth": {"context": name}, "namespace": "boutique", "skupper_version": "v2"}
            for name in self.clusters
        ]
        validated = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"clusters": clusters, **params})
        assert validated.error_messages == []
        task = Task(validated.validated_parameters, check_mode=check_mode, progress=self.lines.append)
        task.connect = lambda options: self.clusters[options["context"]]  # type: ignore[method-assign, assignment, return-value]
        targets = [info_task._target(entry) for entry in task.params["clusters"]]
        probes = [info_task._probe(entry, targets) for entry in task.params["probes"]]
        return info_task.Look(task, targets, probes, clock=lambda: self.now, sleep=self._sleep).until_good()

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(World(), monkeypatch)


PROBE = {"cluster": PHILLY, "service": "redis-cart", "port": 6379, "kind": "redis"}
LINK = {"links": [{"name": f"{PHILLY}-to-{HUB}", "from": PHILLY, "to": HUB}]}


def test_each_kind_is_asked_for_once(bench: Bench) -> None:
    result = bench.run(expected=LINK)
    assert result["ok"]
    assert not result["changed"]
    assert bench.clusters[PHILLY].asked == [
        *(f"list {kind} boutique" for kind in ("Site", "Link", "Listener", "Connector", "Certificate")),
        "list Secret boutique multicluster.interconnect/link",
    ]


def test_a_cluster_that_is_down_is_asked_for_nothing_more(bench: Bench) -> None:
    bench.world.down = {PHILLY}
    result = bench.run(expected=LINK)
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]
    assert bench.clusters[PHILLY].asked == []


def test_one_that_goes_down_in_the_middle_is_down(bench: Bench) -> None:
    bench.clusters[PHILLY].denies["Listener"] = Unreachable("no answer any more")
    result = bench.run()
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]


def test_credentials_that_are_none_are_a_cluster_that_can_not_be_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    del monkeypatch
    bench.clusters[PHILLY].read_version = _refused  # type: ignore[method-assign]
    result = bench.run()
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]


def _refused() -> str:
    raise InputError("context", "us-philly is not a context")


def test_kinds_that_may_not_be_read_are_noted(bench: Bench) -> None:
    denies = {"Certificate": Forbidden("may not list certificates"), "Connector": MissingKind("no Connector")}
    bench.clusters[PHILLY].denies = denies  # type: ignore[assignment]
    result = bench.run(expected=LINK)
    assert result["ok"]
    (cluster,) = [each for each in result["document"]["clusters"] if each["name"] == PHILLY]
    assert cluster["problems"] == ["may not list certificates"]


def test_it_looks_again_until_all_is_good(bench: Bench) -> None:
    bench.world.links_down = {PHILLY}

    def heal() -> None:
        if bench.now > 7:
            bench.world.links_down = set()

    bench.on_sleep = heal
    result = bench.run(expected=LINK, until_ok=True, wait_timeout=60)
    assert result["ok"]
    assert result["elapsed"] == 8.0
    assert len(bench.lines) == 2, "at 0 and 5 seconds"
    assert bench.lines[0].startswith(f"{PHILLY}: link {PHILLY}-to-{HUB}: ")


def test_time_that_is_over_is_no_failure_of_the_task(bench: Bench) -> None:
    bench.world.links_down = {PHILLY}
    result = bench.run(expected=LINK, until_ok=True, wait_timeout=5)
    assert not result["ok"]
    assert result["elapsed"] == 5.0


def test_a_check_run_looks_once(bench: Bench) -> None:
    bench.world.links_down = {PHILLY}
    assert bench.run(check_mode=True, expected=LINK, until_ok=True)["elapsed"] == 0.0


def test_a_probe_goes_to_a_ready_pod_and_the_port_that_the_service_means(bench: Bench) -> None:
    http = {**PROBE, "port": 80, "kind": "http"}
    result = bench.run(probes=[PROBE, http])
    assert result["ok"]
    assert sorted(bench.forwarded) == [f"{PHILLY}: boutique/router-2:1024", f"{PHILLY}: boutique/router-2:8080"]
    first = result["document"]["probes"][0]
    assert (first["ok"], first["message"], first["answer_seconds"]) == (True, "Redis answers +PONG", 0.003)
    asked = bench.clusters[PHILLY].asked
    assert asked.count("may get pods/portforward") == asked.count("may create pods/portforward") == 1


def test_a_probe_that_gets_no_answer_is_a_failure(bench: Bench) -> None:
    bench.answer = Spoken(False, "no answer")
    assert failed(bench.run(probes=[PROBE])) == [f"traffic {PHILLY} redis-cart:6379 (redis)"]


@pytest.mark.parametrize(
    ("probe", "pods", "says"),
    [
        (PROBE, [], "there is no ready pod behind Service redis-cart"),
        ({**PROBE, "port": 1}, None, "Service redis-cart has no port 1"),
    ],
)
def test_what_can_not_be_reached_says_why(bench: Bench, probe: dict[str, Any], pods: Any, says: str) -> None:
    if pods is not None:
        bench.clusters[PHILLY].pods = pods
    assert bench.run(probes=[probe])["document"]["probes"][0]["message"] == says
    assert bench.forwarded == []


def test_without_the_right_nothing_is_tried_and_nothing_fails(bench: Bench) -> None:
    bench.clusters[PHILLY].may_forward = False
    result = bench.run(probes=[PROBE])
    assert result["ok"]
    (probe,) = result["document"]["probes"]
    assert probe["ok"] is None
    assert probe["message"] == "not tried: the user may not get pods/portforward in namespace boutique"
    assert bench.forwarded == []


def test_a_service_without_pods_of_its_own_is_not_tried(bench: Bench) -> None:
    bench.clusters[PHILLY].selector = {}
    result = bench.run(probes=[PROBE])
    assert result["ok"]
    assert result["document"]["probes"][0]["message"] == "not tried: Service redis-cart selects no pods"


def test_a_broken_network_is_not_spoken_through_before_time_is_up(bench: Bench) -> None:
    bench.world.links_down = {PHILLY}
    bench.run(expected=LINK, probes=[PROBE], until_ok=True, wait_timeout=6)
    assert len(bench.forwarded) == 1


def test_from_a_cluster_that_is_down_nothing_is_tried(bench: Bench) -> None:
    bench.world.down = {PHILLY}
    result = bench.run(probes=[PROBE])
    assert result["document"]["probes"][0]["ok"] is None
    assert failed(result) == [f"api {PHILLY} {PHILLY}"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"probes": [{**PROBE, "cluster": "elsewhere"}]}, "elsewhere is none of the clusters"),
        ({"clusters": [{"name": HUB, "auth": {}}] * 2}, "has ca-central more than once"),
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, Any], says: str) -> None:
    given = {"clusters": [{"name": HUB, "auth": {}}], **params}
    with pytest.raises(InputError, match=says):
        info_task.run(Task(ArgumentSpecValidator(ARGUMENT_SPEC).validate(given).validated_parameters))
