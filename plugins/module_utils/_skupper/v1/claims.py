# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claim tokens of v1: a record at the issuing site, and a claim at the linking site, which its service controller
redeems for a certificate token.

Upstream: skupperproject/skupper 1.9.6 pkg/kube/claims (claim_create.go, claim_verifier.go), pkg/domain/link.go
(RedeemClaim).
"""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ..._client.client import Object
from ..model import Endpoint
from .vocabulary import (
    CLAIM,
    CLAIM_EXPIRATION,
    CLAIM_RECORD,
    CLAIM_STATUS,
    CLAIM_URL,
    CLAIMS_REMAINING,
    COST,
    GENERATED_BY,
    LAST_FAILED,
    SITE_VERSION,
    TYPE,
)

PASSWORD_KEY = "password"
_PASSWORD_LENGTH = 24
_PASSWORD_CHARACTERS = string.ascii_letters + string.digits


def new_password() -> str:
    """What proves that a claim is that of the record; of the same length as upstream's."""
    return "".join(secrets.choice(_PASSWORD_CHARACTERS) for _each in range(_PASSWORD_LENGTH))


class Terms(NamedTuple):
    """How long and how often a claim can be redeemed."""

    expires: datetime | None
    """None: for ever."""
    uses: int
    """0: any number of times."""


def record(
    name: str, labels: Mapping[str, str], site_version: str, password: str, terms: Terms, router_config: Object
) -> Object:
    """The issuing site's part.

    :param router_config: ConfigMap skupper-internal: the record goes with it.
    """
    annotations = {SITE_VERSION: site_version}
    if terms.expires:
        annotations[CLAIM_EXPIRATION] = _rfc3339(terms.expires)
    if terms.uses:
        annotations[CLAIMS_REMAINING] = str(terms.uses)
    owner = router_config["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": owner["namespace"],
            "labels": {**labels, TYPE: CLAIM_RECORD},
            "annotations": annotations,
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": owner["name"], "uid": owner["uid"]}],
        },
        "data": {PASSWORD_KEY: _encoded(password.encode())},
    }


class Redeemer(NamedTuple):
    """The site that redeems claims."""

    id: str
    endpoint: Endpoint
    ca: bytes
    """PEM, by which the endpoint is verified."""


def url_of(name: str, endpoint: Endpoint) -> str:
    """Where the claim of a record is redeemed."""
    host, port = endpoint.host, endpoint.port
    return f"https://[{host}]:{port}/{name}" if ":" in host else f"https://{host}:{port}/{name}"


def claim(
    claim_record: Mapping[str, Any], namespace: str, labels: Mapping[str, str], redeemer: Redeemer, cost: int
) -> Object:
    """The linking site's part, made from the record."""
    metadata = claim_record["metadata"]
    theirs = metadata.get("annotations") or {}
    annotations = {
        CLAIM_URL: url_of(metadata["name"], redeemer.endpoint),
        SITE_VERSION: theirs.get(SITE_VERSION, ""),
        GENERATED_BY: redeemer.id,
        COST: str(cost),
    }
    if CLAIM_EXPIRATION in theirs:
        annotations[CLAIM_EXPIRATION] = theirs[CLAIM_EXPIRATION]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": metadata["name"],
            "namespace": namespace,
            "labels": {**labels, TYPE: CLAIM},
            "annotations": annotations,
        },
        "data": {PASSWORD_KEY: claim_record["data"][PASSWORD_KEY], "ca.crt": _encoded(redeemer.ca)},
    }


def why_failed(claim_secret: Mapping[str, Any]) -> str:
    """Why the linking site will never redeem the claim; empty where it may yet.

    It tries a claim once when the issuing site does not know it (404), and up to five times otherwise.
    """
    annotations = (claim_secret.get("metadata") or {}).get("annotations") or {}
    if LAST_FAILED not in annotations:
        return ""
    return f"refused at {annotations[LAST_FAILED]}: {annotations.get(CLAIM_STATUS, 'no reason given')}"


def last_status(claim_secret: Mapping[str, Any]) -> str:
    """What came of the last attempt to redeem the claim."""
    return str(((claim_secret.get("metadata") or {}).get("annotations") or {}).get(CLAIM_STATUS, ""))


def parse_time(text: str) -> datetime | None:
    """A time in the form of RFC 3339; None where the text is none."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _rfc3339(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
