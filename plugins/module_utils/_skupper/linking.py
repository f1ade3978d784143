# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""States `linked` and `absent`."""

from __future__ import annotations

from typing import Any

from .._client.errors import InterconnectError
from .._wait.poll import WaitTimeout
from .backend import Backend
from .choosing import choose, judge, tokens_of
from .establishing import Watch, await_issued, await_link, deliver, issue
from .job import Hopeless, Job
from .model import LinkState, Observation
from .replacing import replace_others
from .surveying import answer, survey, wanted_of


def link(job: Job, backend: Backend) -> dict[str, Any]:
    """Have one good token carry the link, and none besides it."""
    seen, watch = survey(job, backend), Watch()
    if seen.linked:
        watch.note(seen.is_up)
    bring = establish if job.copies else verify
    found = bring(job, backend, seen, choose(seen, wanted_of(job)), watch)
    return {**found, "observed": watch.as_result()}


def establish(job: Job, backend: Backend, seen: Observation, token: str | None, watch: Watch) -> dict[str, Any]:
    """Have a token carry the link, and remove all others.

    :param token: None for one that has yet to be issued.
    """
    others = [each for each in tokens_of(seen, job.link) if each != token]
    if token is None:
        token = issue(job, backend, seen)
    is_complete = token in seen.linked and seen.linked[token].is_complete
    made = seen if is_complete else await_issued(job, backend, token, watch)
    deliver(job, backend, token, made)
    state = seen.states.get(token)
    if not is_complete or not state or not state.up:
        try:
            state = await_link(job, backend, token, watch)
        except (WaitTimeout, Hopeless) as error:
            raise _kept(error, [each for each in others if each in seen.linked]) from error
    gone = others if job.params["wait"] and (state.up or job.check_mode) else []
    if gone:
        state = replace_others(job, backend, token, gone, watch, state)
    last = backend.look() if job.changed and not job.check_mode else seen
    return answer(job, last, token, state, gone)


def _kept(error: InterconnectError, others: list[str]) -> InterconnectError:
    """The error, which also says what goes on to carry the link."""
    kept = f". No older token was removed ({', '.join(others)}); the next run goes on from here" if others else ""
    return type(error)(f"{error.message}{kept}", **error.details)


def verify(job: Job, backend: Backend, seen: Observation, token: str | None, watch: Watch) -> dict[str, Any]:
    """Wait for a token that somebody else brings to the linking site. Nothing is written.

    :raises InterconnectError: there is no token that could be brought.
    """
    if token is None:
        if job.check_mode:
            return answer(job, seen, None)
        faults = [
            f"{each}: {'; '.join(judge(each, seen, wanted_of(job)).problems)}" for each in tokens_of(seen, job.link)
        ]
        raise InterconnectError(
            f"{job.issuer} has no token of link {job.link} that could be brought to {job.there}"
            f"{' (' + '; '.join(faults) + ')' if faults else ''}: issue one first (state: issued). Nothing was written"
        )
    state = seen.states.get(token) or LinkState(False, "")
    if not state.up:
        state = await_link(job, backend, token, watch)
        if job.waits:
            seen = backend.look()
    return answer(job, seen, token, state)


def unlink(job: Job, backend: Backend) -> dict[str, Any]:
    """Remove all tokens of the link from both sides."""
    seen = backend.look()
    if job.copies:
        for token in tokens_of(seen, job.link):
            if token in seen.linked:
                backend.withdraw(token)
    else:
        job.wait_for(f"the tokens of link {job.link} to leave {job.there}", lambda: ", ".join(backend.look().linked))
    for token in tokens_of(seen, job.link):
        if token in seen.issued:
            backend.retire(token)
    job.await_gone()
    return {"token": None, "tokens": tokens_of(seen, job.link)}
