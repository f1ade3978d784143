# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a ServiceExport has come, by the conditions of every generation of Submariner."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.conditions import (
    READY,
    VALID,
    Rule,
    conflict_of,
    current,
    standing,
)
from tests.unit.mcs.objects import BORN, GENERATIONS, LATER, VALID_ALONE, condition, export

STRICT, LENIENT = Rule(), Rule(valid_is_enough=True)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_each_generation_is_pending_first_and_done_later(generation: str) -> None:
    pending, done = GENERATIONS[generation]
    assert standing(export(*pending), LENIENT).stage in (VALID, READY)
    assert standing(export(*done), LENIENT).stage == ""
    assert standing(export(*done), STRICT).stage == (READY if generation in VALID_ALONE else "")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_an_export_that_is_on_the_way_is_never_hopeless(generation: str) -> None:
    pending, _done = GENERATIONS[generation]
    assert not standing(export(*pending), STRICT).hopeless


def test_the_last_entry_of_a_history_holds_where_all_have_the_same_time() -> None:
    first, second = condition("Valid", "False", "AwaitingSync"), condition("Valid", "True")
    assert current(export(first, second)) == {"Valid": second}
    assert current(export(second, first)) == {"Valid": first}


def test_a_history_that_was_upgraded_in_place_is_told_by_its_times() -> None:
    """Newer agents edit the first entry of the type that they find."""
    edited = condition("Valid", "False", "NoService", at="2026-11-22T12:00:00Z")
    assert standing(export(edited, condition("Valid", "True"), condition("Ready")), STRICT).stage == VALID


@pytest.mark.parametrize(("ready", "stage"), [("False", READY), ("True", "")])
def test_of_two_types_that_tell_the_same_the_newer_counts(ready: str, stage: str) -> None:
    """Upgrades leave the conditions of the version before where they are."""
    left = condition("Synced", "True" if ready == "False" else "False", at=LATER)
    written = condition("Ready", ready, at="2026-11-22T11:00:00Z")
    assert standing(export(condition("Valid"), left, written), STRICT).stage == stage


def test_a_condition_that_is_older_than_the_export_is_of_another_export() -> None:
    before = "2026-11-22T09:00:00Z"
    assert standing(export(condition("Valid", at=before), condition("Ready", at=before)), STRICT).stage == VALID


def test_clocks_may_differ_a_little() -> None:
    before = "2026-11-22T09:59:58Z"
    assert standing(export(condition("Valid", at=before), condition("Ready", at=before)), STRICT).stage == ""


def test_a_condition_of_an_older_generation_of_the_object_does_not_count() -> None:
    stale = {**condition("Ready"), "observedGeneration": 1}
    found = standing(export(condition("Valid"), stale, generation=2), STRICT)
    assert found.stage == READY
    assert "generation 1" in found.state


def test_an_export_that_is_not_there_or_goes_is_not_valid() -> None:
    assert standing(None, STRICT) == (VALID, "the ServiceExport is not there", False)
    going = export(condition("Valid"), condition("Ready"), deletionTimestamp=BORN)
    assert standing(going, STRICT).stage == VALID


@pytest.mark.parametrize("reason", ["UnsupportedServiceType", "InvalidServiceType", "RestrictedNamespace"])
def test_what_no_waiting_mends_is_hopeless(reason: str) -> None:
    found = standing(export(condition("Valid", "False", reason, "said so")), STRICT)
    assert (found.stage, found.hopeless) == (VALID, True)
    assert found.state == f"Valid=False {reason}: said so"


@pytest.mark.parametrize("reason", ["ConflictingPorts,ConflictingType", "TypeConflict"])
def test_a_conflict_of_types_is_hopeless_as_long_as_it_keeps_the_export_from_being_ready(reason: str) -> None:
    conflict = condition("Conflict", "True", reason, "the service type differs")
    blocked = standing(export(condition("Valid"), condition("Ready", "False", "ExportFailed"), conflict), STRICT)
    assert (blocked.stage, blocked.hopeless) == (READY, True)
    assert "the service type differs" in blocked.state
    assert standing(export(condition("Valid"), condition("Ready"), conflict), STRICT).stage == ""


def test_other_conflicts_do_not_keep_an_export_from_being_done() -> None:
    conflict = condition(
        "Conflict", "True", "ConflictingPorts,ConflictingSessionAffinity", "ports differ\naffinity too"
    )
    done = export(condition("Valid"), condition("Ready"), conflict)
    assert standing(done, STRICT).stage == ""
    found = conflict_of(done)
    assert found is not None
    assert found.reasons == ["ConflictingPorts", "ConflictingSessionAffinity"]
    assert found.messages == ["ports differ", "affinity too"]


def test_a_conflict_that_is_over_keeps_its_condition_with_status_false() -> None:
    assert conflict_of(export(condition("Conflict", "False"))) is None
    assert conflict_of(export()) is None
    assert conflict_of(None) is None


def test_conditions_of_other_implementations_can_be_named() -> None:
    done = export(condition("Valid"), condition("Exported"))
    assert standing(done, Rule(ready=("Exported",))).stage == ""
    assert standing(done, STRICT).stage == READY


MOMENTS = st.integers(0, 5).map("2026-11-22T10:00:0{}Z".format)
CONDITIONS = st.lists(
    st.builds(
        condition,
        st.sampled_from(["Valid", "Ready", "Synced", "Conflict"]),
        st.sampled_from(["True", "False", "Unknown"]),
        at=MOMENTS,
    ),
    max_size=10,
)


@given(CONDITIONS)
def test_of_each_type_the_last_of_the_newest_holds(conditions: list[dict[str, Any]]) -> None:
    found = current(export(*conditions))
    assert set(found) == {each["type"] for each in conditions}
    for kind, chosen in found.items():
        same = [each for each in conditions if each["type"] == kind]
        newest = max(each["lastTransitionTime"] for each in same)
        assert chosen is [each for each in same if each["lastTransitionTime"] == newest][-1]


@given(CONDITIONS, st.booleans())
def test_done_means_that_valid_and_what_tells_readiness_are_true(
    conditions: list[dict[str, Any]], valid_is_enough: bool
) -> None:
    now = current(export(*conditions))
    found = standing(export(*conditions), Rule(valid_is_enough=valid_is_enough))
    if not found.stage:
        assert now["Valid"]["status"] == "True"
        ready = [now[each]["status"] for each in ("Ready", "Synced") if each in now]
        assert "True" in ready or (valid_is_enough and not ready)
    assert bool(found.state)


@given(CONDITIONS, st.randoms(use_true_random=False))
def test_the_order_of_conditions_matters_for_equal_times_only(
    conditions: list[dict[str, Any]], chance: random.Random
) -> None:
    distinct = list({(each["type"], each["lastTransitionTime"]): each for each in conditions}.values())
    shuffled = list(distinct)
    chance.shuffle(shuffled)
    assert current(export(*distinct)) == current(export(*shuffled))


@pytest.mark.parametrize("time", ["", None, "yesterday", "2026-13-40T00:00:00Z", 7])
def test_a_time_that_is_none_is_older_than_all(time: Any) -> None:
    entry = {**condition("Valid", "False"), "lastTransitionTime": time}
    assert current(export(condition("Valid"), entry))["Valid"]["status"] == "True"
    assert current(export(entry))["Valid"] is entry
