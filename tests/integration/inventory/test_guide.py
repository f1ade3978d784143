# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's inventory, as it is printed there, with the variables of the reference inventory."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import yaml

from tests.integration.inventory.conftest import Reader
from tests.tree import CHECKOUT

GUIDE = CHECKOUT / "docs/docsite/rst/inventory.rst"
REFERENCE = CHECKOUT / "inventories/boutique"
YAML_BLOCK = re.compile(r"^\.\. code-block:: yaml(?:\+jinja)?\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)
CLUSTERS = {"ca-central", "ca-toronto", "us-philly"}
# What says where a host is, instead of hosts.yml, and what else comes from the hub.
FROM_THE_HUB = {"cluster_membership_name", "cluster_api_url"}


def inventory_of_the_guide(folder: Path) -> Path:
    """The folder that a reader of the guide has made."""
    plugin, bare_metal, _cache = (textwrap.dedent(block) for block in YAML_BLOCK.findall(GUIDE.read_text()))
    shutil.copytree(REFERENCE / "group_vars", folder / "group_vars")
    (folder / "hub.managed_clusters.yml").write_text(plugin)
    (folder / "bare_metal.yml").write_text(bare_metal)
    return folder


def test_example_has_the_groups_of_the_reference_inventory(every_core: Reader) -> None:
    groups = every_core.list(inventory_of_the_guide(every_core.folder / "inventory")).groups
    assert groups["hub"] == ["ca-central"]
    assert groups["spokes"] == ["ca-toronto", "us-philly"]
    assert groups["clusters"] == ["hub", "spokes"]
    assert set(groups["skupper_sites"]) == set(groups["boutique_sites"]) == CLUSTERS
    assert groups["site_ca_central"] == ["ca-central", "redis-ca-central"]
    assert groups["site_us_philly"] == ["us-philly"]
    assert groups["unavailable"] == ["ca-toronto", "us-philly"]


def test_example_gives_every_host_the_variables_of_the_reference_inventory(reader: Reader) -> None:
    found = reader.list(inventory_of_the_guide(reader.folder / "inventory")).hosts
    expected = reader.list(REFERENCE).hosts
    assert found.keys() == expected.keys()
    for host, variables in found.items():
        own = FROM_THE_HUB if host in CLUSTERS else set()
        assert _of_the_reference(variables, own) == expected[host]
    assert found["ca-central"]["cluster_membership_name"] == "local-cluster"
    assert found["ca-toronto"]["cluster_membership_name"] == "cluster-7f3a"
    assert found["ca-toronto"]["cluster_api_url"] == "https://api.ca-toronto.example.com:6443"


def _of_the_reference(variables: dict[str, Any], own: set[str]) -> dict[str, Any]:
    assert own <= variables.keys()
    return {key: value for key, value in variables.items() if key not in own and not key.startswith("managed_cluster_")}


def test_the_example_of_the_documentation_can_be_used(reader: Reader) -> None:
    source = (CHECKOUT / "plugins/inventory/managed_clusters.py").read_text()
    (text,) = re.findall(r'EXAMPLES = r"""(.*?)"""', source, re.DOTALL)
    example = {**yaml.safe_load(text), "context": "ca-central"}
    found = reader.list(reader.file(**example))
    assert found.groups["skupper_sites"]
    assert found.groups["unavailable"]
