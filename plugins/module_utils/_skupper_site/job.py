# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the module: what is given, what has been done, and how long it may yet wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._apply.absent import DELETED, DELETING
from .._apply.merge import merged
from .._apply.present import UPDATED, Outcome, apply_one
from .._apply.redact import secret_values
from .._apply.task import as_result
from .._client.client import Client, Object
from .._client.errors import InterconnectError, MissingKind, ObjectRef
from .._task.task import Task
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .vocabulary import effective_ingress

SKUPPER_API = "skupper.io/v2alpha1"
ROUTER = "skupper-router"
"""Name of the router's Deployment and Service, in both versions; of v2's RouterAccess and router configuration, too."""


@dataclass
class SiteJob:
    """What a back-end is given."""

    task: Task
    client: Client
    deadline: float
    outcomes: list[Outcome] = field(default_factory=list)
    wanted: Object | None = None
    """The object that the site is made from, as it is to be; known where one is to be there."""

    @classmethod
    def of(cls, task: Task) -> SiteJob:
        """The run of a task that begins now."""
        return cls(task, task.client, time.monotonic() + task.params["wait_timeout"])

    # -- what is given -----------------------------------------------------------------------------------------------

    @property
    def params(self) -> dict[str, Any]:
        return self.task.params

    @property
    def name(self) -> str:
        return str(self.params["name"])

    @property
    def namespace(self) -> str:
        return str(self.params["namespace"])

    @property
    def version(self) -> str:
        return str(self.params["version"])

    @property
    def ingress(self) -> str:
        return effective_ingress(self.params)

    @property
    def place(self) -> str:
        """The namespace, in words."""
        return f"namespace {self.namespace} of {self.client.server}"

    @property
    def waits(self) -> bool:
        """Whether this run waits for effects at all."""
        return bool(self.params["wait"]) and not self.task.check_mode

    def ref(self, api_version: str, kind: str, name: str) -> ObjectRef:
        """An object in the site's namespace."""
        return ObjectRef(api_version, kind, name, self.namespace)

    # -- reading and writing -----------------------------------------------------------------------------------------

    def find(self, ref: ObjectRef) -> Object | None:
        """The object; None where it, or its kind, is not there."""
        try:
            return self.client.get(ref)
        except MissingKind:
            return None

    def apply(self, obj: Object) -> Outcome:
        """Bring an object to its desired state, and note it."""
        self.task.secrets |= secret_values(obj)
        return self.note(apply_one(self.client, obj, self.params["force_conflicts"], self.task.check_mode))

    def patch(self, live: Object, patch: Object) -> Outcome:
        """Change an object that others own, and note it; Secrets are masked as everywhere."""
        self.task.secrets |= secret_values({**patch, "kind": live["kind"]})
        ref = ObjectRef.of(live)
        after = merged(live, patch) if self.task.check_mode else self.client.merge_patch(ref, patch)
        return self.note(Outcome(ref, UPDATED, live, after))

    def delete(self, live: Object) -> Outcome:
        """Delete the very object that was read, and note it."""
        ref = ObjectRef.of(live)
        if live["metadata"].get("deletionTimestamp"):
            return self.note(Outcome(ref, DELETING, live, None, "is being deleted already"))
        if not self.task.check_mode:
            self.client.delete(ref, live["metadata"]["uid"])
        return self.note(Outcome(ref, DELETED, live, None))

    def note(self, outcome: Outcome) -> Outcome:
        """Take up what was done otherwise."""
        self.outcomes.append(outcome)
        return outcome

    # -- waiting -----------------------------------------------------------------------------------------------------

    def wait(self, *waits: Wait, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait for as long as the whole task may yet wait; not at all in a check run."""
        if waits and self.waits:
            sleep, progress = self.params["wait_sleep"], self.task.progress
            wait_for(self.client, list(waits), self.seconds_left(), sleep, progress, meanwhile=meanwhile)

    def seconds_left(self) -> float:
        """Until the task's time is up."""
        return max(0.0, self.deadline - time.monotonic())

    def wait_gone(self, refs: list[ObjectRef]) -> None:
        """Wait until objects have gone."""
        self.wait(*(Wait(*ref[:2], name=ref.name, namespace=ref.namespace, until="absent") for ref in refs))

    # -- results -----------------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        return any(outcome.changed for outcome in self.outcomes)

    def result(self, site: Mapping[str, Any] | None) -> dict[str, Any]:
        """The module's result."""
        made_from = {"made_from": self.wanted} if self.wanted else {}
        return {**as_result(self.task, self.outcomes), **made_from, "site": dict(site) if site else None}

    def fail_with_what_was_done(self, error: InterconnectError) -> InterconnectError:
        """The same error, telling what was written before it."""
        if self.changed:
            error.details["changed"] = True
            error.details.setdefault("resources", [outcome.as_result() for outcome in self.outcomes])
        return error


def owned_by(obj: Mapping[str, Any], uid: str) -> bool:
    """Whether the object goes with its owner of that uid."""
    return any(owner.get("uid") == uid for owner in obj["metadata"].get("ownerReferences") or [])


def identity(ref: ObjectRef) -> Object:
    """What names a namespaced object."""
    metadata = {"name": ref.name, "namespace": ref.namespace}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}
