# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories that come with the collection: what they hold, and that the lab runs the reference itself."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import yaml

from tests.environments import DEVELOPMENT
from tests.integration.runs import BOTH
from tests.tree import CHECKOUT

REFERENCE, LAB = BOTH
# What has to be another one on the lab: the way to the clusters, where Skupper and the chart come from, some images.
LAB_OWN = {
    "kubeconfig",
    "skupper_site_controller",
    "lab_git",
    "lab_git_file",
    *(f"boutique_{each}" for each in ("repo_revision", "repo_url", "values")),
}
# And on the bare-metal host, whose podman all labs share: names, address and images of the lab's own.
BARE_METAL_OWN = {
    "ansible_connection",
    "ansible_python_interpreter",
    "lab_bare_metal",
    *(f"redis_host_{each}" for each in ("address", "environment", "image", "image_pull", "name")),
    *(f"skupper_gateway_{each}" for each in ("bindings", "data_home", "environment", "image", "name")),
}
GROUPS = {
    "hub": ["ca-central"],
    "spokes": ["ca-toronto", "us-philly"],
    "bare_metal": ["redis-ca-central"],
    "site_ca_central": ["ca-central", "redis-ca-central"],
    "site_ca_toronto": ["ca-toronto"],
    "site_us_philly": ["us-philly"],
}


def inventory(*sources: str) -> dict[str, Any]:
    """An inventory as Ansible reads it."""
    words = [str(DEVELOPMENT.bin() / "ansible-inventory"), "--list"]
    words += [word for source in sources for word in ("-i", source)]
    run = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert "[WARNING]" not in run.stderr, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("sources", [(REFERENCE,), BOTH], ids=["reference", "lab"])
def test_groups_are_the_documented_ones(sources: tuple[str, ...]) -> None:
    found = inventory(*sources)
    assert {group: found[group]["hosts"] for group in GROUPS} == GROUPS
    assert sorted(found["clusters"]["children"]) == ["hub", "spokes"]
    assert found["boutique_sites"]["children"] == ["clusters"]
    sites = [host for group, hosts in GROUPS.items() if group.startswith("site_") for host in hosts]
    assert sorted(sites) == sorted({*GROUPS["hub"], *GROUPS["spokes"], *GROUPS["bare_metal"]}), "one site each"


def test_the_lab_differs_in_connection_and_operators_only() -> None:
    reference, lab = (inventory(*sources)["_meta"]["hostvars"] for sources in ((REFERENCE,), BOTH))
    assert reference.keys() == lab.keys()
    for host in reference:
        keys = reference[host].keys() | lab[host].keys()
        different = {key for key in keys if reference[host].get(key) != lab[host].get(key)}
        assert different == (BARE_METAL_OWN if host in GROUPS["bare_metal"] else LAB_OWN)


def test_values_that_become_labels_are_strings() -> None:
    for file in (CHECKOUT / REFERENCE).rglob("*.yml"):
        assert yaml.safe_load(file.read_text(encoding="utf-8")), f"{file.name} is empty"
    for variables in inventory(REFERENCE)["_meta"]["hostvars"].values():
        assert all(isinstance(value, str) for value in variables.get("cluster_membership_labels", {}).values())
