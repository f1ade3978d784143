# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a cluster has joined: its daemons, its gateway, and a connection to each of the others.

Submariner's resources have no conditions. Upstream: submariner-operator api/v1alpha1/submariner_types.go, submariner
pkg/apis/submariner.io/v1/types.go and pkg/cableengine/syncer/syncer.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .._wait.acceptors import Object
from .._wait.goal import Found, Goal, Outcome, Query, Verdict, joined
from .._wait.wait import Wait
from .cidr import networks_in, overlap
from .names import OPERATOR_NAMESPACE, SUBMARINER, SUBMARINER_V1, SUBMARINER_V1ALPHA1

HEARTBEAT = "update-timestamp"
# A gateway writes it every 5 s, and takes others for dead after this time.
STALE_SECONDS = 15
# States of containers that no retry cures.
_DEAD_ENDS = ("InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError")
_GATEWAYS = Query(SUBMARINER_V1, "Gateway", OPERATOR_NAMESPACE)

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Joined:
    """The rule of the wait."""

    expected: Mapping[str, Sequence[Spec]]
    """The clusters to be connected with, each with its endpoints as the broker knew them at first."""
    now: Callable[[], float]
    """The API server's clock."""

    def reads(self, obj: Object, wait: Wait) -> list[Query]:
        """The gateways."""
        del obj, wait
        return [_GATEWAYS]

    def judge(self, obj: Object, wait: Wait, found: Found) -> Verdict:
        """Judge the Submariner resource and the gateways."""
        del wait
        gateways = found[_GATEWAYS]
        hopeless = [*_dead_ends(obj), *self._never(gateways)]
        if hopeless:
            return Verdict(Outcome.FAILED, joined(hopeless))
        missing = [*_daemons(obj), *self._gateway(gateways), *self._connections(gateways)]
        if missing:
            return Verdict(Outcome.PENDING, joined(missing))
        others = ", ".join(sorted(self.expected))
        return Verdict(Outcome.SATISFIED, f"connected with {others}" if others else "its gateway is active")

    def _never(self, gateways: Sequence[Object]) -> Iterator[str]:
        """What keeps gateways from ever connecting, and is nowhere said."""
        local: Spec = next((_status(each).get("localEndpoint") or {} for each in _active(gateways)), {})
        for cluster, endpoints in sorted(self.expected.items()):
            for endpoint in endpoints if local else ():
                mine, theirs = local.get("backend"), endpoint.get("backend")
                if mine and theirs and mine != theirs:
                    yield f"{cluster} has cable driver {theirs} and this cluster {mine}: they never connect"
                common = overlap(networks_in(local.get("subnets") or []), networks_in(endpoint.get("subnets") or []))
                if common:
                    yield f"{common[0]} of this cluster overlaps {common[1]} of {cluster}: they never connect"

    def _gateway(self, gateways: Sequence[Object]) -> Iterator[str]:
        active = _active(gateways)
        if len(active) != 1:
            names = ", ".join(each["metadata"]["name"] for each in active)
            yield f"several gateways are active: {names}" if active else "no gateway is active"
        for each in active:
            name = each["metadata"]["name"]
            if _status(each).get("statusFailure"):
                yield f"gateway {name}: {_status(each)['statusFailure']}"
            age = self.now() - _heartbeat(each)
            if age > STALE_SECONDS:
                yield f"gateway {name} has been silent for {age:.0f} s: its pod may be gone"

    def _connections(self, gateways: Sequence[Object]) -> Iterator[str]:
        known = {each["cluster"]: each for each in connections(gateways)}
        for cluster in sorted(self.expected):
            found = known.get(cluster)
            if found is None:
                yield f"no connection to {cluster}"
            elif found["status"] != "connected":
                said = f" ({found['message']})" if found["message"] else ""
                yield f"connection to {cluster} is {found['status']}{said}"


@dataclass(frozen=True)
class JoinedWait(Wait):
    """The wait until the cluster has joined."""

    api_version: str = SUBMARINER_V1ALPHA1
    kind: str = "Submariner"
    name: str = SUBMARINER
    namespace: str | None = OPERATOR_NAMESPACE
    rule: Joined | None = None

    @cached_property
    def goal(self) -> Goal:
        """Given outright: it knows clusters that no table can name."""
        return Goal("joined", rule=self.rule, lasting=True, takes=frozenset({"clusters"}))


def connections(gateways: Sequence[Object]) -> list[dict[str, Any]]:
    """The connections of the active gateway."""
    return sorted(
        (_connection(each) for gateway in _active(gateways) for each in _status(gateway).get("connections") or []),
        key=lambda each: str(each["cluster"]),
    )


def _connection(connection: Spec) -> dict[str, Any]:
    endpoint: Spec = connection.get("endpoint") or {}
    return {
        "cluster": endpoint.get("cluster_id"),
        "status": connection.get("status"),
        "message": connection.get("statusMessage") or "",
        "remote_ip": connection.get("usingIP"),
        "nat": connection.get("usingNAT"),
        "cable_driver": endpoint.get("backend"),
        "rtt": (connection.get("latencyRTT") or {}).get("average"),
    }


def _status(gateway: Object) -> Spec:
    return gateway.get("status") or {}


def _active(gateways: Sequence[Object]) -> list[Object]:
    return [each for each in gateways if _status(each).get("haStatus") == "active"]


def _heartbeat(gateway: Object) -> float:
    """Seconds since 1970; 0 where there is none."""
    text = str((gateway["metadata"].get("annotations") or {}).get(HEARTBEAT) or "")
    return float(text) if text.isdecimal() else 0.0


def _daemons(submariner: Object) -> Iterator[str]:
    """What the operator says of the DaemonSets, once it has taken up the resource."""
    spec, status = submariner.get("spec") or {}, submariner.get("status") or {}
    if status.get("clusterID") != spec.get("clusterID"):
        yield "the operator has not taken it up yet: see its pod's log"
        return
    if spec.get("version") and status.get("version") and spec["version"] != status["version"]:
        yield f"version {status['version']} is there, and {spec['version']} wanted"
    daemons = {"gateway": "gatewayDaemonSetStatus", "route agent": "routeAgentDaemonSetStatus"}
    if spec.get("globalCIDR"):
        daemons["globalnet"] = "globalnetDaemonSetStatus"
    for title, key in daemons.items():
        found = status.get(key) or {}
        counts = found.get("status") or {}
        wanted, ready = counts.get("desiredNumberScheduled") or 0, counts.get("numberReady") or 0
        reasons = ", ".join(dict.fromkeys(_reasons(found)))
        if not wanted:
            yield f"no node runs a {title}"
        elif ready < wanted:
            yield f"{ready} of {wanted} pods of the {title} are ready{f' ({reasons})' if reasons else ''}"
        elif found.get("mismatchedContainerImages"):
            yield f"pods of the {title} are of another version still"


def _reasons(daemons: Spec) -> Iterator[str]:
    for state in daemons.get("nonReadyContainerStates") or []:
        waiting = state.get("waiting") or {}
        if waiting.get("reason"):
            yield ": ".join(str(waiting[key]) for key in ("reason", "message") if waiting.get(key))


def _dead_ends(submariner: Object) -> Iterator[str]:
    status = submariner.get("status") or {}
    for key in ("gatewayDaemonSetStatus", "routeAgentDaemonSetStatus", "globalnetDaemonSetStatus"):
        yield from (each for each in _reasons(status.get(key) or {}) if each.startswith(_DEAD_ENDS))
