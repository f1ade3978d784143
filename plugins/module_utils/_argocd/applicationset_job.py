# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run for one ApplicationSet: reading it, writing it beside others, and what was done."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._apply.ownership import comparable, surely_unchanged
from .._apply.present import CREATED, UNCHANGED, UPDATED, Outcome, labelled
from .._apply.task import as_result
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import Conflict, MissingKind, NotFound, ObjectRef
from .._task.task import Task

# Sites write the same object at the same time, and Argo CD writes its status: each write loses to some others at most.
ATTEMPTS = 50
MOST_PAUSE_SECONDS = 0.2

# A version that no object ever has, as etcd begins to count with it: an apply that bears it makes an object, and is a
# conflict where somebody else has made it meanwhile. Without it, our entries would take the place of theirs.
NOT_THERE = "1"


@dataclass
class Job:
    """One run: what is given, and what has been done."""

    task: Task
    ref: ObjectRef
    outcomes: list[Outcome] = field(default_factory=list)
    pause: Callable[[float], None] = time.sleep

    @property
    def params(self) -> dict[str, Any]:
        return self.task.params

    @property
    def waits(self) -> bool:
        return bool(self.params["wait"]) and not self.task.check_mode

    def get(self) -> Object | None:
        """The ApplicationSet; None where it, or its kind, is not there."""
        try:
            return self.task.client.get(self.ref)
        except MissingKind:
            if not self.task.check_mode and self.params["state"] == "present":
                raise
            return None

    def write(self, change: Callable[[Object | None], Object | None]) -> Outcome:
        """Bring the ApplicationSet to what `change` makes of it, whoever else writes at the same time, and note it.

        :param change: is given what is there, and returns what is to be there; None to leave it.
        :raises Conflict: others have written all the time.
        """
        for attempt in range(ATTEMPTS):
            live = self.get()
            desired = change(live)
            try:
                outcome = Outcome(self.ref, UNCHANGED, live, live) if desired is None else self._put(live, desired)
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
                self.pause(random.uniform(0, MOST_PAUSE_SECONDS))
                continue
            break
        self.outcomes.append(outcome)
        return outcome

    def _put(self, live: Object | None, desired: Object) -> Outcome:
        client = self.task.client
        desired = labelled(desired, live)
        if live is None:
            made = self._predicted(desired) or client.apply(_as_read(desired, NOT_THERE))
            return Outcome(self.ref, CREATED, None, made)
        if surely_unchanged(desired, live, FIELD_MANAGER):
            return Outcome(self.ref, UNCHANGED, live, live)
        read = _as_read(desired, live["metadata"]["resourceVersion"])
        # By force: it is ours, and what others have changed in it is to be as it was.
        predicted = client.apply(read, force=True, dry_run=True)
        if comparable(predicted) == comparable(live):
            return Outcome(self.ref, UNCHANGED, live, live)
        return Outcome(self.ref, UPDATED, live, predicted if self.task.check_mode else client.apply(read, force=True))

    def _predicted(self, desired: Object) -> Object | None:
        """In a check run, what the server makes of a new object; an earlier task may be meant to make its ground."""
        if not self.task.check_mode:
            return None
        try:
            return self.task.client.apply(desired, dry_run=True)
        except (MissingKind, NotFound):
            return desired

    def result(self, clusters: Sequence[dict[str, Any]], moved: bool = False) -> dict[str, Any]:
        """The module's result."""
        result = as_result(self.task, self.outcomes)
        changed = result["changed"] or moved
        return {**result, "changed": changed, "name": self.ref.name, "clusters": list(clusters)}


def _as_read(desired: Object, version: str) -> Object:
    """`desired`, to be written only where the object is as it was read."""
    return {**desired, "metadata": {**desired["metadata"], "resourceVersion": version}}
