# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hub needs to distribute tokens. That it works is proven with the real controllers (integration tests)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.filter.skupper_assignment import skupper_assignment
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_links import skupper_links
from ansible_collections.multicluster.interconnect.plugins.filter.skupper_policy import skupper_policy
from tests.unit.skupper_network.inventories import GROUPS, HUB, PHILLY, hostvars

TAINT = "cluster.open-cluster-management.io/unreachable"


def hub_objects(version: str = "v2") -> dict[str, dict[str, Any]]:
    """By kind."""
    return {each["kind"]: each for each in skupper_policy(HUB, "boutique", version, "online-boutique", [TAINT])}


def template(version: str) -> dict[str, Any]:
    (entry,) = hub_objects(version)["Policy"]["spec"]["policy-templates"]
    found: dict[str, Any] = entry["objectDefinition"]
    return found


def test_everything_stands_in_the_site_s_namespace_on_the_hub_under_one_name() -> None:
    found = hub_objects()
    assert set(found) == {"ManagedClusterSetBinding", "Placement", "PlacementBinding", "Policy"}
    assert {each["metadata"]["namespace"] for each in found.values()} == {"boutique"}
    binding = found["PlacementBinding"]
    names = {binding["placementRef"]["name"], *(each["name"] for each in binding["subjects"])}
    assert names == {found["Placement"]["metadata"]["name"]} == {found["Policy"]["metadata"]["name"]}


def test_the_placement_selects_by_the_label_and_keeps_clusters_that_do_not_answer() -> None:
    spec = hub_objects()["Placement"]["spec"]
    assert spec["clusterSets"] == ["online-boutique"]
    (predicate,) = spec["predicates"]
    labels = predicate["requiredClusterSelector"]["labelSelector"]["matchLabels"]
    assert labels == {"link-to-ca-central": "True"}
    assert spec["tolerations"] == [{"key": TAINT, "operator": "Exists"}]


def test_what_leaves_the_template_is_taken_away() -> None:
    assert template("v2")["spec"]["pruneObjectBehavior"] == "DeleteAll"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_values_of_secrets_go_through_functions_that_encrypt_them(version: str) -> None:
    raw = template(version)["spec"]["object-templates-raw"]
    for key in ("ca.crt", "tls.crt", "tls.key"):
        assert re.search(rf'{re.escape(key)}: \'{{{{hub fromSecret "boutique" \$token "{key}" hub}}}}\'', raw)
    # The Secret itself is looked up for what is no secret.
    looked_up = set(re.findall(r"\$secret\.(\w+)(?:\.(\w+))?", raw))
    assert looked_up <= {("type", ""), ("metadata", "annotations")}


def test_v1_gets_its_hosts_and_ports_from_the_token_and_its_label_from_nowhere() -> None:
    raw = template("v1")["spec"]["object-templates-raw"]
    for name in ("edge-host", "edge-port", "inter-router-host", "inter-router-port", "skupper.io/generated-by"):
        assert f"{name}: '{{{{hub index $secret.metadata.annotations \"{name}\" hub}}}}'" in raw
    assert "skupper.io/type: connection-token\n" in raw
    assert "443" not in raw


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_templates_are_closed(version: str) -> None:
    raw = template(version)["spec"]["object-templates-raw"]
    words = re.findall(r"{{hub-?\s*(range|if|end)\b", raw)
    assert words.count("end") == words.count("range") + words.count("if") > 0
    assert raw.count("{{hub") == raw.count("hub}}")
    assert "@" not in raw


def test_a_cluster_is_told_its_tokens_in_an_object_of_its_own() -> None:
    variables = hostvars(us_philly={"cluster_membership_name": "philly-1", "skupper_namespace": "cart"})
    (link,) = skupper_links([{"from": PHILLY, "to": HUB, "cost": 3}], variables, GROUPS)
    found = skupper_assignment(link, ["a", "a-2"])
    assert found["metadata"]["name"] == "link-to-ca-central.philly-1"
    assert found["metadata"]["namespace"] == "online-boutique"
    assert found["data"] == {"tokens": "a,a-2", "cost": "3", "link": "us-philly-to-ca-central", "namespace": "cart"}
