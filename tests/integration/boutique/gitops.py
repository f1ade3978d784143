# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny application on the lab's clusters by Argo CD, as an inventory and the collection's own playbooks have it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.runs import Ansible, Run, Running
from tests.lab import Lab
from tests.lab.api import Object, path

HUB, TORONTO, PHILLY = SITES = ("ca-central", "ca-toronto", "us-philly")
ARGOCD = "openshift-gitops"
ARGO_V1 = "argoproj.io/v1alpha1"
NAME = "hello-argo"
CHART = Path(__file__).parent / "charts" / "hello"
IN_GIT = f"charts/{NAME}"
PLACEMENT = f"{NAME}-clusters"
JOINS = "Have Argo CD deploy to the cluster, and wait until it has"
LEAVES = "Have Argo CD take the application off the cluster, and wait until it has"


class Application:
    """The chart in the lab's repository, and runs that bring it to the clusters.

    :param group: of the inventory, that all clusters are in.
    """

    def __init__(self, lab: Lab, ansible: Ansible, folder: Path, group: str = "boutique_sites") -> None:
        self._lab, self._ansible, self._folder, self._group = lab, ansible, folder, group
        self._git: dict[str, str] = json.loads(lab.layout.git.read_text(encoding="utf-8"))

    # -- Git ---------------------------------------------------------------------------------------------------------

    def push(self, **replaced: str) -> str:
        """Commit the chart; return the commit.

        :param replaced: texts in its template, with what stands in their place.
        """
        files: dict[str, str | None] = {}
        for file in sorted(each for each in CHART.rglob("*") if each.is_file()):
            text = file.read_text(encoding="utf-8")
            for old, new in replaced.items() if file.parent.name == "templates" else ():
                assert old in text
                text = text.replace(old, new)
            files[f"{IN_GIT}/{file.relative_to(CHART)}"] = text
        return self._lab.push(files)

    # -- runs --------------------------------------------------------------------------------------------------------

    def run(self, playbook: str, *arguments: str, **variables: Any) -> Run:
        """Run one of the collection's playbooks over the inventory."""
        return self.start(playbook, *arguments, **variables).wait()

    def start(self, playbook: str, *arguments: str, **variables: Any) -> Running:
        """Start it."""
        return self._ansible.start(f"playbooks/{playbook}.yml", *arguments, inventories=[self._inventory(variables)])

    def _inventory(self, variables: dict[str, Any]) -> Path:
        labels = {"cluster.open-cluster-management.io/clusterset": NAME, NAME: "True"}
        common = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "kubeconfig": str(self._lab.kubeconfig),
            "application": NAME,
            "argocd_import": "native",
            "hub_gitopscluster": {"name": NAME, "placement": PLACEMENT},
            "hub_placements": [{"name": PLACEMENT, "namespace": ARGOCD, "match_labels": {NAME: "True"}}],
            "cluster_membership_labels": labels,
            "cluster_membership_placements": [{"name": PLACEMENT, "namespace": ARGOCD}],
            "boutique_delivery": "gitops",
            "boutique_repo_url": self._git["url"],
            "boutique_repo_revision": self._git["revision"],
            "boutique_repo_path": IN_GIT,
            "boutique_placement": PLACEMENT,
            "boutique_values": {"parts": {"hello": 1}, "greeting": "{{ greeting }}"},
            "greeting": "Hello from {{ inventory_hostname }}",
            "boutique_wait_timeout": 150,
            "boutique_verify_timeout": 20,
            **variables,
        }
        groups = {
            "hub": {"hosts": {HUB: {"cluster_membership_selector": "local-cluster=true"}}},
            "clusters": {"hosts": {site: {} for site in SITES}},
            self._group: {"hosts": {site: {} for site in SITES}},
        }
        file = self._folder / "inventory.yml"
        file.write_text(json.dumps({"all": {"vars": common, "children": groups}}), encoding="utf-8")
        return file

    # -- what is there -----------------------------------------------------------------------------------------------

    def greeting(self, site: str) -> str | None:
        """What the application says at a site; None where it is not."""
        live = self._lab.api(site).find(path("v1", "configmaps", "hello", NAME))
        return live["data"]["greeting"] if live else None

    def greetings(self) -> dict[str, str | None]:
        return {site: self.greeting(site) for site in SITES}

    def deliveries(self, site: str) -> tuple[str, int]:
        """Which Application there is for a site, and how often Argo CD has synced it."""
        cluster = self._lab.managed_as[site]
        live: Object = self._lab.api(HUB).get(path(ARGO_V1, "applications", f"{NAME}-{cluster}", ARGOCD))
        return live["metadata"]["uid"], len(live["status"]["history"])
