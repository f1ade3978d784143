# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters join and leave an ApplicationSet, and are waited for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.rounds import Hopeless
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Conflict,
    InputError,
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.apply.fake_cluster import Crash
from tests.unit.argocd.argo_hub import FRAME, SET, ArgoHub, app_ref, cluster


@pytest.fixture
def hub() -> ArgoHub:
    """A hub with the ApplicationSet, as yet without clusters."""
    found = ArgoHub()
    found.perform(**FRAME)
    found.writes.clear()
    found.tries.clear()
    return found


def test_a_cluster_joins_and_is_waited_for(hub: ArgoHub) -> None:
    result = hub.perform(clusters=[cluster("ca-toronto", replicas=2)])
    assert result["changed"]
    [seen] = result["clusters"]
    assert seen["application"] == "boutique-ca-toronto"
    assert (seen["sync"], seen["health"], seen["revision"]) == ("Synced", "Healthy", hub.revision)
    assert hub.writes == [f"apply {SET}"]


def test_a_second_run_writes_and_tries_nothing(hub: ArgoHub) -> None:
    wanted = [cluster("ca-toronto", replicas=2)]
    hub.perform(clusters=wanted)
    hub.writes.clear()
    hub.tries.clear()
    assert not hub.perform(**FRAME)["changed"]
    assert not hub.perform(clusters=wanted)["changed"]
    assert (hub.writes, hub.tries) == ([], [])


def test_a_check_run_predicts_and_writes_nothing(hub: ArgoHub) -> None:
    result = hub.perform(check=True, clusters=[cluster("ca-toronto")])
    assert result["changed"]
    assert result["clusters"] == [{"name": "ca-toronto", "application": "boutique-ca-toronto", "changed": True}]
    assert hub.writes == []


def test_a_check_run_on_a_hub_without_argo_cd_predicts_too() -> None:
    hub = ArgoHub()
    hub.missing_kinds = {"ApplicationSet"}
    assert hub.perform(check=True, **FRAME)["changed"]
    assert hub.perform(check=True, clusters=[cluster("ca-toronto")])["changed"]
    assert hub.writes == []


def test_clusters_join_and_leave_without_touching_each_other(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    other = copy.deepcopy(hub.objects[app_ref("ca-toronto")])
    hub.perform(clusters=[cluster("us-philly")])
    assert hub.clusters() == ["ca-toronto", "us-philly"]
    assert hub.perform(clusters=[cluster("us-philly")], state="absent")["clusters"][0]["changed"]
    assert hub.applications() == ["boutique-ca-toronto"]
    assert hub.objects[app_ref("ca-toronto")] == other


def test_the_hubs_play_keeps_the_clusters(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    newer = {**FRAME, "source": {**FRAME["source"], "target_revision": "v2"}}
    assert hub.perform(**newer)["changed"]
    assert hub.clusters() == ["ca-toronto"]


def test_a_cluster_is_found_by_its_label(hub: ArgoHub) -> None:
    local = {**cluster(""), "name": None, "selector": "local-cluster=true"}
    assert hub.perform(clusters=[local])["clusters"][0]["name"] == "local-cluster"


def test_others_may_write_at_the_same_time(hub: ArgoHub) -> None:
    hub.rivals = 3
    hub.perform(clusters=[cluster("ca-toronto")])
    assert hub.clusters() == ["ca-toronto"]


def test_what_another_run_makes_meanwhile_keeps_its_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = ArgoHub()
    ask = hub.get
    rival: list[dict[str, Any]] = [{**FRAME, "clusters": [cluster("us-philly")]}]

    def get(ref: ObjectRef) -> dict[str, Any] | None:
        seen = ask(ref)
        if ref == SET and rival:
            hub.perform(**rival.pop())
        return seen

    monkeypatch.setattr(hub, "get", get)
    hub.perform(**FRAME, clusters=[cluster("ca-toronto")])
    assert hub.clusters() == ["ca-toronto", "us-philly"]
    assert hub.writes == [f"apply {SET}", f"apply {SET}"]


def test_a_conflict_without_end_is_told(hub: ArgoHub, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset_job"
    monkeypatch.setattr(f"{module}.MOST_PAUSE_SECONDS", 0)
    hub.rivals = 1000
    with pytest.raises(Conflict):
        hub.perform(clusters=[cluster("ca-toronto")])


def test_without_the_hubs_play_it_says_what_to_run() -> None:
    with pytest.raises(InterconnectError, match="run the play for the hub first"):
        ArgoHub().perform(clusters=[cluster("ca-toronto")])


def test_the_hubs_play_may_be_part_of_another_run(hub: ArgoHub, monkeypatch: pytest.MonkeyPatch) -> None:
    made, looks = hub.objects.pop(SET), iter(range(3))
    ask = hub.get

    def get(ref: ObjectRef) -> dict[str, Any] | None:
        if ref == SET and next(looks, None) is None:
            hub.objects.setdefault(SET, made)
        return ask(ref)

    monkeypatch.setattr(hub, "get", get)
    hub.perform(clusters=[cluster("ca-toronto")], wait_sleep=0)
    assert hub.clusters() == ["ca-toronto"]


def test_nothing_to_do_is_refused(hub: ArgoHub) -> None:
    with pytest.raises(InputError, match="clusters"):
        hub.perform()


def test_a_cluster_twice_is_refused(hub: ArgoHub) -> None:
    with pytest.raises(InputError, match="ca-toronto more than once"):
        hub.perform(clusters=[cluster("ca-toronto"), cluster("ca-toronto")])


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_foreign_applicationset_is_left_alone(hub: ArgoHub, state: str) -> None:
    hub.objects[SET]["metadata"]["labels"] = {}
    if state == "present":
        with pytest.raises(InterconnectError, match="not made by this collection"):
            hub.perform(clusters=[cluster("ca-toronto")])
    else:
        assert not hub.perform(state="absent")["changed"]
        assert not hub.perform(state="absent", clusters=[cluster("ca-toronto")])["changed"]
    assert hub.writes == []


# -- trouble -----------------------------------------------------------------------------------------------------------


def test_a_broken_chart_ends_the_wait_in_argos_words(hub: ArgoHub) -> None:
    hub.broken = {"ca-toronto"}
    with pytest.raises(Hopeless, match=r"can not deploy to ca-toronto .*ComparisonError.*a\.yaml:3") as caught:
        hub.perform(clusters=[cluster("ca-toronto")])
    assert caught.value.details["changed"]


def test_an_error_from_before_a_repair_does_not_count(hub: ArgoHub) -> None:
    hub.broken = {"ca-toronto"}
    with pytest.raises(Hopeless):
        hub.perform(clusters=[cluster("ca-toronto")])
    hub.broken.clear()
    hub.writes.clear()
    hub.works = False  # Argo CD has not looked since
    hub.on_write = lambda write: setattr(hub, "works", True)
    assert not hub.perform(clusters=[cluster("ca-toronto")])["changed"]
    assert hub.writes == [f"patch {app_ref('ca-toronto')}"], "it was asked to look again"


def test_a_sync_that_fails_now_is_not_tried_by_us(hub: ArgoHub) -> None:
    hub.failing = {"ca-toronto"}
    with pytest.raises(Hopeless, match="Deployment hello: quota exceeded"):
        hub.perform(clusters=[cluster("ca-toronto")])
    assert hub.writes == [f"apply {SET}"]


def test_a_sync_that_had_failed_before_is_tried_once_more(hub: ArgoHub) -> None:
    hub.failing = {"ca-toronto"}
    for _attempt in (1, 2):
        with pytest.raises(Hopeless, match="quota exceeded"):
            hub.perform(clusters=[cluster("ca-toronto")])
    hub.failing.clear()
    hub.perform(clusters=[cluster("ca-toronto")])
    assert hub.writes == [f"apply {SET}", *2 * [f"patch {app_ref('ca-toronto')}"]]


def test_a_branch_that_has_moved_is_looked_at_when_asked_to(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    hub.revision = "2222222222222222"
    hub.works = False
    hub.on_write = lambda write: setattr(hub, "works", True)
    result = hub.perform(clusters=[cluster("ca-toronto")], refresh=True)
    assert (result["changed"], result["clusters"][0]["revision"]) == (True, hub.revision)


def test_time_is_up(hub: ArgoHub) -> None:
    hub.works = False
    with pytest.raises(WaitTimeout, match=r"deploy boutique to ca-toronto: ca-toronto: .* no Application"):
        hub.perform(clusters=[cluster("ca-toronto")], wait_timeout=0)


def test_no_wait_returns_at_once(hub: ArgoHub) -> None:
    hub.works = False
    assert hub.perform(clusters=[cluster("ca-toronto")], wait=False)["changed"]


# -- absent ------------------------------------------------------------------------------------------------------------


def test_the_applicationset_goes_after_its_applications(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto"), cluster("us-philly")])
    hub.writes.clear()
    left: list[list[str]] = []
    hub.on_write = lambda write: left.append(hub.applications()) if write.startswith("delete") else None
    assert hub.perform(state="absent")["changed"]
    assert left == [[]]
    assert hub.writes == [f"apply {SET}", f"delete {SET}"]
    assert not hub.perform(state="absent")["changed"]


def test_a_check_run_of_absent_writes_nothing(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    hub.writes.clear()
    assert hub.perform(check=True, state="absent")["changed"]
    assert hub.perform(check=True, state="absent", clusters=[cluster("ca-toronto")])["changed"]
    assert hub.writes == []


def test_a_cluster_that_never_joined_leaves_without_a_write(hub: ArgoHub) -> None:
    assert not hub.perform(state="absent", clusters=[cluster("ca-toronto")])["changed"]
    assert hub.writes == []


def test_absent_needs_no_argo_cd() -> None:
    hub = ArgoHub()
    hub.missing_kinds = {"ApplicationSet", "Application"}
    assert not hub.perform(state="absent")["changed"]
    assert not hub.perform(state="absent", clusters=[cluster("ca-toronto")])["changed"]


def test_a_wait_for_the_end_says_what_holds_it(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    hub.works = False
    with pytest.raises(WaitTimeout, match="boutique-ca-toronto is not being deleted yet"):
        hub.perform(state="absent", clusters=[cluster("ca-toronto")], wait_timeout=0)
    stuck = hub.objects[app_ref("ca-toronto")]
    error = {"type": "DeletionError", "message": "no route to us-philly"}
    stuck["metadata"]["deletionTimestamp"] = "2026-11-22T00:00:00Z"
    stuck["status"]["conditions"] = [error]
    with pytest.raises(WaitTimeout, match="Argo CD removes what it deployed; DeletionError: no route to us-philly"):
        hub.perform(state="absent", clusters=[cluster("ca-toronto")], wait_timeout=0)


def test_applications_without_their_set_are_removed(hub: ArgoHub) -> None:
    hub.perform(clusters=[cluster("ca-toronto")])
    orphan = hub.objects[app_ref("ca-toronto")]
    orphan["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "multicluster.interconnect"
    del hub.objects[SET]
    assert hub.perform(state="absent")["changed"]
    assert hub.applications() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_was_killed_at_its_write_is_completed_by_the_next(hub: ArgoHub, moment: str) -> None:
    def crash(write: str) -> None:
        raise Crash(write)

    setattr(hub, "on_write" if moment == "before" else "after_write", crash)
    with pytest.raises(Crash):
        hub.perform(clusters=[cluster("ca-toronto")])
    hub.on_write = hub.after_write = lambda write: None
    hub.perform(clusters=[cluster("ca-toronto")])
    assert hub.applications() == ["boutique-ca-toronto"]
