# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server's audit log as events: what really reached the server, whatever a client says of itself."""

from __future__ import annotations

import json
import time
import urllib.parse
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.api import Api

WRITE_VERBS = frozenset({"create", "update", "patch", "delete", "deletecollection"})
RECEIVED, COMPLETE, PANIC = "RequestReceived", "ResponseComplete", "Panic"
SETTLE_SECONDS = 15.0


@dataclass(frozen=True)
class AuditEvent:
    """One line of the audit log (audit.k8s.io/v1 Event, level Metadata)."""

    id: str
    stage: str
    verb: str
    user: str
    groups: tuple[str, ...]
    user_agent: str
    uri: str
    api_group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int
    """Status code of the answer; 0 before there is one."""
    dry_run: bool
    received: str
    """When the request came in: RFC 3339, UTC, microseconds."""

    @property
    def is_write(self) -> bool:
        """Whether the request asked for a change: a create, update, patch or delete without dryRun=All."""
        return self.verb in WRITE_VERBS and not self.dry_run

    def __str__(self) -> str:
        return f"{self.verb} {self.uri} by {self.user} ({self.user_agent}): {self.code or self.stage}"


def parse(line: str) -> AuditEvent:
    """Read one line of the log."""
    raw: dict[str, Any] = json.loads(line)
    reference = raw.get("objectRef") or {}
    uri = str(raw["requestURI"])
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)
    return AuditEvent(
        id=raw["auditID"],
        stage=raw["stage"],
        verb=raw["verb"],
        user=raw["user"].get("username", ""),
        groups=tuple(raw["user"].get("groups") or ()),
        user_agent=raw.get("userAgent", ""),
        uri=uri,
        api_group=reference.get("apiGroup", ""),
        resource=reference.get("resource", ""),
        subresource=reference.get("subresource", ""),
        namespace=reference.get("namespace", ""),
        name=reference.get("name", ""),
        code=int((raw.get("responseStatus") or {}).get("code", 0)),
        dry_run="All" in query.get("dryRun", ()),
        received=raw["requestReceivedTimestamp"],
    )


def under_way(events: Iterable[AuditEvent]) -> set[str]:
    """Ids of the writes that have been received and not yet been answered."""
    received, answered = set[str](), set[str]()
    for event in events:
        if event.verb in WRITE_VERBS:
            (received if event.stage == RECEIVED else answered).add(event.id)
    return received - answered


def completed(events: list[AuditEvent]) -> list[AuditEvent]:
    """The answered requests among the events behind a mark, without writes that came in before it."""
    received = {each.id for each in events if each.stage == RECEIVED}
    answered = (each for each in events if each.stage in (COMPLETE, PANIC))
    return [each for each in answered if each.verb not in WRITE_VERBS or each.id in received]


class AuditLog:
    """One API server's audit log.

    `mark` before the work, `since` or `writes` after it. All settle first, so that nothing is missed: a request of
    their own must stand in the log, and each write that came in before it must have been answered. (The server logs
    the receipt of a write before it works on it, see `controlplane.AUDIT_POLICY`.)
    """

    def __init__(self, file: Path, api: Api) -> None:
        self._file, self._api = file, api

    def mark(self) -> int:
        """Return a place in the log: what happens from now on stands behind it."""
        self._settle(self._size())
        return self._size()

    def since(self, mark: int) -> list[AuditEvent]:
        """All completed requests (stage ResponseComplete or Panic) that came in behind the mark."""
        return completed(self._settle(mark))

    def writes(self, mark: int, user_agent_prefix: str = "", user: str = "") -> list[AuditEvent]:
        """Completed writes behind the mark, of one client or user if asked. Refused ones count as well: see `code`."""
        return [
            each
            for each in self.since(mark)
            if each.is_write and each.user_agent.startswith(user_agent_prefix) and user in ("", each.user)
        ]

    def _settle(self, mark: int) -> list[AuditEvent]:
        """Wait until all that was asked before this call is in the log; return the events behind the mark."""
        own = f"/version?lab-mark={uuid.uuid4()}"
        self._api.get(own)
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            events = self._read(mark)
            place = next((i for i, each in enumerate(events) if each.uri == own), None)
            if place is not None:
                open_ids = under_way(events[:place]) & under_way(events)
                if not open_ids:
                    return [each for each in events if "lab-mark=" not in each.uri]
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._file}: did not settle within {SETTLE_SECONDS:.0f} s")
            time.sleep(0.02)

    def _read(self, mark: int) -> list[AuditEvent]:
        with open(self._file, "rb") as stream:
            stream.seek(mark)
            data = stream.read()
        complete = data[: data.rfind(b"\n") + 1]
        return [parse(line) for line in complete.decode().splitlines()]

    def _size(self) -> int:
        return self._file.stat().st_size
