# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole deployment that brings in a cluster nobody manages, and takes it out again with all the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.inventories import without_network
from tests.integration.rbac import ACCOUNT
from tests.integration.regina import KLUSTERLET, KLUSTERLET_CRD, NAME, Regina
from tests.integration.runs import Ansible
from tests.integration.scratch import Scratch
from tests.integration.test_least_privilege import accounts, grant
from tests.lab import Lab, difference

ALL = (*Lab.clusters, NAME)

IMPORT = {"cluster_membership_import": True}
"""For all clusters, those that the hub manages already as well."""


def with_regina(folder: Path, **variables: Any) -> tuple[str | Path, ...]:
    """The reference inventory without its network, and a file that adds the cluster as one more site."""
    host = {"hosts": {NAME: variables}}
    file = folder / "regina.yml"
    file.write_text(yaml.safe_dump({"all": {"children": {"spokes": host, "site_ca_regina": host}}}))
    return (*without_network(folder), file)


@pytest.fixture(autouse=True)
def torn_down(lab: Lab, regina: Regina, tmp_path: Path) -> Iterator[None]:
    """Whatever a test leaves deployed is taken out again before the cluster is unmanaged by force."""
    del regina
    before = lab.inventory(*ALL)
    yield
    if difference(before, lab.inventory(*ALL)):
        Ansible(lab, tmp_path / "end").playbook("teardown.yml", variables=IMPORT, inventories=with_regina(tmp_path))


def test_a_deployment_brings_in_a_cluster_and_its_operator_and_goes_without_a_trace(
    ansible: Ansible, lab: Lab, regina: Regina, audit: Audit, tmp_path: Path
) -> None:
    regina.has_operator(False)
    inventories = with_regina(tmp_path, cluster_membership_import_manifests=[regina.definition()])
    options: dict[str, Any] = {"variables": IMPORT, "inventories": inventories}
    before = lab.inventory(*ALL)

    with audit(*ALL) as log:
        predicted = ansible.playbook("deploy.yml", "--check", "--diff", **options).succeeded()
    assert log.writes == [], "a check run for a cluster that is not imported yet"
    assert (NAME, "Bring the cluster to the hub, or take it away") in predicted.changed

    with audit(*ALL) as log:
        deployed = ansible.playbook("deploy.yml", **options).succeeded()
    assert deployed.changed == predicted.changed
    assert regina.is_available()
    assert [line for line in log.writes if line.startswith(lab.spokes)] == [], "the hub manages them already"
    twice = [line for line, count in Counter(log.writes).items() if count > 1]
    assert twice == [f"ca-central: patch managedclusters {NAME}"], "it is made, and then labelled"

    with audit(*ALL) as log:
        again = ansible.playbook("deploy.yml", **options).succeeded()
        check = ansible.playbook("deploy.yml", "--check", "--diff", **options).succeeded()
        verified = ansible.playbook("verify.yml", **options).succeeded()
        teardown_predicted = ansible.playbook("teardown.yml", "--check", **options).succeeded()
    assert log.writes == [], "second run, check runs and verify"
    assert (again.changed, check.changed, verified.changed) == ([], [], [])

    removed = ansible.playbook("teardown.yml", **options).succeeded()
    assert difference(before, lab.inventory(*ALL)) == []
    assert removed.changed == teardown_predicted.changed

    with audit(*ALL) as log:
        nothing = ansible.playbook("teardown.yml", **options).succeeded()
    assert (log.writes, nothing.changed) == ([], [])
    assert lab.api(NAME).find(KLUSTERLET_CRD) is None


def test_accounts_of_the_manifests_can_import_and_detach(
    lab: Lab, regina: Regina, scratch: Scratch, ansible: Ansible, audit: Audit, tmp_path: Path
) -> None:
    for cluster in ALL:
        grant(lab, scratch, cluster, "cluster", "cluster-ocm-import")
    grant(lab, scratch, lab.hub, "hub", "hub-ocm-import")
    inventories = (*with_regina(tmp_path), accounts(lab, tmp_path, NAME))
    with audit(*ALL) as log:
        ansible.playbook("deploy.yml", variables=IMPORT, inventories=inventories).succeeded()
        assert regina.is_available()
        for playbook in ("verify.yml", "teardown.yml"):
            ansible.playbook(playbook, variables=IMPORT, inventories=inventories).succeeded()
        assert (regina.managed(), lab.api(NAME).find(KLUSTERLET)) == (None, None)
    assert {event.user for _cluster, event in log.requests} == {f"system:serviceaccount:{ACCOUNT[0]}:{ACCOUNT[1]}"}
    assert [str(event) for _cluster, event in log.requests if event.code == 403] == []


def test_a_missing_operator_and_missing_permissions_are_known_before_any_write(
    lab: Lab, regina: Regina, scratch: Scratch, ansible: Ansible, audit: Audit, tmp_path: Path
) -> None:
    inventories = with_regina(tmp_path)
    regina.has_operator(False)
    with audit(*ALL) as log:
        refused = ansible.playbook("deploy.yml", "--limit", NAME, variables=IMPORT, inventories=inventories)
    assert refused.returncode != 0
    assert "klusterlet operator" in refused.output
    assert log.writes == []

    regina.has_operator(True)
    for cluster in ALL:
        grant(lab, scratch, cluster, "cluster")
    grant(lab, scratch, lab.hub, "hub")
    inventories = (*inventories, accounts(lab, tmp_path, NAME))
    with audit(*ALL) as log:
        refused = ansible.playbook("deploy.yml", variables=IMPORT, inventories=inventories)
    assert refused.returncode != 0
    missing = ("create managedclusters", "create klusterlets")
    assert [words for words in missing if words not in refused.output] == [], refused.output
    assert log.writes == []
