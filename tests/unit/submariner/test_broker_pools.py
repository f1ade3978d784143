# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ConfigMaps that addresses are given from, and which changes of them are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_pools import (
    CLUSTERSET_IP,
    GLOBALNET,
    Pool,
    read_pool,
    why_not,
)

IN_USE = {"east": ("242.0.0.0/16",)}
LIVE = Pool(GLOBALNET, enabled=True, cidr_range="242.0.0.0/12", cluster_size=65536, clusters=IN_USE)


def config_map(data: dict[str, str] | None) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": data}


@given(
    st.sampled_from([GLOBALNET, CLUSTERSET_IP]),
    st.sampled_from(["242.0.0.0/8", "10.0.0.0/24"]),
    st.integers(0, 2**20),
)
def test_what_is_written_is_read_again(kind: Any, cidr_range: str, size: int) -> None:
    pool = Pool(kind, enabled=True, cidr_range=cidr_range, cluster_size=size)
    assert read_pool(kind, config_map(pool.data())) == pool


def test_values_are_json_as_upstream_has_them() -> None:
    assert LIVE.data() == {
        "globalnetEnabled": "true",
        "globalnetCidrRange": '"242.0.0.0/12"',
        "globalnetClusterSize": "65536",
    }
    assert Pool(GLOBALNET, enabled=False).data() == {"globalnetEnabled": "false"}


def test_what_clusters_have_been_given_is_read() -> None:
    entries = [{"cluster_id": "east", "global_cidr": ["242.0.0.0/16"]}, {"cluster_id": "west", "global_cidr": None}]
    data = {**LIVE.data(), "clusterinfo": json.dumps(entries, indent="\t")}
    pool = read_pool(GLOBALNET, config_map(data))
    assert pool.clusters == {"east": ("242.0.0.0/16",), "west": ()}
    assert pool.data() == LIVE.data(), "what others write is not ours to write"
    assert pool.as_result()["clusters"] == {"east": ["242.0.0.0/16"], "west": []}


@pytest.mark.parametrize("data", [None, {}, {"clusterinfo": ""}, {"clusterinfo": "null"}])
def test_nothing_means_that_nobody_has_any(data: dict[str, str] | None) -> None:
    assert read_pool(GLOBALNET, config_map(data)) == Pool(GLOBALNET, enabled=False)


def test_what_stands_beside_a_disabled_globalnet_means_nothing() -> None:
    data = {**LIVE.data(), "globalnetEnabled": "false"}
    assert read_pool(GLOBALNET, config_map(data)) == Pool(GLOBALNET, enabled=False)


@pytest.mark.parametrize(
    "data",
    [
        {"clusterinfo": "{"},
        {"clusterinfo": "[{}]"},
        {"clusterinfo": "7"},
        {"globalnetEnabled": "true", "globalnetClusterSize": '"many"'},
    ],
)
def test_what_upstream_would_not_read_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(InterconnectError, match="ConfigMap submariner-globalnet-info"):
        read_pool(GLOBALNET, config_map(data))


@pytest.mark.parametrize(
    ("change", "joined", "refused"),
    [
        ({}, ["east"], ""),
        ({"cluster_size": 8192}, ["east"], ""),
        ({"cidr_range": "242.0.0.0/8"}, ["east"], ""),
        ({"cidr_range": "242.0.0.0/13"}, [], "east has 242.0.0.0/16"),
        ({"cidr_range": "10.0.0.0/8"}, [], "neither shrink nor move to 10.0.0.0/8"),
        ({"cidr_range": "242.0.0.0/13", "clusters": {}}, ["east"], ""),
        ({"enabled": False}, ["east"], "Globalnet is on, and east joined so"),
        ({"enabled": False}, [], "Globalnet is on, and east joined so"),
        ({"enabled": False, "clusters": {}}, [], ""),
    ],
)
def test_a_range_in_use_can_only_grow(change: dict[str, Any], joined: list[str], refused: str) -> None:
    live = replace(LIVE, clusters=change.pop("clusters", IN_USE))
    problem = why_not(live, replace(LIVE, **change), joined)
    assert refused in problem
    assert bool(problem) == bool(refused)


def test_globalnet_can_be_switched_on_before_the_first_cluster_only() -> None:
    off = Pool(GLOBALNET, enabled=False)
    assert why_not(off, LIVE, []) == ""
    assert "Globalnet is off, and west joined so" in why_not(off, LIVE, ["west"])


def test_clusterset_ips_can_be_switched_at_any_time() -> None:
    live = Pool(CLUSTERSET_IP, enabled=False, cidr_range="243.0.0.0/8", clusters=IN_USE)
    assert why_not(live, replace(live, enabled=True), ["east"]) == ""
    assert "clusterset IPs is 243.0.0.0/8" in why_not(live, replace(live, cidr_range="10.0.0.0/8"), ["east"])
