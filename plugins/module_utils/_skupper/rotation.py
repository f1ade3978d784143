# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State `rotated`: a new certificate for a link, which stays up meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .._client.errors import InterconnectError
from .backend import Backend
from .certificates import Certificate
from .choosing import certificate_of, choose, tokens_of
from .establishing import Watch
from .following import follow
from .job import Job
from .linking import establish
from .model import Observation
from .surveying import survey, wanted_of


def rotate(job: Job, backend: Backend) -> dict[str, Any]:
    """Replace the token of the link, where that is due; or end a replacement that was begun.

    Where somebody else brings the tokens, watch him do so.
    """
    seen, watch = survey(job, backend), Watch()
    token = choose(seen, wanted_of(job))
    if seen.linked:
        watch.note(seen.is_up)
    before = certificate_of(_in_use(seen, job.link), seen)
    if job.copies and token and not _is_begun(seen, job.link, token) and is_due(job, certificate_of(token, seen)):
        token = None
    carry_out = establish if job.copies else follow
    try:
        found = carry_out(job, backend, seen, token, watch)
    except InterconnectError as error:
        error.details["observed"] = watch.as_result()
        raise
    return {
        **found,
        "before": before.as_result() if before else None,
        "after": {key: found[key] for key in ("serial", "subject", "not_after", "fingerprint")},
        "observed": watch.as_result(),
    }


def _in_use(seen: Observation, link: str) -> str | None:
    """The token that the link has been made with: the oldest that stands at the linking site."""
    return next((token for token in tokens_of(seen, link) if token in seen.linked), None)


def _is_begun(seen: Observation, link: str, token: str) -> bool:
    """Whether a replacement is under way: an older token is still there, so the newest is the one that it made."""
    return tokens_of(seen, link).index(token) > 0


def is_due(job: Job, certificate: Certificate | None) -> bool:
    """Whether the newest certificate expires within the days that `renew_before` says; always where it says none."""
    days = job.params["renew_before"]
    if days is None or certificate is None:
        return True
    return bool(certificate.not_after - wanted_of(job).now < timedelta(days=days))
