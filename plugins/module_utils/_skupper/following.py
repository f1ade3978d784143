# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rotation whose tokens somebody else brings to the linking site and takes away there, watched all the time."""

from __future__ import annotations

from typing import Any

from .backend import Backend
from .choosing import tokens_of
from .establishing import Watch
from .job import Hopeless, Job
from .linking import verify
from .model import LinkState, Observation
from .replacing import POLLS, LinkLost
from .surveying import answer


def follow(job: Job, backend: Backend, seen: Observation, token: str | None, watch: Watch) -> dict[str, Any]:
    """Wait until the newest token carries the link, then until it does so alone. Nothing is written.

    :param token: the newest good one; None where there is none, which is an error.
    :raises LinkLost: the older tokens have gone, and the link is down.
    """
    found = verify(job, backend, seen, token, watch)
    if token is None or not job.waits:
        return found
    state, last, held = LinkState(True, "up"), seen, 0

    def missing() -> str:
        nonlocal state, last, held
        last = backend.look()
        state = last.states.get(token) or LinkState(False, "its objects are not there")
        older = [each for each in tokens_of(last, job.link) if each in last.linked and each != token]
        watch.note(last.is_up)
        if older:
            return f"{', '.join(older)} has not been taken away yet"
        if not state.up:
            raise Hopeless(state.message)
        held += 1
        return "" if held >= POLLS else "it has just been left alone"

    lost = ""
    try:
        job.wait_for(f"token {token} of {job.there} to carry the link alone", missing)
    except Hopeless as error:
        lost = error.message
    if lost:
        raise LinkLost(
            f"the link by token {token} of {job.there} went down when older tokens were taken away ({lost}): give them "
            "back, they are still at the issuing site"
        )
    return answer(job, last, token, state)
