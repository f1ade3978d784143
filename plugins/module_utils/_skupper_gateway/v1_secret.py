# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret of a v1 gateway: a token of its site, with a label of its own.

Preferably the site controller signs it, as any other token: it is asked for under the gateway's name, and gets the
label of a gateway's token once it has been issued. For the moment in between, it is a token that the site has issued to
itself, which it ignores. Upstream: skupperproject/skupper 1.9.6 client/gateway.go, cmd/site-controller/controller.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .._client.client import Object
from .._skupper import certificates
from .._skupper.model import Material
from .._skupper.v1 import tokens
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import EDGE_HOST, GATEWAY_TOKEN, GENERATED_BY, REQUEST, SITE_VERSION, TOKEN, TYPE

KINDS = frozenset({REQUEST, TOKEN, GATEWAY_TOKEN})


def kind_of(secret: Mapping[str, Any]) -> str:
    """What its label says that it is."""
    return str(((secret.get("metadata") or {}).get("labels") or {}).get(TYPE) or "")


def problem(secret: Object, site: SiteV1, now: datetime, renew_before: int) -> str:
    """Why it has to be issued anew; empty where it need not.

    :param renew_before: days before its end.
    """
    if (secret["metadata"].get("annotations") or {}).get(EDGE_HOST) == "":
        return "it was issued while the site had no host"
    lost = tokens.missing_parts(secret)
    if lost:
        return f"it lacks {', '.join(lost)}"
    author = tokens.issuer_of(secret)
    if author and author != site.id:
        return f"it was issued by another site ({author}), or by this one before it was made anew"
    material = material_of(secret)
    found = certificates.problems(material, site.ca, now)
    if found:
        return found[0]
    if certificates.read(material.certificate).not_after - now < timedelta(days=renew_before):
        return f"it expires within {renew_before} days"
    return ""


def material_of(secret: Object) -> Material:
    """Its certificate and key."""
    return Material(*(tokens.part(secret, key) for key in ("ca.crt", "tls.crt", "tls.key")))


def request(name: str, namespace: str, owner: Mapping[str, Any] | None) -> Object:
    """What the site controller makes a token of."""
    return _owned(tokens.request(name, namespace, {}), owner)


def signed(name: str, site: SiteV1, data: Mapping[str, str], owner: Mapping[str, Any] | None) -> Object:
    """The Secret of a gateway as signed here, with the site's CA key."""
    made = tokens.token(name, site.namespace, {}, data, annotations_of(site))
    made["metadata"]["labels"] = {TYPE: GATEWAY_TOKEN}
    return _owned(made, owner)


def annotations_of(site: SiteV1) -> dict[str, str]:
    """What a token of the site says of where it leads to, and of the site."""
    ends = {
        f"{end.role}-{part}": value
        for end in site.dialled_at
        for part, value in (("host", end.host), ("port", end.port))
    }
    return {**ends, GENERATED_BY: site.id, SITE_VERSION: site.version}


def to_label(secret: Object, site: SiteV1, owner: Mapping[str, Any] | None) -> Object:
    """What is to be patched of a good token so that it is the gateway's; empty where nothing is."""
    metadata = secret["metadata"]
    patch: dict[str, Any] = {}
    if kind_of(secret) != GATEWAY_TOKEN:
        patch["labels"] = {TYPE: GATEWAY_TOKEN}
    known = metadata.get("annotations") or {}
    stale = {key: value for key, value in annotations_of(site).items() if value and known.get(key) != value}
    if stale:
        patch["annotations"] = stale
    if owner and owner.get("uid") not in [each.get("uid") for each in metadata.get("ownerReferences") or []]:
        patch["ownerReferences"] = [dict(owner)]
    return {"metadata": patch} if patch else {}


def _owned(obj: Object, owner: Mapping[str, Any] | None) -> Object:
    if owner is None:
        return obj
    return {**obj, "metadata": {**obj["metadata"], "ownerReferences": [dict(owner)]}}
