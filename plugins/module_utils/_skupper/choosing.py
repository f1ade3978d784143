# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of a link's tokens is the one to use. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .certificates import Certificate, Unreadable, problems, read, rfc3339
from .generations import ordered
from .model import Claim, Endpoint, Issued, Linked, Observation


@dataclass(frozen=True)
class Wanted:
    """What the user asks of the link."""

    link: str
    cost: int | None = None
    """None where the linking site's choice is not ours."""
    now: datetime = datetime.min


@dataclass(frozen=True)
class Verdict:
    """On one token."""

    token: str
    pending: str = ""
    """What it lacks, and may get."""
    problems: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """It is good, or may become so."""
        return not self.problems


def tokens_of(seen: Observation, link: str) -> list[str]:
    """All tokens of the link on either side, oldest first."""
    return ordered(link, {*seen.issued, *seen.linked})


def choose(seen: Observation, wanted: Wanted) -> str | None:
    """The newest token that is good, or may become so; None where there is none."""
    for token in reversed(tokens_of(seen, wanted.link)):
        if judge(token, seen, wanted).is_usable:
            return token
    return None


def judge(token: str, seen: Observation, wanted: Wanted) -> Verdict:
    """What is to be said of one token."""
    issued, linked = seen.issued.get(token), seen.linked.get(token)
    found = [side.problem for side in (issued, linked) if side and side.problem]
    material = (issued and issued.material) or (linked and linked.material) or None
    if material:
        found += problems(material, seen.issuer.ca, wanted.now)
    if linked and linked.is_complete:
        found += _unlike(linked, seen, wanted)
        return Verdict(token, problems=tuple(found))
    if issued is None:
        return Verdict(token, linked.pending if linked else "", (*found, *_incomplete(linked)))
    if issued.claim and linked is None:
        found += claim_problems(issued.claim, wanted.now)
    return Verdict(token, issued.pending or (linked.pending if linked else ""), tuple(found))


def _incomplete(linked: Linked | None) -> list[str]:
    """A token that the issuing site does not have, and the linking site only in part, can not be completed."""
    return [] if linked and linked.pending else ["it is gone from the issuing site"]


def claim_problems(claim: Claim, now: datetime) -> list[str]:
    """Why a claim can not be redeemed any more."""
    found = []
    if claim.is_used_up:
        found.append(f"it is used up ({claim.redeemed} of {claim.allowed} redemptions)")
    if claim.expires and now >= claim.expires:
        found.append(f"it has expired at {rfc3339(claim.expires)}")
    return found


def _unlike(linked: Linked, seen: Observation, wanted: Wanted) -> list[str]:
    """How the link differs from what is wanted.

    A live router takes up neither in place, in either version: it tells connectors apart by their names only
    (skupperproject/skupper 1.9.6 pkg/qdr/qdr.go and 2.0.0 internal/qdr/qdr.go, ConnectorsDifference).
    """
    if wanted.cost is None:
        return []
    found = [] if linked.cost == wanted.cost else [f"the link has cost {linked.cost}, wanted {wanted.cost}"]
    stale = sorted(_hosts(linked.endpoints) - _hosts(seen.issuer.endpoints)) if seen.issuer.endpoints else []
    return found + [f"{host} is not where the issuing site can be reached now" for host in stale]


def _hosts(endpoints: Iterable[Endpoint]) -> set[str]:
    return {f"{endpoint.host}:{endpoint.port}" for endpoint in endpoints}


def certificate_of(token: str | None, seen: Observation) -> Certificate | None:
    """What may be shown of a token's certificate; None where there is none, or it can not be read."""
    sides: tuple[Issued | Linked | None, ...] = (seen.linked.get(token or ""), seen.issued.get(token or ""))
    for side in sides:
        if side and side.material:
            try:
                return read(side.material.certificate)
            except Unreadable:
                continue
    return None
