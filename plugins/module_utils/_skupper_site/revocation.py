# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a CA is to be renewed, and what is said where there is none."""

from __future__ import annotations

from datetime import datetime, timezone

from .._client.errors import InputError, InterconnectError
from .authority import Authority
from .ground import NOTHING
from .job import SiteJob


def is_due(job: SiteJob, authority: Authority) -> bool:
    """Whether the CA is older than the task allows; always where it says nothing of that."""
    before = job.params["revoke_before"]
    return before is None or authority.begins < parse_time(before)


def parse_time(text: str) -> datetime:
    """A time in RFC 3339.

    :raises InputError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError as error:
        raise InputError("revoke_before", f"{text!r} is no time in RFC 3339, such as 2026-11-22T05:00:00Z") from error
    if moment.tzinfo is None:
        raise InputError("revoke_before", f"{text!r} has no time zone: end it with Z for UTC")
    return moment.astimezone(timezone.utc)


def no_site(job: SiteJob, what: str) -> InterconnectError:
    """The error for a CA that is to be renewed where there is no site."""
    return InterconnectError(f"{job.place} has no {what}: make the site first (state: present). {NOTHING}")
