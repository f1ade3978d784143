# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role takes its own defaults: what they are has to be what its argument specification describes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.environments import CORES, DEVELOPMENT, Core
from tests.integration.runs import Run
from tests.tree import CHECKOUT
from tests.unit.in_process.conftest import Play

ROLES = sorted((CHECKOUT / "roles").iterdir())
# The variables of a host that the defaults look into.
HOST = {"context": "ca-toronto", "kubeconfig": "/dev/null"}


def validations(role: Path, **variables: Any) -> Iterator[dict[str, Any]]:
    """Tasks that do what Ansible does before it runs a role, once for all entry points with the same options.

    What a role requires and has no default for is for its user to give, and is not asked for here.
    """
    defaults: dict[str, Any] = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    entry_points = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    seen: list[dict[str, Any]] = []
    for name, entry_point in entry_points.items():
        options = {
            option: {**spec, "required": spec.get("required", False) and option in defaults}
            for option, spec in (entry_point.get("options") or {}).items()
        }
        if options in seen:
            continue
        seen.append(options)
        yield {
            "name": f"{role.name} {name}",
            "ansible.builtin.validate_argument_spec": {"argument_spec": options},
            "vars": {**defaults, **variables},
            "ignore_errors": True,
        }


def complaints(run: Run) -> dict[str, list[str]]:
    """What each entry point does not take."""
    return {task.name: task.result["argument_errors"] for task in run.tasks if task.result.get("argument_errors")}


@pytest.mark.parametrize("core", CORES, ids=lambda core: core.version)
def test_every_entry_point_takes_the_defaults_of_its_role(core: Core, play: Play) -> None:
    tasks = [task for role in ROLES for task in validations(role)]
    run = play(tasks, core=core, variables=HOST)
    assert [task.name for task in run.tasks] == [task["name"] for task in tasks]
    assert complaints(run) == {}
    assert [task.name for task in run.tasks if task.result.get("failed")] == []


def test_a_gitopscluster_without_its_placement_is_refused(play: Play) -> None:
    hub = CHECKOUT / "roles" / "hub"
    run = play(
        list(validations(hub, hub_gitopscluster={"name": "argo-acm-clusters"})), core=DEVELOPMENT, variables=HOST
    )
    assert len(complaints(run)) == len(run.tasks) > 0
    for errors in complaints(run).values():
        assert errors == ["parameters are required together: name, placement found in hub_gitopscluster"]
