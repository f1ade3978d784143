# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, on the reference inventory: an empty lab, deployed, verified, rotated, and empty again."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible
from tests.lab import Lab, difference

# How clusters get into Argo CD: what the hub of the lab has, and what a hub without ACM gets.
BACKENDS = ["auto", "native"]


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deployment_tells_the_truth_at_each_step_and_goes_without_a_trace(
    ansible: Ansible, lab: Lab, audit: Audit, backend: str
) -> None:
    variables = {"argocd_import": backend}
    before = lab.inventory()

    with audit() as log:
        predicted = ansible.playbook("deploy.yml", "--check", "--diff", variables=variables).succeeded()
    assert log.writes == [], "a check run on an empty hub"

    with audit() as log:
        deployed = ansible.playbook("deploy.yml", variables=variables).succeeded()
    assert deployed.changed == predicted.changed != []
    assert log.writes != []
    assert len(log.writes) == len(set(log.writes)), "every object is written once"

    with audit() as log:
        again = ansible.playbook("deploy.yml", variables=variables).succeeded()
        check = ansible.playbook("deploy.yml", "--check", "--diff", variables=variables).succeeded()
        verified = ansible.playbook("verify.yml", variables=variables).succeeded()
        teardown_predicted = ansible.playbook("teardown.yml", "--check", variables=variables).succeeded()
    assert log.writes == [], "second run, check runs and verify"
    assert (again.changed, check.changed, verified.changed) == ([], [], [])

    with audit() as log:
        rotated = ansible.playbook("rotate.yml", variables=variables).succeeded()
    assert bool(log.writes) == bool(rotated.changed) == (backend == "native"), "ACM rotates by itself"

    with audit() as log:
        removed = ansible.playbook("teardown.yml", variables=variables).succeeded()
        assert difference(before, lab.inventory()) == []
    assert removed.changed == teardown_predicted.changed
    assert len(log.writes) == len(set(log.writes))

    with audit() as log:
        nothing = ansible.playbook("teardown.yml", variables=variables).succeeded()
    assert (log.writes, nothing.changed) == ([], [])
