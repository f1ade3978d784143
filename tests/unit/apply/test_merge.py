# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON merge patches: the laws of RFC 7386, and the smallest patch between two objects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.merge import merged, patch_between
from tests.unit.apply.strategies import MAPPINGS

PATCHES = st.dictionaries(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 2), MAPPINGS), max_size=4)


@given(MAPPINGS, MAPPINGS)
@example({"a": 1, "b": [0]}, {"a": True, "b": [False]})
def test_the_patch_between_two_objects_leads_from_one_to_the_other(before: Any, after: Any) -> None:
    assert same(merged(before, patch_between(before, after)), after)


@given(MAPPINGS, MAPPINGS)
@example({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": True}]}})
def test_there_is_no_patch_exactly_where_both_are_the_same(before: Any, after: Any) -> None:
    assert patch_between(before, before) == {}
    assert (patch_between(before, after) == {}) == same(before, after)


@given(MAPPINGS, PATCHES)
def test_a_patch_that_is_applied_again_changes_nothing(before: Any, patch: Any) -> None:
    once = merged(before, patch)
    assert merged(once, patch) == once


@given(MAPPINGS, PATCHES)
def test_nothing_that_is_given_is_changed(before: Any, patch: Any) -> None:
    copies = repr(before), repr(patch)
    merged(before, patch)
    patch_between(before, patch)
    assert (repr(before), repr(patch)) == copies


def same(one: Any, other: Any) -> bool:
    """Equality as JSON has it, where true is not 1."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


# The examples of RFC 7386, appendix A.
@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_standard(original: Any, patch: Any, result: Any) -> None:
    assert merged(original, patch) == result
