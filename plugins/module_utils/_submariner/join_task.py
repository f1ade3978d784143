# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module submariner_join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from .._apply.present import Outcome, apply_all, what_was_done
from .._apply.task import as_result
from .._client.errors import Conflict, InterconnectError
from .._task.task import Task
from .._wait.poll import WaitFailed, WaitTimeout, wait_for
from .broker_pools import CLUSTERSET_IP, GLOBALNET
from .broker_survey import Survey, instances_of
from .join_broker import Access, access, proved_token
from .join_checks import NotYet
from .join_gateways import carries_gateway, label_of
from .join_leave import forget, leave
from .join_objects import credentials_in, spoke_secrets
from .join_plan import JoinPlan, plan
from .join_status import Joined, JoinedWait, connections
from .join_survey import Spoke, credentials_on, look
from .join_wanted import cluster_id, membership
from .names import OPERATOR_NAMESPACE

# Clusters that join at the same time take their addresses from the same ConfigMap.
ATTEMPTS = 10


def run(task: Task) -> dict[str, Any]:
    """Have a cluster join, leave or be forgotten; see the module's documentation."""
    state, outcomes = task.params["state"], list[Outcome]()
    cluster = cluster_id(task.params)
    wanted = membership(task.params) if state == "present" else None
    with ExitStack() as stack:
        broker = access(task, stack)
        try:
            if wanted is not None:
                more = _Joining(task, broker, cluster, outcomes).carry_out()
            elif state == "absent":
                more = leave(task, broker, cluster, outcomes)
            else:
                more = forget(task, broker, cluster, outcomes)
        except InterconnectError as error:
            error.details = what_was_done(outcomes, error)
            raise
    return {**as_result(task, outcomes), "broker_namespace": broker.namespace, "broker_url": broker.url, **more}


class _Joining:
    """One run that has a cluster join, or completes that."""

    def __init__(self, task: Task, broker: Access, cluster: str, outcomes: list[Outcome]) -> None:
        self.task, self.broker, self.cluster, self.outcomes = task, broker, cluster, outcomes
        self.wanted = membership(task.params)

    def carry_out(self) -> dict[str, Any]:
        try:
            found, spoke, joining = self._on_broker()
        except NotYet as error:
            if not self.task.check_mode:
                raise
            self.task.warn(f"Not validated: {error.message}")
            return {"name": self.cluster, "changed": True}
        for line in joining.warnings:
            self.task.warn(line)
        changed = bool(joining.on_broker)
        token = proved_token(self.task, self.broker, found, self.cluster, changed)
        self._on_cluster(joining, token)
        return {**self._result(joining, spoke), **self._connected(found)}

    def _on_broker(self) -> tuple[Survey, Spoke, JoinPlan]:
        """Have the broker know the cluster. What others wrote meanwhile is taken into account."""
        needs_ranges = not (self.wanted.service_cidr and self.wanted.cluster_cidr)
        spoke = look(self.task.client, self.cluster, needs_ranges)
        self.task.secrets |= credentials_on(spoke)
        for attempt in range(1, ATTEMPTS + 1):
            found = self.broker.look(self.cluster)
            for secret in found.live.values():
                self.task.secrets |= credentials_in(secret)
            joining = plan(self.task.params, self.wanted, found, spoke, self.broker)
            try:
                for obj in joining.on_broker:
                    self.outcomes.append(self.broker.create(obj, self.task.check_mode))
                for change in joining.pools:
                    self.outcomes.append(self.broker.update(change.live, change.wanted, self.task.check_mode))
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
                continue
            return found, spoke, joining
        raise AssertionError("the last attempt returns or raises")

    def _on_cluster(self, joining: JoinPlan, token: Mapping[str, str]) -> None:
        task, force = self.task, self.task.params["force_conflicts"]
        secrets = spoke_secrets(token, joining.psk)
        for secret in secrets:
            task.secrets |= credentials_in(secret)
        # Credentials and gateways first: the operator starts with the resource.
        for group in (secrets, [label_of(name) for name in joining.gateways], [joining.submariner]):
            self.outcomes += apply_all(task.client, group, force, task.check_mode)
        stored = (self.outcomes[-1].after or {}).get("spec") or {}
        lost = sorted(key for key in joining.submariner["spec"] if key not in stored)
        if lost:
            task.warn(f"The operator that is there is too old to know {', '.join(lost)}: the cluster joins without")

    def _result(self, joining: JoinPlan, spoke: Spoke) -> dict[str, Any]:
        present = [each["metadata"]["name"] for each in spoke.nodes if carries_gateway(each)]
        return {
            "name": self.cluster,
            "service_cidr": [str(each) for each in joining.ranges.service],
            "cluster_cidr": [str(each) for each in joining.ranges.cluster],
            "globalnet_cidr": joining.blocks.get(GLOBALNET.config_map),
            "clusterset_ip_cidr": joining.blocks.get(CLUSTERSET_IP.config_map),
            "gateway_nodes": sorted([*present, *joining.gateways]),
            "leftovers": joining.leftovers,
        }

    # -- waiting -----------------------------------------------------------------------------------------------------

    def _connected(self, found: Survey) -> dict[str, Any]:
        """Wait until the cluster is connected with the others, and tell how."""
        task = self.task
        if task.params["wait"] and not task.check_mode:
            rule = Joined(self._expected(found), task.client.server_time)
            wait = JoinedWait(rule=rule, clusters=sorted(rule.expected) or None)
            try:
                wait_for(task.client, [wait], task.params["wait_timeout"], task.params["wait_sleep"], task.progress)
            except (WaitFailed, WaitTimeout) as error:
                error.details["connections"] = self._connections()
                raise
        return {"connections": self._connections()}

    def _connections(self) -> list[dict[str, Any]]:
        return connections(instances_of(self.task.client, "Gateway", OPERATOR_NAMESPACE))

    def _expected(self, found: Survey) -> dict[str, Sequence[Mapping[str, Any]]]:
        """The clusters to be connected with: those that are named, or those that have an endpoint at the broker."""
        endpoints: dict[str, list[Mapping[str, Any]]] = {}
        for endpoint in found.endpoints:
            endpoints.setdefault(str(endpoint["spec"].get("cluster_id")), []).append(endpoint["spec"])
        named = self.task.params["expected_clusters"]
        names = endpoints if named is None else named
        return {name: endpoints.get(name, []) for name in names if name != self.cluster}
