# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site goes with the one object that it is made from; the garbage collector takes the rest. Waited for is both."""

from __future__ import annotations

from collections.abc import Sequence

from .._apply.absent import DELETED, DELETING, remove_all
from .._client.client import Object
from .._client.errors import ApiError, ObjectRef
from .job import SiteJob, identity, owned_by

Names = Sequence[tuple[str, str, str]]
"""API version, kind and name of objects in the site's namespace."""


def remove_site(job: SiteJob, ref: ObjectRef, live: Object | None, generations: Sequence[Names]) -> None:
    """Remove the object that the site is made from, where we have made it, and wait for what goes with it.

    :param generations: what controllers make from it, what they make from that, and so on.
    """
    going = _going(job, live, generations) if live else []
    outcomes = remove_all(job.client, [identity(ref)], job.params["only_own"], job.task.check_mode)
    job.outcomes += outcomes
    if outcomes[0].action in (DELETED, DELETING):
        job.wait_gone([ref, *going])


def _going(job: SiteJob, site: Object, generations: Sequence[Names]) -> list[ObjectRef]:
    """Of what is made from a site, what is there and will go with it."""
    found = []
    owners = {site["metadata"]["uid"]}
    for names in generations:
        try:
            live = job.client.each(lambda name: job.find(job.ref(*name)), names)
        except ApiError:  # what one may not see is not waited for
            continue
        going = [obj for obj in live if obj and any(owned_by(obj, uid) for uid in owners)]
        owners |= {obj["metadata"]["uid"] for obj in going}
        found += [ObjectRef.of(obj) for obj in going]
    return found
