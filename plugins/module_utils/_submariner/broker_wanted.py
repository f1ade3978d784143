# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of submariner_broker to the broker that is wanted. All that needs no cluster is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .._client.errors import InputError
from .broker_objects import Broker
from .broker_pools import CLUSTERSET_IP, GLOBALNET, Pool
from .cidr import block_size, pool_range

# What clusters are told where there is a Globalnet, beside the components that one chooses.
_GLOBALNET_COMPONENT = "globalnet"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def wanted_broker(params: Mapping[str, Any]) -> Broker:
    """The broker that the options ask for.

    :raises InputError: an option is not what it has to be.
    """
    if not _LABEL.fullmatch(params["namespace"]):
        raise InputError("namespace", f"{params['namespace']!r} is no DNS label")
    if not params["components"]:
        raise InputError("components", "is empty: a broker is for connectivity, service-discovery or both")
    for domain in params["custom_domains"]:
        if len(domain) > 253 or not all(map(_LABEL.fullmatch, domain.split("."))):
            raise InputError("custom_domains", f"{domain!r} is no DNS domain")
    globalnet, clusterset_ip = _pools(params)
    components = {*params["components"], *([_GLOBALNET_COMPONENT] if globalnet.enabled else [])}
    return Broker(
        namespace=params["namespace"],
        components=tuple(sorted(components)),
        custom_domains=tuple(params["custom_domains"]),
        globalnet=globalnet,
        clusterset_ip=clusterset_ip,
    )


def _pools(params: Mapping[str, Any]) -> tuple[Pool, Pool]:
    clusterset_range = pool_range(params["clusterset_ip_cidr_range"], "clusterset_ip_cidr_range")
    clusterset_ip = Pool(CLUSTERSET_IP, params["clusterset_ip"], str(clusterset_range))
    if not params["globalnet"]:
        return Pool(GLOBALNET, enabled=False), clusterset_ip
    range_ = pool_range(params["globalnet_cidr_range"], "globalnet_cidr_range")
    if range_.overlaps(clusterset_range):
        raise InputError("clusterset_ip_cidr_range", f"{clusterset_range} overlaps globalnet_cidr_range {range_}")
    size = block_size(params["globalnet_cluster_size"], range_, "globalnet_cluster_size")
    return Pool(GLOBALNET, enabled=True, cidr_range=str(range_), cluster_size=size), clusterset_ip


def broker_url(given: str | None, server: str) -> str:
    """The URL by which clusters reach the broker.

    :raises InputError: it is none of an API server.
    """
    url = (given or server).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InputError("broker_url", "must be the https URL of an API server, without credentials")
    return url
