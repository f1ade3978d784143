# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests as lists of objects."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.manifest_objects import manifest_objects

MANIFEST = """
# comment
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
---
apiVersion: v1
kind: List
items:
  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: robot, namespace: theirs}}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: robot}}
"""


def test_lists_are_unpacked_and_namespaces_filled_in() -> None:
    found = [(obj["kind"], obj["metadata"].get("namespace")) for obj in manifest_objects(MANIFEST, "ours")]
    assert found == [("ServiceAccount", "ours"), ("Deployment", "theirs"), ("ClusterRole", None)]


def test_nothing_is_filled_in_where_no_namespace_is_given() -> None:
    assert "namespace" not in manifest_objects(MANIFEST)[0]["metadata"]


@pytest.mark.parametrize("text", ["<html>no</html>", "- a\n- b", "a: [", "kind: Pod"])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="no manifest"):
        manifest_objects(text)
