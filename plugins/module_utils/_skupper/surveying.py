# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first look at both sides, and what is refused then, before anything is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

from .._client.errors import InputError, InterconnectError
from .backend import Backend
from .certificates import rfc3339
from .choosing import Wanted, certificate_of, judge, tokens_of
from .job import Job
from .model import LinkState, Observation, Site


def wanted_of(job: Job) -> Wanted:
    """What the user asks of the link."""
    cost = int(job.params["cost"]) if job.linking and job.copies else None
    return Wanted(job.link, cost, datetime.now(timezone.utc))


def survey(job: Job, backend: Backend) -> Observation:
    """Look at both sides.

    :raises InterconnectError: the sites can not be linked in this way; nothing has been written.
    """
    seen = backend.look()
    if seen.issuer.refusal:
        raise InterconnectError(f"{job.issuer}: {seen.issuer.refusal}. Nothing was written")
    if seen.linking is not None:
        _refuse_itself(seen.issuer, seen.linking)
    _refuse_used_up(job, seen)
    return seen


def _refuse_itself(issuer: Site, linking: Site) -> None:
    same_place = (issuer.server, issuer.namespace) == (linking.server, linking.namespace)
    if same_place or (issuer.is_there and issuer.id == linking.id):
        raise InputError(
            "issuer",
            f"leads to the site {issuer.name or issuer.namespace} that is to be linked: a site can not be linked with "
            "itself. Correct issuer or issuer_namespace. Nothing was written",
        )


def _refuse_used_up(job: Job, seen: Observation) -> None:
    """A claim that somebody else has redeemed is not silently followed by another: its code has become known.

    Likewise one that this collection has not made, where it can not be used any more.
    """
    known = tokens_of(seen, job.link)
    issued = seen.issued.get(known[-1]) if known else None
    if job.params["state"] != "linked" or not issued or not issued.claim or seen.linked:
        return
    if issued.claim.is_used_up:
        raise InterconnectError(
            f"the claim {issued.name} in {job.issuer} is used up ({issued.claim.redeemed} of {issued.claim.allowed} "
            f"redemptions), but not by {job.there}: somebody else may have its code. See which site it is, and take "
            "state: rotated to issue and redeem another. Nothing was written"
        )
    verdict = judge(issued.name, seen, wanted_of(job))
    if verdict.problems and not issued.is_ours:
        raise InterconnectError(
            f"the claim {issued.name} in {job.issuer} can not be redeemed: {'; '.join(verdict.problems)}. Issue "
            "another one, or remove it and leave that to this module. Nothing was written"
        )


def answer(
    job: Job, seen: Observation, token: str | None, state: LinkState | None = None, gone: Collection[str] = ()
) -> dict[str, Any]:
    """What all states return besides what was done.

    :param token: the one to use; its certificate is described where there is one yet.
    :param gone: tokens that were, or would be, removed since the look.
    """
    certificate = certificate_of(token, seen)
    shown: dict[str, Any] = certificate.as_result() if certificate else {}
    known = [each for each in tokens_of(seen, job.link) if each not in gone]
    if token and token not in known:
        known.append(token)
    issued = seen.issued.get(token or "")
    found = {
        "token": token,
        "tokens": known,
        **{key: shown.get(key) for key in ("serial", "subject", "not_after", "fingerprint")},
        "hosts": sorted({endpoint.host for endpoint in seen.issuer.endpoints}),
        "issuer_site": seen.issuer.name or None,
    }
    if job.linking is not None:
        found["site"] = (seen.linking.name if seen.linking else "") or None
        state = state or seen.states.get(token or "")
        linked = seen.linked.get(token or "")
        found["link"] = {
            "up": bool(state and state.up),
            "seen_from": list(state.seen_from) if state else [],
            "cost": linked.cost if linked else int(job.params["cost"]),
        }
    if issued and issued.claim:
        claim = issued.claim
        expires = rfc3339(claim.expires) if claim.expires else None
        found["claim"] = {"expires": expires, "redemptions": claim.redeemed, "allowed": claim.allowed}
    return found
