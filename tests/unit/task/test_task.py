# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module's work is started and ended, whichever way it is run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any, cast

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.auth import (
    MissingLibrary,
    kubernetes_package,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task import task as task_module
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, TaskSpec, perform
from ansible_collections.multicluster.interconnect.plugins.plugin_utils import _in_process
from tests.tree import CHECKOUT

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
COLLECTION = "ansible_collections.multicluster.interconnect.plugins"


class Connection:
    """Stands for a client: knows with which options it was made, and whether it was closed."""

    made: list[Connection]

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        self.closed = False
        self.made.append(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """All that a task connects to."""
    Connection.made = []
    monkeypatch.setattr(task_module, "Client", Connection)
    return Connection.made


def spec(run: Any, **rules: Any) -> TaskSpec:
    return TaskSpec(argument_spec={}, run=run, **rules)


def options(client: Client) -> Any:
    return cast(Connection, client).options


def test_the_own_cluster_is_that_of_the_parameters_whatever_is_connected_to_first() -> None:
    task = Task({"context": "ca-toronto"})
    assert options(task.connect({"context": "ca-central"})) == {"context": "ca-central"}
    assert options(task.client) == {"context": "ca-toronto"}
    assert task.client is task.client


def test_a_cluster_that_is_not_asked_for_is_not_connected_to(connections: list[Connection]) -> None:
    assert perform(spec(lambda task: {"changed": False}), Task({})) == {"changed": False}
    assert connections == []


@pytest.mark.parametrize("error", [None, Forbidden("no"), RuntimeError("a bug")])
def test_all_connections_are_closed_however_the_work_ends(
    error: Exception | None, connections: list[Connection]
) -> None:
    def run(task: Task) -> dict[str, Any]:
        task.connect({})
        assert task.client is not None
        if error:
            raise error
        return {}

    if isinstance(error, RuntimeError):
        with pytest.raises(RuntimeError):
            perform(spec(run), Task({}))
    else:
        perform(spec(run), Task({}))
    assert [connection.closed for connection in connections] == [True, True]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (InputError("labels.a", "is wrong"), {"msg": "labels.a: is wrong", "field": "labels.a", "changed": False}),
        (Forbidden("no", status=403), {"msg": "no", "status": 403, "changed": False}),
        (InterconnectError("half", changed=True, written=["a"]), {"msg": "half", "changed": True, "written": ["a"]}),
    ],
)
def test_an_expected_error_is_a_failed_result(error: InterconnectError, result: dict[str, Any]) -> None:
    def run(_task: Task) -> dict[str, Any]:
        raise error

    assert perform(spec(run), Task({})) == {**result, "failed": True}


@pytest.mark.parametrize(
    ("params", "field"), [({"wait_timeout": -1}, "wait_timeout"), ({"wait_sleep": 0}, "wait_sleep")]
)
def test_a_time_that_can_not_be_waited_for_is_refused_before_the_work(params: dict[str, int], field: str) -> None:
    def run(_task: Task) -> dict[str, Any]:
        raise AssertionError

    result = perform(spec(run), Task({"wait_timeout": 1, "wait_sleep": 1, **params}))
    assert result["field"] == field


def test_the_secrets_among_the_parameters_are_known_from_the_beginning() -> None:
    secret = {"kind": "Secret", "data": {"token": "aHVudGVyMg=="}}
    assert Task({"resources": [secret]}).secrets == {"aHVudGVyMg==", "hunter2"}


def test_rules_are_what_ansible_takes() -> None:
    given = spec(None, mutually_exclusive=(("a", "b"),), required_if=(("state", "x", ("a",)),)).rules()
    assert given["mutually_exclusive"] == [["a", "b"]]
    assert given["required_if"] == [["state", "x", ("a",)]]
    assert given["required_by"] == {}


def test_only_the_own_cluster_is_found_by_variables_of_the_environment() -> None:
    own, second = auth_args(), auth_args(environment=False)
    assert set(own) == set(second)
    assert own["host"]["fallback"][1] == ["K8S_AUTH_HOST"]
    assert not [option for option in second.values() if "fallback" in option]
    for arguments in (own, second):
        hidden = {name for name, option in arguments.items() if option.get("no_log")}
        assert hidden == {"api_key", "password"}


@pytest.mark.parametrize("name", MODULES)
def test_the_action_plugin_has_the_arguments_of_its_module(name: str) -> None:
    module = importlib.import_module(f"{COLLECTION}.modules.{name}")
    action = importlib.import_module(f"{COLLECTION}.action.{name}")
    assert action.ActionModule.SPEC is module.SPEC
    assert issubclass(action.ActionModule, _in_process.InProcessAction)


def test_a_missing_library_is_named_with_the_python_that_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes.client", None)
    with pytest.raises(MissingLibrary) as caught:
        kubernetes_package()
    assert sys.executable in caught.value.message
    assert "pip install" in caught.value.message
