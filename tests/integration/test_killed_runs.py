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
from tests.lab.podman import host

# The native import writes most, and to all clusters.
NATIVE: dict[str, Any] = {"variables": {"argocd_import": "native"}}
# The phases of a deployment by the roles that do them, and after how many writes of the role a run is killed: among the
# hub's objects, in the import, between the sites, between the links, before the gateway has its certificate, and before
# Argo CD has deployed. A role that writes to no API server has a task here: next, the container is made.
PHASES: dict[str, int | str] = {
    "hub": 2,
    "cluster_membership": 5,
    "skupper_site": 4,
    "skupper_network": 2,
    "redis_host": "Bring the image",
    "skupper_gateway": 1,
    "boutique": 6,
}
NEED_PODMAN = ("redis_host", "skupper_gateway", "boutique")
"""The shop as well, for it has no Redis without."""


def kill_in_phase(ansible: Ansible, lab: Lab, role: str, moment: int | str) -> None:
    """Deploy, and kill the run in the middle of what a role does."""
    with audited(lab) as log:
        running = ansible.start("deploy.yml", **NATIVE)
        try:
            began = running.wait_for_role(role)
            if isinstance(moment, str):
                running.wait_until(moment)
            else:
                reached = log.wait_for_writes(moment, running.is_running, since=began)
                assert reached, f"{role}: fewer than {moment} writes, though no run before has got there"
        finally:
            running.kill()


def kill_after(ansible: Ansible, lab: Lab, playbook: str, writes: int) -> bool:
    """Kill a run after so many writes of its own. Returns whether there have been so many."""
    with audited(lab) as log:
        running = ansible.start(playbook, **NATIVE)
        reached = log.wait_for_writes(writes, running.is_running)
        running.kill()
    return reached


def complete(ansible: Ansible, lab: Lab, playbook: str) -> None:
    """Run it to its end, and once more, which has nothing to do."""
    ansible.playbook(playbook, **NATIVE).succeeded()
    with audited(lab) as log:
        again = ansible.playbook(playbook, **NATIVE).succeeded()
    assert (log.writes, again.changed) == ([], [])


@pytest.mark.usefixtures("emptied")
def test_runs_that_were_killed_are_completed_by_the_next_one(ansible: Ansible, lab: Lab) -> None:
    """Each run is killed a phase further on than the one before it, whose work it has completed on its way there."""
    before = lab.inventory()
    for role, moment in PHASES.items():
        if host.is_there(lab.layout) or role not in NEED_PODMAN:
            kill_in_phase(ansible, lab, role, moment)
    complete(ansible, lab, "deploy.yml")  # which ends with verify.yml
    for writes in (1, 4):
        assert kill_after(ansible, lab, "teardown.yml", writes), "the run was over before it could be killed"
    complete(ansible, lab, "teardown.yml")
    assert difference(before, lab.inventory()) == []
