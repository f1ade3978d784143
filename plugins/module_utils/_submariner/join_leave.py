# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Having a cluster leave its network, or be forgotten by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._apply.absent import DELETED, RELEASED, remove_all
from .._apply.ownership import owned_fields
from .._apply.present import Outcome
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import InputError, InterconnectError, Unreachable
from .._task.task import Task
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .broker_survey import SUBMARINER, instances_of
from .join_broker import Access
from .join_checks import operator_runs
from .join_objects import account_name
from .join_remains import clean
from .join_survey import Spoke, credentials_on, look
from .names import GATEWAY_LABEL, OPERATOR_NAMESPACE, SUBMARINER_V1

_MANAGED_BY = "endpointslice.kubernetes.io/managed-by=lighthouse-agent.submariner.io"


def leave(task: Task, broker: Access, cluster: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """Have a cluster leave: the operator takes its gateway down, then what that leaves behind is removed.

    :raises InputError: it has joined by another id.
    :raises InterconnectError: the operator, which has to take the gateway down, does not run, and `force` is off.
    """
    spoke = look(task.client, cluster, reads_ranges=False)
    task.secrets |= credentials_on(spoke)
    if spoke.joined_as and spoke.joined_as != cluster:
        raise InputError("name", f"this cluster has joined as {spoke.joined_as}, not as {cluster}: nothing is removed")
    _take_down(task, spoke, outcomes)
    _clean_cluster(task, spoke, outcomes)
    remaining: list[str] = []
    try:
        outcomes += clean(broker, broker.look(cluster), cluster, task.params["release_cidrs"], task.check_mode)
    except Unreachable as error:
        remaining = [
            f"{what} at the broker, in namespace {broker.namespace} of {broker.client.server}"
            for what in (
                f"account {account_name(cluster)} with its token and RoleBinding",
                f"Cluster and Endpoints of {cluster}, unless its gateway has removed them",
                f"addresses of {cluster}",
            )
        ]
        task.warn(
            f"{cluster} has left, but its broker does not answer ({error.message}), and what it keeps of the cluster "
            "remains, its credentials among it. Run this task again, or with state: forgotten, once it does"
        )
    return {"name": cluster, "remaining": remaining}


def forget(task: Task, broker: Access, cluster: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """Have the network forget a cluster that is lost: nothing of it is asked."""
    outcomes += clean(broker, broker.look(cluster), cluster, task.params["release_cidrs"], task.check_mode)
    return {"name": cluster, "remaining": []}


def _take_down(task: Task, spoke: Spoke, outcomes: list[Outcome]) -> None:
    """Delete the Submariner resource, and wait until the operator has taken down what it stands for."""
    live = spoke.submariner
    if live is None:
        return
    finalizers = live["metadata"].get("finalizers") or []
    stuck = bool(finalizers) and not operator_runs(spoke.operator)
    if stuck and not task.params["force"]:
        raise InterconnectError(
            f"The operator of {task.client.server} does not run, and it has to take the gateway down: start Deployment "
            f"submariner-operator in namespace {OPERATOR_NAMESPACE}; or, with force: true, the resource is removed "
            "without, and daemons on the nodes stay until somebody removes them"
        )
    outcomes += remove_all(task.client, [live], False, task.check_mode)
    if task.check_mode:
        return
    if stuck:
        task.client.merge_patch(SUBMARINER, {"metadata": {"finalizers": None}})
    wait = Wait(SUBMARINER.api_version, SUBMARINER.kind, SUBMARINER.name, SUBMARINER.namespace, until="absent")
    # Always: what comes next would cut the gateway off from the broker, where it has to sign off.
    wait_for(task.client, [wait], task.params["wait_timeout"], task.params["wait_sleep"], task.progress)


def _clean_cluster(task: Task, spoke: Spoke, outcomes: list[Outcome]) -> None:
    """Remove what is left on the cluster when the operator is done; the operator itself stays."""
    labelled = [each for each in spoke.nodes if _is_labelled_by_us(each)]
    done = remove_all(task.client, labelled, True, task.check_mode)
    outcomes += [each for each in done if each.action == RELEASED]
    left = [*spoke.secrets.values(), *_objects_of_daemons(task, spoke)]
    outcomes += [each for each in remove_all(task.client, left, False, task.check_mode) if each.action == DELETED]


def _is_labelled_by_us(node: Object) -> bool:
    owned = owned_fields(node, FIELD_MANAGER) or {}
    return f"f:{GATEWAY_LABEL}" in owned.get("f:metadata", {}).get("f:labels", {})


def _objects_of_daemons(task: Task, spoke: Spoke) -> Sequence[Object]:
    """What gateway and agent have written, and would have removed had they been taken down in good order."""
    client = task.client
    if task.check_mode and spoke.submariner is not None and operator_runs(spoke.operator):
        return []  # they will have
    synced = [
        each
        for kind in ("Endpoint", "Cluster", "Gateway")
        for each in instances_of(client, kind, OPERATOR_NAMESPACE, SUBMARINER_V1)
    ]
    slices = instances_of(client, "EndpointSlice", None, "discovery.k8s.io/v1", _MANAGED_BY)
    return [*synced, *slices]
