# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log as events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.lab.api import Api
from tests.lab.audit import AuditEvent, AuditLog, completed, parse, under_way


def line(number: int, verb: str, stage: str, uri: str = "/api/v1/namespaces/default", **more: Any) -> str:
    event = {
        "auditID": f"id-{number}",
        "stage": stage,
        "verb": verb,
        "requestURI": uri,
        "user": {"username": "admin", "groups": ["system:masters"]},
        "userAgent": "multicluster.interconnect/1.0.0",
        "requestReceivedTimestamp": "2026-01-01T00:00:00.000000Z",
    }
    return json.dumps(event | more)


def events(*lines: str) -> list[AuditEvent]:
    return [parse(each) for each in lines]


def test_a_line_becomes_an_event() -> None:
    reference = {"apiGroup": "cluster.open-cluster-management.io", "resource": "managedclusters", "name": "ca-toronto"}
    event = parse(line(1, "patch", "ResponseComplete", objectRef=reference, responseStatus={"code": 409}))

    assert (event.resource, event.name, event.namespace, event.subresource) == ("managedclusters", "ca-toronto", "", "")
    assert (event.code, event.user, event.is_write) == (409, "admin", True)


def test_a_dry_run_is_no_write() -> None:
    for query in ("dryRun=All", "fieldManager=x&dryRun=All", "dryRun=%41ll"):
        event = parse(line(1, "patch", "ResponseComplete", f"/api/v1/namespaces/default?{query}"))
        assert event.dry_run
        assert not event.is_write
    assert parse(line(1, "patch", "ResponseComplete", "/api/v1/namespaces/default?fieldManager=All")).is_write


def test_reading_is_no_write() -> None:
    assert not any(parse(line(1, verb, "ResponseComplete")).is_write for verb in ("get", "list", "watch"))


def test_a_write_is_under_way_from_its_receipt_to_its_answer() -> None:
    seen = events(
        line(1, "create", "RequestReceived"),
        line(2, "delete", "RequestReceived"),
        line(1, "create", "ResponseComplete"),
        line(3, "get", "ResponseComplete"),
    )

    assert under_way(seen) == {"id-2"}
    assert under_way([*seen, *events(line(2, "delete", "Panic"))]) == set()


def test_a_write_that_came_in_before_the_mark_does_not_count() -> None:
    seen = events(
        line(1, "patch", "ResponseComplete"),
        line(2, "patch", "RequestReceived"),
        line(2, "patch", "ResponseComplete"),
        line(3, "list", "ResponseComplete"),
    )

    assert [each.id for each in completed(seen)] == ["id-2", "id-3"]


class SlowServer(Api):
    """Answers at once, and writes its audit lines late: those of the request itself first."""

    def __init__(self, file: Path, late: list[str]) -> None:
        self._file, self._late = file, late

    def get(self, target: str) -> dict[str, Any]:
        with open(self._file, "a", encoding="utf-8") as stream:
            stream.write(line(99, "get", "ResponseComplete", target) + "\n")
        return {}

    def catch_up(self) -> None:
        with open(self._file, "a", encoding="utf-8") as stream:
            stream.writelines(f"{each}\n" for each in self._late)


def test_a_write_whose_answer_is_logged_late_is_waited_for(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "audit.log"
    file.write_text("")
    server = SlowServer(file, [line(1, "patch", "ResponseComplete", responseStatus={"code": 200})])
    log = AuditLog(file, server)
    mark = log.mark()
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(line(1, "patch", "RequestReceived") + "\n")
    monkeypatch.setattr("tests.lab.audit.time.sleep", lambda _: server.catch_up())

    assert [(each.id, each.code) for each in log.writes(mark, "multicluster.interconnect/")] == [("id-1", 200)]
    assert log.writes(log.mark()) == []
