# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Giving a cluster a block of a broker's pool. Pure functions.

Upstream: submariner-operator pkg/cidr/cidr.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from .._client.client import Object
from .._client.errors import InputError, InterconnectError
from .broker_pools import CLUSTER_INFO, Pool
from .cidr import Network, block_size, networks_in, overlap, pool_range

# What a cluster gets for clusterset IPs where the broker does not say (subctl pkg/join).
CLUSTERSET_BLOCK = 4096


def block_for(pool: Pool, cluster: str, given: str | None = None, size: int | None = None) -> str:
    """The block of a cluster: the one that it has; else the given one; else the first that is free.

    :param size: addresses of a block, where not what the pool says.
    :raises InputError: the given block overlaps that of another cluster, or the size does not go.
    :raises InterconnectError: the pool is exhausted.
    """
    known = pool.clusters.get(cluster)
    if known:
        return known[0]
    if given:
        return str(_checked(pool, given))
    range_ = pool_range(pool.cidr_range, pool.kind.option)
    wanted = size or pool.cluster_size or CLUSTERSET_BLOCK
    return str(first_free(range_, block_size(wanted, range_, "globalnet_cluster_size"), pool))


def _checked(pool: Pool, given: str) -> IPv4Network:
    wanted = pool_range(given, "globalnet_cidr")
    for owner, block in _given(pool):
        if overlap([wanted], [block]):
            raise InputError("globalnet_cidr", f"{wanted} overlaps {block}, which cluster {owner} has")
    return wanted


def first_free(range_: IPv4Network, size: int, pool: Pool) -> IPv4Network:
    """The first block of `size` addresses in a range in which no cluster has an address.

    :param size: a power of two.
    """
    prefix = 32 - (size.bit_length() - 1)
    blocks = [block for _owner, block in _given(pool) if isinstance(block, IPv4Network)]
    at = int(range_.network_address)
    while at <= int(range_.broadcast_address):
        candidate = IPv4Network((at, prefix))
        taken = next((block for block in blocks if block.overlaps(candidate)), None)
        if taken is None:
            return candidate
        # The larger of both: blocks lie within each other, or apart.
        at = max(int(taken.broadcast_address), int(candidate.broadcast_address)) + 1
    owners = ", ".join(sorted(pool.clusters))
    raise InterconnectError(
        f"{range_} has no block of {size} addresses left for {pool.kind.title}: {owners} have all. Release those of "
        "clusters that are gone (state: forgotten with release_cidrs), or let the broker have a larger range",
        clusters=sorted(pool.clusters),
    )


def _given(pool: Pool) -> Iterator[tuple[str, Network]]:
    for owner, texts in sorted(pool.clusters.items()):
        for block in networks_in(texts):
            yield owner, block


def with_block(config_map: Object, cluster: str, block: str) -> Object:
    """A ConfigMap in which a cluster has a block; as it was read but for that, so that it can be updated."""
    return _with_entries(config_map, [*_entries(config_map), {"cluster_id": cluster, "global_cidr": [block]}])


def without_cluster(config_map: Object, cluster: str) -> Object:
    """A ConfigMap in which a cluster has nothing."""
    return _with_entries(config_map, [each for each in _entries(config_map) if each["cluster_id"] != cluster])


def _entries(config_map: Object) -> list[Any]:
    return list(json.loads((config_map.get("data") or {}).get(CLUSTER_INFO) or "[]") or [])


def _with_entries(config_map: Object, entries: list[Any]) -> Object:
    # In the form in which upstream writes it.
    data = {**(config_map.get("data") or {}), CLUSTER_INFO: json.dumps(entries, indent="\t")}
    return {**config_map, "data": data}
