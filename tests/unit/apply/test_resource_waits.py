# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is waited for after objects were applied."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.filter.resource_waits import resource_waits
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.params import waits_of


def applied(kind: str, api_version: str = "v1", action: str = "created", name: str = "x") -> dict[str, Any]:
    identity = {"api_version": api_version, "kind": kind, "namespace": "shop", "name": name}
    return {**identity, "action": action, "uid": None}


def test_what_becomes_something_is_waited_for_and_nothing_else() -> None:
    resources = [
        applied("Deployment", "apps/v1"),
        applied("Deployment", "apps/v1", "unchanged", "old"),
        applied("Deployment", "apps/v1", "deleted", "gone"),
        applied("Job", "batch/v1", "updated"),
        applied("Listener", "skupper.io/v2alpha1"),
        applied("Secret"),
        applied("ConfigMap"),
        applied("Service"),
        applied("Deployment", "example.com/v1"),
    ]
    found = waits_of(resource_waits(resources))
    assert [(wait.kind, wait.name, wait.namespace) for wait in found] == [
        ("Deployment", "x", "shop"),
        ("Deployment", "old", "shop"),
        ("Job", "x", "shop"),
        ("Listener", "x", "shop"),
    ]
    assert [wait.goal.name for wait in found] == ["rolled_out", "rolled_out", "complete", "matched"]


@pytest.mark.parametrize("given", [None, "text", {"resources": []}, [{"kind": "Pod"}], ["x"]])
def test_what_is_no_result_is_refused(given: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="result of resource_apply"):
        resource_waits(given)
