# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an Application stands."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.application_state import (
    MOST_WORDS,
    Stage,
    judge,
    words,
)

SOURCE = {"repoURL": "https://git.example.com/a.git", "targetRevision": "v1", "helm": {"values": "{}\n"}}
OLD = {**SOURCE, "targetRevision": "v0"}
DONE: dict[str, Any] = {
    "metadata": {"name": "boutique-ca-toronto"},
    "spec": {"source": SOURCE},
    "status": {
        "sync": {"status": "Synced", "revision": "0123456789abcdef", "comparedTo": {"source": SOURCE}},
        "health": {"status": "Healthy"},
        "operationState": {"phase": "Succeeded", "operation": {"sync": {"source": SOURCE}}},
    },
}


def an_application(**status: Any) -> dict[str, Any]:
    """One that is done, but for parts of its status."""
    application = copy.deepcopy(DONE)
    application["status"].update(status)
    return application


def an_operation(phase: str, source: dict[str, Any], message: str = "", **result: Any) -> dict[str, Any]:
    return {"phase": phase, "message": message, "operation": {"sync": {"source": source}}, "syncResult": result}


def test_done() -> None:
    state = judge(DONE, SOURCE)
    assert state.stage is Stage.DONE
    assert "0123456789ab" in state.text


def test_what_was_never_synced_as_there_was_nothing_to_do_is_done() -> None:
    application = an_application()
    del application["status"]["operationState"]
    assert judge(application, SOURCE).stage is Stage.DONE


def test_synced_and_healthy_before_the_change_is_not_done() -> None:
    application = an_application(sync={"status": "Synced", "comparedTo": {"source": OLD}})
    assert judge(application, SOURCE).stage is Stage.NOT_COMPARED


def test_a_change_that_has_not_arrived_is_pending() -> None:
    application = {**copy.deepcopy(DONE), "spec": {"source": OLD}}
    state = judge(application, SOURCE)
    assert (state.stage, "not passed the change on" in state.text) == (Stage.PENDING, True)


@pytest.mark.parametrize(
    "part",
    [
        {"metadata": {"name": "a", "deletionTimestamp": "2026-11-22T00:00:00Z"}},
        {"metadata": {"name": "a", "annotations": {"argocd.argoproj.io/refresh": "hard"}}},
        {"operation": {"sync": {}}},
    ],
)
def test_what_is_on_its_way_is_pending_though_the_status_looks_good(part: dict[str, Any]) -> None:
    assert judge({**copy.deepcopy(DONE), **part}, SOURCE).stage is Stage.PENDING


def test_a_retry_of_a_sync_tells_what_went_wrong() -> None:
    operation = an_operation("Running", SOURCE, "one or more objects failed to apply. Retrying attempt #1")
    state = judge(an_application(operationState=operation), SOURCE)
    assert state.stage is Stage.PENDING
    assert "Retrying attempt #1" in state.text


def test_a_failed_sync_names_the_resources_that_failed() -> None:
    failed = {"kind": "Deployment", "name": "hello", "status": "SyncFailed", "message": "quota exceeded"}
    good = {"kind": "ConfigMap", "name": "hello", "status": "Synced", "message": "created"}
    operation = an_operation("Failed", SOURCE, "one or more objects failed to apply", resources=[good, failed])
    state = judge(an_application(operationState=operation), SOURCE)
    assert state.stage is Stage.SYNC_FAILED
    assert "Deployment hello: quota exceeded" in state.text
    assert "ConfigMap" not in state.text


def test_a_failed_sync_of_what_it_was_before_does_not_count() -> None:
    application = an_application(operationState=an_operation("Failed", OLD), sync={"status": "OutOfSync"})
    assert judge(application, SOURCE).stage is Stage.NOT_COMPARED


@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError", "SyncError", "UnknownError"])
def test_errors_are_told_in_argos_own_words(kind: str) -> None:
    warning = {"type": "OrphanedResourceWarning", "message": "2 orphans"}
    state = judge(an_application(conditions=[warning, {"type": kind, "message": "no\n such path"}]), SOURCE)
    assert state.stage is Stage.IN_ERROR
    assert state.text == f"{kind}: no such path"


@pytest.mark.parametrize(
    "message",
    [
        'failed to get cluster info for "https://127.0.0.1:6443": error synchronizing cache state',
        "error getting openapi resources: context deadline exceeded",
        "rpc error: code = Unavailable desc = connection error",
    ],
)
def test_what_argo_does_not_reach_is_told_apart_from_what_is_wrong(message: str) -> None:
    state = judge(an_application(conditions=[{"type": "ComparisonError", "message": message}]), SOURCE)
    assert (state.stage, message in state.text) == (Stage.OUT_OF_REACH, True)


def test_out_of_sync_names_what_is() -> None:
    sync = {"status": "OutOfSync", "comparedTo": {"source": SOURCE}}
    resources = [{"kind": "Service", "name": f"s{number}", "status": "OutOfSync"} for number in range(7)]
    state = judge(an_application(sync=sync, resources=resources), SOURCE)
    assert state.stage is Stage.PENDING
    assert "Service s0" in state.text
    assert "and 2 more" in state.text


def test_unhealthy_names_the_resources_where_argo_keeps_them() -> None:
    resources = [
        {"kind": "Deployment", "name": "a", "health": {"status": "Degraded", "message": "no quota"}},
        {"kind": "Deployment", "name": "b", "health": {"status": "Healthy"}},
        {"kind": "ConfigMap", "name": "c"},
    ]
    state = judge(an_application(health={"status": "Degraded"}, resources=resources), SOURCE)
    assert state.stage is Stage.PENDING
    assert state.text == "health is Degraded (Deployment a Degraded: no quota)"


def test_a_fresh_application_has_no_status_yet() -> None:
    assert judge({"metadata": {"name": "a"}, "spec": {"source": SOURCE}}, SOURCE).stage is Stage.NOT_COMPARED


def test_of_a_long_text_the_end_is_kept() -> None:
    text = words("rpc error: " * 500 + "the cause")
    assert len(text) <= MOST_WORDS + 2
    assert text.endswith("the cause")
