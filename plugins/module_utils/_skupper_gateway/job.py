# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run for one gateway: its two halves, what was done, how long it may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from .._apply.merge import merged
from .._apply.present import UPDATED, Outcome
from .._apply.redact import secret_values
from .._client.client import Object
from .._client.errors import InterconnectError, ObjectRef
from .._skupper.job import Job, Place
from .._task.task import Task
from .host import Answer

AskHost = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Runs module skupper_router with some arguments on the host, and returns its result."""


class HostFailed(InterconnectError):
    """The host's half of the work could not be done; the message says why."""


class HostUnreachable(HostFailed):
    """Nothing could be run on the host."""


@dataclass
class GatewayTask(Task):
    """A task that has a host besides its cluster."""

    ask_host: AskHost | None = None


@dataclass
class GatewayJob(Job):
    """What is given, and what has been done on both sides."""

    answers: list[Answer] = field(default_factory=list)
    """Of the host, to all that may have changed something there."""

    @property
    def place(self) -> Place:
        """The site's namespace."""
        return self.issuer

    @property
    def state(self) -> str:
        return str(self.params["state"])

    # -- the host ----------------------------------------------------------------------------------------------------

    def ask(self, **arguments: Any) -> Answer:
        """Have the host's half of the work done, or looked at.

        :raises HostFailed: the host's module failed; it says why.
        :raises HostUnreachable: it could not be run.
        """
        ask_host = self.task.ask_host if isinstance(self.task, GatewayTask) else None
        if ask_host is None:
            raise InterconnectError(
                "skupper_gateway works from the controller, by its action plugin, on the cluster and on the host: it "
                "can not be run as a module of its own (async, or without the Python package kubernetes in Ansible's "
                "own environment)"
            )
        result = dict(ask_host(arguments))
        answer = Answer.of(result)
        if arguments.get("state") != "probed":
            self.answers.append(answer)
        if result.get("failed"):
            raise HostFailed(f"on the host: {result.get('msg') or 'the module has failed'}")
        return answer

    # -- the cluster -------------------------------------------------------------------------------------------------

    def labelled(self, obj: Object) -> Object:
        """Objects of a gateway are no part of a link."""
        return obj

    def ref(self, api_version: str, kind: str, name: str) -> ObjectRef:
        """An object in the site's namespace."""
        return self.place.ref(api_version, kind, name)

    def find(self, kind: str, name: str, api_version: str = "v1") -> Object | None:
        """An object in the site's namespace."""
        return self.get(self.place, api_version, kind, name)

    def patch(self, live: Object, patch: Object) -> Outcome:
        """Change part of an object that others write, too, and note it."""
        self.task.secrets |= secret_values({**patch, "kind": live["kind"]})
        ref = ObjectRef.of(live)
        after = _predicted(live, patch) if self.check_mode else self.place.client.merge_patch(ref, patch)
        self.hide(after)
        outcome = Outcome(ref, UPDATED, live, after)
        self.outcomes.append(outcome)
        return outcome

    def wait_in_any_case(self, what: str, missing: Callable[[], str]) -> None:
        """Wait for what the rest of the work needs, also in a run that does not wait for its effects."""
        asked = self.params["wait"]
        self.params["wait"] = True
        try:
            self.wait_for(what, missing)
        finally:
            self.params["wait"] = asked

    # -- the end -----------------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        return super().changed or any(answer.changed for answer in self.answers)

    @property
    def actions(self) -> list[str]:
        """What was done on the host."""
        return [action for answer in self.answers for action in answer.actions]

    def result(self, **more: Any) -> dict[str, Any]:
        """The module's result: of the cluster's half, then of the host's."""
        found = super().result(**more)
        found["changed"] = self.changed
        found["actions"] = self.actions
        if self.task.diff_mode:
            found["diff"] += [diff for answer in self.answers for diff in answer.diff]
        return found


def _predicted(live: Object, patch: Object) -> Object:
    """What the server makes of a patch: mappings that it empties go."""
    after: Object = merged(live, patch)
    after["metadata"] = {key: value for key, value in after["metadata"].items() if value != {}}
    return {key: value for key, value in after.items() if not (key == "data" and value == {})}
