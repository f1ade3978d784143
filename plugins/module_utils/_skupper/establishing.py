# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token issued, verified, brought to the linking site, and the link watched until it is up."""

from __future__ import annotations

from dataclasses import dataclass

from .._client.errors import InterconnectError
from .backend import Backend
from .choosing import judge, tokens_of
from .generations import next_name
from .job import Hopeless, Job
from .model import Issued, LinkState, Observation
from .surveying import wanted_of


@dataclass
class Watch:
    """How the link fared, poll by poll."""

    polls: int = 0
    down: int = 0
    """Polls that found no token of the link up."""

    def note(self, up: bool) -> None:
        self.polls += 1
        self.down += not up

    def as_result(self) -> dict[str, int]:
        """As a module's result has it."""
        return {"polls": self.polls, "down": self.down}


def issue(job: Job, backend: Backend, seen: Observation) -> str:
    """Ask for the next token; wait until it can be used. Returns its name."""
    token = next_name(job.link, tokens_of(seen, job.link), seen.taken)
    _await_site(job, backend, seen)
    backend.request(token)
    return token


def _await_site(job: Job, backend: Backend, seen: Observation) -> None:
    """A token is not asked for before the site can be dialled: the token would lead nowhere.

    :raises InterconnectError: it can not, and the task is not to wait.
    """
    if job.check_mode or not seen.issuer.pending:
        return
    what = f"the site {seen.issuer.name} in {job.issuer} to be ready to issue tokens"
    if not job.waits:
        raise InterconnectError(f"{what}: {seen.issuer.pending}; wait for it, or run again later. Nothing was written")
    job.wait_for(what, lambda: backend.look().issuer.pending)


def await_issued(job: Job, backend: Backend, token: str, watch: Watch) -> Observation:
    """Wait until the issuing site has made a token, and verify it.

    :raises Hopeless: it never will.
    :raises InterconnectError: it is made, and would not be accepted.
    """
    began, last = job.clock(), backend.look()

    def missing() -> str:
        nonlocal last
        last = backend.look()
        if last.linked:
            watch.note(last.is_up)
        issued = last.issued.get(token)
        if issued is None and token not in last.linked:
            return "it is not there yet"
        if issued and issued.problem:
            raise Hopeless(f"the token {token} in {job.issuer} can not be issued: {issued.problem}")
        if issued and issued.pending:
            backend.nudge(token, job.clock() - began)
            return issued.pending
        return ""

    job.wait_for(f"the token {token} in {job.issuer}", missing)
    found = judge(token, last, wanted_of(job)).problems
    if found and not job.check_mode:
        raise InterconnectError(
            f"the token {token} of {job.issuer} is not used, as its link would be refused: {'; '.join(found)}"
        )
    return last


def deliver(job: Job, backend: Backend, token: str, seen: Observation) -> None:
    """Bring a token to the linking site, unless it is there already."""
    issued, linked = seen.issued.get(token), seen.linked.get(token)
    if linked and linked.is_complete and _same(issued, linked.material):
        return
    if issued is not None and issued.pending and not job.check_mode:
        return  # the task is not to wait; a later run completes it
    if issued is None and linked is not None:
        return  # a claim that the site is just redeeming
    backend.deliver(token, None if issued is None or issued.pending else issued)


def _same(issued: Issued | None, copied: object) -> bool:
    return issued is None or issued.material is None or issued.material == copied


def await_link(job: Job, backend: Backend, token: str, watch: Watch) -> LinkState:
    """Wait until the link of a token is up.

    :raises Hopeless: it can not come up, such as a claim that was refused.
    """
    began, last = job.clock(), LinkState(False, "not looked at yet")

    def missing() -> str:
        nonlocal last
        states = backend.states()
        watch.note(any(state.up for state in states.values()))
        last = states.get(token) or LinkState(False, "its objects are not there")
        if last.hopeless:
            raise Hopeless(f"the link by token {token} of {job.there} does not come up: {last.message}")
        if not last.up and job.copies:
            backend.nudge(token, job.clock() - began)
        return "" if last.up else last.message

    if job.waits:
        job.wait_for(f"the link by token {token} of {job.there}", missing)
    elif not job.check_mode:
        last = backend.states().get(token, last)
        watch.note(last.up)
    return last
