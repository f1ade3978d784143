# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that make up a token of v2. Pure.

Formats: skupperproject/skupper 2.0.0 pkg/apis/skupper/v2alpha1/types.go. A certificate token is what upstream's
`skupper link generate` makes (internal/cmd/skupper/link/kube/link_generate.go): a Certificate at the issuing site, its
Secret and a Link at the linking one. A claim is an AccessGrant and an AccessToken.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from ..._client.client import Object
from ..model import Claim, Endpoint, Material

API = "skupper.io/v2alpha1"
SITE_CA = "skupper-site-ca"
SITE_SERVER = "skupper-site-server"
"""Secret with the certificate that the site's router shows (internal/kube/site/site.go)."""

KEYS = ("ca.crt", "tls.crt", "tls.key")
ROLES = ("inter-router", "edge")
CLAIM_FIELDS = ("url", "code", "ca")
"""Of an AccessToken's spec: not to be shown, and not known before the grant is."""


def certificate(token: str, authority: str) -> Object:
    """Asks the issuing site's controller for a certificate."""
    return _object("Certificate", token, {"ca": authority or SITE_CA, "client": True, "subject": token})


def secret(token: str, material: Material | None) -> Object:
    """A copy of the certificate.

    Nothing but data is copied: the original's annotations tell the controller that it is its own.

    :param material: None where it is not known yet.
    """
    values = (material.ca, material.certificate, material.key) if material else (b"unknown",) * 3
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": token},
        "type": "kubernetes.io/tls",
        "data": {key: base64.b64encode(value).decode() for key, value in zip(KEYS, values)},
    }


def links(token: str, endpoints: Iterable[Endpoint], cost: int) -> list[Object]:
    """A Link to each router of the issuing site: one, or two of a site with `ha`."""
    groups = by_group(endpoints) or {"": []}
    return [
        _object(
            "Link",
            token if number == 0 else f"{token}-{group}",
            {
                "tlsCredentials": token,
                "cost": cost,
                "endpoints": [
                    {"name": each.role, "host": each.host, "port": each.port, "group": each.group} for each in entries
                ],
            },
        )
        for number, (group, entries) in enumerate(groups.items())
    ]


def by_group(endpoints: Iterable[Endpoint]) -> dict[str, list[Endpoint]]:
    """Endpoints that routers dial, by the router that they lead to, in the order of its name."""
    groups: dict[str, list[Endpoint]] = {}
    for endpoint in sorted(endpoints, key=lambda each: (each.group, each.role != ROLES[0], each.host)):
        if endpoint.role in ROLES:
            groups.setdefault(endpoint.group, []).append(endpoint)
    return groups


def access_grant(token: str, redemptions: int, window: str) -> Object:
    """Has the issuing site's controller serve a claim.

    Both are said outright: 2.0.0 takes a grant without `redemptionsAllowed` for one that is used up
    (internal/kube/grants grants.go), and the window's default differs between its documentation and its code.
    """
    return _object("AccessGrant", token, {"redemptionsAllowed": redemptions, "expirationWindow": window})


def access_token(token: str, claim: Claim | None, cost: int) -> Object:
    """Has the linking site's controller redeem a claim.

    :param claim: None where it is not known yet.
    """
    url, code, ca = (claim.url, claim.code, claim.ca) if claim else ("unknown",) * 3
    return _object("AccessToken", token, {"url": url, "code": code, "ca": ca, "linkCost": cost})


def restorable(obj: Object) -> Object:
    """An object as it is to be made again: without what the server and the controller have put into it."""
    metadata = {"name": obj["metadata"]["name"], "labels": dict(obj["metadata"].get("labels") or {})}
    parts: Object = {key: obj[key] for key in ("apiVersion", "kind", "type", "data", "spec") if key in obj}
    return {**parts, "metadata": metadata}


def _object(kind: str, name: str, spec: dict[str, Any]) -> Object:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec}
