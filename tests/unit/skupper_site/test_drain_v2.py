# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v2 site goes when its controller has taken in that its services have gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site import v2_drain
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.job import SiteJob
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_site import SPEC
from tests.unit.apply.fake_cluster import FakeCluster

NAMESPACE = "boutique"


class Clock:
    """Stands for the module `time`."""

    def __init__(self, now: float, later: Callable[[], None]) -> None:
        self.now, self.slept, self._later = now, 0.0, later

    def monotonic(self) -> float:
        return self.now + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        if self.slept > 10:
            self._later()


def router_config(*entities: str) -> dict[str, Any]:
    pairs = [["router", {}], *([entity, {"name": "cartservice"}] for entity in entities)]
    metadata = {"name": "skupper-router", "namespace": NAMESPACE}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"skrouterd.json": json.dumps(pairs)},
    }


def waited(monkeypatch: pytest.MonkeyPatch, *objects: dict[str, Any], drains: bool = True, **more: Any) -> float:
    """How long the site's removal is put off; after 10 s the controller has taken the services out, if it does."""
    cluster = FakeCluster({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, *objects)
    defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
    given = {"version": "v2", "name": "us-philly", "namespace": NAMESPACE, "state": "absent", "wait": True, **more}
    task = Task(params={**defaults, "wait_timeout": 300, "wait_sleep": 1, **given}, check_mode=False, diff_mode=False)
    task._own = cluster.as_client()
    job = SiteJob.of(task)

    def later() -> None:
        if drains:
            cluster.put(router_config())

    clock = Clock(job.deadline - 300, later)
    monkeypatch.setattr(v2_drain, "time", clock)
    v2_drain.wait_until_services_are_gone(job)
    return clock.slept


@pytest.mark.parametrize("entity", ["tcpListener", "tcpConnector"])
def test_the_controller_is_waited_for(monkeypatch: pytest.MonkeyPatch, entity: str) -> None:
    assert 10 < waited(monkeypatch, router_config(entity)) < 15


def test_one_that_is_away_is_not_waited_for_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, router_config("tcpListener"), drains=False) == v2_drain.MOST_SECONDS


def test_nothing_is_waited_for_without_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = {"name": "cartservice", "namespace": NAMESPACE}
    asked_for = {"apiVersion": "skupper.io/v2alpha1", "kind": "Listener", "metadata": metadata}
    assert waited(monkeypatch) == 0
    assert waited(monkeypatch, router_config()) == 0
    assert waited(monkeypatch, router_config("tcpListener"), asked_for) == 0
    assert waited(monkeypatch, router_config("tcpListener"), wait=False) == 0
