# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of an export, waiting for them, and taking exports back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InterconnectError,
    ObjectRef,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs import job
from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.cluster import SUBMARINER
from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.waiting import Waiting
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitFailed, WaitTimeout
from tests.unit.mcs.clusters import EXPORTER, IMPORTER, NAMED, SEEN, Set, lists
from tests.unit.mcs.objects import condition, endpoint_slice, export, service, service_import

APPLIED, DELETED = "apply ServiceExport guestbook/redis-master", "delete ServiceExport guestbook/redis-master"
READY = (condition("Valid"), condition("Ready"))


@pytest.fixture
def members() -> Set:
    return Set(service())


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Lets time pass without a pause; what is given happens in each of them."""
    now, happening = [0.0], [lambda: None]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        happening[0]()

    monkeypatch.setattr(job, "Waiting", partial(Waiting, clock=lambda: now[0], sleep=sleep))
    return lambda function: happening.__setitem__(0, function)


# -- stages ----------------------------------------------------------------------------------------------------------


def failure(members: Set, **params: Any) -> InterconnectError:
    with pytest.raises(InterconnectError) as caught:
        members.perform(**{**SEEN, **params})
    return caught.value


def test_nobody_takes_up_the_export(members: Set) -> None:
    error = failure(members)
    assert isinstance(error, WaitTimeout)
    assert f"guestbook/redis-master: stage valid at {EXPORTER}: no condition Valid yet" in error.message
    assert "there is no Deployment submariner-operator/submariner-lighthouse-agent" in error.message
    assert error.details["changed"]
    assert error.details["exports"][0]["exported"] is False
    assert error.details["resources"][0]["action"] == "created"


def test_the_export_does_not_get_to_the_broker(members: Set) -> None:
    members.work(condition("Valid"), condition("Ready", "False", "Pending", "no broker"), arrives=False)
    agent = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "submariner-lighthouse-agent", "namespace": "submariner-operator"},
        "status": {"readyReplicas": 1},
    }
    members.exporter.put(agent)
    error = failure(members)
    assert "stage ready at aws-sub1: Ready=False Pending: no broker" in error.message
    assert "has not got to the broker" in error.message
    assert lists(members.importer.reads) == [], "there is nothing to see yet"


def test_valid_alone_is_enough_only_where_the_user_says_so(members: Set) -> None:
    members.work(condition("Valid"))
    assert "minimum_condition: Valid" in failure(members).message
    assert members.perform(**SEEN, minimum_condition="Valid")["exports"][0]["exported"]


def test_the_import_does_not_come(members: Set) -> None:
    members.work(arrives=False)
    error = failure(members)
    assert f"stage imported at {IMPORTER}: the ServiceImport is not there" in error.message
    assert error.details["exports"][0]["exported"] is True
    del members.importer.objects[ObjectRef("v1", "Namespace", "guestbook")]
    assert f"{IMPORTER} has no namespace guestbook" in failure(members).message


def test_an_import_from_another_cluster_is_not_ours(members: Set) -> None:
    members.work(arrives=False)
    members.importer.put(service_import("gcp-sub3"))
    members.importer.put(endpoint_slice("gcp-sub3", True))
    assert "the ServiceImport lists gcp-sub3, not aws-sub1" in failure(members).message


def test_the_addresses_do_not_come(members: Set) -> None:
    members.work(arrives=False)
    members.importer.put(service_import("gcp-sub3", EXPORTER))
    members.importer.put(endpoint_slice("gcp-sub3", True))
    assert f"stage endpoints at {IMPORTER}" in failure(members).message


def test_endpoints_that_nobody_calls_unready_count_as_ready(members: Set) -> None:
    members.work(arrives=False)
    members.importer.put(service_import(EXPORTER))
    members.importer.put(endpoint_slice(EXPORTER, True, False, suffix="one"))
    members.importer.put(endpoint_slice(EXPORTER, None, suffix="two"))
    (found,) = members.perform(**SEEN)["exports"][0]["imports"]
    assert (found["slices"], found["endpoints"], found["ready_endpoints"]) == (2, 3, 2)


def test_conflicts_are_returned_and_warned_of_with_the_other_cluster(members: Set) -> None:
    members.work(*READY, condition("Conflict", "True", "PortConflict", "the ports differ"))
    members.perform(**NAMED, wait=False)
    members.exporter.put(service_import(EXPORTER, "gcp-sub3"))
    members.warnings.clear()
    result = members.perform(**NAMED)
    assert result["exports"][0]["conflict"] == {
        "reasons": ["PortConflict"],
        "messages": ["the ports differ"],
        "clusters": ["gcp-sub3"],
    }
    (warning,) = members.warnings
    assert warning.endswith("conflicts with that of cluster gcp-sub3: PortConflict: the ports differ")


# -- waiting ---------------------------------------------------------------------------------------------------------


def test_what_is_hopeless_ends_the_wait_when_it_is_seen_twice(
    members: Set, no_pauses: Callable[[Callable[[], None]], None]
) -> None:
    looks: list[int] = []
    no_pauses(lambda: looks.append(1))
    members.work(condition("Valid", "False", "RestrictedNamespace", "not allowed"))
    error = failure(members, wait_timeout=300)
    assert isinstance(error, WaitFailed)
    assert len(looks) == 1
    assert "Gave up after 1 s: 1 of 1 export not as wanted" in error.message


def test_what_only_looked_hopeless_before_the_last_write_does_not(
    members: Set, no_pauses: Callable[[Callable[[], None]], None]
) -> None:
    members.work(condition("Valid", "False", "UnsupportedServiceType", "of before"))
    members.perform(**NAMED, wait=False)
    no_pauses(lambda: members.exported().__setitem__("status", {"conditions": list(READY)}))
    assert members.perform(**NAMED, wait_timeout=300)["exports"][0]["exported"]


def test_a_server_that_is_silent_for_a_while_is_asked_again(
    members: Set, no_pauses: Callable[[Callable[[], None]], None]
) -> None:
    members.work(arrives=False)
    pauses: list[int] = []

    def happen() -> None:
        pauses.append(1)
        members.importer.down = Unreachable("aws-sub2 does not answer") if len(pauses) < 3 else None
        members.importer.put(service_import(EXPORTER))
        members.importer.put(endpoint_slice(EXPORTER, True))

    no_pauses(happen)
    assert members.perform(**SEEN, wait_timeout=300)["exports"][0]["imports"][0]["imported"]
    assert len(pauses) == 3
    assert any("waiting for 1 of 1 export" in each for each in members.progress)


def test_a_silent_server_is_named_when_time_is_up(
    members: Set, no_pauses: Callable[[Callable[[], None]], None]
) -> None:
    members.work(arrives=False)
    no_pauses(lambda: setattr(members.importer, "down", Unreachable("aws-sub2 does not answer")))
    error = failure(members, wait_timeout=3)
    assert "aws-sub2 does not answer" in error.message
    assert "stage imported" in error.message, "what was seen last"


# -- absent ----------------------------------------------------------------------------------------------------------


def test_an_export_is_taken_back_and_everything_of_it_is_gone(members: Set) -> None:
    members.work()
    members.perform(**SEEN)
    predicted = members.perform(check=True, **SEEN, state="absent")
    assert predicted["changed"]
    assert members.exporter.writes == [APPLIED]
    result = members.perform(**SEEN, state="absent")
    assert members.exporter.writes == [APPLIED, DELETED]
    assert result["diff"] == predicted["diff"]
    assert result["exports"][0]["imports"][0]["imported"] is False
    assert not members.perform(**SEEN, state="absent")["changed"]


def test_what_is_left_of_an_export_is_named(members: Set) -> None:
    members.work()
    members.perform(**SEEN)
    members.exporter.after_write = lambda write: None
    error = failure(members, state="absent")
    for place in (EXPORTER, IMPORTER):
        assert f"stage gone at {place}: the ServiceImport still lists aws-sub1; 1 EndpointSlice of aws-sub1 still" in (
            error.message
        )
    assert error.details["changed"]


def test_imports_from_other_clusters_stay(members: Set) -> None:
    members.work()
    members.perform(**SEEN)

    def leave_the_other(_write: str) -> None:
        for member in (members.exporter, members.importer):
            member.put(service_import("gcp-sub3"))
            member.objects = {ref: obj for ref, obj in member.objects.items() if ref.kind != "EndpointSlice"}
            member.put(endpoint_slice("gcp-sub3", True))

    members.exporter.after_write = leave_the_other
    assert members.perform(**SEEN, state="absent")["changed"]


def test_an_export_that_is_held_by_a_finalizer_is_named(members: Set) -> None:
    members.exporter.put(export(*READY, finalizers=["example.com/hold"]))
    assert "held by finalizers example.com/hold" in failure(members, state="absent").message


def test_the_exports_of_others_can_be_left_alone(members: Set) -> None:
    members.exporter.put(export(*READY))
    result = members.perform(**SEEN, state="absent", only_own=True)
    assert result["resources"][0]["action"] == "kept"
    assert members.exporter.writes == []
    assert any("not made by this collection" in each for each in members.warnings)
    assert members.perform(**NAMED, state="absent")["changed"]


def test_nothing_is_left_to_do_where_submariner_has_gone(members: Set) -> None:
    members.exporter.served = members.importer.served = ()
    del members.exporter.objects[SUBMARINER]
    assert not members.perform(**SEEN, state="absent")["changed"]


def test_a_selector_that_finds_nothing_leaves_nothing_to_take_back(members: Set) -> None:
    assert not members.perform(label_selector="app=none", state="absent")["changed"]
