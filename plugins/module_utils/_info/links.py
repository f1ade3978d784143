# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links between sites, each as both of its ends see it, with the certificate that it stands on. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._client.client import Object
from .._skupper import certificates
from .._skupper.certificates import Certificate
from .._skupper.generations import belongs
from .._skupper.names import LINK_LABEL
from .._skupper.sites import V2, active_site
from .._skupper.v1 import reading as reading_v1
from .._skupper.v1.tokens import CLAIMABLE, INCOMPLETE, ISSUED, cost_of, issuer_of, state_of
from .._skupper.v2 import reading as reading_v2
from .model import End, SiteView
from .sites import router_of

DAY_SECONDS = 86400
DIALS = (ISSUED, INCOMPLETE, CLAIMABLE)
"""States of a v1 token by which a site links to another, unless it has issued it itself."""


@dataclass(frozen=True)
class Wanted:
    """A link as the inventory has it."""

    name: str
    source: str
    """Name of the cluster whose site dials."""
    target: str
    cost: int = 1


def links_of(ends: Mapping[str, End], wanted: Sequence[Wanted], now: datetime) -> list[dict[str, Any]]:
    """All links: the wanted ones first, then what else there is.

    :param ends: by name of the cluster.
    """
    found = [_wanted_link(ends, link, now) for link in wanted]
    known = {(link.source, link.name) for link in wanted}
    for end in ends.values():
        for name, tokens in _tokens_by_link(end).items():
            if (end.name, name) not in known:
                found.append(_seen(ends, Wanted(name, end.name, _target_of(ends, tokens)), tokens, now, False))
    return found


def _wanted_link(ends: Mapping[str, End], link: Wanted, now: datetime) -> dict[str, Any]:
    source = ends.get(link.source)
    tokens = [obj for obj in _tokens(source) if belongs(link.name, obj)] if source else []
    return _seen(ends, link, tokens, now, True)


def _tokens(end: End) -> list[Object]:
    """What makes a site dial: Links of v2, token Secrets of v1 that others have issued."""
    if end.version == V2:
        return list(end.snapshot.of("Link"))
    return [
        secret for secret in end.snapshot.of("Secret") if state_of(secret) in DIALS and issuer_of(secret) != end.site.id
    ]


def _tokens_by_link(end: End) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for obj in _tokens(end):
        metadata = obj["metadata"]
        found.setdefault(str((metadata.get("labels") or {}).get(LINK_LABEL) or metadata["name"]), []).append(obj)
    return found


def _target_of(ends: Mapping[str, End], tokens: Sequence[Object]) -> str:
    """The cluster that a link leads to; the name of the site where that is none of them."""
    status = reading_v2.status_of(tokens[0])
    site_id = str(status.get("remoteSiteId") or issuer_of(tokens[0]) or "")
    here = next((end.name for end in ends.values() if end.site.is_there and end.site.id == site_id), "")
    return here or str(status.get("remoteSiteName") or site_id)


def _seen(
    ends: Mapping[str, End], link: Wanted, tokens: Sequence[Object], now: datetime, expected: bool
) -> dict[str, Any]:
    source, target = ends.get(link.source), ends.get(link.target)
    newest = max(tokens, key=lambda obj: (len(obj["metadata"]["name"]), obj["metadata"]["name"])) if tokens else None
    up, message, seen_from = _state(source, target, link, tokens)
    certificate = _certificate(source, newest) if source and newest else None
    return {
        "name": link.name,
        "from": link.source,
        "to": link.target,
        "expected": expected,
        "cost": _cost(newest) if newest else link.cost,
        "up": up,
        "known": _is_known(source) or _is_known(target),
        "seen_from": seen_from,
        "message": message,
        "certificate": described(certificate, now) if certificate else None,
    }


def _is_known(end: End | None) -> bool:
    return end is not None and end.reachable


def _state(
    source: End | None, target: End | None, link: Wanted, tokens: Sequence[Object]
) -> tuple[bool, str, list[str]]:
    """Whether it is up, why not, and which clusters see it."""
    if source is None or not source.reachable:
        return _from_the_other_end(source, target, link)
    if not tokens:
        kind = "Link" if source.version == V2 else "Secret"
        why = source.snapshot.problems.get(kind) or f"{link.source} has no {kind} that makes this link"
        return False, why, []
    states = _states_v2(source, target, tokens) if source.version == V2 else _states_v1(source, target, tokens)
    best = next((state for state in states if state[0]), states[0])
    if best[0] or target is None or target.reachable:
        return best
    # The far end can not be asked, so the near one's word has to do.
    return (True, f"up as {link.source} sees it", best[2]) if link.source in best[2] else best


def _from_the_other_end(source: End | None, target: End | None, link: Wanted) -> tuple[bool, str, list[str]]:
    """What the dialled site tells of a site that can not be asked."""
    if target is None or not target.reachable:
        return False, "neither end can be asked", []
    network = target.site.network
    name = source.snapshot.target.site_name if source else link.source
    ids = [site_id for site_id, known in network.sites.items() if known == name]
    up = any(network.joins(site_id, target.site.id) for site_id in ids)
    if up:
        return True, f"up as {link.target} sees it", [link.target]
    return False, f"{link.target} sees no link with {link.source}", []


def _states_v2(source: End, target: End | None, tokens: Sequence[Object]) -> list[tuple[bool, str, list[str]]]:
    can_ask = target is not None and target.reachable
    here, there = (active_site(end.snapshot.of("Site")) if end else None for end in (source, target))
    nowhere = reading_v2.site_of(None, "", "", None)
    found = []
    for token in tokens:
        linked = reading_v2.linked_token(reading_v2.name_of(token), None, [token], None, nowhere)
        state = reading_v2.link_state([token], linked, here, there if can_ask else _named_by(token))
        found.append((state.up, state.message, _clusters(state.seen_from, source, target)))
    return found


def _named_by(link: Object) -> Object:
    """The Site that a Link says it leads to, for want of the Site itself."""
    status = reading_v2.status_of(link)
    return {"metadata": {"uid": status.get("remoteSiteId"), "name": status.get("remoteSiteName")}}


def _states_v1(source: End, target: End | None, tokens: Sequence[Object]) -> list[tuple[bool, str, list[str]]]:
    router, damage = router_of(source.snapshot)
    if damage:
        return [(False, damage, [])]
    far = target.site if target and target.reachable else SiteView(id=issuer_of(tokens[0]))
    views = [reading_v1.view(source.site.name, source.site.network, source.site.id, far.id, dials=True)]
    if target and target.reachable:
        views.append(reading_v1.view(far.name, far.network, far.id, source.site.id, dials=False))
    found = []
    for token in tokens:
        state = reading_v1.link_state(token, router, views)
        found.append((state.up, state.message, _clusters(state.seen_from, source, target)))
    return found


def _clusters(sites: Iterable[str], source: End, target: End | None) -> list[str]:
    """Names of clusters in the place of those of their sites."""
    names = {end.site.name: end.name for end in (source, target) if end}
    return [names.get(site, site) for site in sites]


def _cost(token: Object) -> int:
    if token["kind"] == "Link":
        return int(reading_v2.spec_of(token).get("cost") or 1)
    return cost_of(token)


def _certificate(source: End, token: Object) -> Certificate | None:
    """The certificate that a token consists of, where it can be read."""
    name = reading_v2.spec_of(token).get("tlsCredentials") if token["kind"] == "Link" else token["metadata"]["name"]
    return certificate_in(source.snapshot.one("Secret", str(name)))


def certificate_in(secret: Object | None) -> Certificate | None:
    """The certificate in a Secret; None where there is none."""
    text = ((secret or {}).get("data") or {}).get("tls.crt")
    try:
        certificates.require_cryptography()
        return certificates.read(base64.b64decode(text)) if text else None
    except (certificates.Unreadable, certificates.MissingCryptography, ValueError):
        return None


def described(certificate: Certificate, now: datetime) -> dict[str, Any]:
    left = (certificate.not_after - now).total_seconds() / DAY_SECONDS
    return {**certificate.as_result(), "days_left": int(left // 1)}
