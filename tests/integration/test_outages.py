# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control planes that go away while they are worked on, and come back, or do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.audited import audited
from tests.integration.runs import Ansible, step
from tests.integration.scratch import Scratch, wait_until
from tests.lab import Lab
from tests.lab.api import path

HUB_API = "ca-central/kube-apiserver"


@pytest.fixture(autouse=True)
def all_is_back(lab: Lab) -> Iterator[None]:
    """Whatever a test stops runs again afterwards, and the hub has seen it."""
    yield
    lab.start("all")
    lab.wait_available()


def test_a_wait_outlasts_an_outage_of_the_api_server(either_way: Ansible, lab: Lab, scratch: Scratch) -> None:
    late = {"kind": "ConfigMap", "namespace": "default", "name": scratch.id, "until": "present"}
    log = lab.audit(lab.hub)
    mark = log.mark()
    running = either_way.start_steps(
        step("wait", "resource_wait", resources=[late], wait_sleep=1, wait_timeout=120),
        step("look", "cluster_info"),
    )
    try:
        asked = f"/api/v1/namespaces/default/configmaps/{scratch.id}"
        wait_until("the module waits", lambda: any(event.uri.startswith(asked) for event in log.since(mark)))
        lab.stop(HUB_API, now=True)
        lab.start(HUB_API)
        collection = path("v1", "configmaps", namespace="default")
        scratch.make(lab.hub, collection, {"metadata": {"name": scratch.id}})
        run = running.wait()
    finally:
        running.kill()
    assert not run.task("wait").failed, run.output
    assert run.task("wait")["elapsed"] > 1
    assert run.task("look")["reachable"]


@pytest.mark.usefixtures("emptied")
def test_a_deployment_outlasts_a_restart_of_the_hubs_api_server(ansible: Ansible, lab: Lab) -> None:
    # A server that is killed does not log its last answers, for which the audit log would wait: look before.
    with audited(lab, lab.hub) as log:
        running = ansible.start("deploy.yml")
        reached = log.wait_for_writes(1, running.is_running)
    try:
        assert reached
        lab.stop(HUB_API, now=True)
        lab.start(HUB_API)
        running.wait().succeeded()
    finally:
        running.kill()
    with audited(lab) as log:
        ansible.playbook("deploy.yml").succeeded()
    assert log.writes == []
