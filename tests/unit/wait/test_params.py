# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong in a task's words, and that the message names the field."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.acceptors import Absent, Condition, Field
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.params import TESTS, waits_of
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait
from ansible_collections.multicluster.interconnect.plugins.modules import resource_wait
from tests.unit.wait.fakes import Cluster, an_object


def validated(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The parameters as Ansible hands them to the module."""
    result = ArgumentSpecValidator(resource_wait.SPEC.argument_spec).validate({"resources": list(resources), **more})
    assert not result.error_messages
    parameters: dict[str, Any] = result.validated_parameters
    return parameters


def wait_of(**entry: Any) -> Wait:
    return waits_of(validated(entry)["resources"])[0]


PLACEMENT = {"api_version": "cluster.open-cluster-management.io/v1beta1", "kind": "Placement", "namespace": "ns"}
ANY = {"kind": "Thing", "api_version": "example.org/v1", "name": "a"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"kind": "", "name": "a"}, ".kind: is empty"),
        ({"kind": "Namespace", "api_version": "", "name": "a"}, ".api_version: is empty"),
        ({"kind": "Namespace"}, ": give either name or label_selector"),
        ({"kind": "Namespace", "name": "a", "label_selector": "b=c"}, ": give either name or label_selector"),
        ({"kind": "Namespace", "name": ""}, ".name: is empty"),
        ({"kind": "Namespace", "label_selector": ""}, ".label_selector: is empty"),
        ({"kind": "Secret", "name": "a", "namespace": ""}, ".namespace: is empty"),
        ({"kind": "Namespace", "name": "a", "count": 1}, ".count: is for label_selector"),
        ({"kind": "Namespace", "label_selector": "a=b", "count": 0}, ".count: is 1 or more"),
        ({"kind": "Namespace", "label_selector": "a=b", "count": 2, "until": "absent"}, ".count: is 1 or more"),
        ({"kind": "Namespace", "name": "a", "until": ""}, ".until: is empty"),
        (
            {"kind": "Namespace", "name": "a", "until": "gone"},
            ".until: Namespace of v1 has no goal 'gone'; it has active, absent, present",
        ),
        (
            {**ANY, "until": "available"},
            ".until: Thing of example.org/v1 has no goal 'available'; it has absent, present",
        ),
        (ANY, ".success: is missing: Thing of example.org/v1 has no default goal"),
        ({**ANY, "success_if": "any"}, ".success_if: is for success"),
        ({**ANY, "success": [{"condition": "Ready"}], "until": "present"}, ".until: goes without success"),
        (
            {**ANY, "success": [{"condition": "Ready"}], "clusters": ["a"]},
            ".clusters: is not for the goal that success",
        ),
        ({"kind": "Namespace", "name": "a", "clusters": ["a"]}, ".clusters: is not for the goal active"),
        ({**PLACEMENT, "name": "p", "keys": ["a"]}, ".keys: is not for the goal selected"),
        ({**PLACEMENT, "name": "p", "clusters": []}, ".clusters: is empty"),
        ({**PLACEMENT, "name": "p", "until": "exactly"}, ".clusters: is missing: until exactly needs it"),
        (
            {**PLACEMENT, "name": "p", "until": "satisfied", "clusters": ["a"]},
            ".clusters: is not for the goal satisfied",
        ),
        ({**ANY, "success": [{}]}, ".success[0]: give one of condition, field and absent (given: none)"),
        (
            {**ANY, "success": [{"condition": "A"}, {"condition": "B", "field": "c"}]},
            ".success[1]: give one of condition, field and absent (given: condition, field)",
        ),
        ({**ANY, "success": [{"condition": ""}]}, ".success[0].condition: is empty"),
        ({**ANY, "success": [{"condition": "A", "equals": 3}]}, ".success[0].equals: does not go with condition"),
        ({**ANY, "success": [{"field": "a.b", "reason": "x"}]}, ".success[0].reason: does not go with field"),
        ({**ANY, "success": [{"absent": True, "equals": 1}]}, ".success[0].equals: does not go with absent"),
        ({**ANY, "success": [{"field": "a.b"}]}, ".success[0]: a field needs one of equals, not_equals"),
        (
            {**ANY, "success": [{"field": "a.b", "equals": 1, "at_most": 2}]},
            f".success[0]: a field needs one of {', '.join(TESTS)} (given: equals, at_most)",
        ),
        (
            {**ANY, "success": [{"field": "a..b", "exists": True}]},
            ".success[0].field: 'a..b': there is no field name at",
        ),
        ({**ANY, "success": [{"field": "a", "matches": "("}]}, ".success[0].matches: is not a regular expression"),
        (
            {**ANY, "until": "present", "failure": [{"condition": "A", "reason": "["}]},
            ".failure[0].reason: is not a reg",
        ),
        (
            {**ANY, "until": "present", "retry": [{"condition": "A", "message_matches": "*"}]},
            ".retry[0].message_matches: is",
        ),
    ],
)
def test_bad_input_is_refused_by_the_field(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        waits_of(validated({"kind": "Namespace", "name": "good"}, entry)["resources"])
    assert error.value.message.startswith("resources[1]" + message)


def test_nothing_to_wait_for_is_refused() -> None:
    with pytest.raises(InputError, match="resources: is empty"):
        waits_of([])


def test_acceptors_are_read() -> None:
    wait = wait_of(
        **ANY,
        success=[
            {"condition": "Ready"},
            {"condition": "Degraded", "status": False},  # as YAML reads it without quotes
            {"condition": "Synced", "reason": "Ok|Done"},
            {"field": "status.phase", "equals": "Up"},
            {"field": "status.replicas", "at_least": 2},
            {"absent": False},
        ],
        success_if="any",
        retry=[{"field": "status.text", "matches": "^re"}],
    )
    ready, degraded, synced, phase, replicas, there = wait.goal.success
    assert ready == Condition("Ready", ("True",))
    assert degraded == Condition("Degraded", ("False",))
    assert isinstance(synced, Condition)
    assert (synced.statuses, synced.reason and synced.reason.pattern) == ((), "Ok|Done")
    assert isinstance(phase, Field)
    assert (phase.path.text, phase.test, phase.operand) == ("status.phase", "equals", "Up")
    assert isinstance(replicas, Field)
    assert (replicas.test, replicas.operand) == ("at_least", 2.0)
    assert there == Absent(False)
    assert wait.goal.any_success
    assert isinstance(wait.goal.retry[0], Field)


def test_one_of_several_is_enough_where_any_is_asked_for() -> None:
    entry = {**ANY, "success": [{"field": "a", "exists": True}, {"field": "b", "exists": True}]}
    obj = an_object("Thing", "a", b=1)
    assert wait_of(**entry, success_if="any").judge([obj], {}).verdict.outcome.value == "satisfied"
    assert wait_of(**entry).judge([obj], {}).verdict.outcome.value == "pending"


def test_acceptors_are_added_to_those_of_a_built_in_goal() -> None:
    wait = wait_of(
        api_version="apps/v1", kind="Deployment", namespace="ns", name="a", failure=[{"condition": "ReplicaFailure"}]
    )
    assert wait.goal.name == "rolled_out"
    assert [acceptor.type for acceptor in wait.goal.failure if isinstance(acceptor, Condition)] == [
        "Progressing",
        "ReplicaFailure",
    ]


def test_the_goal_is_told_in_words() -> None:
    assert wait_of(**PLACEMENT, name="p", clusters=["a", "b"]).wanted == "until selected (a, b)"
    assert wait_of(kind="Secret", namespace="ns", name="s", keys=["k"]).wanted == "until populated (k)"
    assert wait_of(kind="Namespace", name="a").wanted == "until active"
    assert wait_of(**ANY, success=[{"condition": "Ready"}]).wanted == ""


class TestRun:
    """The module's work with a cluster in memory."""

    @staticmethod
    def task(cluster: Cluster, check_mode: bool = False, **params: Any) -> Task:
        class InMemory(Task):
            client = cluster  # type: ignore[assignment]

        return InMemory(validated({"kind": "Namespace", "name": "a"}, **params), check_mode=check_mode)

    def test_a_check_run_looks_once_and_does_not_fail(self) -> None:
        cluster = Cluster()
        result = resource_wait.SPEC.run(self.task(cluster, check_mode=True))
        assert (result["changed"], result["satisfied"]) == (False, False)
        assert result["resources"][0]["state"] == "not found"
        assert cluster.requests == ["get Namespace a"]

    def test_so_does_a_run_that_does_not_wait(self) -> None:
        assert resource_wait.SPEC.run(self.task(Cluster(), wait=False))["satisfied"] is False

    def test_a_run_waits_for_as_long_as_it_is_told_to(self) -> None:
        with pytest.raises(WaitTimeout):
            resource_wait.SPEC.run(self.task(Cluster(), wait_timeout=0))

    def test_it_never_reports_a_change(self) -> None:
        cluster = Cluster(an_object("Namespace", "a", status={"phase": "Active"}))
        result = resource_wait.SPEC.run(self.task(cluster))
        assert (result["changed"], result["satisfied"], result["elapsed"]) == (False, True, pytest.approx(0, abs=0.5))


def test_documentation_and_argument_spec_have_the_same_acceptors() -> None:
    documented = yaml.safe_load(resource_wait.DOCUMENTATION)["options"]["resources"]["suboptions"]
    spec = resource_wait.SPEC.argument_spec["resources"]["options"]
    assert set(documented) == set(spec)
    for option in ("success", "failure", "retry"):
        assert set(documented[option]["suboptions"]) == set(spec[option]["options"])


def test_the_examples_are_valid() -> None:
    for example in yaml.safe_load(resource_wait.EXAMPLES):
        resources = example["multicluster.interconnect.resource_wait"]["resources"]
        assert len(waits_of(validated(*resources)["resources"])) == len(resources)
