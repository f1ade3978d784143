# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a router knows of all routers of the network, and the way to each.

Every router floods a record of itself: its neighbours with costs, and its part of the network status. Records stand for
both the router's link-state protocol and its events (skupperproject/skupper-router: router core, vflow); as upstream's
collector does, a record is kept for some time after its router was last seen (`STALE_SECONDS`).
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
"""``id``, ``seq``, ``edge``, ``neighbours`` (router to cost), ``addresses`` (that it has a connector for), ``site``,
``status``."""

STALE_SECONDS = 60.0
"""skupperproject/skupper internal/kube/flow/status.go: timeout and grace period, 30 s each."""


class Topology:
    """Records of all routers, the own one included."""

    def __init__(self, own: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._own, self._clock = own, clock
        self._records: dict[str, Record] = {}
        self._seen: dict[str, float] = {}
        self._ways: dict[str, tuple[int, str]] = {}
        """Router to cost and next hop."""

    def put(self, record: Record) -> bool:
        """Take up a record; return whether it is news."""
        known = self._records.get(record["id"])
        if known and known["seq"] >= record["seq"]:
            return False
        self._records[record["id"]] = record
        self._seen[record["id"]] = self._clock()
        self._compute()
        return True

    def drop_stale(self) -> bool:
        """Forget routers that have been out of reach for too long; return whether there were any."""
        now = self._clock()
        self._seen |= dict.fromkeys(self._ways, now)
        stale = [router for router in self._records if now - self._seen[router] > STALE_SECONDS]
        for router in stale:
            del self._records[router], self._seen[router]
        return bool(stale)

    @property
    def records(self) -> list[Record]:
        """All records, in the order of their routers."""
        return [self._records[router] for router in sorted(self._records)]

    def reachable_records(self) -> list[Record]:
        """What a new neighbour is to be told."""
        return [each for each in self.records if each["id"] in self._ways]

    def next_hop(self, router: str) -> str | None:
        """Neighbour on the cheapest way to a router; None when there is no way."""
        way = self._ways.get(router)
        return way[1] if way else None

    def nearest(self, address: str) -> str | None:
        """The router with a connector for the address to which the way is cheapest."""
        offering = [
            (cost, router)
            for router, (cost, _hop) in self._ways.items()
            if address in self._records[router]["addresses"]
        ]
        return min(offering)[1] if offering else None

    def _compute(self) -> None:
        """Dijkstra over links that both ends know. An edge router is an end, never on the way."""
        self._ways = {}
        queue = [(0, self._own, self._own)]
        while queue:
            cost, router, first = heapq.heappop(queue)
            if router in self._ways or router not in self._records:
                continue
            self._ways[router] = (cost, first)
            if self._records[router]["edge"] and router != self._own:
                continue
            for neighbour, step in self._records[router]["neighbours"].items():
                if router in self._records.get(neighbour, {}).get("neighbours", {}):
                    heapq.heappush(queue, (cost + step, neighbour, neighbour if router == self._own else first))
