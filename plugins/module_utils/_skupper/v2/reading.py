# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the objects of v2 say of sites, tokens and links. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ..certificates import hosts_of, strangers
from ..model import Claim, Endpoint, Issued, Linked, LinkState, Material, Site
from ..network_status import of_v2
from .objects import KEYS, SITE_SERVER, by_group

Object = Mapping[str, Any]

REFUSED = (": 404 ", ": 403 ", ": 405 ")
"""In the message of an AccessToken that no attempt will redeem (internal/kube/grants redeem.go, grants.go)."""

NO_CONTROLLER = "see that Skupper's controller runs, and watches this namespace"


def name_of(obj: Object) -> str:
    """The object's name."""
    return str(obj["metadata"]["name"])


def spec_of(obj: Object | None) -> Mapping[str, Any]:
    return (obj or {}).get("spec") or {}


def status_of(obj: Object | None) -> Mapping[str, Any]:
    return (obj or {}).get("status") or {}


def condition(obj: Object | None, kind: str) -> tuple[str, str]:
    """Status (`True`, `False`, empty where there is none) and message of a condition."""
    for entry in status_of(obj).get("conditions") or []:
        if entry.get("type") == kind:
            return str(entry.get("status") or ""), str(entry.get("message") or "")
    return "", ""


def endpoints_of(entries: Any) -> tuple[Endpoint, ...]:
    """Endpoints as Site and Link have them."""
    return tuple(
        Endpoint(str(each.get("name")), str(each.get("host")), str(each.get("port")), str(each.get("group") or ""))
        for each in entries or []
        if each.get("host")
    )


def material_of(secret: Object | None) -> Material | None:
    """The certificate in a Secret, where it is complete."""
    data = (secret or {}).get("data") or {}
    if not all(data.get(key) for key in KEYS):
        return None
    authority, certificate, key = (base64.b64decode(data[each]) for each in KEYS)
    return Material(authority, certificate, key)


def site_of(site: Object | None, namespace: str, server: str, shown: Object | None) -> Site:
    """A site.

    :param site: None where there is none.
    :param shown: Secret `skupper-site-server`, where it can be read.
    """
    if site is None:
        return Site("", "", namespace, server)
    endpoints = endpoints_of(status_of(site).get("endpoints"))
    data = (shown or {}).get("data") or {}
    hosts = hosts_of(base64.b64decode(data["tls.crt"])) if data.get("tls.crt") else None
    return Site(
        name=name_of(site),
        id=str(site["metadata"]["uid"]),
        namespace=namespace,
        server=server,
        refusal=_refusal(site, endpoints),
        pending=_pending(site, endpoints, hosts),
        endpoints=endpoints,
        ca=base64.b64decode(data.get("ca.crt") or ""),
        hosts=hosts,
    )


def _refusal(site: Object, endpoints: Sequence[Endpoint]) -> str:
    spec = spec_of(site)
    if spec.get("edge"):
        return f"Site {name_of(site)} is an edge site, and those accept no links: swap the two sites"
    if str(spec.get("linkAccess") or "none") == "none" and not endpoints:
        return f"Site {name_of(site)} accepts no links: set its linkAccess (module skupper_site, ingress)"
    return ""


def _pending(site: Object, endpoints: Sequence[Endpoint], hosts: frozenset[str] | None) -> str:
    if not status_of(site):
        return f"no controller has taken up Site {name_of(site)}: {NO_CONTROLLER}"
    if not by_group(endpoints):
        said = condition(site, "Resolved")[1] or str(status_of(site).get("message") or "")
        return f"Site {name_of(site)} has no address yet ({said or 'nothing said'}): see its Service or Route"
    unnamed = strangers(endpoints, hosts)
    return f"the certificate in Secret {SITE_SERVER} does not name {', '.join(unnamed)} yet" if unnamed else ""


def issued_certificate(certificate: Object, secret: Object | None, site: Site, is_ours: bool) -> Issued:
    """A Certificate, with its Secret, which must have been read after it."""
    token, (ready, said) = name_of(certificate), condition(certificate, "Ready")
    material = material_of(secret)
    if material:
        return Issued(token, material, endpoints=site.endpoints, is_ours=is_ours)
    if ready == "True":  # the controller does not make a deleted Secret again (certificates/mgr.go, secretDeleted)
        return Issued(token, problem=f"Secret {token} is gone, and will not be made again", is_ours=is_ours)
    if "not controlled" in said:
        return Issued(token, problem=f"Certificate {token}: {said}", is_ours=is_ours)
    return Issued(token, pending=said or f"Certificate {token} has not been issued: {NO_CONTROLLER}", is_ours=is_ours)


def issued_claim(grant: Object, site: Site, is_ours: bool) -> Issued:
    """An AccessGrant."""
    token, status = name_of(grant), status_of(grant)
    url, code, ca = (str(status.get(key) or "") for key in ("url", "code", "ca"))
    processed, said = condition(grant, "Processed")
    if not (url and code and ca):
        if processed == "False":
            return Issued(token, problem=f"AccessGrant {token}: {said}", is_ours=is_ours)
        message = f"AccessGrant {token} has no {'url' if code else 'code'} yet"
        return Issued(token, pending=said if said not in ("", "OK") else message, is_ours=is_ours)
    claim = Claim(
        url,
        code,
        ca,
        expires=_moment(status.get("expirationTime")),
        allowed=int(spec_of(grant).get("redemptionsAllowed") or 0),
        redeemed=int(status.get("redemptions") or 0),
    )
    return Issued(token, claim=claim, endpoints=site.endpoints, is_ours=is_ours)


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def linked_token(
    token: str, secret: Object | None, links: Sequence[Object], access: Object | None, site: Site
) -> Linked:
    """A token at the linking site.

    :param links: all Links that use it.
    :param access: its AccessToken, where it is a claim.
    :param site: the issuing one.
    """
    material = material_of(secret)
    endpoints = tuple(each for link in links for each in endpoints_of(spec_of(link).get("endpoints")))
    wanted, there = set(by_group(site.endpoints)), set(by_group(endpoints))
    # One Link with all endpoints is what upstream's CLI makes for any site.
    is_complete = bool(material and links) and (len(there) != 1 or len(wanted) < 2 or wanted <= there)
    pending, problem = _redemption(token, access) if not links else ("", "")
    return Linked(
        name=token,
        material=material,
        is_complete=is_complete,
        cost=int(spec_of(links[0]).get("cost") or 1) if links else 1,
        endpoints=endpoints,
        pending=pending,
        problem=problem,
    )


def _redemption(token: str, access: Object | None) -> tuple[str, str]:
    """What a claim that has made no Link yet lacks, or why it never will make one."""
    if access is None:
        return "", ""
    redeemed, said = condition(access, "Redeemed")
    if redeemed == "True" or status_of(access).get("redeemed"):
        return "", f"AccessToken {token} has been redeemed before, and its Link is gone"
    if redeemed == "False" and any(code in said for code in REFUSED):
        return "", f"AccessToken {token} was refused: {said}"
    return said or f"AccessToken {token} has not been redeemed yet", ""


def link_state(links: Sequence[Object], linked: Linked, linking: Object | None, issuer: Object | None) -> LinkState:
    """The link of a token, seen from both sites.

    :param linking: the Site that dials.
    :param issuer: the Site that is dialled.
    """
    if not links:
        message = linked.problem or linked.pending or "there is no Link"
        return LinkState(False, message, hopeless=bool(linked.problem))
    states = [_one_link(link, linking, issuer) for link in links]
    return next((state for state in states if state.up), states[0])


def _one_link(link: Object, linking: Object | None, issuer: Object | None) -> LinkState:
    status, name = status_of(link), name_of(link)
    here, there = ((site or {}).get("metadata") or {} for site in (linking, issuer))
    dialled = condition(link, "Configured")[0] == "True" and condition(link, "Operational")[0] == "True"
    if dialled and status.get("remoteSiteId") not in (None, "", there.get("uid")):
        return LinkState(False, f"Link {name} leads to another site, {status.get('remoteSiteName')}")
    network = of_v2(status_of(issuer).get("network"))
    noticed = network.carries(name, str(here.get("uid")), str(there.get("uid")))
    seen_from = tuple(str(site.get("name")) for site, sees in ((here, dialled), (there, noticed)) if sees)
    if dialled and noticed:
        return LinkState(True, "up", seen_from)
    if dialled:
        return LinkState(False, f"Link {name} is up, but {there.get('name')} does not see it yet", seen_from)
    said = [
        message
        for kind in ("Configured", "Operational")
        for state, message in [condition(link, kind)]
        if state != "True" and message
    ]
    causes = [said[0] if said else "the router does not dial yet", *filter(None, map(_trouble, (linking, issuer)))]
    return LinkState(False, f"Link {name}: {'; '.join(causes)}", seen_from)


def _trouble(site: Object | None) -> str:
    """What a Site says of itself where it is not ready: no link comes up then."""
    if site is None or condition(site, "Ready")[0] == "True":
        return ""
    said = condition(site, "Ready")[1] or f"no controller has taken it up: {NO_CONTROLLER}"
    return f"Site {name_of(site)} is not ready: {said}"
