# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""managedcluster_import as a whole: what is written, what is refused, and what is left alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    MissingKind,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.ocm.importing_clusters import (
    BOOTSTRAP,
    HUB_ID,
    IMPORT,
    KLUSTERLET,
    LABEL,
    MANAGED_CLUSTER,
    NAME,
    World,
    joined,
    made,
    request_ref,
    say,
    shown,
)

BACKENDS = ["ocm", "acm"]


def test_an_import_writes_what_it_takes_and_a_second_one_nothing(world: World) -> None:
    predicted = world.perform(check=True)
    assert world.writes() == []
    result = world.perform()
    assert sorted(world.writes()) == sorted(IMPORT)
    assert joined(world)
    assert (result["backend"], result["changed"], result["approved"]) == ("ocm", True, [f"{NAME}-token-1"])
    assert shown(predicted) == shown(result)
    assert [entry["after"] for entry in predicted["diff"]] == [entry["after"] for entry in result["diff"]]
    world.forget_writes()
    again = world.perform()
    assert (world.writes(), again["changed"], again["approved"]) == ([], False, [])
    assert world.perform(check=True)["changed"] is False


def test_the_hub_is_told_how_to_reach_the_cluster(world: World) -> None:
    world.perform(server="https://regina.example.com", klusterlet={"namespace": None, "priorityClassName": "high"})
    spec = world.hub.objects[MANAGED_CLUSTER]["spec"]
    ca = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    assert spec["managedClusterClientConfigs"] == [{"url": "https://regina.example.com", "caBundle": ca}]
    assert world.managed.objects[KLUSTERLET]["spec"] == {
        "clusterName": NAME,
        "externalServerURLs": [{"url": "https://regina.example.com"}],
        "priorityClassName": "high",
    }


def test_the_agent_is_told_how_to_reach_the_hub(world: World, tmp_path: Any) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("another CA")
    world.perform(hub_url="https://hub.internal:6443/", hub_ca_cert=str(ca))
    config = json.loads(base64.b64decode(world.managed.objects[BOOTSTRAP]["data"]["kubeconfig"]))
    (entry,) = config["clusters"]
    assert entry["name"] == HUB_ID
    assert entry["cluster"]["server"] == "https://hub.internal:6443"
    assert base64.b64decode(entry["cluster"]["certificate-authority-data"]) == b"another CA"
    world.forget_writes()
    assert world.perform(hub_url="https://hub.internal:6443", hub_ca_cert=str(ca))["changed"] is False
    with pytest.raises(InputError, match=r"hub_ca_cert: .* can not be read"):
        world.perform(hub_ca_cert=str(tmp_path / "none"))


def test_a_changed_klusterlet_is_brought_up_to_date(world: World) -> None:
    world.perform()
    world.forget_writes()
    world.perform(klusterlet={"priorityClassName": "high"})
    assert world.writes() == ["apply Klusterlet klusterlet"]


def test_of_an_agent_s_own_managedcluster_just_the_one_field_is_taken_over(world: World) -> None:
    config = [{"url": "https://ca-regina.example.com:6443"}]
    spec = {"hubAcceptsClient": False, "managedClusterClientConfigs": config}
    world.hub.put(made(MANAGED_CLUSTER, spec=spec), manager="registration")
    world.perform()
    live = world.hub.objects[MANAGED_CLUSTER]
    assert live["spec"] == {"hubAcceptsClient": True, "managedClusterClientConfigs": config}
    assert LABEL.items() & live["metadata"].get("labels", {}).items() == set()
    assert f"apply Namespace {NAME}" not in world.writes()
    world.forget_writes()
    assert world.perform()["changed"] is False
    assert shown(world.perform(state="absent")) == [("ManagedCluster", "kept")]
    assert world.writes() == []


def test_a_cluster_that_others_imported_stays_as_it_is(world: World) -> None:
    world.perform()
    for obj in (*world.hub.objects.values(), *world.managed.objects.values()):
        obj["metadata"].get("labels", {}).pop("app.kubernetes.io/managed-by", None)
    world.forget_writes()
    assert world.perform(klusterlet={"priorityClassName": "high"})["changed"] is False
    assert world.perform(state="absent")["changed"] is False
    assert world.writes() == []


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_another_cluster_of_the_name_is_refused_before_any_write(world: World, backend: str, state: str) -> None:
    config = [{"url": "https://ca-toronto.example.com:6443"}]
    spec = {"hubAcceptsClient": True, "managedClusterClientConfigs": config}
    world.hub.put(made(MANAGED_CLUSTER, spec=spec, metadata={"labels": dict(LABEL)}))
    with pytest.raises(InterconnectError, match="is another cluster"):
        world.perform(backend=backend, state=state)
    assert world.writes() == []


def test_a_cluster_that_the_hub_has_denied_is_not_let_in(world: World) -> None:
    live = world.hub.put(made(MANAGED_CLUSTER, spec={"hubAcceptsClient": False}))
    say(live, HubAcceptedManagedCluster="False")
    live["status"]["conditions"][0]["reason"] = "HubClusterAdminDenied"
    with pytest.raises(InterconnectError, match="has denied the cluster ca-regina"):
        world.perform()
    assert world.writes() == []


def test_a_missing_operator_is_named_and_foreseen(world: World) -> None:
    world.managed.missing_kinds.add("Klusterlet")
    with pytest.raises(MissingKind, match="klusterlet operator"):
        world.perform()
    assert world.writes() == []
    predicted = world.perform(check=True)  # an earlier task may bring it
    assert predicted["changed"] is True
    assert "klusterlet operator" in predicted["resources"][-1]["note"]


def test_a_missing_bootstrap_account_is_named(world: World) -> None:
    with pytest.raises(InputError, match=r"bootstrap_account: .* ServiceAccount open-cluster-management/robot"):
        world.perform(bootstrap_account="robot")
    assert world.writes() == []


@pytest.mark.parametrize("name", ["Ca-Regina", "ca_regina", "-ca", "c" * 64, ""])
def test_a_name_that_no_cluster_can_have_is_refused(world: World, name: str) -> None:
    with pytest.raises(InputError, match=r"^name: "):
        world.perform(name=name)


def test_a_token_that_would_be_too_short_is_refused(world: World) -> None:
    with pytest.raises(InputError, match=r"^token_expiration: "):
        world.perform(token_expiration=10)
    assert world.writes() == []


def test_a_request_of_somebody_else_is_not_approved_and_is_named(world: World) -> None:
    world.agent_runs = False
    world.perform(wait=False)
    world.agent_runs = True
    world.work()
    world.hub.objects[request_ref(1)]["spec"]["username"] = "system:serviceaccount:default:robot"
    with pytest.raises(WaitTimeout) as caught:
        world.perform()
    assert (
        f"{NAME}-token-1 was not approved: it was made by system:serviceaccount:default:robot" in caught.value.message
    )
    assert world.hub.objects[request_ref(1)]["status"] == {}


def test_an_approval_that_the_hub_gave_first_is_no_error(world: World) -> None:
    world.hub.conflicts = 1
    with pytest.raises(WaitTimeout):  # one look only: the next round would find it approved
        world.perform()
    assert world.perform()["approved"] == [f"{NAME}-token-1"]


def test_approval_is_left_to_the_hub_where_that_is_asked_for(world: World) -> None:
    with pytest.raises(WaitTimeout, match="approve is false"):
        world.perform(approve=False)
    assert world.hub.objects[request_ref(1)]["status"] == {}


def test_an_agent_that_does_not_come_is_explained(world: World) -> None:
    world.agent_runs = False
    with pytest.raises(WaitTimeout) as caught:
        world.perform()
    assert "the klusterlet operator has not taken up Klusterlet klusterlet" in caught.value.message
    assert "has asked https://ca-central.example.com:6443 for nothing" in caught.value.message
    assert caught.value.details["changed"] is True
