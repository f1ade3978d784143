# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.acceptors import (
    TEXT_LIMIT,
    Absent,
    Condition,
    Field,
    FieldRef,
    clip,
    describe_condition,
    same,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.path import Path
from tests.unit.wait.fakes import a_condition, an_object

DEPLOYMENT = an_object(
    "Deployment",
    "cart",
    "boutique",
    "apps/v1",
    generation=3,
    spec={
        "replicas": 2,
        "paused": False,
        "template": {"spec": {"containers": [{"image": "cart:1"}, {"image": "proxy:2"}]}},
    },
    status={
        "observedGeneration": 3,
        "readyReplicas": 1,
        "text": "7",
        "conditions": [
            a_condition("Available", "False", "MinimumReplicasUnavailable", "Deployment has too few replicas."),
            a_condition("Progressing", "True", "ReplicaSetUpdated", "progressing"),
        ],
    },
)


def field(path: str, test: str, operand: Any) -> Field:
    return Field(Path.parse(path), test, re.compile(operand) if test == "matches" else operand)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Condition("Available"), False),
        (Condition("Progressing"), True),
        (Condition("Available", ("False", "Unknown")), True),
        (Condition("Available", ()), True),
        (Condition("Available", (), re.compile("Minimum.*")), True),
        (Condition("Available", (), re.compile("Minimum")), False),  # all of the reason, not a part
        (Condition("Available", (), None, re.compile("too few")), True),
        (Condition("Available", (), None, re.compile("too many")), False),
        (Condition("Available", ("True",), re.compile("Minimum.*")), False),
        (Condition("Degraded"), False),
        (Condition("Degraded", ()), False),
    ],
)
def test_a_condition_is_told_by_type_status_reason_and_message(condition: Condition, met: bool) -> None:
    assert condition.judge(DEPLOYMENT).met is met


def test_a_condition_says_what_it_found_and_wants() -> None:
    finding = Condition("Available", ("Unknown",), re.compile("A|B")).judge(DEPLOYMENT)
    assert finding.found == "Available=False MinimumReplicasUnavailable: Deployment has too few replicas."
    assert finding.wanted == "status Unknown, reason A|B"
    assert Condition("Ready").judge(DEPLOYMENT).found == "no condition Ready yet"
    assert Condition("Ready").judge(None).found == "not found"


@pytest.mark.parametrize(
    ("path", "test", "operand", "met"),
    [
        ("spec.replicas", "equals", 2, True),
        ("spec.replicas", "equals", "2", True),
        ("spec.paused", "equals", "False", True),
        ("spec.paused", "equals", 0, False),
        ("spec.replicas", "equals", 3, False),
        ("spec.replicas", "not_equals", 3, True),
        ("spec.replicas", "not_equals", "2", False),
        ("spec.nothing", "equals", None, False),
        ("spec.nothing", "not_equals", 3, False),
        ("spec.template.spec.containers[*].image", "equals", "proxy:2", True),
        ("spec.template.spec.containers[*].image", "not_equals", "proxy:2", False),
        ("spec.template.spec.containers[*].image", "not_equals", "other", True),
        ("spec.template.spec.containers[*].image", "matches", "^proxy:", True),
        ("spec.template.spec.containers[*].image", "matches", ":3$", False),
        ("spec.template.spec.containers", "contains", {"image": "cart:1"}, True),
        ("spec.template.spec.containers[0].image", "contains", "cart", True),
        ("spec.template.spec.containers[0]", "contains", "image", True),
        ("spec.template.spec.containers[0]", "contains", "cart:1", False),
        ("spec.replicas", "contains", 2, False),
        ("spec.replicas", "at_least", 2.0, True),
        ("spec.replicas", "at_least", 2.5, False),
        ("spec.replicas", "at_most", 2.0, True),
        ("spec.replicas", "at_most", 1.0, False),
        ("status.text", "at_least", 7.0, True),
        ("spec.template.spec.containers", "at_least", 2.0, True),
        ("spec.template.spec.containers", "at_most", 1.0, False),
        ("spec.template", "at_least", "1", True),
        ("spec.template.spec.containers[0].image", "at_least", 0.0, False),
        ("status.unavailableReplicas", "at_most", 0.0, True),  # left out because it is zero
        ("status.unavailableReplicas", "at_least", 1.0, False),
        ("status.deeper.unavailableReplicas", "at_most", 0.0, False),
        ("status.readyReplicas", "exists", True, True),
        ("status.unavailableReplicas", "exists", True, False),
        ("status.unavailableReplicas", "exists", False, True),
    ],
)
def test_a_field_is_tested(path: str, test: str, operand: Any, met: bool) -> None:
    assert field(path, test, operand).judge(DEPLOYMENT).met is met


def test_zero_is_not_assumed_before_the_controller_has_come() -> None:
    fresh = an_object("Deployment", "cart", "boutique", "apps/v1", spec={"replicas": 2}, status={})
    assert not field("status.unavailableReplicas", "at_most", 0.0).judge(fresh).met


def test_a_number_can_come_from_the_object_itself() -> None:
    ready = Path.parse("status.readyReplicas")
    assert not Field(ready, "at_least", FieldRef(Path.parse("spec.replicas"))).judge(DEPLOYMENT).met
    one_less = FieldRef(Path.parse("spec.replicas"), minus=FieldRef(Path.parse("status.readyReplicas")))
    assert Field(ready, "at_least", one_less).judge(DEPLOYMENT).met
    missing = FieldRef(Path.parse("spec.surge"), default=1)
    assert Field(ready, "at_most", missing).judge(DEPLOYMENT).met


@pytest.mark.parametrize(
    ("acceptor", "found", "wanted"),
    [
        (field("spec.replicas", "equals", 3), "spec.replicas is 2", "3"),
        (field("status.text", "equals", "x"), "status.text is '7'", "'x'"),
        (field("spec.replicas", "not_equals", 2), "spec.replicas is 2", "not 2"),
        (field("spec.paused", "matches", "yes"), "spec.paused is false", "a match of 'yes'"),
        (field("spec.replicas", "at_least", 3.0), "spec.replicas is 2", "at least 3"),
        (field("status.phase", "exists", True), "status.phase is not there", ""),
        (field("status.phase", "equals", "x"), "status.phase is not there", "'x'"),
    ],
)
def test_a_field_says_what_it_found_and_wants(acceptor: Field, found: str, wanted: str) -> None:
    finding = acceptor.judge(DEPLOYMENT)
    assert (finding.found, finding.wanted) == (found, wanted)


def test_many_values_are_told_in_part() -> None:
    obj = an_object("ConfigMap", "a", "b", values=list(range(20)))
    assert field("values[*]", "equals", 99).judge(obj).found == "values[*] is 0, 1, 2, 3, 4 and 15 more"


class TestStaleStatus:
    """A status of an older generation says nothing, neither good nor bad."""

    STALE = an_object(
        "Deployment",
        "cart",
        "boutique",
        "apps/v1",
        generation=4,
        spec={"replicas": 2},
        status={"observedGeneration": 3, "readyReplicas": 2, "conditions": [a_condition("Available")]},
    )

    @pytest.mark.parametrize(
        "acceptor",
        [
            Condition("Available"),
            Condition("Available", ()),
            field("status.readyReplicas", "at_least", 1.0),
            field("status.readyReplicas", "not_equals", 7),
            field("status.failedReplicas", "exists", False),
        ],
    )
    def test_nothing_holds_in_it(self, acceptor: Any) -> None:
        finding = acceptor.judge(self.STALE)
        assert not finding.met
        assert "the status is of generation 3, the object is at 4" in finding.found

    def test_the_spec_is_not_concerned(self) -> None:
        assert field("spec.replicas", "equals", 2).judge(self.STALE).met

    def test_one_condition_can_be_stale(self) -> None:
        conditions = [a_condition("Old", observedGeneration=1), a_condition("New", observedGeneration=2)]
        obj = an_object("Thing", "a", generation=2, status={"conditions": conditions})
        assert not Condition("Old").judge(obj).met
        assert Condition("New").judge(obj).met

    def test_a_generation_that_is_not_reported_is_not_old(self) -> None:
        obj = an_object(
            "Thing", "a", generation=2, status={"observedGeneration": 0, "conditions": [a_condition("Ready")]}
        )
        assert Condition("Ready").judge(obj).met


def test_absence_is_accepted_either_way() -> None:
    assert Absent().judge(None).met
    assert not Absent().judge(DEPLOYMENT).met
    assert Absent(False).judge(DEPLOYMENT).met
    assert not Absent(False).judge(None).met


class TestSecretData:
    """What a Secret holds stands in no finding."""

    SECRET = an_object(
        "Secret",
        "token",
        "boutique",
        labels={"skupper.io/type": "connection-token"},
        annotations={"kubectl.kubernetes.io/last-applied-configuration": "c2VjcmV0"},
        data={"tls.key": "c2VjcmV0"},
        type="Opaque",
    )

    @pytest.mark.parametrize(
        "path", ['data["tls.key"]', "data[*]", "data", "metadata.annotations[*]", "metadata", "[*]", '["metadata"]']
    )
    @pytest.mark.parametrize("test", ["equals", "not_equals", "matches", "contains", "exists", "at_least", "at_most"])
    def test_values_are_not_shown(self, path: str, test: str) -> None:
        operand = 1.0 if test.startswith("at_") else "c2VjcmV0"
        finding = field(path, test, operand).judge(self.SECRET)
        assert "c2VjcmV0" not in finding.found + finding.wanted

    def test_values_can_be_tested(self) -> None:
        assert field('data["tls.key"]', "equals", "c2VjcmV0").judge(self.SECRET).met
        assert not field('data["tls.key"]', "equals", "other").judge(self.SECRET).met

    def test_labels_are_shown(self) -> None:
        found = field('metadata.labels["skupper.io/type"]', "equals", "x").judge(self.SECRET).found
        assert found.endswith("is 'connection-token'")


@given(st.one_of(st.integers(), st.booleans(), st.text()))
def test_a_value_is_the_same_as_its_text(value: Any) -> None:
    assert same(value, value)
    assert same(value, str(value))
    assert same(str(value), value)


@given(st.integers(), st.booleans())
def test_a_number_is_no_truth_value(number: int, truth: bool) -> None:
    assert not same(number, truth)
    assert not same(truth, number)


@given(st.text())
def test_a_clipped_text_is_one_short_line(text: str) -> None:
    assert len(clip(text)) <= TEXT_LIMIT
    assert len(clip(text).splitlines()) <= 1


def test_a_condition_without_status_is_described_by_the_rest() -> None:
    # Argo CD's conditions have no status.
    assert describe_condition({"type": "SyncError", "message": "two\nlines"}) == "SyncError: two lines"
