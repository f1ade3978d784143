# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue of keys to work on, now or later, each in it once."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """Keys by the time when they are due. Adding a key that waits already moves it forward, never back."""

    def __init__(self) -> None:
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._count = 0
        self._condition = threading.Condition()

    def add(self, key: K, after: float = 0.0) -> None:
        """Have ``key`` worked on ``after`` seconds from now."""
        due = time.monotonic() + after
        with self._condition:
            if key in self._due and self._due[key] <= due:
                return
            self._due[key] = due
            self._count += 1  # breaks ties, so that keys need no order
            heapq.heappush(self._heap, (due, self._count, key))
            self._condition.notify()

    def get(self) -> K:
        """Wait for the next key that is due, and take it out."""
        with self._condition:
            while True:
                while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
                    heapq.heappop(self._heap)  # moved forward meanwhile, or done
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    key = heapq.heappop(self._heap)[2]
                    del self._due[key]
                    return key
                self._condition.wait(wait)
