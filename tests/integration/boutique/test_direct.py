# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application without Argo CD: a chart of one's own, put in the place of Online Boutique by variables alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run, Running
from tests.integration.scratch import Scratch
from tests.lab import Lab, build, difference
from tests.lab.api import path

CLUSTER = "ca-toronto"
CHART = Path(__file__).parent / "charts" / "hello"
APPLIES, WAITS = "Apply the chart, and remove what it has no more", "Wait until the application runs"
SECONDS = 90


class Application:
    """The chart, in a namespace of the test's own on one cluster."""

    def __init__(self, ansible: Ansible, lab: Lab, namespace: str, folder: Path) -> None:
        self._ansible, self._lab, self.namespace = ansible, lab, namespace
        self._playbook = folder / "boutique.yml"
        tasks = [
            {
                "ansible.builtin.include_role": {
                    "name": "multicluster.interconnect.boutique",
                    "tasks_from": "{{ entry }}",
                }
            }
        ]
        self._playbook.write_text(json.dumps([{"hosts": CLUSTER, "gather_facts": False, "tasks": tasks}]))

    def start(self, parts: Mapping[str, int], *arguments: str, entry: str = "main", **variables: Any) -> Running:
        own = {
            "entry": entry,
            "boutique_delivery": "direct",
            "boutique_name": "hello",
            "boutique_namespace": self.namespace,
            "boutique_namespace_create": True,
            "boutique_chart": str(CHART),
            "boutique_services": [],
            "boutique_values": {"parts": dict(parts)},
            "boutique_helm_binary": build.ensure(["helm"])["helm"],
            "boutique_wait_timeout": SECONDS,
            "boutique_verify_timeout": 5,
            **variables,
        }
        return self._ansible.start(self._playbook, *arguments, variables=own)

    def bring(self, parts: Mapping[str, int], *arguments: str, **variables: Any) -> Run:
        return self.start(parts, *arguments, **variables).wait()

    def parts(self) -> dict[str, int]:
        """The Deployments that are there, with the number of pods that are available."""
        found = self._lab.api(CLUSTER).items(path("apps/v1", "deployments", namespace=self.namespace))
        return {each["metadata"]["name"]: each["status"].get("availableReplicas", 0) for each in found}


@pytest.fixture
def hello(ansible: Ansible, lab: Lab, scratch: Scratch, tmp_path: Path) -> Application:
    scratch.owns(CLUSTER, path("v1", "namespaces", scratch.id))
    return Application(ansible, lab, scratch.id, tmp_path)


def changed(run: Run) -> list[str]:
    """The tasks that changed something, or would."""
    return [name for _host, name in run.succeeded().changed]


def test_a_chart_of_ones_own_comes_changes_and_goes(hello: Application, lab: Lab, audit: Audit) -> None:
    before = lab.inventory()
    both, one = {"hello": 1, "bye": 2}, {"hello": 1}
    with audit(CLUSTER) as log:
        predicted = hello.bring(both, "--check", "--diff")
    assert log.writes == []
    first = hello.bring(both)
    assert changed(predicted) == changed(first) == [APPLIES, "Make the namespace"]
    assert hello.parts() == both, "the run has waited for all of them"
    with audit(CLUSTER) as log:
        assert changed(hello.bring(both)) == changed(hello.bring(both, "--check")) == []
        hello.bring(both, entry="verify").succeeded()
        differs = hello.bring(one, entry="verify")
        predicted = hello.bring(one, "--check", "--diff")
    assert log.writes == []
    (failure,) = differs.failures
    assert [
        word for word in ("Deployment bye", "ConfigMap bye", "--tags boutique") if word not in failure.message
    ] == []
    with audit(CLUSTER) as log:
        assert changed(hello.bring(one)) == changed(predicted) == [APPLIES]
    place = f"{hello.namespace}/bye"
    assert sorted(log.writes) == [f"{CLUSTER}: delete configmaps {place}", f"{CLUSTER}: delete deployments {place}"]
    assert hello.parts() == one
    predicted = hello.bring(one, "--check", entry="absent")
    assert changed(predicted) == changed(hello.bring(one, entry="absent"))
    assert difference(before, lab.inventory()) == []
    assert changed(hello.bring(one, entry="absent")) == []


def test_a_run_that_was_killed_is_completed_by_the_next(hello: Application, audit: Audit) -> None:
    hello.bring({"hello": 1, "bye": 1}).succeeded()
    newer = {"new": 1, "newer": 1}
    with audit(CLUSTER) as log:
        running = hello.start(newer)
        assert log.wait_for_writes(1, running.is_running)
        running.kill()
    hello.bring(newer).succeeded()
    assert hello.parts() == newer
    hello.bring(newer, entry="verify").succeeded()


def test_what_can_not_be_rendered_writes_nothing(hello: Application, audit: Audit) -> None:
    wrong: dict[str, tuple[dict[str, Any], list[str]]] = {
        "values": (
            {"boutique_values": {"part": {"hello": 1}}},
            ["Helm can not render chart", "additional properties 'part' not allowed"],
        ),
        "chart": ({"boutique_chart": "/nowhere/chart"}, ["Helm can not render chart /nowhere/chart", "not found"]),
        "helm": ({"boutique_helm_binary": "no-such-helm"}, ["no-such-helm is not on the machine", "install Helm 3"]),
        "object": (
            {"boutique_values": {"parts": {"Not_A_Name": 1}}},
            ["ConfigMap", "Not_A_Name", "Invalid value"],
        ),
    }
    with audit(CLUSTER) as log:
        for variables, words in wrong.values():
            run = hello.bring({}, **{"boutique_namespace_create": False, "boutique_namespace": "default", **variables})
            (failure,) = run.failures
            assert [word for word in words if word not in failure.message] == [], failure.message
    assert log.writes == []


def test_what_does_not_run_is_named(hello: Application, lab: Lab) -> None:
    hello.bring({"hello": 1}).succeeded()
    deployment = path("apps/v1", "deployments", "hello", hello.namespace)
    lab.api(CLUSTER).merge(deployment, {"spec": {"paused": True}})
    newer = {"boutique_values": {"parts": {"hello": 1}, "image": "hello:2"}}
    run = hello.bring({}, **newer, boutique_wait_timeout=2)
    (failure,) = run.failures
    words = ["Timed out after 2 s", f"Deployment {hello.namespace}/hello until rolled_out", "status.updatedReplicas"]
    assert [word for word in words if word not in failure.message] == [], failure.message
    lab.api(CLUSTER).merge(deployment, {"spec": {"paused": None}})
    assert changed(hello.bring({}, **newer)) == []
