# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Skupper network whose sites Argo CD delivers, and which goes on while they change hands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.boutique.gitops import ARGO_V1, ARGOCD, HUB, NAME, PHILLY, SITES, TORONTO, Application
from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run
from tests.lab import Lab
from tests.lab.api import Object, path

SKUPPER = "skupper.io/v2alpha1"
SET = f"{NAME}-sites"
ENTRY = f"{HUB}: patch applicationsets {ARGOCD}/{SET}"
JOINS = "Have Argo CD deploy to the cluster, and wait until it has"
MADE = "Make the site and wait until it can be reached"
OWNERS = {"gitops": {"argocd-controller"}, "direct": {"multicluster.interconnect"}}


class Network(Application):
    """Sites in all clusters, and runs of the playbooks for them."""

    def __init__(self, lab: Lab, ansible: Ansible, folder: Path) -> None:
        super().__init__(lab, ansible, folder, "skupper_sites")

    def go(self, playbook: str, *arguments: str, delivery: str = "gitops", **more: object) -> Run:
        """Run a playbook; by default Argo CD delivers."""
        common = {"skupper_site_controller": "present", "skupper_site_ingress": "loadbalancer"}
        return self.run(playbook, *arguments, skupper_delivery=delivery, **common, **more)

    def site(self, cluster: str) -> Object:
        return self._lab.api(cluster).get(path(SKUPPER, "sites", cluster, NAME))

    def identities(self) -> list[str]:
        return [self.site(cluster)["metadata"]["uid"] for cluster in SITES]

    def owners(self, cluster: str) -> set[str]:
        """Who has applied the Site."""
        entries = self.site(cluster)["metadata"]["managedFields"]
        return {each["manager"] for each in entries if each["operation"] == "Apply"}

    def applications(self) -> list[str]:
        """Which clusters Argo CD delivers a site to, by their inventory names."""
        found = self._lab.api(HUB).items(path(ARGO_V1, "applications", namespace=ARGOCD))
        names = {each["metadata"]["name"] for each in found}
        return [site for site in SITES if f"{SET}-{self._lab.managed_as[site]}" in names]


@pytest.fixture(scope="module")
def network(lab: Lab, nothing_is_left: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The clusters are in Argo CD, and have no sites. After the last test a teardown leaves nothing."""
    del nothing_is_left  # looks at the lab before and after this
    lab.push()
    folder = tmp_path_factory.mktemp("sites")
    made = Network(lab, Ansible(lab, folder), folder)
    made.go("deploy", "--tags", "hub,membership").succeeded()
    yield made
    made.go("teardown").succeeded()


def test_sites_are_delivered_linked_and_change_hands(network: Network, audit: Audit) -> None:
    # Delivered, as a check run has predicted, and linked by Ansible.
    with audit() as log:
        predicted = network.go("deploy", "--tags", "sites,links", "--check", "--diff").succeeded()
    assert log.writes == []
    first = network.go("deploy", "--tags", "sites,links").succeeded()
    assert predicted.changed == first.changed
    assert {(site, JOINS) for site in SITES} <= set(first.changed)
    assert not {(site, MADE) for site in SITES} & set(first.changed), "what Argo CD makes is not ours to write"
    assert [network.owners(site) for site in SITES] == [OWNERS["gitops"]] * 3
    with audit() as log:
        again = network.go("deploy", "--tags", "sites,links,verify").succeeded()
    assert (again.changed, log.writes) == ([], [])

    # One site is taken back, and brought back, while the others are not even asked.
    identities = network.identities()
    for delivery, delivered in (("direct", [HUB, TORONTO]), ("gitops", [HUB, TORONTO, PHILLY])):
        check = network.go("sites", "--check", "--limit", PHILLY, delivery=delivery).succeeded()
        with audit() as log:
            changed = network.go("sites", "--limit", PHILLY, delivery=delivery).succeeded()
        assert changed.changed == check.changed
        assert network.applications() == delivered
        assert {line for line in log.writes if PHILLY not in line} == {ENTRY}
        assert log.clusters() == {HUB, PHILLY}
        assert (network.owners(PHILLY), network.identities()) == (OWNERS[delivery], identities)
        with audit() as log:
            network.go("sites", "--limit", PHILLY, delivery=delivery).succeeded()
        assert log.writes == []
