# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of tokens, by link and generation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.generations import (
    belongs,
    next_name,
    number_of,
    ordered,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.names import (
    LINK_LABEL,
    LONGEST,
    check_link_name,
    check_namespace,
    is_label,
)

LINK = "us-philly-to-ca-central"


@pytest.mark.parametrize(
    ("token", "number"),
    [
        (LINK, 1),
        (f"{LINK}-2", 2),
        (f"{LINK}-10", 10),
        (f"{LINK}-1", None),
        (f"{LINK}-0", None),
        (f"{LINK}-02", None),
        (f"{LINK}-2-2", None),
        (f"{LINK}-skupper-router-2", None),
        (f"{LINK}2", None),
        (f"x{LINK}", None),
        ("us-philly", None),
        ("", None),
    ],
)
def test_generation_is_told_by_the_name(token: str, number: int | None) -> None:
    assert number_of(LINK, token) == number


def test_tokens_are_ordered_by_number_not_by_letter() -> None:
    names = [f"{LINK}-10", "other", LINK, f"{LINK}-9", LINK]
    assert ordered(LINK, names) == [LINK, f"{LINK}-9", f"{LINK}-10"]


@pytest.mark.parametrize(
    ("tokens", "taken", "following"),
    [
        ([], [], LINK),
        ([LINK], [], f"{LINK}-2"),
        ([f"{LINK}-7"], [], f"{LINK}-8"),
        ([], [LINK], f"{LINK}-2"),
        ([LINK], [f"{LINK}-2", f"{LINK}-3"], f"{LINK}-4"),
    ],
)
def test_next_token_is_the_first_free_one(tokens: list[str], taken: list[str], following: str) -> None:
    assert next_name(LINK, tokens, taken) == following


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_next_token_is_newer_than_all_and_free(numbers: set[int], taken: set[int]) -> None:
    names = {n: LINK if n == 1 else f"{LINK}-{n}" for n in range(1, 62)}
    following = next_name(LINK, [names[n] for n in numbers], [names[n] for n in taken])
    number = number_of(LINK, following)
    assert number is not None
    assert number > max(numbers, default=0)
    assert number not in taken


def obj(name: str, label: str | None = None) -> dict[str, Any]:
    return {"metadata": {"name": name, **({"labels": {LINK_LABEL: label}} if label else {})}}


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        (LINK, LINK, True),
        (f"{LINK}-2", LINK, True),
        (LINK, None, True),
        (f"{LINK}-2", None, False),
        (f"{LINK}-2", f"{LINK}-2", False),
        (LINK, "another", False),
        ("another", LINK, False),
    ],
)
def test_label_tells_whose_a_token_is(name: str, label: str | None, expected: bool) -> None:
    """A link called as another's second token is not taken for it."""
    assert belongs(LINK, obj(name, label)) is expected


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a.b", "a_b", "ä", "a b", "a\n"])
def test_name_that_is_no_dns_label_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="DNS label"):
        check_link_name(name)
    assert not is_label(name)


def test_name_leaves_room_for_generations() -> None:
    check_link_name("a" * LONGEST)
    assert is_label(next_name("a" * LONGEST, ["a" * LONGEST]))
    with pytest.raises(InputError, match="61 characters"):
        check_link_name("a" * (LONGEST + 1))


def test_namespace_is_a_label() -> None:
    check_namespace("a" * 63, "namespace")
    with pytest.raises(InputError, match="issuer_namespace"):
        check_namespace("a" * 64, "issuer_namespace")
