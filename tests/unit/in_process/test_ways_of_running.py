# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task does the same in the controller's process and as an ordinary module, on every supported ansible-core."""

from __future__ import annotations

from typing import Any

import pytest

from tests.environments import CORES, DEVELOPMENT, FLOOR, Core
from tests.integration.runs import Run, TaskRun
from tests.unit.client.certificates import Authority
from tests.unit.client.scripted_server import ScriptedServer
from tests.unit.in_process.conftest import Play

TOKEN = "hunter2-hunter2"
SECRET = "s3cret-s3cret"
COLLECTION = "multicluster.interconnect"
WAYS = [pytest.param((core, False), id=f"{core.version}-in-process") for core in CORES]
# A process for each task takes its time: not for the newest, too.
WAYS += [pytest.param((core, True), id=f"{core.version}-as-module") for core in (FLOOR, DEVELOPMENT)]


def step(name: str, module: str, /, options: Any = None, **keywords: Any) -> dict[str, Any]:
    return {"name": name, f"{COLLECTION}.{module}": options or {}, "ignore_errors": True, **keywords}


CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "shop", "annotations": {"since": "{{ since }}"}},
    "data": {"number": "{{ number }}", "text": "plain"},
}
KEYS = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys", "namespace": "shop"},
    "stringData": {"password": SECRET},
}
STEPS = [
    step("look", "cluster_info", {"min_version": "1.99", "ssl_ca_cert": "{{ ca_cert }}"}),
    step("apply", "resource_apply", {"resources": [CONFIG_MAP]}),
    step("check", "resource_apply", {"resources": [CONFIG_MAP]}, check_mode=True, diff=True),
    step("wrong", "resource_apply", {"resources": [KEYS], "state": "nonsense", "nonsense": True}),
    step("contradiction", "managedcluster_label", {"names": ["x"], "label_selector": "x=y", "labels": {"a": "b"}}),
    step(
        "by environment",
        "cluster_info",
        environment={"K8S_AUTH_API_KEY": "of-the-task", "K8S_AUTH_HOST": "{{ host }}"},
        module_defaults={f"group/{COLLECTION}.all": {"ca_cert": "{{ ca_cert }}"}},
    ),
    step("refused", "resource_apply", {"resources": [KEYS]}),
]


@pytest.fixture
def variables(server: ScriptedServer, authority: Authority) -> dict[str, Any]:
    """What an inventory says of the cluster; options that it does not have are left out."""
    auth = {
        "host": "{{ host }}",
        "api_key": "{{ token }}",
        "ca_cert": "{{ ca_cert }}",
        "proxy": "{{ proxy | default(omit) }}",
        "cluster_id": "1-2-3",
    }
    text = {"host": server.url, "ca_cert": str(authority.file), "token": TOKEN, "number": "42", "since": "2026-11-22"}
    return {**text, "auth": auth}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[Core, bool]:
    """An ansible-core, and whether the tasks are run as modules."""
    core, as_module = request.param
    return core, as_module


def result(task: TaskRun) -> dict[str, Any]:
    """What a task returned, without what Ansible adds."""
    added = ("invocation", "exception", "warnings", "deprecations")
    return {key: value for key, value in task.result.items() if key not in added and not key.startswith("_")}


def test_each_way_gives_the_same(
    way: tuple[Core, bool], server: ScriptedServer, variables: dict[str, Any], play: Play
) -> None:
    core, as_module = way
    defaults = {f"group/{COLLECTION}.all": "{{ auth }}"}
    run = play(STEPS, "-vvvv", core=core, as_module=as_module, variables=variables, module_defaults=defaults)
    run.succeeded()
    assert_the_results(run)
    assert_the_requests(server)
    assert "Both option ca_cert and its alias ssl_ca_cert are set." in run.output
    for secret in (TOKEN, SECRET):
        assert secret not in run.output
        assert secret not in str([task.result for task in run.tasks])
    assert ("AnsiballZ_cluster_info" in run.output) == as_module


def assert_the_results(run: Run) -> None:
    look = result(run.task("look"))
    assert (look["version"], look["id"], look["reachable"]) == ("v1.34.4", "1-2-3", True)
    assert [problem["check"] for problem in look["problems"]] == ["version"]
    applied = result(run.task("apply"))
    assert applied["changed"] is True
    assert applied["resources"] == [
        {
            "api_version": "v1",
            "kind": "ConfigMap",
            "namespace": "shop",
            "name": "settings",
            "action": "created",
            "uid": "4-5-6",
        }
    ]
    assert result(run.task("check"))["resources"] == applied["resources"]
    assert run.task("check")["diff"][0]["before_header"] == "ConfigMap shop/settings"
    wrong = run.task("wrong").message
    assert "nonsense" in wrong
    assert "Traceback" not in wrong
    assert "mutually exclusive: names|label_selector" in run.task("contradiction").message
    refused = run.task("refused")
    assert refused.failed
    assert "can not apply Secret shop/keys" in refused.message
    assert refused["changed"] is False


def assert_the_requests(server: ScriptedServer) -> None:
    tokens = [request.header("Authorization")[0].removeprefix("Bearer ") for request in server.requests]
    assert set(tokens) == {TOKEN, "of-the-task"}
    written = [request for request in server.requests if "configmaps" in request.path and request.method == "PATCH"]
    assert [request.query.get("dryRun") for request in written] == [["All"], None, ["All"]]
    assert written[1].body["metadata"]["annotations"] == {"since": "2026-11-22"}
    assert written[1].body["data"] == {"number": "42", "text": "plain"}
    agents = {request.header("User-Agent")[0].partition("/")[0] for request in server.requests}
    assert agents == {COLLECTION}


def test_an_asynchronous_task_is_run_as_a_module(server: ScriptedServer, variables: dict[str, Any], play: Play) -> None:
    auth = {key: variables[key] for key in ("host", "ca_cert")}
    later = {f"{COLLECTION}.cluster_info": {**auth, "api_key": TOKEN}, "async": 30, "poll": 1, "name": "look"}
    run = play([later], variables=variables).succeeded()
    assert run.task("look")["version"] == "v1.34.4"
    assert run.task("look")["ansible_job_id"]
    assert "GET /version" in server.asked()


def test_a_waiting_user_sees_what_is_waited_for_unless_it_is_not_for_the_log(
    variables: dict[str, Any], play: Play
) -> None:
    def wait(name: str, **keywords: Any) -> dict[str, Any]:
        thing = {"kind": "ConfigMap", "api_version": "v1", "namespace": "shop", "name": name, "until": "present"}
        return step(name, "resource_wait", {"resources": [thing], "wait_timeout": 1, "wait_sleep": 1}, **keywords)

    defaults = {f"group/{COLLECTION}.all": "{{ auth }}"}
    run = play([wait("open"), wait("quiet", no_log=True)], variables=variables, module_defaults=defaults)
    lines = [line for line in run.output.splitlines() if line.startswith("  [ca-toronto] ")]
    assert lines
    assert all("ConfigMap shop/open" in line for line in lines)
