# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it takes to join a cluster: from what is wanted and what is there to a plan. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._client.client import Object
from .._client.errors import InputError, InterconnectError, ObjectRef
from .broker_objects import will_do
from .broker_pools import CLUSTERSET_IP, GLOBALNET, Pool, PoolKind, read_pool
from .broker_psk import inline_psk, psk_of
from .broker_survey import Survey
from .cidr import network, overlap
from .join_allocation import block_for, with_block
from .join_broker import Access
from .join_checks import (
    check_broker,
    check_identity,
    check_overlap,
    check_unique,
    check_versions,
    require_operator,
)
from .join_gateways import to_label
from .join_objects import account, submariner, token_secret
from .join_ranges import Ranges, ranges_of
from .join_survey import Spoke
from .join_wanted import Membership
from .names import PSK_SECRET, SERVICE_DISCOVERY


@dataclass(frozen=True)
class Change:
    """An object of the broker that is to be updated."""

    live: Object
    wanted: Object


@dataclass(frozen=True)
class JoinPlan:
    """What is to be written; nothing, where all is there."""

    on_broker: list[Object]
    """To be made, in this order."""
    pools: list[Change]
    gateways: list[str]
    """Nodes to label."""
    submariner: Object
    psk: bytes
    ranges: Ranges
    blocks: dict[str, str]
    """By the ConfigMap of their pool."""
    leftovers: dict[str, list[str]]
    """Global addresses of clusters that have not joined."""
    warnings: list[str]


def plan(params: Mapping[str, Any], wanted: Membership, broker: Survey, spoke: Spoke, access: Access) -> JoinPlan:
    """The plan.

    :raises InputError, InterconnectError: the cluster can not be joined so.
    """
    record = broker.live.get(access.broker_ref) or {}
    spec: Mapping[str, Any] = record.get("spec") or {}
    components = spec.get("components") or []
    require_operator(spoke, access.joining_server)
    check_broker(broker, access.namespace, access.client.server, components)
    psk = _psk(broker, access)
    warnings = [each for each in [check_versions(spoke, wanted.version)] if each]
    check_identity(spoke, wanted.cluster, access.url, access.namespace, _key_of(spoke) == psk)
    check_unique(spoke, broker, wanted.cluster)
    ranges = ranges_of(Ranges(wanted.service_cidr, wanted.cluster_cidr), spoke.range_sources, spoke.nodes)
    globalnet = _pool(GLOBALNET, broker)
    if not globalnet.enabled:
        check_overlap(ranges.all, broker, wanted.cluster)
        warnings += [
            f"{option} is not used: the broker has no globalnet"
            for option in ("globalnet_cidr", "globalnet_cluster_size")
            if params[option]
        ]
    blocks = _blocks(params, wanted.cluster, globalnet, ranges)
    fields: dict[str, Any] = {"serviceDiscoveryEnabled": SERVICE_DISCOVERY in components}
    if globalnet.enabled:
        fields["globalCIDR"] = blocks[GLOBALNET.config_map]
    if SERVICE_DISCOVERY in components:
        clusterset = _pool(CLUSTERSET_IP, broker)
        block = block_for(clusterset, wanted.cluster)
        blocks[CLUSTERSET_IP.config_map] = block
        fields |= {"clustersetIPCIDR": block, "clustersetIPEnabled": clusterset.enabled}
    domains = params["custom_domains"] or spec.get("defaultCustomDomains") or []
    return JoinPlan(
        on_broker=_missing(broker, wanted.cluster, spoke.uid),
        pools=_changes(broker, wanted.cluster, blocks),
        gateways=to_label(spoke.nodes, wanted.gateway_nodes, wanted.gateways),
        submariner=submariner(wanted.cluster, access.url, access.namespace, wanted.spec, fields, domains),
        psk=psk,
        ranges=ranges,
        blocks=blocks,
        leftovers={
            name: list(given)
            for name, given in sorted(globalnet.clusters.items())
            if name not in {*broker.joined, wanted.cluster}
        },
        warnings=warnings,
    )


def _psk(broker: Survey, access: Access) -> bytes:
    """The key of the tunnels.

    :raises InputError: the file has another one than the broker.
    """
    stored = psk_of(broker.live.get(ObjectRef("v1", "Secret", PSK_SECRET, broker.namespace)))
    if access.psk and stored and access.psk != stored:
        raise InputError(
            "broker_info_path",
            "has another key than the broker: it is of a broker that was made anew since, and a cluster that joins by "
            "it would never connect. Have submariner_broker write it again",
        )
    psk = access.psk or stored
    if not psk:
        raise InterconnectError(
            f"The broker in namespace {broker.namespace} does not store the key of the tunnels, as subctl made it: run "
            "submariner_broker on it, or give broker_info_path"
        )
    return psk


def _key_of(spoke: Spoke) -> bytes | None:
    return psk_of(spoke.secrets.get(PSK_SECRET)) or inline_psk(spoke.submariner or {})


def _pool(kind: PoolKind, broker: Survey) -> Pool:
    live = broker.live.get(ObjectRef("v1", "ConfigMap", kind.config_map, broker.namespace))
    if live is None:
        raise InterconnectError(
            f"The broker in namespace {broker.namespace} has no ConfigMap {kind.config_map}, which says what addresses "
            "clusters get: run submariner_broker on it"
        )
    return read_pool(kind, live)


def _blocks(params: Mapping[str, Any], cluster: str, globalnet: Pool, ranges: Ranges) -> dict[str, str]:
    """The cluster's global addresses, where there are such.

    :raises InputError: the cluster's own ranges are within those of Globalnet.
    """
    if not globalnet.enabled:
        return {}
    block = block_for(globalnet, cluster, params["globalnet_cidr"], params["globalnet_cluster_size"])
    for text in (globalnet.cidr_range, block):
        common = overlap(ranges.all, [network(text, "globalnet_cidr")])
        if common:
            raise InputError("cluster_cidr", f"{common[0]} of this cluster overlaps {common[1]} of global addresses")
    return {GLOBALNET.config_map: block}


def _changes(broker: Survey, cluster: str, blocks: Mapping[str, str]) -> list[Change]:
    """The ConfigMaps in which the cluster has nothing yet."""
    changes = []
    for kind in (GLOBALNET, CLUSTERSET_IP):
        if kind.config_map in blocks and cluster not in _pool(kind, broker).clusters:
            live = broker.live[ObjectRef("v1", "ConfigMap", kind.config_map, broker.namespace)]
            changes.append(Change(live, with_block(live, cluster, blocks[kind.config_map])))
    return changes


def _missing(broker: Survey, cluster: str, uid: str) -> list[Object]:
    """What is to be made on the broker, the account first: it claims the id."""
    made: list[Object] = []
    for obj in account(cluster, broker.namespace, uid):
        live = broker.live.get(ObjectRef.of(obj))
        if live is None:
            made.append(obj)
        elif obj["kind"] == "RoleBinding" and not will_do(live, obj):
            raise InterconnectError(
                f"{ObjectRef.of(obj)} on the broker does not bind the account of {cluster} to the Role of clusters, "
                "and a binding can not be changed: see who made it, and delete it"
            )
    return made if broker.token_secrets else [*made, token_secret(cluster, broker.namespace)]
