# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a wait for Argo CD ends early, by a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset import Element
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.deploying import (
    ASKED,
    PATIENCE,
    RECOVERY,
    Deploying,
    deployments_of,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.rounds import Hopeless, Rounds
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.withdrawing import wait_until_withdrawn
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import Unreachable
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.argocd.argo_hub import FRAME, PARAMS, SET, ArgoHub, app_ref, cluster

TORONTO = Element("ca-toronto", "{}\n")


@dataclass
class Patience:
    """A wait, and the time that it takes."""

    hub: ArgoHub = field(default_factory=ArgoHub)
    now: float = 0.0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub.perform(**FRAME)
        self.hub.perform(clusters=[cluster("ca-toronto")], wait=False)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def rounds(self, timeout: int) -> Rounds:
        params: dict[str, Any] = {**PARAMS, "wait_timeout": timeout, "wait_sleep": 2}
        task = Task(params, progress=self.lines.append, _own=self.hub.as_client())
        return Rounds(task, self.hub.as_client(), clock=lambda: self.now, sleep=self._sleep)

    def deploy(self, timeout: int = 600) -> None:
        live = self.hub.objects[SET]
        Deploying(self.rounds(timeout), self.hub.as_client(), live, deployments_of(live, [TORONTO])).wait()


def test_a_cluster_that_the_placement_does_not_select_is_not_waited_for_in_vain() -> None:
    wait = Patience()
    wait.hub.decided = {"us-philly"}
    with pytest.raises(Hopeless, match=r"clusters does not select it \(it selects us-philly\)"):
        wait.deploy()
    assert PATIENCE <= wait.now < PATIENCE + 5


def test_a_cluster_that_argo_does_not_know_is_named() -> None:
    wait = Patience()
    wait.hub.known = {"us-philly"}
    with pytest.raises(Hopeless, match="selects it, but Argo CD knows no cluster of that name"):
        wait.deploy()


def test_a_decision_that_comes_late_is_waited_for() -> None:
    wait = Patience()
    wait.hub.decided, late = set(), wait.hub.decided
    wait.hub.on_write = lambda write: None
    original = wait._sleep

    def sleep(seconds: float) -> None:
        original(seconds)
        wait.hub.decided = late if wait.now > PATIENCE / 2 else set()

    wait._sleep = sleep  # type: ignore[method-assign]
    wait.deploy()


def test_an_error_of_the_set_is_asked_for_once_more_and_then_told() -> None:
    wait = Patience()
    wait.hub.set_error = "error reading configMapRef: configmaps not found"
    wait.hub.works = True
    wait.hub.work()
    wait.hub.writes.clear()
    with pytest.raises(Hopeless, match="ApplicationSet openshift-gitops/boutique: error reading configMapRef"):
        wait.deploy()
    assert wait.hub.writes == [f"patch {SET}"]
    assert ASKED <= wait.now < ASKED + 5


def test_what_argo_does_not_compare_by_itself_is_asked_for() -> None:
    wait = Patience()
    wait.hub.work()
    wait.hub.works = False
    wait.hub.on_write = lambda write: setattr(wait.hub, "works", True)
    wait.hub.writes.clear()
    wait.deploy()
    assert wait.hub.writes == [f"patch {app_ref('ca-toronto')}"]


def test_a_server_that_does_not_answer_for_a_while_is_asked_again() -> None:
    wait = Patience()
    wait.hub.down = Unreachable("no route to host")
    original = wait._sleep

    def sleep(seconds: float) -> None:
        original(seconds)
        if wait.now > 30:
            wait.hub.down = None

    wait._sleep = sleep  # type: ignore[method-assign]
    wait.deploy()


def test_a_cluster_that_argo_does_not_reach_for_a_while_is_waited_for() -> None:
    wait = Patience()
    wait.hub.broken, wait.hub.complaint = {"ca-toronto"}, "failed to get cluster info: context deadline exceeded"
    original = wait._sleep

    def sleep(seconds: float) -> None:
        original(seconds)
        if wait.now > RECOVERY / 2:
            wait.hub.broken = set()

    wait._sleep = sleep  # type: ignore[method-assign]
    wait.hub.writes.clear()
    wait.deploy()
    assert wait.hub.writes == [f"patch {app_ref('ca-toronto')}"], "Argo CD was asked to look again, once"


def test_a_cluster_that_argo_does_not_reach_at_all_is_told() -> None:
    wait = Patience()
    wait.hub.broken, wait.hub.complaint = {"ca-toronto"}, "dial tcp 192.0.2.1:6443: connection refused"
    with pytest.raises(Hopeless, match=r"can not deploy to ca-toronto .* connection refused"):
        wait.deploy()
    assert RECOVERY <= wait.now < RECOVERY + 10


def test_a_long_wait_tells_now_and_then() -> None:
    wait = Patience()
    wait.hub.works = False
    wait.hub.put(
        {"apiVersion": SET.api_version, "kind": "Application", "metadata": {**app_ref("ca-toronto")._asdict()}}
    )
    with pytest.raises(WaitTimeout, match="has not passed the change on"):
        wait.deploy(timeout=200)
    assert 5 <= len(wait.lines) <= 9
    assert all("ca-toronto" in line for line in wait.lines)


def test_what_runs_pods_is_returned_when_time_is_up() -> None:
    wait = Patience()
    wait.deploy()
    wait.hub.works = False
    application = wait.hub.objects[app_ref("ca-toronto")]
    deployment = {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "boutique", "name": "hello"}
    application["status"].update(
        health={"status": "Progressing"},
        resources=[{"version": "v1", "kind": "Service", "name": "hello", "status": "Synced"}, deployment],
    )
    with pytest.raises(WaitTimeout, match="health is Progressing") as caught:
        wait.deploy(timeout=10)
    expected = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "boutique", "name": "hello"}
    assert caught.value.details["workloads"] == [expected]


def test_applications_that_the_set_does_not_let_go_are_told() -> None:
    wait = Patience()
    wait.deploy()
    wait.hub.works = False
    with pytest.raises(Hopeless, match="does not let go of Application openshift-gitops/boutique-ca-toronto"):
        wait_until_withdrawn(wait.rounds(600), wait.hub.as_client(), SET, [app_ref("ca-toronto")])
