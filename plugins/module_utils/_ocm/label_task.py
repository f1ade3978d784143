# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module managedcluster_label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._task.task import Task
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .labelling import (
    PLACEMENT_API_VERSION,
    Labelled,
    carry_out,
    placements_selecting,
    plan_clusters,
    select_clusters,
)
from .labels import LabelPlan, checked_labels, refuse_moves


def run(task: Task) -> dict[str, Any]:
    """Plan, write, wait; see the module's documentation for parameters and result."""
    params = task.params
    state = params["state"]
    labels = checked_labels(params["labels"], state)
    clusters = select_clusters(task.client, params["names"], params["label_selector"], params["ignore_missing"])
    plans = plan_clusters(clusters, labels, state, params["protected"])
    if state != "absent" and not params["move_clusterset"]:
        refuse_moves(plans)
    waits = _waits(params, [plan.cluster for plan in plans])
    done = [Labelled(plan) for plan in plans] if task.check_mode else carry_out(task.client, plans)
    if waits and params["wait"] and not task.check_mode:
        wait_for(task.client, waits, params["wait_timeout"], params["wait_sleep"], task.progress)
    return _result(task, done)


def _waits(params: Mapping[str, Any], names: Sequence[str]) -> list[Wait]:
    """Waits until each Placement selects, or does not select, all clusters; made, and so checked, before a write."""
    waits = []
    for index, placement in enumerate(params["placements"] if names else ()):
        selects = placement["selects"] if placement["selects"] is not None else params["state"] != "absent"
        waits.append(
            Wait(
                PLACEMENT_API_VERSION,
                "Placement",
                name=placement["name"],
                namespace=placement["namespace"],
                until="selected" if selects else "deselected",
                clusters=list(names),
                field=f"placements[{index}]",
            )
        )
    return waits


def _result(task: Task, done: Sequence[Labelled]) -> dict[str, Any]:
    params = task.params
    namespaces: list[str | None] = [placement["namespace"] for placement in params["placements"]]
    selecting = placements_selecting(task.client, [None] if params["report_placements"] else namespaces)
    plans = [entry.plan for entry in done]
    result: dict[str, Any] = {
        "changed": any(plan.changed for plan in plans),
        "clusters": [
            {
                "name": plan.cluster,
                "changed": plan.changed,
                "before": plan.before,
                "after": plan.after,
                "selected_by": selecting.get(plan.cluster, []),
            }
            for plan in plans
        ],
    }
    if task.diff_mode:
        result["diff"] = [_diff(plan) for plan in plans if plan.changed]
    return result


def _diff(plan: LabelPlan) -> dict[str, Any]:
    title = f"ManagedCluster {plan.cluster} metadata.labels"
    return {"before_header": title, "after_header": title, "before": plan.before, "after": plan.after}
