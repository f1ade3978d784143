# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of ManagedClusters: what is a label, and what a plan writes, by its laws."""

from __future__ import annotations

import datetime
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.merge import merged
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.labels import (
    CLUSTERSET_LABEL,
    PROTECTED,
    LabelPlan,
    checked_labels,
    is_protected,
    plan_labels,
    refuse_moves,
)

PROTECTED_KEYS = ["name", "cloud", "openshiftVersion-major", "feature.open-cluster-management.io/addon-x"]
KEYS = st.sampled_from(["app", "tier", "example.com/site", CLUSTERSET_LABEL, *PROTECTED_KEYS])
VALUES = st.sampled_from(["", "a", "b", "default", "shop"])
LIVE = st.dictionaries(KEYS, VALUES, max_size=6)
LABELS: st.SearchStrategy[dict[str, str | None]] = st.dictionaries(KEYS, VALUES, max_size=4)
LABELS_TO_REMOVE = st.dictionaries(KEYS, st.one_of(st.none(), VALUES), max_size=4)
STATES = st.sampled_from(["present", "absent", "exact"])


def the_hub_after(live: dict[str, str], plan: LabelPlan) -> dict[str, str]:
    """Labels after a patch, with OCM's webhook: a cluster without a set is put into the default one."""
    labels: dict[str, str] = merged({"metadata": {"labels": live}}, plan.patch)["metadata"]["labels"]
    if CLUSTERSET_LABEL in live and CLUSTERSET_LABEL not in labels:
        labels[CLUSTERSET_LABEL] = "default"
    return labels


def planned(live: dict[str, str], labels: dict[str, str | None], state: str) -> LabelPlan | None:
    """The plan; None where it is refused."""
    try:
        return plan_labels("ca-toronto", live, labels, state, PROTECTED)
    except InputError:
        return None


CASES = st.one_of(
    st.tuples(LIVE, LABELS, st.sampled_from(["present", "exact"])),
    st.tuples(LIVE, LABELS_TO_REMOVE, st.just("absent")),
)


@given(CASES)
def test_the_prediction_is_what_the_hub_makes_of_it(case: Any) -> None:
    live, labels, state = case
    plan = planned(live, labels, state)
    if plan:
        assert plan.before == live
        assert the_hub_after(live, plan) == plan.after
        assert plan.changed == (plan.after != live)


@given(CASES)
def test_a_second_run_writes_nothing(case: Any) -> None:
    live, labels, state = case
    first = planned(live, labels, state)
    if first:
        second = planned(the_hub_after(live, first), labels, state)
        assert second is not None
        assert second.patch == {}
        assert not second.changed


@given(CASES)
def test_protected_keys_are_never_written(case: Any) -> None:
    live, labels, state = case
    plan = planned(live, labels, state)
    touched = plan.patch.get("metadata", {}).get("labels", {}) if plan else {}
    assert not set(touched) & set(PROTECTED_KEYS)
    asked = {key for key in labels if key in PROTECTED_KEYS}
    if plan is None:
        assert asked, "only what is asked of a protected key is refused"


@given(CASES)
def test_a_patch_holds_what_changes_and_nothing_else(case: Any) -> None:
    live, labels, state = case
    plan = planned(live, labels, state)
    if plan and plan.changed:
        assert set(plan.patch) == {"metadata"}
        assert set(plan.patch["metadata"]) == {"labels"}
        for key, value in plan.patch["metadata"]["labels"].items():
            assert live.get(key) != value


@given(LIVE, LABELS, LABELS_TO_REMOVE)
def test_each_state_means_what_it_says(live: dict[str, str], labels: Any, to_remove: Any) -> None:
    present = planned(live, labels, "present")
    if present:
        assert present.after == {**live, **labels}
    exact = planned(live, labels, "exact")
    if exact:
        kept = {key: value for key, value in live.items() if key in PROTECTED_KEYS}
        in_a_set = {CLUSTERSET_LABEL: "default"} if CLUSTERSET_LABEL in live else {}
        assert exact.after == {**in_a_set, **kept, **labels}
    absent = planned(live, to_remove, "absent")
    if absent:
        for key, value in live.items():
            if key not in to_remove or to_remove[key] not in (None, value):
                assert absent.after[key] == value
            elif key == CLUSTERSET_LABEL:
                assert absent.after[key] == "default"
            else:
                assert key not in absent.after


def test_a_refusal_names_the_key_the_cluster_and_what_to_do() -> None:
    with pytest.raises(InputError) as caught:
        plan_labels("ca-toronto", {"cloud": "AWS"}, {"cloud": "Azure"}, "present", PROTECTED)
    assert caught.value.details["field"] == "labels.cloud"
    for words in ("ca-toronto", "'AWS'", "`protected`"):
        assert words in caught.value.message
    assert plan_labels("ca-toronto", {"cloud": "AWS"}, {"cloud": "Azure"}, "present", []).changed


def test_clusters_of_another_set_are_moved_only_when_told_so() -> None:
    def plan(name: str, live: str | None, wanted: str) -> LabelPlan:
        before = {CLUSTERSET_LABEL: live} if live else {}
        return plan_labels(name, before, {CLUSTERSET_LABEL: wanted}, "present", PROTECTED)

    refuse_moves([plan("a", None, "shop"), plan("b", "default", "shop"), plan("c", "shop", "shop")])
    with pytest.raises(InputError) as caught:
        refuse_moves([plan("b", "default", "shop"), plan("d", "bank", "shop"), plan("e", "games", "default")])
    assert caught.value.details["moved"] == ["d (in bank)", "e (in games)"]
    assert "move_clusterset: true" in caught.value.message


def test_leaving_or_changing_the_set_is_known() -> None:
    for labels, state in (({CLUSTERSET_LABEL: None}, "absent"), ({CLUSTERSET_LABEL: "x"}, "present"), ({}, "exact")):
        assert plan_labels("a", {CLUSTERSET_LABEL: "shop"}, labels, state, []).moves_clusterset
    assert not plan_labels("a", {CLUSTERSET_LABEL: "shop"}, {"tier": "x"}, "present", []).moves_clusterset


@pytest.mark.parametrize(
    ("key", "protected"),
    [
        ("openshiftVersion", True),
        ("openshiftVersion-major-minor", True),
        ("feature.open-cluster-management.io/addon-submariner", True),
        ("name", True),
        ("Name", False),
        ("names", False),
        ("feature.example.com/x", False),
    ],
)
def test_protected_patterns(key: str, protected: bool) -> None:
    assert is_protected(key, PROTECTED) is protected


# -- what is a label -------------------------------------------------------------------------------------------------

ALPHANUMERIC = set(string.ascii_letters + string.digits)
DNS = set(string.ascii_lowercase + string.digits)


def is_name(text: str) -> bool:
    """A qualified name without prefix, as the documentation of Kubernetes says it (concepts, labels, syntax)."""
    return (
        0 < len(text) <= 63
        and {text[0], text[-1]} <= ALPHANUMERIC
        and all(character in ALPHANUMERIC | set("-_.") for character in text)
    )


def is_value(text: str) -> bool:
    return text == "" or is_name(text)


def is_dns_subdomain(text: str) -> bool:
    parts = text.split(".")
    return len(text) <= 253 and all(
        part and {part[0], part[-1]} <= DNS and all(character in DNS | {"-"} for character in part) for part in parts
    )


def is_key(text: str) -> bool:
    if "/" not in text:
        return is_name(text)
    prefix, _slash, name = text.partition("/")
    return is_dns_subdomain(prefix) and is_name(name)


ODD = st.text("aZ0-_./ \n\u00e9", max_size=8)
LONG = st.builds(lambda text, times: text * times, st.text("aZ0-_.", min_size=1, max_size=3), st.integers(15, 130))


def accepted(labels: dict[Any, Any], state: str = "present") -> bool:
    try:
        checked_labels(labels, state)
    except InputError:
        return False
    return True


@given(st.one_of(ODD, LONG))
def test_a_value_is_accepted_exactly_where_kubernetes_accepts_it(value: str) -> None:
    assert accepted({"key": value}) == is_value(value)


@given(st.one_of(ODD, LONG, st.builds("{}/{}".format, st.one_of(ODD, LONG), st.one_of(ODD, LONG))))
def test_a_key_is_accepted_exactly_where_kubernetes_accepts_it(key: str) -> None:
    assert accepted({key: "value"}) == is_key(key)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, 'is a boolean to YAML, not a string: quote it ("true")'),
        (False, '("false")'),
        (1, 'is a number to YAML, not a string: quote it ("1")'),
        (1.5, '("1.5")'),
        (None, 'is null to YAML, not a string: quote it ("")'),
        (datetime.date(2026, 11, 22), 'is a date to YAML, not a string: quote it ("2026-11-22")'),
        (["a"], "is a list"),
        ("has space", "'has space' is no label value"),
    ],
)
def test_what_yaml_made_of_a_value_is_told(value: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_labels({"tier": value}, "present")
    assert caught.value.details["field"] == "labels.tier"
    assert words in caught.value.message


@pytest.mark.parametrize("key", [True, 1, None, ""])
def test_a_key_is_a_string(key: Any) -> None:
    assert not accepted({key: "value"})


def test_a_value_may_be_left_out_only_to_remove_whatever_it_is() -> None:
    assert checked_labels({"tier": None, "app": "x"}, "absent") == {"tier": None, "app": "x"}
    assert not accepted({"tier": None}, "exact")
    assert not accepted({"tier": True}, "absent")
