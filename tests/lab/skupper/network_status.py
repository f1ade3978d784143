# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ConfigMap ``skupper-network-status``: what the real controller takes the state of sites and links from.

Format: skupperproject/skupper internal/network/types.go; written as by internal/kube/flow/status.go (build, publish),
created as by internal/kube/adaptor/collector.go (owned by the router's Deployment). Read by internal/kube/controller
controller.go (extractSiteRecords). Not written: start and end times, and which process a connector leads to.
"""

from __future__ import annotations

import json
from typing import Any

from tests.lab.api import Api, Object, path
from tests.lab.skupper.topology import Record

NAME = "skupper-network-status"


def build(records: list[Record]) -> dict[str, Any]:
    """Return the status of the whole network. Empty lists are null, as Go writes them."""
    sites: dict[str, dict[str, Any]] = {}
    for record in records:
        site = sites.setdefault(record["site"]["identity"], {"site": record["site"], "routerStatus": []})
        site["routerStatus"].append(record["status"])
    return {
        "addresses": [_address(key, records) for key in sorted(_keys(records))] or None,
        "siteStatus": [sites[identity] for identity in sorted(sites)] or None,
    }


def _keys(records: list[Record]) -> set[str]:
    return {end["address"] for each in records for kind in ("listeners", "connectors") for end in each["status"][kind]}


def _address(key: str, records: list[Record]) -> dict[str, Any]:
    counts = {
        kind: sum(end["address"] == key for each in records for end in each["status"][kind])
        for kind in ("listeners", "connectors")
    }
    return {
        "name": key,
        "startTime": 0,
        "endTime": 0,
        **({"protocol": "tcp"} if counts["connectors"] else {}),
        "listenerCount": counts["listeners"],
        "connectorCount": counts["connectors"],
    }


def publish(api: Api, namespace: str, deployment: str, status: dict[str, Any]) -> None:
    """Write the ConfigMap where it differs. OSError or ApiError when that does not succeed."""
    target = path("v1", "configmaps", NAME, namespace)
    data = {"NetworkStatus": json.dumps(status, separators=(",", ":"))}
    live = api.find(target)
    if live is None:
        api.create(path("v1", "configmaps", namespace=namespace), _config_map(api, namespace, deployment, data))
    elif live.get("data") != data:
        api.replace(target, live | {"data": data})


def _config_map(api: Api, namespace: str, deployment: str, data: dict[str, str]) -> Object:
    owner = api.get(path("apps/v1", "deployments", deployment, namespace))
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment, "uid": owner["metadata"]["uid"]}
    metadata = {"name": NAME, "ownerReferences": [reference]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
