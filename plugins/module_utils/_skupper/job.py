# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run for one link: where its sites are, what was done, how long it may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .._apply.absent import remove_one
from .._apply.present import Outcome, apply_one
from .._apply.redact import HIDDEN, secret_values
from .._apply.task import as_result, wait_until_gone
from .._client.client import Client, Object
from .._client.errors import InterconnectError, MissingKind, ObjectRef, Unreachable
from .._task.task import Task
from .._wait.acceptors import clip
from .._wait.poll import PROGRESS_AT, WaitTimeout
from .names import LINK_LABEL


class Hopeless(InterconnectError):
    """What is waited for will not come."""


class Place(NamedTuple):
    """A namespace of a cluster."""

    client: Client
    namespace: str

    def ref(self, api_version: str, kind: str, name: str) -> ObjectRef:
        """An object here."""
        return ObjectRef(api_version, kind, name, self.namespace)

    def __str__(self) -> str:
        return f"namespace {self.namespace} of {self.client.server}"


@dataclass
class Job:
    """What is given, and what has been done."""

    task: Task
    link: str
    issuer: Place
    linking: Place | None
    """None where only the issuing site is asked."""
    deadline: float
    outcomes: list[Outcome] = field(default_factory=list)
    removed: list[tuple[Client, Outcome]] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def params(self) -> dict[str, Any]:
        return self.task.params

    @property
    def check_mode(self) -> bool:
        return self.task.check_mode

    @property
    def tolerant(self) -> bool:
        """Whether what is not there is no error: in a check run it may be made by an earlier task, and what is to be
        removed need not be there.
        """
        return self.task.check_mode or self.params["state"] == "absent"

    @property
    def copies(self) -> bool:
        """Whether the linking site is written at all."""
        return bool(self.params["distribution"] == "copy")

    @property
    def there(self) -> Place:
        """The linking site, of states that have one."""
        if self.linking is None:
            raise InterconnectError("this state knows no linking site")
        return self.linking

    # -- reading -----------------------------------------------------------------------------------------------------

    def list(self, place: Place, api_version: str, kind: str, label_selector: str = "") -> list[Object]:
        """Objects of a kind at a place; none where the kind is not there, and need not be."""
        try:
            return place.client.list(api_version, kind, place.namespace, label_selector=label_selector)
        except MissingKind:
            if not self.tolerant:
                raise
            return []

    def get(self, place: Place, api_version: str, kind: str, name: str) -> Object | None:
        """One object; its secrets are hidden from now on."""
        try:
            found = place.client.get(place.ref(api_version, kind, name))
        except MissingKind:
            if not self.tolerant:
                raise
            return None
        if found is not None:
            self.hide(found)
        return found

    def hide(self, *objects: Object) -> None:
        """Have the values of Secrets masked in everything that is shown."""
        for obj in objects:
            self.task.secrets |= secret_values(obj)

    # -- writing -----------------------------------------------------------------------------------------------------

    def labelled(self, obj: Object) -> Object:
        """An object with the label of this link."""
        metadata = obj["metadata"]
        return {**obj, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), LINK_LABEL: self.link}}}

    def apply(self, place: Place, obj: Object, hidden: Sequence[str] = ()) -> Outcome:
        """Bring an object to its desired state, with the label of this link, and note it.

        :param hidden: fields of `spec` that are not to be shown.
        """
        self.hide(obj)
        wanted = self.labelled({**obj, "metadata": {**obj["metadata"], "namespace": place.namespace}})
        outcome = apply_one(place.client, wanted, bool(self.params["force_conflicts"]), self.check_mode)
        outcome = replace(outcome, before=_without(outcome.before, hidden), after=_without(outcome.after, hidden))
        self.outcomes.append(outcome)
        return outcome

    def remove(self, place: Place, api_version: str, kind: str, name: str, hidden: Sequence[str] = ()) -> Outcome:
        """Delete an object of this link, whoever made it, and note it where there was one."""
        outcome = remove_one(
            place.client, place.ref(api_version, kind, name), only_own=False, check_mode=self.check_mode
        )
        outcome = replace(outcome, before=_without(outcome.before, hidden), after=_without(outcome.after, hidden))
        if outcome.changed:
            self.outcomes.append(outcome)
            self.removed.append((place.client, outcome))
        return outcome

    def await_gone(self) -> None:
        """Wait until all that was removed is gone."""
        for client, outcome in self.removed:
            wait_until_gone(self.task, client, [outcome])
        self.removed.clear()

    # -- waiting -----------------------------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        return bool(self.params["wait"]) and not self.check_mode

    def wait_for(self, what: str, missing: Callable[[], str]) -> None:
        """Ask `missing` again and again until it finds nothing missing. Returns at once where the task is not to wait.

        :param what: is waited for, in words.
        :param missing: says in one line what is missing; empty when it is there.
        :raises WaitTimeout: time is up; says what was missing last.
        :raises Hopeless: `missing` says so, twice in succession, as it may see what stood before the last write.
        """
        if not self.waits:
            return
        began, lines, hopeless = self.clock(), list(PROGRESS_AT), False
        while True:
            try:
                last = self._ask(missing)
                hopeless = False
            except Hopeless as error:
                if hopeless:
                    raise
                hopeless, last = True, error.message
            if not last:
                return
            waited = self.clock() - began
            if self.clock() >= self.deadline:
                raise WaitTimeout(f"Timed out after {waited:.0f} s waiting for {what}: {last}")
            if lines and waited >= lines[0]:
                self.task.progress(clip(f"{what}: {last} ({waited:.0f} s)"))
                lines = [at for at in lines if at > waited]
            self.sleep(min(float(self.params["wait_sleep"]), max(0.0, self.deadline - self.clock())))

    def _ask(self, missing: Callable[[], str]) -> str:
        """What is missing; a server that does not answer just now is asked again."""
        try:
            return missing()
        except Unreachable as error:
            return error.message

    # -- the end -----------------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        return any(outcome.changed for outcome in self.outcomes)

    def result(self, **more: Any) -> dict[str, Any]:
        """The module's result."""
        return {**as_result(self.task, self.outcomes), "name": self.link, **more}


def _without(obj: Object | None, hidden: Sequence[str]) -> Object | None:
    """An object with fields of its spec hidden."""
    if obj is None or not hidden:
        return obj
    spec = obj.get("spec") or {}
    return {**obj, "spec": {**spec, **{key: HIDDEN for key in hidden if key in spec}}}
