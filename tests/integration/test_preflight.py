# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is reported by the preflight, all of it in one run, and nothing has been written then."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.runs import BOTH, Ansible, Run
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import path
from tests.tree import CHECKOUT

HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"


class Preflight:
    """Deployments over the reference inventory that must not get beyond their preflight."""

    def __init__(self, ansible: Ansible, audit: Audit, folder: Path) -> None:
        self._ansible, self._audit, self._folder = ansible, audit, folder
        self.asked: set[tuple[str, str]] = set()
        """Cluster, and method with path, of all requests of the last run."""

    def refuses(self, hosts: Mapping[str, Mapping[str, Any]] | None = None, **variables: Any) -> Run:
        """Deploy with other variables of some hosts, or of all."""
        overlay = self._folder / "overlay.yml"
        overlay.write_text(yaml.safe_dump({"all": {"hosts": dict(hosts or {})}}))
        with self._audit() as log:
            run = self._ansible.playbook("deploy.yml", inventories=(*BOTH, overlay), variables=variables)
        assert run.returncode != 0, run.output
        assert log.writes == [], run.output
        self.asked = {(cluster, f"{event.verb} {event.uri}") for cluster, event in log.requests}
        return run


@pytest.fixture
def preflight(ansible: Ansible, audit: Audit, tmp_path: Path) -> Preflight:
    return Preflight(ansible, audit, tmp_path)


def problems(run: Run) -> dict[str, list[str]]:
    """Host to the problems that were reported for it, which is all that made the run fail."""
    found = {}
    for failure in run.failures:
        assert failure.name.endswith("Stop with all problems of this host, if there are any"), run.output
        first, *lines = failure.message.splitlines()
        found[failure.host] = [line.removeprefix("- ") for line in lines if line]
        assert first == (
            f"{failure.host}: {len(found[failure.host])} problem(s); nothing has been written to any cluster."
        )
    return found


def expect(run: Run, expected: Mapping[str, list[list[str]]]) -> None:
    """Each host has just the expected problems, in this order; of each some words are given."""
    found = problems(run)
    assert {host: len(lines) for host, lines in found.items()} == {host: len(words) for host, words in expected.items()}
    for host, each_words in expected.items():
        for line, words in zip(found[host], each_words, strict=True):
            assert [word for word in words if word not in line] == [], line


def test_wrong_variables_of_all_hosts_are_reported_at_once(preflight: Preflight) -> None:
    run = preflight.refuses(
        {
            HUB: {
                "argocd_import": "magic",
                "hub_tolerate": {"unreachable": True},
                "hub_placements": [{"name": "all", "namspace": "openshift-gitops"}],
            },
            TORONTO: {"cluster_membership_wait_timeout": "soon", "cluster_membership_name": "ca-tronto"},
            PHILLY: {
                "cluster_membership_labels": {"local-argo": True},
                "cluster_membership_placements": [{"name": "x"}],
            },
        }
    )
    expect(
        run,
        {
            HUB: [
                ["argocd_import", "'magic'", "auto, gitopscluster, native, none"],
                ["hub_tolerate", "unable to convert to list"],
                ["missing required arguments: namespace found in hub_placements"],
                ["unknown option hub_placements.namspace", "namespace"],
            ],
            TORONTO: [
                ["cluster_membership_wait_timeout", "unable to convert to int"],
                ["no such ManagedCluster", "ca-tronto"],
            ],
            PHILLY: [
                ["missing required arguments: namespace found in cluster_membership_placements"],
                ["cluster_membership_labels.local-argo", "is a boolean to YAML", 'quote it ("true")'],
            ],
        },
    )


def test_what_the_application_would_lack_is_said_with_all_other_problems(preflight: Preflight) -> None:
    there = ["adservice", "cartservice", "checkoutservice", "currencyservice", "emailservice", "shippingservice"]
    run = preflight.refuses(
        {
            PHILLY: {"boutique_services": [*there, "paymentservce"]},
            TORONTO: {"boutique_wait_timeout": "soon", "skupper_delivery": "gitops", "boutique_repo_url": ""},
        }
    )
    expect(
        run,
        {
            HUB: [
                ["us-philly: boutique_services: 'paymentservce'", "did you mean paymentservice?"],
                ["skupper_services[6].provided_by: us-philly does not run paymentservice"],
            ],
            TORONTO: [
                ["boutique_wait_timeout", "unable to convert to int"],
                ["skupper_delivery is gitops", "boutique_repo_url", "says from which Git repository"],
            ],
        },
    )


def test_credentials_that_do_not_serve_are_one_message_each(
    preflight: Preflight, lab: Lab, scratch: Scratch, tmp_path: Path
) -> None:
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    expired = lab.user_kubeconfig(tmp_path / "expired", "somebody", ["system:masters"], not_after=yesterday)
    account = {"metadata": {"name": scratch.id}}
    scratch.make(TORONTO, path("v1", "serviceaccounts", namespace="default"), account)
    revoked = lab.service_account_kubeconfig(tmp_path / "revoked", TORONTO, "default", scratch.id)
    lab.api(TORONTO).delete(path("v1", "serviceaccounts", scratch.id, "default"))  # takes its tokens along
    run = preflight.refuses({PHILLY: {"kubeconfig": str(expired)}, TORONTO: {"kubeconfig": str(revoked)}})
    refused = ["does not accept the credentials (401", "expired, revoked or of another cluster"]
    expect(run, {PHILLY: [[lab.url(PHILLY), *refused]], TORONTO: [[lab.url(TORONTO), *refused]]})

    missing = tmp_path / "no-such-file"
    run = preflight.refuses({PHILLY: {"context": "us-phily"}, TORONTO: {"kubeconfig": str(missing)}})
    expect(
        run,
        {
            PHILLY: [["context", "us-phily is not a context of", "it has ca-central", "us-philly"]],
            TORONTO: [["kubeconfig", f"no such file: {missing}"]],
        },
    )


def test_the_wrong_cluster_is_not_looked_at_any_further(preflight: Preflight, lab: Lab) -> None:
    elsewhere = "https://api.us-philly.example.com:6443"
    toronto = str(lab.api(TORONTO).get(path("v1", "namespaces", "kube-system"))["metadata"]["uid"])
    run = preflight.refuses(
        {
            PHILLY: {"cluster_id": toronto},
            TORONTO: {"cluster_api_url": elsewhere},
            HUB: {"cluster_api_url": lab.url(HUB)},
        }
    )
    expect(
        run,
        {
            PHILLY: [
                [f"{lab.url(PHILLY)} is the cluster with id", f"cluster_id says {toronto}", "correct the context"]
            ],
            TORONTO: [
                [f"lead to {lab.url(TORONTO)}", f"cluster_api_url says {elsewhere}", "nothing was read or written"]
            ],
        },
    )
    asked = {request for request in preflight.asked if request[0] != HUB}
    assert asked == {(PHILLY, "get /version"), (PHILLY, "get /api/v1/namespaces/kube-system")}


def test_all_missing_permissions_are_named_in_one_run(preflight: Preflight, lab: Lab, tmp_path: Path) -> None:
    nobody = lab.user_kubeconfig(tmp_path / "nobody", "nobody")
    found = problems(preflight.refuses(kubeconfig=str(nobody), argocd_import="native"))
    assert set(found) == {HUB, TORONTO, PHILLY}
    for cluster, file, role in ((HUB, "hub.yml", "ClusterRole"), (TORONTO, "cluster-native.yml", "Role")):
        for document in yaml.safe_load_all((CHECKOUT / "docs" / "rbac" / file).read_text(encoding="utf-8")):
            for rule in document.get("rules", []) if document["kind"] == role else []:
                missing = [
                    f"{verb} {resource}"
                    for verb in rule["verbs"]
                    for resource in rule["resources"]
                    if not any(f"may not {verb} {resource}" in line for line in found[cluster])
                ]
                assert missing == [], found[cluster]
    assert all("docs/rbac" in line for lines in found.values() for line in lines)


def test_a_hub_without_its_operators_is_told_which_to_install(preflight: Preflight, lab: Lab) -> None:
    run = preflight.refuses({HUB: {"context": PHILLY}}, argocd_import="gitopscluster", skupper_delivery="gitops")
    found = problems(run)
    kinds = ["ManagedCluster", "ManagedClusterSet", "ManagedClusterSetBinding", "Placement", "PlacementDecision"]
    for kind in (*kinds, "GitOpsCluster"):
        (line,) = (each for each in found[HUB] if f"does not serve {kind} of" in each)
        assert lab.url(PHILLY) in line
        assert "install Red Hat Advanced Cluster Management" in line
    (line,) = (each for each in found[TORONTO] if "skupper_delivery" in each)
    assert "the hub has no Argo CD" in line


def test_a_hub_that_does_not_answer_is_one_message_and_the_spokes_are_not_written_to(
    preflight: Preflight, lab: Lab, tmp_path: Path
) -> None:
    config = yaml.safe_load(lab.kubeconfig.read_text())
    nobody_listens = lab.url(HUB).rpartition(":")[0] + ":1"
    for entry in config["clusters"]:
        if entry["cluster"]["server"] == lab.url(HUB):
            entry["cluster"]["server"] = nobody_listens
    lost = tmp_path / "lost"
    lost.write_text(yaml.safe_dump(config))
    found = problems(preflight.refuses(kubeconfig=str(lost)))
    assert [f"{nobody_listens} does not answer" in line for line in found[HUB]] == [True]
    assert {host for host, lines in found.items() if any(nobody_listens in line for line in lines)} == set(lab.clusters)


def test_an_inventory_needs_just_one_hub(ansible: Ansible, audit: Audit, tmp_path: Path) -> None:
    second = tmp_path / "second-hub.yml"
    second.write_text(yaml.safe_dump({"all": {"children": {"hub": {"hosts": {TORONTO: {}}}}}}))
    with audit() as log:
        run = ansible.playbook("deploy.yml", inventories=(*BOTH, second))
    assert log.writes == []
    for lines in problems(run).values():
        assert lines[0].startswith("the inventory group `hub` has 2 hosts")
