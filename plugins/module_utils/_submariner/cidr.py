# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges of addresses: what may be one, what overlaps, how large a cluster's block is. Pure functions.

Upstream: submariner-operator pkg/cidr/cidr.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Union

from .._client.errors import InputError

Network = Union[IPv4Network, IPv6Network]


def network(text: str, field: str) -> Network:
    """A range in CIDR notation.

    :raises InputError: it is none, or names a host within one.
    """
    try:
        return ip_network(text.strip())
    except ValueError:
        pass
    try:
        meant = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise InputError(field, f"{text!r} is no range of addresses in CIDR notation, such as 10.128.0.0/14") from error
    raise InputError(field, f"{text!r} has bits set behind its prefix; the range is {meant}")


def networks_in(texts: Iterable[str]) -> list[Network]:
    """The ranges that somebody else has written down; what is none is left out."""
    found = []
    for text in texts:
        with contextlib.suppress(ValueError):
            found.append(ip_network(text.strip(), strict=False))
    return found


def pool_range(text: str, field: str) -> IPv4Network:
    """A range that virtual addresses of clusters may be taken from.

    :raises InputError: no IPv4 range, or one whose addresses are not routed.
    """
    found = network(text, field)
    if not isinstance(found, IPv4Network):
        raise InputError(field, f"{text} is IPv6: Submariner allocates IPv4 addresses only")
    # Of a network, these properties say that both its ends are so.
    for property_name, words in (
        ("is_unspecified", "the unspecified address"),
        ("is_loopback", "loopback addresses"),
        ("is_link_local", "link-local addresses"),
        ("is_multicast", "multicast addresses"),
    ):
        if any(getattr(found[end], property_name) for end in (0, -1)):
            raise InputError(field, f"{text} has {words} in it, which are not routed between clusters")
    return found


def block_size(wanted: int, pool: IPv4Network, field: str) -> int:
    """How many addresses each cluster gets: `wanted`, rounded up to a power of two.

    :raises InputError: less than two clusters would have room.
    """
    if wanted < 1:
        raise InputError(field, f"is {wanted}: give a number of addresses")
    size = 1 << (wanted - 1).bit_length()
    if size * 2 > pool.num_addresses:
        raise InputError(
            field,
            f"is {wanted}, which takes {size} addresses for each cluster, but {pool} has {pool.num_addresses} and is "
            f"for two clusters at least: {pool.num_addresses // 2} at most",
        )
    return size


def overlap(ours: Iterable[Network], theirs: Iterable[Network]) -> tuple[Network, Network] | None:
    """The first pair of ranges, one of each side, that have an address in common; None where there is none."""
    others = list(theirs)
    for one in ours:
        for other in others:
            if one.version == other.version and one.overlaps(other):
                return one, other
    return None


def contains(outer: Network, inner: Network) -> bool:
    """Whether all addresses of `inner` are in `outer`."""
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)
