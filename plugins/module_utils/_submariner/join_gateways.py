# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes carry the gateways of a cluster. Pure functions.

Upstream: subctl internal/nodes, submariner pkg/apis/submariner.io/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._client.client import Object
from .._client.errors import InputError
from .names import GATEWAY_LABEL, GATEWAY_SETTINGS

_ROLE = "node-role.kubernetes.io/"
_CONTROL_PLANE = {f"{_ROLE}master", f"{_ROLE}control-plane"}
_SETTINGS = {"udp-port", "natt-discovery-port", "public-ip", "preferred-server"}


def carries_gateway(node: Object) -> bool:
    """Whether a node is a gateway."""
    return (node["metadata"].get("labels") or {}).get(GATEWAY_LABEL) == "true"


def to_label(nodes: Sequence[Object], named: Sequence[str], count: int) -> list[str]:
    """Names of the nodes that are to become gateways besides those that are.

    :param named: the nodes that are wanted; where none are, `count` gateways are, and those that are there count.
    :raises InputError: a named node is not there, or not enough can be gateways.
    """
    known = {node["metadata"]["name"]: node for node in nodes}
    present = sorted(name for name, node in known.items() if carries_gateway(node))
    if named:
        missing = [name for name in named if name not in known]
        if missing:
            raise InputError("gateway_nodes", f"{', '.join(missing)} not there; nodes are {_listed(sorted(known))}")
        wanted = [name for name in named if name not in present]
    else:
        free = [name for name in _candidates(nodes) if name not in present]
        wanted = free[: max(0, count - len(present))]
        if len(present) + len(wanted) < count:
            raise InputError(
                "gateways",
                f"is {count}, but {len(present)} nodes are gateways and {len(free)} more could be (ready, can be "
                f"scheduled to, and are workers if there are any); nodes are {_listed(sorted(known))}. Name others in "
                "gateway_nodes",
            )
    for name in [*present, *wanted]:
        _check_settings(known[name])
    return wanted


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _candidates(nodes: Sequence[Object]) -> list[str]:
    """Nodes that can be gateways, workers only where there are any."""
    usable = [node for node in nodes if _is_ready(node) and not (node.get("spec") or {}).get("unschedulable")]
    workers = [node for node in usable if _is_worker(node)]
    fallback = [node for node in usable if not _repels(node)]
    return sorted(node["metadata"]["name"] for node in workers or fallback)


def _is_worker(node: Object) -> bool:
    labels = set(node["metadata"].get("labels") or {})
    return f"{_ROLE}worker" in labels or not labels & _CONTROL_PLANE


def _is_ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _repels(node: Object) -> bool:
    taints = (node.get("spec") or {}).get("taints") or []
    return any(each.get("effect") in ("NoSchedule", "NoExecute") for each in taints)


def _check_settings(node: Object) -> None:
    """Refuse a setting that the gateway does not know: it would not start."""
    metadata = node["metadata"]
    keys = {*(metadata.get("labels") or {}), *(metadata.get("annotations") or {})}
    settings = {key[len(GATEWAY_SETTINGS) :] for key in keys if key.startswith(GATEWAY_SETTINGS)}
    unknown = sorted(settings - _SETTINGS)
    if unknown:
        raise InputError(
            "gateway_nodes",
            f"node {metadata['name']} has {', '.join(f'{GATEWAY_SETTINGS}{each}' for each in unknown)}, with which its "
            f"gateway does not start; known are {', '.join(sorted(_SETTINGS))}",
        )


def label_of(name: str) -> Object:
    """The part of a node that makes it a gateway."""
    metadata = {"name": name, "labels": {GATEWAY_LABEL: "true"}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
