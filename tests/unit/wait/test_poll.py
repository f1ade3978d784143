# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The poll loop, with a cluster in memory and a clock that nobody waits for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    MissingKind,
    Unauthorized,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.acceptors import Condition
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import (
    WaitFailed,
    WaitTimeout,
    evaluate,
    wait_for,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.report import WaitReport
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait
from tests.unit.wait.fakes import Clock, Cluster, Object, a_condition, an_object

PLACEMENTS = "cluster.open-cluster-management.io/v1beta1"
SILENT = Unreachable("https://hub:6443 does not answer (connection refused)")


def namespace(name: str, phase: str = "Active") -> Object:
    return an_object("Namespace", name, status={"phase": phase})


def set_phase(obj: Object, phase: str) -> None:
    obj["status"]["phase"] = phase


def active(name: str) -> Wait:
    return Wait("v1", "Namespace", name)


class Waiting:
    """One call of `wait_for`, with what it needs at hand."""

    def __init__(self, *objects: Object) -> None:
        self.cluster = Cluster(*objects)
        self.clock = Clock()
        self.lines: list[str] = []

    def run(self, *waits: Wait, timeout: float = 60, sleep: float = 2) -> WaitReport:
        return wait_for(self.cluster, waits, timeout, sleep, self.lines.append, self.clock)


def test_what_is_there_is_not_waited_for() -> None:
    waiting = Waiting(namespace("a"))
    report = waiting.run(active("a"))
    assert report.satisfied
    assert (waiting.clock.slept, waiting.lines, waiting.cluster.requests) == ([], [], ["get Namespace a"])
    assert report.as_result() == {
        "satisfied": True,
        "elapsed": 0,
        "resources": [
            {
                "api_version": "v1",
                "kind": "Namespace",
                "namespace": None,
                "name": "a",
                "label_selector": None,
                "satisfied": True,
                "state": "status.phase is 'Active'",
                "elapsed": 0,
            }
        ],
    }


def test_it_waits_until_the_last_object_has_come() -> None:
    waiting = Waiting()
    waiting.clock.at(5, lambda: waiting.cluster.objects.append(namespace("a")))
    waiting.clock.at(9, lambda: waiting.cluster.objects.append(namespace("b")))
    report = waiting.run(active("a"), active("b"))
    assert [result.elapsed for result in report.results] == [6, 10]
    assert report.elapsed == 10


def test_what_was_there_must_still_be_there_at_the_end() -> None:
    flapping, late = namespace("flapping"), namespace("late", "Terminating")
    waiting = Waiting(flapping, late)
    waiting.clock.at(3, lambda: set_phase(flapping, "Terminating"))
    waiting.clock.at(5, lambda: set_phase(late, "Active"))
    waiting.clock.at(11, lambda: set_phase(flapping, "Active"))
    report = waiting.run(active("flapping"), active("late"))
    assert report.elapsed == 12
    assert [result.elapsed for result in report.results] == [12, 6]


def test_it_never_sleeps_past_the_deadline_and_looks_once_more_at_it() -> None:
    waiting = Waiting(namespace("a", "Terminating"))
    waiting.clock.at(5, lambda: set_phase(waiting.cluster.objects[0], "Active"))
    assert waiting.run(active("a"), timeout=5, sleep=2).elapsed == 5
    assert waiting.clock.slept == [2, 2, 1]


def test_a_timeout_of_zero_looks_once() -> None:
    waiting = Waiting()
    with pytest.raises(WaitTimeout):
        waiting.run(active("a"), timeout=0)
    assert waiting.clock.slept == []


def test_the_time_out_tells_the_last_state_of_what_is_missing() -> None:
    waiting = Waiting(namespace("there"), namespace("going", "Terminating"))
    with pytest.raises(WaitTimeout) as error:
        waiting.run(active("there"), active("going"), active("nowhere"), timeout=10)
    assert error.value.message.splitlines() == [
        "Timed out after 10 s: 2 of 3 resources not as wanted",
        "- Namespace going until active: status.phase is 'Terminating', wanted 'Active'",
        "- Namespace nowhere until active: not found",
    ]
    assert [entry["satisfied"] for entry in error.value.details["resources"]] == [True, False, False]
    assert error.value.details["elapsed"] == 10


class TestFailure:
    """A failure acceptor ends the wait, once it has been seen twice running."""

    WAIT = Wait("example.org/v1", "Thing", "a", success=(Condition("Ready"),), failure=(Condition("Failed"),))

    @staticmethod
    def thing(*conditions: Object) -> Object:
        return an_object("Thing", "a", api_version="example.org/v1", status={"conditions": list(conditions)})

    def test_it_ends_the_wait(self) -> None:
        waiting = Waiting(self.thing(a_condition("Failed", message="out of luck")), namespace("a", "Terminating"))
        with pytest.raises(WaitFailed) as error:
            waiting.run(active("a"), self.WAIT)
        assert waiting.clock.slept == [2]
        assert error.value.message.splitlines() == [
            "Gave up after 2 s: 2 of 2 resources not as wanted",
            "- Thing a failed: Failed=True Because: out of luck",
            "- Namespace a until active: status.phase is 'Terminating', wanted 'Active'",
        ]

    def test_one_that_passes_does_not(self) -> None:
        obj = self.thing(a_condition("Failed", message="left over from the last change"))
        waiting = Waiting(obj)
        waiting.clock.at(1, lambda: obj["status"].update(conditions=[a_condition("Ready", "False")]))
        waiting.clock.at(5, lambda: obj["status"].update(conditions=[a_condition("Ready")]))
        assert waiting.run(self.WAIT).satisfied

    def test_at_the_deadline_it_is_a_failure(self) -> None:
        with pytest.raises(WaitFailed):
            Waiting(self.thing(a_condition("Failed"))).run(self.WAIT, timeout=0)

    def test_a_retry_acceptor_keeps_the_wait_going(self) -> None:
        obj = self.thing(a_condition("Failed", reason="QuotaExceeded"), a_condition("Retrying"))
        wait = Wait(
            "example.org/v1",
            "Thing",
            "a",
            success=(Condition("Ready"),),
            failure=(Condition("Failed"),),
            retry=(Condition("Retrying"),),
        )
        waiting = Waiting(obj)
        waiting.clock.at(7, lambda: obj["status"].update(conditions=[a_condition("Ready")]))
        assert waiting.run(wait).elapsed == 8


class TestOutage:
    """An API server that goes away."""

    def test_it_is_waited_for(self) -> None:
        waiting = Waiting(namespace("a", "Terminating"))
        waiting.clock.at(1, lambda: waiting.cluster.failures.update({"": SILENT}))
        waiting.clock.at(19, lambda: set_phase(waiting.cluster.objects[0], "Active"))
        waiting.clock.at(20, waiting.cluster.failures.clear)
        assert waiting.run(active("a")).elapsed == 20

    def test_at_the_end_it_is_the_last_state_with_what_was_seen_before(self) -> None:
        waiting = Waiting(namespace("a", "Terminating"))
        waiting.clock.at(1, lambda: waiting.cluster.failures.update({"": SILENT}))
        with pytest.raises(WaitTimeout) as error:
            waiting.run(active("a"), timeout=4)
        assert f"{SILENT.message}; seen last: status.phase is 'Terminating'" in error.value.message

    def test_an_outage_at_the_end_is_no_success(self) -> None:
        ready, late = namespace("a"), namespace("b", "Terminating")
        waiting = Waiting(ready, late)
        waiting.clock.at(1, lambda: waiting.cluster.failures.update({"get Namespace a": SILENT}))
        waiting.clock.at(3, lambda: set_phase(late, "Active"))
        with pytest.raises(WaitTimeout):
            waiting.run(active("a"), active("b"), timeout=10)

    def test_a_server_that_has_never_answered_is_an_error_at_once(self) -> None:
        waiting = Waiting(namespace("a"))
        waiting.cluster.failures[""] = SILENT
        with pytest.raises(Unreachable):
            waiting.run(active("a"))
        assert waiting.clock.slept == []

    def test_the_decisions_of_a_placement_can_be_out_of_reach(self) -> None:
        placement = an_object("Placement", "p", "ns", PLACEMENTS)
        waiting = Waiting(placement)
        waiting.cluster.failures["list PlacementDecision"] = SILENT
        with pytest.raises(WaitTimeout) as error:
            waiting.run(Wait(PLACEMENTS, "Placement", "p", "ns"), timeout=2)
        assert SILENT.message in error.value.message


class TestMissingKind:
    """The kind of an object is not installed."""

    ERROR = MissingKind("https://hub:6443 does not serve ArgoCD of argoproj.io/v1beta1: install OpenShift GitOps")
    ARGOCD = Wait("argoproj.io/v1beta1", "ArgoCD", "argocd", "argocd")
    SUBSCRIPTION = Wait("operators.coreos.com/v1alpha1", "Subscription", "gitops", "argocd")

    def waiting(self) -> Waiting:
        waiting = Waiting()
        waiting.cluster.failures["get ArgoCD"] = self.ERROR
        return waiting

    def test_it_ends_the_wait_at_once(self) -> None:
        waiting = self.waiting()
        with pytest.raises(MissingKind, match="install OpenShift GitOps"):
            waiting.run(self.ARGOCD, active("a"))
        assert waiting.clock.slept == []

    def test_nothing_of_that_kind_is_left(self) -> None:
        gone = Wait("argoproj.io/v1beta1", "ArgoCD", "argocd", "argocd", until="absent")
        assert self.waiting().run(gone).satisfied

    def test_what_can_not_exist_selects_nothing(self) -> None:
        waiting = Waiting()
        waiting.cluster.failures["get Placement"] = MissingKind("no Placement here")
        assert waiting.run(Wait(PLACEMENTS, "Placement", "p", "ns", until="deselected")).satisfied

    def test_it_may_come_with_an_operator_that_is_waited_for(self) -> None:
        waiting = self.waiting()
        csv = "gitops.v1"
        argocd = an_object("ArgoCD", "argocd", "argocd", "argoproj.io/v1beta1", status={"phase": "Available"})

        def install() -> None:
            waiting.cluster.failures.clear()
            waiting.cluster.objects += [
                an_object(
                    "Subscription", "gitops", "argocd", "operators.coreos.com/v1alpha1", status={"installedCSV": csv}
                ),
                an_object(
                    "ClusterServiceVersion",
                    csv,
                    "argocd",
                    "operators.coreos.com/v1alpha1",
                    status={"phase": "Succeeded"},
                ),
                argocd,
            ]

        waiting.clock.at(5, install)
        assert waiting.run(self.ARGOCD, self.SUBSCRIPTION).satisfied

    def test_it_does_not_come_with_an_operator_that_goes(self) -> None:
        gone = Wait("operators.coreos.com/v1alpha1", "Subscription", "gitops", "argocd", until="absent")
        with pytest.raises(MissingKind):
            self.waiting().run(self.ARGOCD, gone)

    def test_it_is_the_last_state_where_it_did_not_come(self) -> None:
        with pytest.raises(WaitTimeout) as error:
            self.waiting().run(self.ARGOCD, self.SUBSCRIPTION, timeout=4)
        assert "- ArgoCD argocd/argocd until available: https://hub:6443 does not serve ArgoCD" in error.value.message


@pytest.mark.parametrize("error", [Unauthorized("401"), Forbidden("403")])
def test_what_waiting_does_not_cure_ends_it_at_once(error: Exception) -> None:
    waiting = Waiting(namespace("a", "Terminating"))
    waiting.cluster.failures["get Namespace a"] = error
    with pytest.raises(type(error)):
        waiting.run(active("a"))
    assert waiting.clock.slept == []


def test_a_namespaced_kind_without_namespace_is_an_error_of_its_entry() -> None:
    waiting = Waiting()
    waiting.cluster.failures["get Secret a"] = InputError("namespace", "Secret a is namespaced")
    with pytest.raises(InputError, match=r"resources\[3\]\.namespace"):
        waiting.run(Wait("v1", "Secret", "a", field="resources[3]"))


@pytest.mark.parametrize(("timeout", "sleep", "field"), [(-1, 2, "wait_timeout"), (10, 0, "wait_sleep")])
def test_times_out_of_range_are_refused(timeout: float, sleep: float, field: str) -> None:
    with pytest.raises(InputError, match=field):
        Waiting(namespace("a")).run(active("a"), timeout=timeout, sleep=sleep)


class TestSelector:
    """Several objects by their labels."""

    @staticmethod
    def wait(**more: Any) -> Wait:
        return Wait("v1", "Namespace", label_selector="app=y", **more)

    @staticmethod
    def labelled(name: str, phase: str = "Active") -> Object:
        return an_object("Namespace", name, labels={"app": "y"}, status={"phase": phase})

    def state(self, wait: Wait, *objects: Object) -> tuple[bool, str]:
        (result,) = evaluate(Cluster(*objects), [wait]).results
        return result.as_dict()["satisfied"], result.state

    def test_all_of_them_must_be_as_wanted(self) -> None:
        assert self.state(self.wait(), self.labelled("a"), namespace("other", "Terminating")) == (
            True,
            "1 found, 1 satisfied",
        )
        assert self.state(self.wait(), self.labelled("a"), self.labelled("b", "Terminating")) == (
            False,
            "2 found, 1 satisfied; b: status.phase is 'Terminating', wanted 'Active'",
        )

    def test_one_at_least_must_be_there(self) -> None:
        assert self.state(self.wait()) == (False, "0 found, 0 satisfied")

    def test_the_count_is_exact(self) -> None:
        one, two = self.labelled("a"), self.labelled("b")
        assert self.state(self.wait(count=2), one) == (False, "1 of 2 found, 1 satisfied")
        assert self.state(self.wait(count=2), one, two) == (True, "2 of 2 found, 2 satisfied")
        assert self.state(self.wait(count=1), one, two) == (False, "2 of 1 found, 2 satisfied")

    def test_absent_wants_none(self) -> None:
        assert self.state(self.wait(until="absent")) == (True, "none left")
        assert self.state(self.wait(until="absent"), self.labelled("a")) == (False, "1 left")

    def test_no_placement_selects_nothing(self) -> None:
        wait = Wait(PLACEMENTS, "Placement", label_selector="app=y", until="deselected")
        assert self.state(wait) == (True, "0 found, 0 satisfied")

    def test_one_that_fails_fails_the_wait(self) -> None:
        failing = an_object("Namespace", "b", labels={"app": "y"}, status={"conditions": [a_condition("Broken")]})
        wait = self.wait(success=(Condition("Ready"),), failure=(Condition("Broken"),))
        with pytest.raises(WaitFailed, match="b: Broken=True"):
            Waiting(self.labelled("a"), failing).run(wait)

    def test_the_message_has_a_line_for_each_up_to_a_limit(self) -> None:
        objects = [self.labelled(f"n{number:02}", "Terminating") for number in range(12)] + [self.labelled("good")]
        with pytest.raises(WaitTimeout) as error:
            Waiting(*objects).run(self.wait(), timeout=0)
        lines = error.value.message.splitlines()
        assert lines[1].startswith("- Namespace with labels app=y until active: 13 found, 1 satisfied; n00: ")
        assert lines[2] == "    n00: status.phase is 'Terminating', wanted 'Active'"
        assert lines[12] == "    and 2 more"
        assert "good" not in error.value.message


class TestProgress:
    """What a user sees who waits."""

    def test_lines_come_at_growing_intervals(self) -> None:
        waiting = Waiting(namespace("a", "Terminating"))
        with pytest.raises(WaitTimeout):
            waiting.run(active("a"), timeout=200, sleep=1)
        times = [line.partition("(")[2].partition(" of 200 s")[0] for line in waiting.lines]
        assert times == ["0", "5", "15", "30", "60", "120", "180"]

    def test_a_line_names_what_is_not_there(self) -> None:
        waiting = Waiting(namespace("there"))
        with pytest.raises(WaitTimeout):
            waiting.run(*(active(name) for name in ("there", "a", "b", "c", "d")), timeout=1)
        named = "Namespace a: not found; Namespace b: not found; Namespace c: not found; and 1 more"
        assert waiting.lines == [f"waiting for 4 of 5 resources (0 of 1 s): {named}"]


class TestLookingOnce:
    """Check mode."""

    def test_it_never_fails_because_of_what_it_sees(self) -> None:
        broken = an_object("Thing", "a", api_version="example.org/v1", status={"conditions": [a_condition("Failed")]})
        cluster = Cluster(broken)
        cluster.failures["get ArgoCD"] = TestMissingKind.ERROR
        report = evaluate(cluster, [TestFailure.WAIT, active("a"), TestMissingKind.ARGOCD])
        assert not report.satisfied
        states = [result.state for result in report.results]
        assert states == ["Failed=True Because", "not found", TestMissingKind.ERROR.message]

    def test_a_cluster_that_does_not_answer_is_an_error(self) -> None:
        cluster = Cluster()
        cluster.failures[""] = SILENT
        with pytest.raises(Unreachable):
            evaluate(cluster, [active("a")])
