# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports by ACM: it is given credentials, and does the rest."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from tests.unit.ocm.importing_clusters import (
    AGENT_NAMESPACE,
    AUTO_IMPORT,
    BOOTSTRAP,
    CREDENTIALS,
    KLUSTERLET,
    MANAGED_CLUSTER,
    NAME,
    World,
    made,
    remaining,
    shown,
)


def test_acm_is_given_credentials_and_does_the_rest(world: World) -> None:
    world.hub.missing_kinds -= {"MultiClusterEngine", "KlusterletAddonConfig"}
    predicted = world.perform(check=True)
    assert world.writes() == []
    result = world.perform()
    assert (result["backend"], result["approved"]) == ("acm", [])
    assert shown(predicted) == shown(result)
    assert sorted(world.writes()) == sorted(
        [
            f"apply Namespace {NAME}",
            f"apply ManagedCluster {NAME}",
            f"apply KlusterletAddonConfig {NAME}/{NAME}",
            f"apply Secret {NAME}/auto-import-secret",
        ]
    )
    assert AUTO_IMPORT not in world.hub.objects
    # The URL is ACM's own to write.
    spec = next(entry["after"]["spec"] for entry in result["diff"] if entry["after"]["kind"] == "ManagedCluster")
    assert spec == {"hubAcceptsClient": True}
    world.forget_writes()
    assert world.perform()["changed"] is False
    assert world.writes() == []
    assert "an-admin-s-token" not in json.dumps(result)


def test_acm_detaches_the_cluster_by_itself(world: World) -> None:
    world.perform(backend="acm")
    world.hub.after_write = lambda write: _acm_detaches(world)
    world.forget_writes()
    predicted = world.perform(check=True, backend="acm", state="absent")
    result = world.perform(backend="acm", state="absent")
    assert shown(predicted) == shown(result)
    assert world.managed.writes == []
    assert remaining(world) == set()


def _acm_detaches(world: World) -> None:
    if MANAGED_CLUSTER not in world.hub.objects:
        for ref in [ref for ref in world.managed.objects if ref.namespace or ref in (KLUSTERLET, AGENT_NAMESPACE)]:
            del world.managed.objects[ref]


def test_credentials_for_acm_are_secret(world: World) -> None:
    world.agent_runs = False
    world.perform(backend="acm", wait=False)
    assert world.last
    assert "an-admin-s-token" in world.last.secrets
    data = world.hub.objects[AUTO_IMPORT]["data"]
    assert data["kubeconfig"] in world.last.secrets
    assert base64.b64decode(data["autoImportRetry"]) == b"5"
    config = json.loads(base64.b64decode(data["kubeconfig"]))
    assert config["users"][0]["user"] == {"token": "an-admin-s-token"}


def test_an_import_that_acm_has_been_told_to_leave_is_refused(world: World) -> None:
    annotation = {"import.open-cluster-management.io/disable-auto-import": ""}
    world.hub.put(made(MANAGED_CLUSTER, spec={"hubAcceptsClient": True}, metadata={"annotations": annotation}))
    with pytest.raises(InterconnectError, match="disable-auto-import"):
        world.perform(backend="acm")
    assert world.writes() == []


def test_acm_is_asked_again_where_the_agent_is_lost(world: World) -> None:
    world.perform(backend="acm")
    for ref in (CREDENTIALS, BOOTSTRAP, KLUSTERLET, AGENT_NAMESPACE):
        del world.managed.objects[ref]
    world.forget_writes()
    world.perform(backend="acm")
    assert f"patch {MANAGED_CLUSTER}" in world.writes()
    annotations = world.hub.objects[MANAGED_CLUSTER]["metadata"]["annotations"]
    assert annotations == {"import.open-cluster-management.io/immediate-import": ""}
    assert CREDENTIALS in world.managed.objects
