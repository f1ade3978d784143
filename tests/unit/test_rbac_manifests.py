# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests in docs/rbac grant what the preflight asks for, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tree import CHECKOUT

PREFLIGHT: dict[str, Any] = yaml.safe_load((CHECKOUT / "roles/preflight/vars/main.yml").read_text())
RBAC = CHECKOUT / "docs/rbac"

Grant = tuple[str, str, str]
"""API group, resource (with its sub-resource), verb."""

# Read by every module that is told which cluster to expect: the namespace kube-system.
IDENTITY = {("", "namespaces", "get")}


def asked(name: str) -> set[Grant]:
    """What a list of the preflight asks for."""
    return {
        (entry.get("group", ""), "/".join(filter(None, (entry["resource"], entry.get("subresource")))), verb)
        for entry in PREFLIGHT[name]
        for verb in entry["verbs"]
    }


def granted(file: Path) -> set[Grant]:
    """What the roles of a manifest grant."""
    documents: Iterable[dict[str, Any]] = yaml.safe_load_all(file.read_text())
    return {
        (group, resource, verb)
        for document in documents
        for rule in document.get("rules", [])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(
    ("manifest", "question"),
    [
        ("hub", "__preflight_hub_permissions"),
        ("hub-native", "__preflight_hub_native_permissions"),
        ("cluster-native", "__preflight_native_permissions"),
        ("hub-ocm-import", "__preflight_hub_ocm_import_permissions"),
        ("hub-acm-import", "__preflight_hub_acm_import_permissions"),
        ("cluster-ocm-import", "__preflight_ocm_import_permissions"),
        ("cluster-acm-import", "__preflight_acm_import_permissions"),
        ("site-v2", "__preflight_site_v2_permissions"),
        ("site-v1", "__preflight_site_v1_permissions"),
        ("hub-policy", "__preflight_hub_policy_permissions"),
        ("hub-gitops", "__preflight_hub_gitops_permissions"),
        ("boutique-direct", "__preflight_boutique_direct_permissions"),
    ],
)
def test_manifest_grants_what_the_preflight_asks_for(manifest: str, question: str) -> None:
    assert granted(RBAC / f"{manifest}.yml") == asked(question)


def test_every_cluster_only_tells_which_it_is() -> None:
    assert granted(RBAC / "cluster.yml") == IDENTITY


def test_inventory_only_lists_clusters() -> None:
    assert granted(RBAC / "inventory.yml") == {("cluster.open-cluster-management.io", "managedclusters", "list")}
