# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Secrets of v1 tokens say, in the terms that both versions share. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._apply.ownership import made_by
from ..._client.client import FIELD_MANAGER, Object
from ..model import Claim, Issued, Linked, LinkState, Material
from ..names import LINK_LABEL
from ..network_status import Network
from . import claims
from .management import CONNECTED, Connection
from .router import RouterConfig
from .site import SiteV1
from .tokens import (
    CLAIMABLE,
    HOSTLESS,
    INCOMPLETE,
    ISSUED,
    RECORDED,
    REQUESTED,
    cost_of,
    endpoints_of,
    is_asked_for_again,
    is_disabled,
    issuer_of,
    missing_parts,
    part,
    state_of,
    who_asks_again,
)
from .vocabulary import (
    CLAIM_EXPIRATION,
    CLAIMS_MADE,
    CLAIMS_REMAINING,
    ROUTER_CONFIG,
    SERVICE_CONTROLLER,
    SITE_CONTROLLER,
)


def material_of(secret: Mapping[str, Any]) -> Material | None:
    """The certificate, its key and its CA; None where one of them is missing."""
    parts = [part(secret, key) for key in ("ca.crt", "tls.crt", "tls.key")]
    return Material(*parts) if all(parts) else None


def issued_by(site: SiteV1, secret: Object) -> bool:
    """Whether a Secret at the issuing site is a token that it issues, and not one by which it links to others."""
    state = state_of(secret)
    if state in (REQUESTED, RECORDED):
        return True
    return state in (ISSUED, HOSTLESS, INCOMPLETE) and issuer_of(secret) in ("", site.id)


def issued_of(secret: Object, site: SiteV1, waits_for: str) -> Issued:
    """A token at the issuing site.

    :param waits_for: why the site does not issue tokens just now; empty where it should.
    """
    name, state, ours = secret["metadata"]["name"], state_of(secret), made_by(secret, FIELD_MANAGER)
    if state == RECORDED:
        return Issued(name, claim=claim_of(secret, site), is_ours=ours)
    if state == REQUESTED:
        return Issued(name, pending=_why_not_issued(secret, waits_for), is_ours=ours)
    if state == HOSTLESS:
        what = "it was issued while the site had no host, so it leads nowhere; it is issued anew once there is one"
        return Issued(name, pending=f"{what} ({waits_for})" if waits_for else what, is_ours=ours)
    if state == INCOMPLETE:
        lost = ", ".join(missing_parts(secret))
        return Issued(name, problem=f"it has lost {lost}, which somebody has removed since it was issued", is_ours=ours)
    return Issued(name, material=material_of(secret), endpoints=endpoints_of(secret), is_ours=ours)


def _why_not_issued(secret: Object, waits_for: str) -> str:
    if waits_for:
        return waits_for
    if is_asked_for_again(secret, FIELD_MANAGER):
        who = who_asks_again(secret, FIELD_MANAGER)
        return (
            f"it was issued before and is asked for again by {who} (field manager), which gives it a new key each "
            "time: if that comes from a repository (Argo CD), take the Secret out of it, or have its label and data "
            "ignored there"
        )
    asked = secret["metadata"].get("creationTimestamp", "some time ago")
    return f"asked for at {asked}, and not issued: see the log of the site controller (Deployment {SITE_CONTROLLER})"


def claim_of(record: Mapping[str, Any], site: SiteV1) -> Claim:
    """What a claim's record allows."""
    annotations = record["metadata"].get("annotations") or {}
    left, made = annotations.get(CLAIMS_REMAINING), annotations.get(CLAIMS_MADE, "0")
    redeemed = int(made) if made.isdecimal() else 0
    endpoint = site.access.endpoints.get("claims")
    return Claim(
        url=claims.url_of(record["metadata"]["name"], endpoint) if endpoint else "",
        code=part(record, claims.PASSWORD_KEY).decode(),
        ca=site.ca.decode(),
        expires=claims.parse_time(annotations.get(CLAIM_EXPIRATION, "")),
        # What is no number is an error to the issuing site, so that nobody can redeem it.
        allowed=None if left is None else redeemed + (int(left) if left.isdecimal() else 0),
        redeemed=redeemed,
    )


def links_to(issuer: SiteV1, secret: Object) -> bool:
    """Whether a Secret at the linking site is a token for a link to the issuing one.

    One that bears our label is, whatever it holds. One that others made is known by who issued it or, where it does
    not say, as when an ACM Policy left that out, by where it leads.
    """
    if LINK_LABEL in (secret["metadata"].get("labels") or {}):
        return True
    if state_of(secret) not in (ISSUED, INCOMPLETE, CLAIMABLE):
        return False
    author = issuer_of(secret)
    if author:
        return author == issuer.id
    return bool(set(endpoints_of(secret)) & set(issuer.access.endpoints.values()))


def linked_of(secret: Object, issuer_id: str, own_id: str) -> Linked:
    """A token at the linking site.

    :param issuer_id: of the site to link to; empty where it is not known.
    """
    name, state, author = secret["metadata"]["name"], state_of(secret), issuer_of(secret)
    problem, pending = "", ""
    if state == REQUESTED:
        problem = "its Secret has the label of a request, so that the linking site would issue it to itself"
    elif author and author == own_id:
        problem = "it was issued by the linking site itself, which ignores it"
    elif author and issuer_id and author != issuer_id:
        problem = f"it was issued by another site ({author}), or by this one before it was made anew"
    elif state == HOSTLESS:
        problem = "it leads nowhere: it was copied before the issuing site had a host"
    elif state == CLAIMABLE:
        problem = claims.why_failed(secret)
        pending = problem or _why_not_redeemed(secret)
    return Linked(
        name,
        material=material_of(secret),
        is_complete=state == ISSUED,
        cost=cost_of(secret),
        endpoints=endpoints_of(secret),
        pending=pending,
        problem=problem,
    )


def _why_not_redeemed(secret: Object) -> str:
    status = claims.last_status(secret)
    seen = f"the last attempt said: {status}" if status else f"see the log of Deployment {SERVICE_CONTROLLER}"
    return f"the claim is not redeemed yet: {seen}"


@dataclass(frozen=True)
class View:
    """The network as one of the two sites sees it."""

    site: str
    """Its name."""
    sees: bool
    """Whether its own routers tell of a link between the two that the linking one has dialled."""


def view(name: str, network: Network, own: str, other: str, dials: bool) -> View:
    """What one site sees.

    :param own: its id.
    :param dials: it is the linking one.
    """
    return View(name, bool(own and other) and network.reports(own, other, "outgoing" if dials else "incoming"))


def link_state(
    secret: Object,
    router: RouterConfig | None,
    views: Sequence[View],
    connections: Mapping[str, Connection] | None = None,
) -> LinkState:
    """What is to be said of the link that a token makes.

    :param router: of the linking site.
    :param connections: what that router itself says, by connector; None where it was not asked.
    """
    seen_from = tuple(each.site for each in views if each.sees)
    if state_of(secret) == CLAIMABLE:
        failed = claims.why_failed(secret)
        message = f"the claim was {failed}" if failed else _why_not_redeemed(secret)
        return LinkState(False, message, seen_from, hopeless=bool(failed))
    if is_disabled(secret):
        return LinkState(False, f"a SkupperClusterPolicy of the cluster forbids it ({_hosts(secret)})", (), True)
    name = secret["metadata"]["name"]
    lacks = _why_not_dialled(name, router, connections) or _why_not_seen(name, router, views)
    return LinkState(not lacks, lacks or "up", seen_from)


def _why_not_dialled(name: str, router: RouterConfig | None, connections: Mapping[str, Connection] | None) -> str:
    """What keeps the linking site's router from dialling; empty where nothing does, as far as it was asked."""
    if router is None or name not in router.connectors:
        return f"its connector is not in ConfigMap {ROUTER_CONFIG}: see the log of Deployment {SERVICE_CONTROLLER}"
    if connections is None:
        return ""
    own = connections.get(name)
    if own is None:
        return "the linking site's router has no connector of that name yet"
    said = f": {own.message}" if own.message else ""
    return "" if own.status == CONNECTED else f"the linking site's router says {own.status or 'nothing'}{said}"


def _why_not_seen(name: str, router: RouterConfig | None, views: Sequence[View]) -> str:
    blind = " and ".join(each.site for each in views if not each.sees)
    connector = router.connectors[name] if router else None
    where = f" to {connector.host}:{connector.port}" if connector else ""
    return f"its connector{where} is configured, and there is no link to be seen from {blind}" if blind else ""


def _hosts(secret: Object) -> str:
    return ", ".join(sorted({endpoint.host for endpoint in endpoints_of(secret)}))
