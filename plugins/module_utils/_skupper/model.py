# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both versions of Skupper have in common: sites, tokens, links, as they are seen in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Endpoint(NamedTuple):
    """Where a site can be dialled."""

    role: str
    """`inter-router` or `edge`."""
    host: str
    port: str
    group: str = ""
    """v2: endpoints of one router; a site with `ha` has two."""


@dataclass(frozen=True)
class Material:
    """What a certificate token consists of, in PEM. Never shown; see `certificates.Certificate` for what may be."""

    ca: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Site:
    """A site, as its namespace shows it."""

    name: str
    id: str
    """uid of the Site (v2) or of ConfigMap `skupper-site` (v1); empty in a check run where there is no site yet."""
    namespace: str
    server: str
    """URL of the API server."""
    refusal: str = ""
    """Why it can not issue tokens, whatever one waits for (edge, no ingress)."""
    pending: str = ""
    """What it lacks to issue tokens that can be used, and may get (an address of a load balancer)."""
    endpoints: tuple[Endpoint, ...] = ()
    """Where it can be dialled now."""
    ca: bytes = b""
    """PEM: the authority that its routers' clients are verified with; empty where it can not be read."""
    hosts: frozenset[str] | None = None
    """Names in the certificate that its router shows; None where it can not be read."""

    @property
    def is_there(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True)
class Claim:
    """A right to be issued a certificate token."""

    url: str
    code: str = field(repr=False)
    ca: str = field(repr=False)
    expires: datetime | None = None
    allowed: int | None = None
    """How often it may be redeemed; None: as often as one likes."""
    redeemed: int = 0

    @property
    def is_used_up(self) -> bool:
        return self.allowed is not None and self.redeemed >= self.allowed


@dataclass(frozen=True)
class Issued:
    """A token at the issuing site."""

    name: str
    material: Material | None = None
    """None for a claim, and while it is pending."""
    claim: Claim | None = None
    endpoints: tuple[Endpoint, ...] = ()
    pending: str = ""
    """What it lacks, and may get."""
    problem: str = ""
    """Why it can not be used, besides what its certificate shows."""
    is_ours: bool = True
    """Whether this collection made it."""


@dataclass(frozen=True)
class Linked:
    """A token at the linking site."""

    name: str
    material: Material | None = None
    is_complete: bool = False
    """Whether all is there that has the site dial. A claim is not complete until it has been redeemed."""
    cost: int = 1
    endpoints: tuple[Endpoint, ...] = ()
    pending: str = ""
    problem: str = ""
    """Why it can not be used, besides what its certificate shows, such as a claim that was refused."""


@dataclass(frozen=True)
class LinkState:
    """One look at the link that a token makes."""

    up: bool
    """Seen from both sites."""
    message: str
    """One line: what it lacks; or that it is up."""
    seen_from: tuple[str, ...] = ()
    """Names of the sites that see it."""
    hopeless: bool = False
    """It will not come up however long one waits, such as by a claim that was refused."""


@dataclass(frozen=True)
class Observation:
    """One look at both sides. Keys are names of tokens of this link."""

    issuer: Site
    linking: Site | None = None
    """None where only the issuing site is asked (state issued)."""
    issued: Mapping[str, Issued] = field(default_factory=dict)
    linked: Mapping[str, Linked] = field(default_factory=dict)
    states: Mapping[str, LinkState] = field(default_factory=dict)
    """Of the tokens in `linked`."""
    taken: frozenset[str] = frozenset()
    """Names on either side that a new token can not have."""

    @property
    def is_up(self) -> bool:
        """Whether any token carries the link."""
        return any(state.up for state in self.states.values())
