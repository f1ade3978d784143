# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of submariner_join to the membership that is wanted. All that needs no cluster is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._client.errors import InputError
from .cidr import Network, network, overlap, pool_range
from .names import BROKER_SECRET, OPERATOR_NAMESPACE, PSK_SECRET

_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Membership:
    """How a cluster is to be joined, as far as options say it."""

    cluster: str
    service_cidr: tuple[Network, ...]
    """Empty where they are to be found."""
    cluster_cidr: tuple[Network, ...]
    gateway_nodes: tuple[str, ...]
    gateways: int
    version: str | None
    spec: Mapping[str, Any]
    """The part of the Submariner resource that options alone decide."""


def cluster_id(params: Mapping[str, Any]) -> str:
    """The cluster's id in the network; by default from the context, as subctl takes it from the kubeconfig
    (its pkg/cluster/id.go).

    :raises InputError: it is none, or there is nothing to take it from.
    """
    given = params["name"]
    if given is None:
        if not params["context"] or params["state"] == "forgotten":
            raise InputError("name", "is missing: give the cluster's id, by which the others are to know it")
        given = re.sub(r"^-|-$", "0", re.sub(r"[^a-z0-9-]+", "-", params["context"].lower()))
    if not _ID.fullmatch(given):
        raise InputError("name", f"{given!r} is no DNS label of 63 characters at most, which a cluster's id has to be")
    return str(given)


def membership(params: Mapping[str, Any]) -> Membership:
    """The membership that the options ask for.

    :raises InputError: an option is not what it has to be.
    """
    service, pods = (_ranges(params[option], option) for option in ("service_cidr", "cluster_cidr"))
    common = overlap(service, pods)
    if common:
        raise InputError("cluster_cidr", f"{common[1]} overlaps {common[0]} of service_cidr")
    if params["globalnet_cidr"] and params["globalnet_cluster_size"] is not None:
        raise InputError("globalnet_cidr", "does not go with globalnet_cluster_size: a range has its size")
    if params["globalnet_cidr"]:
        pool_range(params["globalnet_cidr"], "globalnet_cidr")
    if params["gateways"] < 1:
        raise InputError("gateways", f"is {params['gateways']}: a cluster needs 1 gateway at least")
    if not 1 <= params["nat_port"] <= 65535:
        raise InputError("nat_port", f"is {params['nat_port']}: give a port, 1 to 65535")
    for option in ("health_check_interval", "health_check_max_packet_loss"):
        if params[option] < 1:
            raise InputError(option, f"is {params[option]}: give 1 or more")
    if params["version"] and params["version"].lower() == "latest":
        raise InputError("version", "names no release: a cluster with another one might join the next day")
    return Membership(
        cluster=cluster_id(params),
        service_cidr=service,
        cluster_cidr=pods,
        gateway_nodes=tuple(dict.fromkeys(params["gateway_nodes"] or ())),
        gateways=params["gateways"],
        version=params["version"],
        spec=_spec(params, service, pods),
    )


def _ranges(texts: Sequence[str], option: str) -> tuple[Network, ...]:
    return tuple(network(text, option) for text in texts)


def _spec(params: Mapping[str, Any], service: Sequence[Network], pods: Sequence[Network]) -> dict[str, Any]:
    """Fields of submariner-operator api/v1alpha1/submariner_types.go. Ranges are left to the operator to find, where
    the user does not give them, and credentials to the Secrets.
    """
    spec: dict[str, Any] = {
        "broker": "k8s",
        "brokerK8sSecret": BROKER_SECRET,
        "ceIPSecPSKSecret": PSK_SECRET,
        "ceIPSecDebug": False,
        "ceIPSecNATTPort": params["nat_port"],
        "ceIPSecForceUDPEncaps": params["force_udp_encaps"],
        "ceIPSecPreferredServer": params["preferred_server"],
        "cableDriver": params["cable_driver"],
        "serviceCIDR": ",".join(map(str, service)),
        "clusterCIDR": ",".join(map(str, pods)),
        "colorCodes": "blue",
        "debug": False,
        "namespace": OPERATOR_NAMESPACE,
        "natEnabled": params["nat"],
        "airGappedDeployment": params["air_gapped"],
        "loadBalancerEnabled": params["load_balancer"],
        "connectionHealthCheck": {
            "enabled": params["health_check"],
            "intervalSeconds": params["health_check_interval"],
            "maxPacketLossCount": params["health_check_max_packet_loss"],
        },
    }
    given = {"version": params["version"], "repository": params["repository"]}
    return {**spec, **{key: value for key, value in given.items() if value}}
