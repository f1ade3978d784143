# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate token of v1: the Secret's states, the request for one, and its copy for the linking site.

Upstream: skupperproject/skupper 1.9.6 cmd/site-controller/controller.go, client/connector_token_create.go,
cmd/service-controller/token_handler.go.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from ..._client.client import Object
from ..model import Endpoint
from .vocabulary import (
    CERTIFICATE_KEYS,
    CLAIM,
    CLAIM_RECORD,
    COST,
    DISABLED,
    EDGE_HOST,
    EDGE_PORT,
    ENDPOINT_ANNOTATIONS,
    GATEWAY_TOKEN,
    GENERATED_BY,
    INTER_ROUTER_HOST,
    INTER_ROUTER_PORT,
    REQUEST,
    SITE_VERSION,
    TOKEN,
    TYPE,
)

ABSENT = "absent"
REQUESTED = "requested"
"""The site controller has not issued it (yet)."""
HOSTLESS = "hostless"
"""Issued while the load balancer had no address: nobody could link with it."""
INCOMPLETE = "incomplete"
"""Issued, but keys or annotations are missing: somebody has taken them out since."""
ISSUED = "issued"
CLAIMABLE = "claim"
"""A claim that the service controller is to redeem."""
RECORDED = "claim record"
FOREIGN = "foreign"
"""A Secret of that name is there, but it is none of a link."""

# What goes along with a token; cost is the linking site's own choice.
COPIED_ANNOTATIONS = (*ENDPOINT_ANNOTATIONS, GENERATED_BY, SITE_VERSION)


def state_of(secret: Mapping[str, Any] | None) -> str:
    """The state of a token's Secret, as far as it alone tells it; whether its certificate is any good is asked apart.

    The label alone decides: a request that holds data is issued anew all the same.
    """
    if secret is None:
        return ABSENT
    labels, annotations = _meta(secret, "labels"), _meta(secret, "annotations")
    kind = labels.get(TYPE, "")
    by_label = {REQUEST: REQUESTED, CLAIM: CLAIMABLE, CLAIM_RECORD: RECORDED}
    if kind in by_label:
        return by_label[kind]
    if kind != TOKEN:
        return FOREIGN
    if annotations.get(INTER_ROUTER_HOST) == "" or annotations.get(EDGE_HOST) == "":
        return HOSTLESS
    return INCOMPLETE if missing_parts(secret) else ISSUED


def missing_parts(secret: Mapping[str, Any]) -> list[str]:
    """What a certificate token has to have, and this one has not: keys of its data, and annotations."""
    data, annotations = secret.get("data") or {}, _meta(secret, "annotations")
    lost = [key for key in CERTIFICATE_KEYS if not data.get(key)]
    return lost + [key for key in ENDPOINT_ANNOTATIONS if not annotations.get(key)]


def what_it_is(secret: Mapping[str, Any]) -> str:
    """A Secret in words, for the message that it stands in the way of a token."""
    kind = _meta(secret, "labels").get(TYPE)
    if kind == GATEWAY_TOKEN:
        return "the token of a gateway"
    return f"a Secret with the label {TYPE}={kind}" if kind else f"a Secret without the label {TYPE}"


def digest(secret: Mapping[str, Any]) -> str:
    """What tells two tokens apart: a SHA-256 over the certificate, its key, its CA and where it leads to."""
    found = hashlib.sha256()
    data, annotations = secret.get("data") or {}, _meta(secret, "annotations")
    for part in (*(data.get(key, "") for key in CERTIFICATE_KEYS), *map(annotations.get, ENDPOINT_ANNOTATIONS)):
        found.update(f"{part}\0".encode())
    return found.hexdigest()


def endpoints_of(secret: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Where the token leads to."""
    annotations = _meta(secret, "annotations")
    pairs = {"inter-router": (INTER_ROUTER_HOST, INTER_ROUTER_PORT), "edge": (EDGE_HOST, EDGE_PORT)}
    found = [
        Endpoint(role, annotations.get(host, ""), annotations.get(port, "")) for role, (host, port) in pairs.items()
    ]
    return tuple(endpoint for endpoint in found if endpoint.host and endpoint.port)


def issuer_of(secret: Mapping[str, Any]) -> str:
    """The id of the site that has issued the token; empty where the token does not say."""
    return _meta(secret, "annotations").get(GENERATED_BY, "")


def cost_of(secret: Mapping[str, Any]) -> int:
    """The cost that the link has; what is no number is ignored, as upstream does."""
    try:
        return int(_meta(secret, "annotations").get(COST, "1"))
    except ValueError:
        return 1


def is_disabled(secret: Mapping[str, Any]) -> bool:
    """Whether a SkupperClusterPolicy keeps the token from linking."""
    return _meta(secret, "labels").get(DISABLED) == "true"


def part(secret: Mapping[str, Any] | None, key: str) -> bytes:
    """One of the Secret's values, decoded; empty where it is not there.

    :raises ValueError: it is no base64, which the API server would not have stored.
    """
    return base64.b64decode(((secret or {}).get("data") or {}).get(key) or "")


def request(name: str, namespace: str, labels: Mapping[str, str]) -> Object:
    """What the site controller makes a token of. To be written once: each pass that finds the label makes a new key."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {**labels, TYPE: REQUEST}},
    }


def token(
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    data: Mapping[str, str],
    annotations: Mapping[str, str],
) -> Object:
    """A token that was signed here, as upstream's CLI makes it.

    :param data: base64.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**labels, TYPE: TOKEN},
            "annotations": dict(annotations),
        },
        "type": "kubernetes.io/tls",
        "data": {key: data[key] for key in CERTIFICATE_KEYS},
    }


def copy(source: Mapping[str, Any], namespace: str, labels: Mapping[str, str], cost: int) -> Object:
    """A token for the linking site, made from the issued one.

    Nothing else of it goes along: with Argo CD's tracking label the linking site's Argo CD would adopt and prune it,
    and an owner of another cluster would have it collected.

    :raises ValueError: `source` is not issued: with the label of a request, the linking site would issue it to itself.
    """
    if state_of(source) != ISSUED:
        raise ValueError(f"{source['metadata']['name']} is {state_of(source)}")
    annotations = _meta(source, "annotations")
    copied = {key: annotations[key] for key in COPIED_ANNOTATIONS if annotations.get(key)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": source["metadata"]["name"],
            "namespace": namespace,
            "labels": {**labels, TYPE: TOKEN},
            "annotations": {**copied, COST: str(cost)},
        },
        "type": source.get("type") or "Opaque",
        "data": {key: source["data"][key] for key in CERTIFICATE_KEYS},
    }


def plain(live: Mapping[str, Any]) -> Object:
    """A Secret without what its API server has made of it, to make it anew after it was removed."""
    metadata = {key: live["metadata"][key] for key in ("name", "labels", "annotations") if key in live["metadata"]}
    body = {key: live[key] for key in ("type", "data") if key in live}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **body}


def who_asks_again(secret: Mapping[str, Any], ours: str) -> str:
    """The field manager that has set the label of the Secret's type, unless that is ours; empty where nobody has."""
    names = [
        str(entry.get("manager", ""))
        for entry in (secret.get("metadata") or {}).get("managedFields") or []
        if f"f:{TYPE}" in (((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:labels") or {})
    ]
    return next((name for name in reversed(names) if name != ours), "")


def is_asked_for_again(secret: Mapping[str, Any], ours: str) -> bool:
    """Whether somebody else has set the label of a request on a token that had been issued."""
    return state_of(secret) == REQUESTED and bool(issuer_of(secret)) and bool(who_asks_again(secret, ours))


def writers_of(secret: Mapping[str, Any], ours: str) -> list[str]:
    """The field managers of a Secret besides ours, in the order of their last writes."""
    entries = (secret.get("metadata") or {}).get("managedFields") or []
    entries = sorted(entries, key=lambda entry: str(entry.get("time", "")))
    return list(dict.fromkeys(str(entry["manager"]) for entry in entries if entry.get("manager") not in (None, ours)))


def _meta(secret: Mapping[str, Any], part_of_it: str) -> Mapping[str, str]:
    return (secret.get("metadata") or {}).get(part_of_it) or {}
