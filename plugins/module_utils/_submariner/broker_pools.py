# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clusters get addresses from: the ConfigMaps of Globalnet and of the clusterset IPs. Pure functions.

Upstream: submariner-operator pkg/discovery/globalnet/config_map.go, pkg/discovery/clustersetip/config_map.go. Each
value is a text that is JSON itself. The key `clusterinfo`, which tells what each cluster has, is written by those that
join.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._client.client import Object
from .._client.errors import InterconnectError
from .cidr import contains, network

CLUSTER_INFO = "clusterinfo"


class PoolKind(NamedTuple):
    """One of the two ConfigMaps."""

    config_map: str
    title: str
    option: str
    """Of the module, for the range."""
    enabled: str
    cidr_range: str
    cluster_size: str
    labels: dict[str, str]


GLOBALNET = PoolKind(
    config_map="submariner-globalnet-info",
    title="Globalnet",
    option="globalnet_cidr_range",
    enabled="globalnetEnabled",
    cidr_range="globalnetCidrRange",
    cluster_size="globalnetClusterSize",
    labels={"component": "submariner-globalnet"},
)
CLUSTERSET_IP = PoolKind(
    config_map="submariner-clustersetip-info",
    title="clusterset IPs",
    option="clusterset_ip_cidr_range",
    enabled="clustersetIPEnabled",
    cidr_range="clustersetIPCidrRange",
    cluster_size="clustersetIPClusterSize",
    labels={},
)


@dataclass(frozen=True)
class Pool:
    """A range that each cluster gets a block of."""

    kind: PoolKind
    enabled: bool
    cidr_range: str = ""
    """Empty where a disabled Globalnet has none."""
    cluster_size: int = 0
    """Addresses a block; 0: what upstream takes by default."""
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each cluster has been given."""

    def data(self) -> dict[str, str]:
        """The ConfigMap's data, without what clusters have been given."""
        data = {self.kind.enabled: json.dumps(self.enabled)}
        if self.cidr_range:
            data[self.kind.cidr_range] = json.dumps(self.cidr_range)
            data[self.kind.cluster_size] = json.dumps(self.cluster_size)
        return data

    def settings(self) -> tuple[bool, str, int]:
        """What is configured, without what clusters have been given."""
        return self.enabled, self.cidr_range, self.cluster_size

    def as_result(self) -> dict[str, Any]:
        """The pool in a module's result."""
        return {
            "enabled": self.enabled,
            "cidr_range": self.cidr_range or None,
            "cluster_size": self.cluster_size or None,
            "clusters": {name: list(blocks) for name, blocks in sorted(self.clusters.items())},
        }


def read_pool(kind: PoolKind, config_map: Object) -> Pool:
    """The pool that a ConfigMap describes.

    :raises InterconnectError: a value in it is not what it should be.
    """
    data = config_map.get("data") or {}
    entries = _value(kind, data, CLUSTER_INFO, [])
    try:
        clusters = {str(entry["cluster_id"]): tuple(map(str, entry["global_cidr"] or [])) for entry in entries or []}
        enabled = bool(_value(kind, data, kind.enabled, False))
        if kind is GLOBALNET and not enabled:  # what else stands there means nothing
            return Pool(kind, enabled, clusters=clusters)
        cidr_range, cluster_size = _value(kind, data, kind.cidr_range, ""), _value(kind, data, kind.cluster_size, 0)
        return Pool(kind, enabled, str(cidr_range), int(cluster_size), clusters)
    except (TypeError, KeyError, ValueError) as error:
        raise InterconnectError(f"ConfigMap {kind.config_map} is not as Submariner writes it: mend it first") from error


def _value(kind: PoolKind, data: Mapping[str, str], key: str, default: Any) -> Any:
    if not data.get(key):
        return default
    try:
        return json.loads(data[key])
    except ValueError as error:
        raise InterconnectError(
            f"ConfigMap {kind.config_map}: {key} is {data[key]!r}, which is no JSON and so not read by Submariner"
        ) from error


def why_not(live: Pool, wanted: Pool, joined: list[str]) -> str:
    """Why a pool can not be changed so; empty where it can.

    :param joined: clusters that have joined.
    """
    kind, users = live.kind, sorted(live.clusters)
    if kind is GLOBALNET and live.enabled != wanted.enabled and (joined or (users and live.enabled)):
        names = ", ".join(joined or users)
        return (
            f"Globalnet is {'on' if live.enabled else 'off'}, and {names} joined so: a cluster with global addresses "
            "and one without do not reach each other. Have the clusters leave first"
        )
    if not live.cidr_range or live.cidr_range == wanted.cidr_range or not users:
        return ""
    if wanted.cidr_range and contains(network(wanted.cidr_range, kind.option), network(live.cidr_range, kind.option)):
        return ""
    blocks = "; ".join(f"{name} has {', '.join(live.clusters[name])}" for name in users)
    return (
        f"the range of {kind.title} is {live.cidr_range} and in use ({blocks}): it can grow to one that contains it, "
        f"but neither shrink nor move to {wanted.cidr_range}"
    )
