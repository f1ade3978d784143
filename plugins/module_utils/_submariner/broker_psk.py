# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which key the tunnels have. Pure but for the making of a new one.

All clusters of a broker need the same: a new one beside clusters that have joined would never let later ones connect.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._client.client import Object
from .._client.errors import InputError, InterconnectError
from .names import OPERATOR_NAMESPACE, PSK_KEY, PSK_SECRET

# As subctl pkg/broker/ipsec_psk.go.
PSK_BYTES = 48
# Stands for the key that a check run does not make; never written.
PREDICTED_PSK = b"predicted"

STORED, GIVEN, FROM_FILE, IN_USE, GENERATED = "secret", "ipsec_psk_from", "broker_info_path", "cluster", "generated"


class Psk(NamedTuple):
    """A key, and where it is from."""

    value: bytes
    source: str


class Sources(NamedTuple):
    """The keys that are known, None where there is none."""

    stored: bytes | None
    """In the broker's namespace."""
    given: bytes | None
    """By the user, in the file of another broker or of this one."""
    from_file: bytes | None
    """In the file of this broker that is to be written."""
    in_use: bytes | None
    """By the broker's own cluster, where that has joined."""


def choose(known: Sources, joined: Sequence[str], check_mode: bool) -> Psk:
    """The broker's key.

    :param joined: clusters that have joined.
    :raises InputError: the user gives another key than the one that these have.
    :raises InterconnectError: they have one, and it is not known.
    """
    in_force = known.stored or known.from_file or known.in_use
    if known.given:
        if joined and in_force and known.given != in_force:
            raise InputError(
                "ipsec_psk_from",
                f"has another key than {', '.join(joined)} joined with: tunnels between clusters with different keys "
                "never come up. Leave it out, or have these clusters leave first",
            )
        return Psk(known.given, STORED if known.given == known.stored else GIVEN)
    for value, source in ((known.stored, STORED), (known.from_file, FROM_FILE), (known.in_use, IN_USE)):
        if value:
            return Psk(value, source)
    if joined:
        raise InterconnectError(
            f"{', '.join(joined)} joined this broker with a key that is not stored on it (subctl does not do that), "
            "and a new one would keep later clusters from connecting. Give ipsec_psk_from, the broker-info.subm by "
            f"which they joined; or copy the Secret {PSK_SECRET} of one of them from namespace {OPERATOR_NAMESPACE} "
            "into the broker's namespace",
            clusters=list(joined),
        )
    return Psk(PREDICTED_PSK if check_mode else secrets.token_bytes(PSK_BYTES), GENERATED)


def psk_of(secret: Object | None) -> bytes | None:
    """The key in a Secret."""
    return _decoded(((secret or {}).get("data") or {}).get(PSK_KEY))


def inline_psk(submariner: Object) -> bytes | None:
    """The key that a Submariner resource holds itself, as subctl wrote it."""
    return _decoded((submariner.get("spec") or {}).get("ceIPSecPSK"))


def _decoded(value: Any) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) or None if value else None
    except ValueError:
        return None
