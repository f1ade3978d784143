# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of every replacement: old tokens go once the new one carries the link, and come back where it does not."""

from __future__ import annotations

from .._client.client import Object
from .._client.errors import InterconnectError, Unreachable
from .backend import Backend
from .establishing import Watch
from .job import Job
from .model import LinkState

POLLS = 3
"""Looks at the link between the removal of the old tokens at the linking site and at the issuing one."""
LOST = 2
"""Looks in succession that must find it down: one may see what stood before."""


class LinkLost(InterconnectError):
    """The new token did not carry the link alone; the old ones are back."""


def replace_others(
    job: Job, backend: Backend, token: str, others: list[str], watch: Watch, state: LinkState
) -> LinkState:
    """Remove tokens besides the one that carries the link, first where they are used.

    :raises LinkLost: the link went down without them. They have been put back.
    """
    withdrawn: list[Object] = []
    for other in others:
        withdrawn += backend.withdraw(other)
    if withdrawn and job.waits:
        state = _hold(job, backend, token, withdrawn, watch)
    for other in others:
        backend.retire(other)
    job.await_gone()
    return state


def _hold(job: Job, backend: Backend, token: str, withdrawn: list[Object], watch: Watch) -> LinkState:
    state, down, looks = LinkState(True, "up"), 0, 0
    while looks < POLLS or down:
        job.sleep(float(job.params["wait_sleep"]))
        try:
            state = backend.states().get(token) or LinkState(False, "its objects are not there")
        except Unreachable:  # nothing is known of the link then
            if job.clock() >= job.deadline:
                raise
            continue
        watch.note(state.up)
        looks, down = looks + 1, 0 if state.up else down + 1
        if down >= LOST:
            backend.put_back(withdrawn)
            raise LinkLost(
                f"the link by token {token} of {job.there} went down when older tokens were removed ({state.message}): "
                "they have been put back, and stay at the issuing site"
            )
    return state
