# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end in the middle of their work: the next run completes it, wherever that was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.audited import audited
from tests.integration.runs import Ansible
from tests.lab import Lab, difference

# The native import writes most, and to all clusters.
NATIVE: dict[str, Any] = {"variables": {"argocd_import": "native"}}


def run_and_kill(ansible: Ansible, lab: Lab, playbook: str, writes: int) -> bool:
    """Kill a run after so many writes of its own. Returns whether there have been so many."""
    with audited(lab) as log:
        running = ansible.start(playbook, **NATIVE)
        reached = log.wait_for_writes(writes, running.is_running)
        running.kill()
    return reached


@pytest.mark.usefixtures("emptied")
def test_runs_that_were_killed_are_completed_by_the_next_one(ansible: Ansible, lab: Lab) -> None:
    """Each run is killed some writes further on than the one before it: on the hub, among the labels, in the import."""
    before = lab.inventory()
    for playbook, steps in {"deploy.yml": (1, 3, 2), "teardown.yml": (1, 4)}.items():
        killed = [run_and_kill(ansible, lab, playbook, writes) for writes in steps]
        assert killed.count(True) >= 2, "the runs were over before they could be killed"
        ansible.playbook(playbook, **NATIVE).succeeded()
        with audited(lab) as log:
            ansible.playbook(playbook, **NATIVE).succeeded()
        assert log.writes == []
        if playbook == "deploy.yml":
            ansible.playbook("verify.yml", **NATIVE).succeeded()
    assert difference(before, lab.inventory()) == []
