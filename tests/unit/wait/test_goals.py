# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built-in goals against objects as their controllers write them (goals/*.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.catalog import (
    GENERAL,
    KINDS,
    default_goal,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.diagnosis import likely_causes
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.goal import Judgement, Query, Verdict
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait
from ansible_collections.multicluster.interconnect.plugins.modules import resource_wait
from tests.unit.wait.fakes import Cluster

CASES: list[dict[str, Any]] = [
    case
    for file in sorted((Path(__file__).parent / "goals").glob("*.yml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def of_kind(case: dict[str, Any]) -> tuple[str, str]:
    identity = case.get("kind") or {"api_version": case["object"]["apiVersion"], "kind": case["object"]["kind"]}
    return identity["api_version"].rpartition("/")[0], identity["kind"]


def wait_of(case: dict[str, Any], goal: str) -> Wait:
    obj = case["object"]
    identity = case.get("kind") or {
        "api_version": obj["apiVersion"],
        "kind": obj["kind"],
        "namespace": obj["metadata"].get("namespace"),
        "name": obj["metadata"]["name"],
    }
    takes = {known.name: known.takes for known in KINDS[of_kind(case)] + GENERAL}[goal]
    parameters = {option: case[option] for option in ("clusters", "keys") if option in case and option in takes}
    return Wait(until=goal, **identity, **parameters)


def judge(case: dict[str, Any], wait: Wait) -> Verdict:
    found: dict[Query, Any] = {}
    objects = [case["object"]] if case["object"] else []
    if wait.goal.rule and objects:
        cluster = Cluster(*case.get("others", []))
        for query in wait.goal.rule.reads(case["object"], wait):
            if query.name:
                obj = cluster.get(query.ref)
                found[query] = [obj] if obj else []
            else:
                found[query] = cluster.list(query.api_version, query.kind, query.namespace, query.label_selector)
    return wait.judge(objects, found).verdict


@pytest.mark.parametrize(
    ("case", "goal"),
    [pytest.param(case, goal, id=f"{goal}: {case['case']}") for case in CASES for goal in case["expect"]],
)
def test_a_state_is_judged(case: dict[str, Any], goal: str) -> None:
    verdict = judge(case, wait_of(case, goal))
    assert verdict.outcome.value == case["expect"][goal], verdict.state
    if goal in case.get("states", {}):
        assert verdict.state == case["states"][goal]


@pytest.mark.parametrize(
    ("case", "goal"),
    [pytest.param(case, goal, id=f"{goal}: {case['case']}") for case in CASES for goal in case.get("causes", {})],
)
def test_the_likely_cause_is_named(case: dict[str, Any], goal: str) -> None:
    wait = wait_of(case, goal)
    verdict = judge(case, wait)
    causes = likely_causes(Cluster(), wait, Judgement(verdict, ((case["object"], verdict),)))
    assert any(case["causes"][goal] in cause for cause in causes), causes


@pytest.mark.parametrize(
    ("kind", "goal"), [pytest.param(kind, goal, id=f"{kind[1]} {goal.name}") for kind in KINDS for goal in KINDS[kind]]
)
def test_every_goal_is_reached_and_missed_by_some_case(kind: tuple[str, str], goal: Any) -> None:
    outcomes = {case["expect"].get(goal.name) for case in CASES if of_kind(case) == kind}
    assert {"satisfied", "pending"} <= outcomes
    if goal.failure or not goal.rule:  # a rule may fail, too, and need not
        assert ("failed" in outcomes) == bool(goal.failure)


def test_the_first_goal_of_a_kind_is_its_default() -> None:
    for (group, kind), goals in KINDS.items():
        assert default_goal(f"{group}/v1" if group else "v1", kind) is goals[0]
    assert default_goal("example.org/v1", "Deployment") is None


def test_the_documentation_names_every_goal_of_every_kind() -> None:
    options = yaml.safe_load(resource_wait.DOCUMENTATION)["options"]["resources"]["suboptions"]
    lines: list[str] = options["until"]["description"]
    for (_group, kind), goals in KINDS.items():
        # "Kind: V(goal), …" up to the next sentence; several kinds may share one, joined by commas
        (passage,) = [
            rest
            for line in lines
            for sentence in line.split(". ")
            for names, colon, rest in [sentence.partition(": ")]
            if colon and kind in names.replace(" of Argo CD", "").replace(" of OLM", "").split(", ")
        ]
        for goal in goals:
            assert f"V({goal.name})" in passage, f"{kind} {goal.name}"
        assert passage.count("V(") == len(goals), f"{kind}: {passage}"
