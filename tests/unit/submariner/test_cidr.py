# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges: what may be one, blocks, overlaps."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.cidr import (
    block_size,
    contains,
    network,
    networks_in,
    overlap,
    pool_range,
)


@st.composite
def networks(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(1, 32))
    return IPv4Network((draw(st.integers(0, 2**prefix - 1)) << (32 - prefix), prefix))


@given(networks(), networks())
def test_overlap_is_that_of_addresses_and_the_same_from_both_sides(one: IPv4Network, other: IPv4Network) -> None:
    shared = max(int(one[0]), int(other[0])) <= min(int(one[-1]), int(other[-1]))
    assert (overlap([one], [other]) is not None) == shared == (overlap([other], [one]) is not None)
    assert contains(one, other) == (int(one[0]) <= int(other[0]) and int(other[-1]) <= int(one[-1]))


def test_the_first_pair_that_overlaps_is_named() -> None:
    ours = networks_in(["10.0.0.0/16", "10.96.0.0/12"])
    theirs = networks_in(["fd00::/8", "10.100.0.0/16", "10.0.0.0/8"])
    assert overlap(ours, theirs) == (ip_network("10.0.0.0/16"), ip_network("10.0.0.0/8"))
    assert overlap(ours, networks_in(["fd00::/8", "172.16.0.0/12"])) is None
    assert not contains(ip_network("fd00::/8"), ip_network("10.0.0.0/8"))


def test_what_others_have_written_is_read_as_far_as_it_can_be() -> None:
    assert networks_in(["", "no range", " 10.1.2.3/16 "]) == [ip_network("10.1.0.0/16")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("242.0.0.0", None),
        ("242.0.0.0/8", None),
        ("242.0.0.1/8", "the range is 242.0.0.0/8"),
        ("242.0.0.0/33", "no range of addresses"),
        ("somewhere", "no range of addresses"),
    ],
)
def test_a_range_is_one_in_cidr_notation(text: str, problem: str | None) -> None:
    if problem is None:
        assert network(text, "range") == ip_network(text)
        return
    with pytest.raises(InputError, match=problem):
        network(text, "range")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fd00::/8", "IPv6"),
        ("0.0.0.0/8", "unspecified"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", None),
        ("100.64.0.0/10", None),
    ],
)
def test_addresses_for_clusters_are_ones_that_are_routed(text: str, problem: str | None) -> None:
    if problem is None:
        assert str(pool_range(text, "globalnet_cidr_range")) == text
        return
    with pytest.raises(InputError, match=f"globalnet_cidr_range: .*{problem}"):
        pool_range(text, "globalnet_cidr_range")


@given(networks(), st.integers(-5, 2**32))
def test_a_block_is_the_smallest_power_of_two_and_at_most_half_of_the_range(pool: IPv4Network, wanted: int) -> None:
    try:
        size = block_size(wanted, pool, "size")
    except InputError:
        assert wanted < 1 or 2 * wanted > pool.num_addresses
        return
    assert size & (size - 1) == 0
    assert size // 2 < wanted <= size
    assert 2 * size <= pool.num_addresses


def test_upstreams_default_gives_each_cluster_a_16() -> None:
    assert block_size(65536, IPv4Network("242.0.0.0/8"), "size") == 2 ** (32 - 16)
    assert block_size(65537, IPv4Network("242.0.0.0/8"), "size") == 2 ** (32 - 15)
