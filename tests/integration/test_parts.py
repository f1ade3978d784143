# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a deployment: single clusters, parts at the same time, and what verify says of broken ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.audited import audited
from tests.integration.conftest import Audit
from tests.integration.reports import failed, report
from tests.integration.runs import Ansible
from tests.integration.scratch import CLUSTER_V1, CLUSTER_V1BETA1
from tests.lab import Lab
from tests.lab.api import path

ARGOCD = "openshift-gitops"
SPOKE = "us-philly"
SITE = "online-boutique"
ENTRY = f"ca-central: patch applicationsets {ARGOCD}/online-boutique"
"""Each site has one of its own in it. Of two that write at once, one tries again (409)."""
MADE_ANEW = ("pods", "replicasets.apps", "ipaddresses.networking.k8s.io")
GENERATION = re.compile(r"(?<=-to-ca-central)-\d+$")


@pytest.fixture(scope="module", autouse=True)
def deployed(lab: Lab, nothing_is_left: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The reference inventory is deployed before the first test, and taken out after the last. Each leaves it so."""
    del nothing_is_left  # looks at the lab before and after this
    ansible = Ansible(lab, tmp_path_factory.mktemp("deployed"))
    ansible.playbook("deploy.yml").succeeded()
    yield
    ansible.playbook("teardown.yml").succeeded()


def expect_complete(lab: Lab, ansible: Ansible) -> None:
    """A full run has nothing to write."""
    with audited(lab) as log:
        ansible.playbook("deploy.yml").succeeded()
    assert log.writes == []


def named(lab: Lab) -> list[str]:
    """All objects of all clusters, but those that a Deployment or a Service gives a new name each time.

    Tokens of links are numbered; a link that was removed may begin with another number.
    """
    return sorted(
        f"{cluster}: {GENERATION.sub('', key)}"
        for cluster, found in lab.inventory().items()
        for key in found
        if key.split()[0] not in MADE_ANEW
    )


def selected(lab: Lab) -> set[str]:
    """The clusters that both Placements of the inventory select."""
    decisions = lab.api(lab.hub).items(path(CLUSTER_V1BETA1, "placementdecisions", namespace=ARGOCD))
    chosen = [{each["clusterName"] for each in decision["status"]["decisions"]} for decision in decisions]
    return set.intersection(*chosen)


def test_a_cluster_is_taken_out_and_brought_back_without_touching_the_others(
    ansible: Ansible, lab: Lab, audit: Audit
) -> None:
    everything = selected(lab)
    with audit() as log:
        ansible.playbook("teardown.yml", "--limit", SPOKE).succeeded()
        assert selected(lab) == everything - {SPOKE}
        ansible.playbook("deploy.yml", "--limit", SPOKE).succeeded()
    assert selected(lab) == everything
    assert [line for line in log.writes if SPOKE not in line] == [ENTRY, ENTRY], "it left, and it joined"
    assert log.writes.count(f"ca-central: patch managedclusters {SPOKE}") == 2
    assert log.clusters() == {"ca-central", SPOKE}, "no other cluster was even asked"
    expect_complete(lab, ansible)


def test_verify_names_the_layer_that_is_broken(ansible: Ansible, lab: Lab, audit: Audit) -> None:
    hub = lab.api(lab.hub)
    target = path(CLUSTER_V1, "managedclusters", SPOKE)
    hub.merge(target, {"metadata": {"labels": {"online-boutique": None}}})
    with audit() as log:
        broken = ansible.playbook("verify.yml", "-e", '{"verify_timeout": 1, "hub_verify_timeout": 1}')
    assert broken.returncode != 0
    assert log.writes == []
    (failure,) = broken.failures
    words = [f"hub {SPOKE}:", f"not selected by Placement {ARGOCD}/online-boutique-clusters", "--tags hub,membership"]
    assert failure.host == SPOKE
    assert [word for word in words if word not in failure.message] == [], failure.message
    assert f"--limit {SPOKE}" in failure.message, "it says what to do"
    with audit() as log:
        ansible.playbook("deploy.yml", "--tags", "membership", "--limit", SPOKE).succeeded()
    assert log.writes == [f"ca-central: patch managedclusters {SPOKE}"]
    ansible.playbook("verify.yml").succeeded()


def test_verify_names_a_placement_that_is_gone(ansible: Ansible, lab: Lab) -> None:
    lab.api(lab.hub).delete(path(CLUSTER_V1BETA1, "placements", "online-boutique-clusters", ARGOCD))
    broken = ansible.playbook("verify.yml", "-e", '{"verify_timeout": 1, "hub_verify_timeout": 1}')
    assert broken.returncode != 0
    assert any(f"Placement {ARGOCD}/online-boutique-clusters" in each.message for each in broken.failures)
    ansible.playbook("deploy.yml").succeeded()


def test_verify_reports_all_layers_and_speaks_through_the_network(
    ansible: Ansible, lab: Lab, audit: Audit, tmp_path: Path
) -> None:
    with audit() as log:
        verified = ansible.playbook("verify.yml").succeeded()
    assert log.writes == []
    assert verified.changed == []
    found = report(tmp_path)
    assert [check for check in found["checks"] if check["state"] != "ok"] == []
    assert {"api", "hub", "site", "link", "certificate"} <= {check["layer"] for check in found["checks"]}
    assert all(len(link["seen_from"]) == 2 for link in found["document"]["links"])
    if found["document"]["gateways"]:  # the machine has podman
        answers = {each["cluster"]: each["message"] for each in found["document"]["probes"] if each["kind"] == "redis"}
        assert answers == dict.fromkeys(lab.clusters, "Redis answers +PONG")


def test_verify_says_what_is_lost_with_an_api_server_and_that_the_rest_serves(
    ansible: Ansible, lab: Lab, tmp_path: Path
) -> None:
    lab.stop(f"{SPOKE}/kube-apiserver", now=True)
    broken = ansible.playbook("verify.yml", variables={"verify_timeout": 1})
    lab.start(SPOKE)
    lab.wait_available()
    # Its watches come back late. A Site that is removed and made again meanwhile, as in the next test, is for it the
    # one that it knew, and it makes nothing of it (skupperproject/skupper#2323).
    lab.restart(f"{SPOKE}/skupper-controller")
    assert broken.returncode != 0
    (failure,) = broken.failures
    assert failure.host == SPOKE
    assert f"api {SPOKE}: " in failure.message
    lost = report(tmp_path)
    assert failed(lost) == [("api", SPOKE)]
    assert all(service["serves"] for service in lost["serving"]), "its pods run on, and others stand in for them"
    ansible.playbook("verify.yml").succeeded()
    assert report(tmp_path)["ok"]


def test_parts_at_the_same_time_make_the_whole(lab: Lab, ansible: Ansible, audit: Audit, tmp_path: Path) -> None:
    """As an automation controller that slices its jobs: no part waits for another one's results or facts."""
    before = named(lab)
    ansible.playbook("teardown.yml").succeeded()
    # A site is a cluster with the bare-metal hosts near it.
    sites = [f"site_{name.replace('-', '_')}" for name in lab.clusters]
    with audit() as log:
        parts = [Ansible(lab, tmp_path / site).start("deploy.yml", "--limit", site) for site in sites]
        for part in parts:
            part.wait().succeeded()
    after = named(lab)
    assert [key for key in {*before, *after} if before.count(key) != after.count(key)] == []
    once = [line for line in log.writes if not line.startswith(ENTRY)]
    assert len(once) == len(set(once))
    assert log.writes.count(ENTRY) == 1 + len(lab.clusters)
    expect_complete(lab, ansible)


def test_a_new_ca_is_a_step_of_its_own_after_which_the_links_are_up_again(
    ansible: Ansible, lab: Lab, audit: Audit
) -> None:
    ca = path("v1", "secrets", "skupper-site-ca", SITE)
    before = {cluster: lab.api(cluster).get(ca)["data"]["tls.crt"] for cluster in lab.clusters}
    with audit() as log:
        ansible.playbook("rotate.yml", "--check", "--tags", "renew_ca").succeeded()
    assert log.writes == []
    renewed = ansible.playbook("rotate.yml", "--tags", "renew_ca").succeeded()
    assert "All tokens of this site become worthless" in renewed.output
    after = {cluster: lab.api(cluster).get(ca)["data"]["tls.crt"] for cluster in lab.clusters}
    assert [cluster for cluster in lab.clusters if before[cluster] == after[cluster]] == []
    ansible.playbook("verify.yml").succeeded()
    expect_complete(lab, ansible)
