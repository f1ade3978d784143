# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role hub installs the operators of ACM and OpenShift GitOps by OLM, and waits until they have done their work."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.olm import ACM, GITOPS, olm
from tests.integration.runs import Ansible
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import path

HUB_PLAYBOOK = "playbooks/hub.yml"


@pytest.fixture
def variables(scratch: Scratch) -> dict[str, Any]:
    """Operators in namespaces of the test's own; neither set nor Placements in the way of other tests."""
    return {
        "hub_operators": [ACM, GITOPS],
        "hub_acm_namespace": f"{scratch.id}-acm",
        "hub_gitops_operator_namespace": f"{scratch.id}-gitops",
        "hub_cluster_set": scratch.id,
        "hub_placements": [],
        "hub_argocd_import": "none",
        "hub_operators_timeout": 25,
    }


def test_operators_are_installed_waited_for_and_left_alone_afterwards(
    lab: Lab, scratch: Scratch, ansible: Ansible, audit: Audit, variables: dict[str, Any]
) -> None:
    for name in ("hub_acm_namespace", "hub_gitops_operator_namespace"):
        scratch.owns(lab.hub, path("v1", "namespaces", variables[name]))
    scratch.owns(lab.hub, path("cluster.open-cluster-management.io/v1beta2", "managedclustersets", scratch.id))
    scratch.owns(
        lab.hub,
        path(
            "cluster.open-cluster-management.io/v1beta2",
            "managedclustersetbindings",
            scratch.id,
            "openshift-gitops",
        ),
    )
    with olm(lab, scratch):
        with audit() as checked:
            check = ansible.playbook(HUB_PLAYBOOK, "--check", variables=variables).succeeded()
        assert checked.writes == []
        real = ansible.playbook(HUB_PLAYBOOK, variables=variables).succeeded()
        assert (
            set(check.changed)
            == set(real.changed)
            >= {
                ("ca-central", "Subscribe to the operators"),
                ("ca-central", "Ask ACM for a hub"),
            }
        )
        hub = lab.api(lab.hub).items(path("operator.open-cluster-management.io/v1", "multiclusterhubs"))
        assert [entry["status"]["phase"] for entry in hub] == ["Running"]
        with audit() as repeated:
            again = ansible.playbook(HUB_PLAYBOOK, variables=variables).succeeded()
        assert again.changed == []
        assert repeated.writes == []


def test_hub_without_olm_is_told_what_is_missing(ansible: Ansible, audit: Audit, variables: dict[str, Any]) -> None:
    with audit() as log:
        run = ansible.playbook(HUB_PLAYBOOK, variables=variables)
    assert run.returncode != 0
    [failure] = run.failures
    assert "Operator Lifecycle Manager" in failure.message
    assert "Subscription" in failure.message or "OperatorGroup" in failure.message
    assert log.writes == []
