# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.selector import (
    UNREACHABLE_TAINT,
    InvalidSelector,
    Requirement,
    check_toleration,
    matches,
    mismatches,
    requirements,
    untolerated,
)

NOW = datetime(2026, 5, 19, 12, tzinfo=UTC)
LABELS = {"cloud": "Amazon", "region": "us-east-1", "empty": ""}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "matched"),
    [
        ({}, True),
        (None, False),
        ({"matchLabels": {}}, True),
        ({"matchLabels": {"cloud": "Amazon"}}, True),
        ({"matchLabels": {"cloud": "amazon"}}, False),
        ({"matchLabels": {"empty": ""}}, True),
        ({"matchLabels": {"missing": ""}}, False),
        ({"matchLabels": {"cloud": "Amazon", "region": "eu"}}, False),
        (expression("cloud", "In", "Google", "Amazon"), True),
        (expression("missing", "In", "x"), False),
        (expression("cloud", "NotIn", "Google"), True),
        (expression("cloud", "NotIn", "Amazon"), False),
        (expression("missing", "NotIn", "x"), True),
        (expression("empty", "Exists"), True),
        (expression("missing", "Exists"), False),
        (expression("missing", "DoesNotExist"), True),
        (expression("empty", "DoesNotExist"), False),
        ({"matchLabels": {"cloud": "Amazon"}, **expression("region", "NotIn", "us-east-1")}, False),
        ({"matchLabels": None, "matchExpressions": None}, True),
    ],
)
def test_a_selector_matches_as_the_api_server_does(selector: dict[str, Any] | None, matched: bool) -> None:
    assert matches(selector, LABELS) is matched


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ({"matchLabels": {"cloud": "Google"}}, 'label cloud is "Amazon", wanted "Google"'),
        ({"matchLabels": {"local-argo": "True"}}, 'label local-argo is missing, wanted "True"'),
        (expression("cloud", "In", "a", "b"), 'label cloud is "Amazon", wanted one of "a", "b"'),
        (expression("cloud", "NotIn", "Amazon"), 'label cloud is "Amazon", wanted not "Amazon"'),
        (expression("cloud", "NotIn", "Amazon", "b"), 'label cloud is "Amazon", wanted none of "Amazon", "b"'),
        (expression("missing", "Exists"), "label missing is missing, wanted any value"),
        (expression("cloud", "DoesNotExist"), 'label cloud is "Amazon", wanted no such key'),
    ],
)
def test_a_mismatch_says_what_there_is_and_what_is_wanted(selector: dict[str, Any], reason: str) -> None:
    assert [entry.describe("label") for entry in mismatches(selector, LABELS)] == [reason]


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (expression("k", "In"), "k: operator In needs values"),
        (expression("k", "NotIn"), "k: operator NotIn needs values"),
        (expression("k", "Exists", "v"), "k: operator Exists takes no values"),
        (expression("k", "DoesNotExist", "v"), "k: operator DoesNotExist takes no values"),
        (expression("k", "Gt", "1"), "k: 'Gt' is no operator"),
        ({"matchExpressions": [{"key": "k"}]}, "k: '' is no operator"),
    ],
)
def test_what_the_api_refuses_is_refused(selector: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSelector, match=message):
        requirements(selector)


KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from(["", "1", "2"])
LABEL_SETS = st.dictionaries(KEYS, VALUES)
WITH_VALUES = st.builds(Requirement, KEYS, st.sampled_from(["In", "NotIn"]), st.lists(VALUES, min_size=1).map(tuple))
WITHOUT_VALUES = st.builds(Requirement, KEYS, st.sampled_from(["Exists", "DoesNotExist"]))
REQUIREMENTS = st.one_of(WITH_VALUES, WITHOUT_VALUES)
OPPOSITE = {"In": "NotIn", "NotIn": "In", "Exists": "DoesNotExist", "DoesNotExist": "Exists"}


def as_json(terms: list[Requirement]) -> dict[str, Any]:
    return {
        "matchExpressions": [
            {"key": term.key, "operator": term.operator, **({"values": list(term.values)} if term.values else {})}
            for term in terms
        ]
    }


@given(REQUIREMENTS, LABEL_SETS)
def test_opposite_operators_never_agree(term: Requirement, labels: dict[str, str]) -> None:
    opposite = Requirement(term.key, OPPOSITE[term.operator], term.values)
    assert term.holds(labels) is not opposite.holds(labels)


@given(st.lists(REQUIREMENTS, max_size=4), LABEL_SETS)
def test_a_selector_is_the_conjunction_of_its_terms(terms: list[Requirement], labels: dict[str, str]) -> None:
    assert requirements(as_json(terms)) == terms
    assert matches(as_json(terms), labels) is all(matches(as_json([term]), labels) for term in terms)
    assert bool(mismatches(as_json(terms), labels)) is not matches(as_json(terms), labels)


@given(st.lists(REQUIREMENTS, max_size=4), LABEL_SETS, REQUIREMENTS)
def test_a_further_term_never_matches_more(terms: list[Requirement], labels: dict[str, str], more: Requirement) -> None:
    assert matches(as_json(terms), labels) or not matches(as_json([*terms, more]), labels)


@given(LABEL_SETS)
def test_match_labels_is_in_with_one_value(labels: dict[str, str]) -> None:
    wanted = {"a": "1", "b": ""}
    terms = [Requirement(key, "In", (value,)) for key, value in wanted.items()]
    assert matches({"matchLabels": wanted}, labels) is matches(as_json(terms), labels)


@given(st.lists(REQUIREMENTS, max_size=4), LABEL_SETS)
def test_a_mismatch_reports_the_value_that_is_there(terms: list[Requirement], labels: dict[str, str]) -> None:
    for entry in mismatches(as_json(terms), labels):
        assert entry.found == labels.get(entry.requirement.key)


def a_taint(key: str = UNREACHABLE_TAINT, effect: str = "NoSelect", **rest: Any) -> dict[str, Any]:
    return {"key": key, "effect": effect, "timeAdded": "2026-05-19T11:50:00Z", **rest}


@pytest.mark.parametrize(
    ("taint", "toleration", "tolerated"),
    [
        (a_taint(), {"key": UNREACHABLE_TAINT, "operator": "Exists"}, True),
        (a_taint(), {"operator": "Exists"}, True),
        (a_taint(), {"key": "other", "operator": "Exists"}, False),
        (a_taint(), {"key": UNREACHABLE_TAINT, "operator": "Exists", "effect": "NoSelect"}, True),
        (a_taint(), {"key": UNREACHABLE_TAINT, "operator": "Exists", "effect": "NoSelectIfNew"}, False),
        (a_taint(), {"key": UNREACHABLE_TAINT}, True),  # Equal, and no value on either side
        (a_taint(value="x"), {"key": UNREACHABLE_TAINT}, False),
        (a_taint(value="x"), {"key": UNREACHABLE_TAINT, "operator": "Equal", "value": "x"}, True),
        (a_taint(value="x"), {"key": UNREACHABLE_TAINT, "operator": "Exists"}, True),
        (a_taint(), {"key": UNREACHABLE_TAINT, "operator": "Exists", "tolerationSeconds": 601}, True),
        (a_taint(), {"key": UNREACHABLE_TAINT, "operator": "Exists", "tolerationSeconds": 600}, False),
        (a_taint(timeAdded=None), {"operator": "Exists", "tolerationSeconds": 600}, False),
    ],
)
def test_a_taint_is_tolerated_as_the_placement_controller_does(
    taint: dict[str, Any], toleration: dict[str, Any], tolerated: bool
) -> None:
    assert (untolerated([taint], [toleration], False, NOW) == []) is tolerated


@pytest.mark.parametrize(
    ("effect", "selected", "kept_away"),
    [
        ("NoSelect", False, True),
        ("NoSelect", True, True),
        ("NoSelectIfNew", False, True),
        ("NoSelectIfNew", True, False),
        ("PreferNoSelect", False, False),
    ],
)
def test_an_effect_says_whom_a_taint_keeps_away(effect: str, selected: bool, kept_away: bool) -> None:
    assert bool(untolerated([a_taint(effect=effect)], [], selected, NOW)) is kept_away


def test_every_taint_that_is_not_tolerated_is_named_with_its_meaning() -> None:
    taints = [a_taint(), a_taint("maintenance", value="now"), a_taint("gpu")]
    meaning = "the hub sets it because the cluster's agent has stopped renewing its lease"
    assert untolerated(taints, [{"key": "gpu", "operator": "Exists"}], False, NOW) == [
        f"taint {UNREACHABLE_TAINT}:NoSelect is not tolerated ({meaning})",
        "taint maintenance=now:NoSelect is not tolerated",
    ]


def test_a_toleration_that_has_run_out_is_told_from_none() -> None:
    reasons = untolerated([a_taint("x")], [{"key": "x", "operator": "Exists", "tolerationSeconds": 5}], False, NOW)
    assert reasons == ["taint x:NoSelect is tolerated no longer: tolerationSeconds are over"]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_toleration_lasts_for_its_seconds(lasts: int, passed: int) -> None:
    added = (NOW - timedelta(seconds=passed)).strftime("%Y-%m-%dT%H:%M:%SZ")
    tolerations = [{"operator": "Exists", "tolerationSeconds": lasts}]
    assert (untolerated([a_taint(timeAdded=added)], tolerations, False, NOW) == []) is (passed < lasts)


@pytest.mark.parametrize(
    ("toleration", "message"),
    [
        ({}, "without key"),
        ({"operator": "Equal", "value": "x"}, "without key"),
        ({"key": "k", "operator": "Exists", "value": "x"}, "toleration k: operator Exists takes no value"),
    ],
)
def test_a_toleration_that_the_controller_refuses_is_refused(toleration: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSelector, match=message):
        check_toleration(toleration)


def test_tolerations_that_the_controller_takes_are_taken() -> None:
    check_toleration({"operator": "Exists"})
    check_toleration({"key": "k", "value": "v"})
