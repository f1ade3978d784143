# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, on the reference inventory: an empty lab, deployed, verified, rotated, and empty again."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.integration.audited import Audited
from tests.integration.cart import redis
from tests.integration.conftest import POLICY_V1, Audit, Measured
from tests.integration.keys import keys_of, shown
from tests.integration.runs import Ansible
from tests.lab import Lab, difference
from tests.lab.podman import host

SITE = "online-boutique"
# A gateway's token of v1 is asked for by one label, and gets another one when it has been issued; its service is a key
# among those of the site. What several sites of v1 provide, the network may have brought to one of them meanwhile. The
# ApplicationSet is made on the hub, and gets its entries from the sites. Of two writers at once one tries again (409).
IN_SEVERAL_STEPS = re.compile(
    r"patch (secrets online-boutique/skupper-gateway-[0-9a-f]{40}|configmaps online-boutique/skupper-services"
    r"|applicationsets openshift-gitops/online-boutique)(: 409)?$"
)
# What the hub of the lab has, and what a hub without ACM gets; the reference inventory as it is, and all else that
# skupper_version and skupper_distribution choose from.
WAYS: dict[str, dict[str, Any]] = {
    "reference": {},
    "native-v1-policy": POLICY_V1,
}


def twice(log: Audited) -> list[str]:
    """The writes that were there more than once, and need not have been."""
    counts = Counter(line for line in log.writes if not IN_SEVERAL_STEPS.search(line))
    return sorted(line for line, count in counts.items() if count > 1)


def fill_cart(lab: Lab, content: str) -> None:
    """Write into Redis on bare metal from a site that is two links away."""
    if host.is_there(lab.layout):
        assert redis(lab, "us-philly", "SET", "cart", content) == "+OK"


def expect_in_cart(lab: Lab, content: str) -> None:
    """Every site reads it."""
    if host.is_there(lab.layout):
        assert {each: redis(lab, each, "GET", "cart") for each in lab.clusters} == dict.fromkeys(lab.clusters, content)


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("way", WAYS)
def test_a_deployment_tells_the_truth_at_each_step_and_goes_without_a_trace(
    ansible: Ansible, lab: Lab, audit: Audit, measured: Measured, way: str
) -> None:
    variables = WAYS[way]
    before = lab.inventory()
    # A Policy brings a token to the clusters that have a label, which they get when there is a token.
    by_policy = "skupper_distribution" in variables
    expected_twice = [f"ca-central: patch managedclusters {each}" for each in lab.spokes] if by_policy else []

    with audit() as log:
        predicted = ansible.playbook("deploy.yml", "--check", "--diff", variables=variables).succeeded()
    assert log.writes == [], "a check run on an empty hub"

    with audit() as log:
        deployed = ansible.playbook("deploy.yml", "-vvvv", "--diff", variables=variables).succeeded()
    measured("first deploy", deployed, log)
    assert shown(keys := keys_of(lab, SITE), deployed.output) == []
    assert len(keys) > len(lab.clusters)
    assert deployed.changed == predicted.changed != []
    assert log.writes != []
    assert twice(log) == expected_twice, "all others once"
    fill_cart(lab, way)
    expect_in_cart(lab, way)

    with audit() as log:
        again = ansible.playbook("deploy.yml", variables=variables).succeeded()
        check = ansible.playbook("deploy.yml", "--check", "--diff", variables=variables).succeeded()
        verified = ansible.playbook("verify.yml", variables=variables).succeeded()
        teardown_predicted = ansible.playbook("teardown.yml", "--check", variables=variables).succeeded()
    measured("second deploy", again, log)
    assert log.writes == [], "second run, check runs and verify"
    assert (again.changed, check.changed, verified.changed) == ([], [], [])

    with audit() as log:
        rotated = ansible.playbook("rotate.yml", "-vvvv", "--diff", variables=variables).succeeded()
    assert shown(keys | keys_of(lab, SITE), rotated.output) == []
    assert [] not in (log.writes, rotated.changed)
    assert (lab.hub in dict(rotated.changed)) == (way != "reference"), "ACM renews Argo CD's credentials by itself"
    expect_in_cart(lab, way)

    with audit() as log:
        removed = ansible.playbook("teardown.yml", variables=variables).succeeded()
        assert difference(before, lab.inventory()) == []
    measured("teardown", removed, log)
    assert removed.changed == teardown_predicted.changed
    assert twice(log) == expected_twice

    with audit() as log:
        nothing = ansible.playbook("teardown.yml", variables=variables).succeeded()
    assert (log.writes, nothing.changed) == ([], [])
