# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State `issued`: a token at the issuing site, for somebody else to bring to the linking site."""

from __future__ import annotations

from typing import Any

from .backend import Backend
from .choosing import certificate_of, choose, tokens_of
from .establishing import Watch, await_issued, issue
from .job import Job
from .rotation import is_due
from .surveying import answer, survey, wanted_of


def make(job: Job, backend: Backend) -> dict[str, Any]:
    """Have a good token, a newer one where that is asked for, and remove the older ones where that is."""
    seen = survey(job, backend)
    token = choose(seen, wanted_of(job))
    known = tokens_of(seen, job.link)
    by_date = job.params["renew_before"] is not None and is_due(job, certificate_of(token, seen))
    is_new = token is None or job.params["renew"] or by_date
    if token is None or is_new:
        token = issue(job, backend, seen)
    if not job.check_mode and (is_new or (token in seen.issued and seen.issued[token].pending)):
        seen = await_issued(job, backend, token, Watch())
    gone = [older for older in known if older != token and older in seen.issued] if job.params["retire"] else []
    for older in gone:
        backend.retire(older)
    job.await_gone()
    return answer(job, seen, token, gone=gone)
