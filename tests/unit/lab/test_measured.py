# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has taken, as it is printed at the end of a test run."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.audited import Audited
from tests.integration.measured import figures, phases
from tests.integration.runs import Run, TaskRun
from tests.lab import audit


def task(phase: str, began: float, ended: float) -> TaskRun:
    return TaskRun("ca-central", "Look", "debug", "ok", at(began), at(ended), {}, phase)


def at(second: float) -> str:
    return f"2026-11-22T10:00:{second:09.6f}Z"


def request(verb: str, second: float) -> tuple[str, audit.AuditEvent]:
    reference = {"resource": "placements", "name": "all", "namespace": "openshift-gitops"}
    event: dict[str, Any] = {
        "verb": verb,
        "objectRef": reference,
        "user": {"username": "lab-admin"},
        "userAgent": "multicluster.interconnect/0.1.0",
        "requestURI": "/apis/cluster.open-cluster-management.io/v1beta1/placements/all",
        "requestReceivedTimestamp": at(second),
        "responseStatus": {"code": 200},
        "stage": "ResponseComplete",
        "auditID": f"{verb}-{second}",
    }
    return "ca-central", audit.parse(json.dumps(event))


def test_a_phase_lasts_from_its_first_beginning_to_its_last_end() -> None:
    tasks = [task("hub", 0, 1), task("sites", 2, 4.5), task("sites", 1.5, 5), task("hub", 6, 6.25)]
    assert phases(tasks) == {"hub": 1.25, "sites": 3.5}


def test_what_other_runs_ask_is_not_counted() -> None:
    run = Run(0, "", [task("hub", 1, 2), task("links", 2, 3)])
    log = Audited(lambda: None, [request("get", 0.5), request("get", 1), request("patch", 2.5), request("get", 3.1)])
    expected = "2.0 s (hub 1.0, links 1.0); 2 requests, 1 of them writes; 2 results of tasks"
    assert figures(run, log) == expected
