# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""managedcluster_import as a whole: what is written, what is left alone, and what a crash leaves for the next run."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    MissingKind,
    ObjectRef,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.apply.fake_cluster import Crash
from tests.unit.ocm.importing_clusters import (
    AGENT_NAMESPACE,
    AUTO_IMPORT,
    BOOTSTRAP,
    CREDENTIALS,
    HUB_ID,
    KLUSTERLET,
    MANAGED_CLUSTER,
    NAME,
    World,
    made,
    say,
)

LABEL = {"app.kubernetes.io/managed-by": "multicluster.interconnect"}
REQUEST = f"CertificateSigningRequest {NAME}-token-1"
IMPORT = [
    f"apply Namespace {NAME}",
    f"apply ManagedCluster {NAME}",
    "create token of ServiceAccount open-cluster-management/agent-registration-bootstrap",
    f"approve {REQUEST}",
    "apply Namespace open-cluster-management-agent",
    "apply Secret open-cluster-management-agent/bootstrap-hub-kubeconfig",
    "apply Klusterlet klusterlet",
]
BACKENDS = ["ocm", "acm"]


@pytest.fixture
def world() -> World:
    return World()


def joined(world: World) -> bool:
    conditions = world.hub.objects[MANAGED_CLUSTER].get("status", {}).get("conditions", [])
    return any(entry["type"] == "ManagedClusterJoined" for entry in conditions)


def shown(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["action"]) for entry in result["resources"]]


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


def crash_at(world: World, number: int, with_effect: bool) -> None:
    counter = itertools.count(1)

    def count(write: str) -> None:
        if next(counter) == number:
            raise Crash(write)

    for cluster in (world.hub, world.managed):
        setattr(cluster, "after_write" if with_effect else "on_write", count)


def go_on(world: World) -> None:
    for cluster in (world.hub, world.managed):
        cluster.after_write = cluster.on_write = lambda write: None


def crashed(act: Callable[[], object]) -> bool:
    try:
        act()
    except Crash:
        return True
    return False


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, len(IMPORT) + 2))
def test_an_import_that_was_interrupted_is_completed(world: World, number: int, with_effect: bool) -> None:
    crash_at(world, number, with_effect)
    assert crashed(world.perform) == (number <= len(IMPORT)), "each write, and no other, was interrupted"
    go_on(world)
    world.perform()
    assert joined(world)
    world.forget_writes()
    assert (world.perform()["changed"], world.writes()) == (False, [])


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, 5))
def test_a_detachment_that_was_interrupted_is_completed(world: World, number: int, with_effect: bool) -> None:
    world.perform()
    crash_at(world, number, with_effect)
    crashed(lambda: world.perform(state="absent"))
    go_on(world)
    world.perform(state="absent")
    assert remaining(world) == set()
    world.forget_writes()
    assert (world.perform(state="absent")["changed"], world.writes()) == (False, [])


def remaining(world: World) -> set[str]:
    """What is there besides what was there before."""
    before = {*World().hub.objects, *World().managed.objects}
    requests = {ref for ref in world.hub.objects if ref.kind == "CertificateSigningRequest"}
    return {str(ref) for ref in {*world.hub.objects, *world.managed.objects} - before - requests}


@pytest.mark.parametrize("loss", ["Secret", "token", "request", "credentials", "agent"])
def test_what_has_been_lost_is_made_anew(world: World, loss: str) -> None:
    world.agent_runs = False
    world.perform(wait=False)
    world.agent_runs = True
    if loss == "Secret":
        del world.managed.objects[BOOTSTRAP]
    elif loss == "token":
        world.tokens["token-1"] = False
        _age_token(world)
    elif loss == "request":
        world.work()
        assert world.hub.objects[_request(1)]["status"] == {}
    else:
        world.perform()
        del world.managed.objects[CREDENTIALS]
        if loss == "agent":  # somebody has cleaned up the cluster, and the hub has not noticed yet
            for ref in (BOOTSTRAP, KLUSTERLET, AGENT_NAMESPACE):
                del world.managed.objects[ref]
    tokens = len(world.tokens)
    world.forget_writes()
    world.perform()
    assert joined(world)
    assert CREDENTIALS in world.managed.objects
    asked = len(world.tokens) - tokens
    assert asked == (1 if loss in ("Secret", "token", "agent") else 0)


def _age_token(world: World) -> None:
    secret = world.managed.objects[BOOTSTRAP]
    config = json.loads(base64.b64decode(secret["data"]["kubeconfig"]))
    header, payload, signature = config["users"][0]["user"]["token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    aged = base64.urlsafe_b64encode(json.dumps({**claims, "exp": 1}).encode()).decode().rstrip("=")
    config["users"][0]["user"]["token"] = f"{header}.{aged}.{signature}"
    secret["data"]["kubeconfig"] = base64.b64encode(json.dumps(config).encode()).decode()


def _request(number: int) -> ObjectRef:
    return ObjectRef("certificates.k8s.io/v1", "CertificateSigningRequest", f"{NAME}-token-{number}")


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
    with pytest.raises(MissingKind, match=r"klusterlet operator.*Nothing was written"):
        world.perform()
    assert world.writes() == []
    assert world.perform(check=True)["changed"] is True  # an earlier task may bring it
    assert "klusterlet operator" in world.warnings[0]


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
    world.hub.objects[_request(1)]["spec"]["username"] = "system:serviceaccount:default:robot"
    with pytest.raises(WaitTimeout) as caught:
        world.perform()
    assert (
        f"{NAME}-token-1 was not approved: it was made by system:serviceaccount:default:robot" in caught.value.message
    )
    assert world.hub.objects[_request(1)]["status"] == {}


def test_an_approval_that_the_hub_gave_first_is_no_error(world: World) -> None:
    world.hub.conflicts = 1
    with pytest.raises(WaitTimeout):  # one look only: the next round would find it approved
        world.perform()
    assert world.perform()["approved"] == [f"{NAME}-token-1"]


def test_approval_is_left_to_the_hub_where_that_is_asked_for(world: World) -> None:
    with pytest.raises(WaitTimeout, match="approve is false"):
        world.perform(approve=False)
    assert world.hub.objects[_request(1)]["status"] == {}


def test_an_agent_that_does_not_come_is_explained(world: World) -> None:
    world.agent_runs = False
    with pytest.raises(WaitTimeout) as caught:
        world.perform()
    assert "the klusterlet operator has not taken up Klusterlet klusterlet" in caught.value.message
    assert "has asked https://ca-central.example.com:6443 for nothing" in caught.value.message
    assert caught.value.details["changed"] is True


def test_a_detachment_leaves_what_was_there_before(world: World) -> None:
    world.perform()
    world.forget_writes()
    predicted = world.perform(check=True, state="absent")
    assert world.writes() == []
    result = world.perform(state="absent")
    assert shown(predicted) == shown(result)
    assert result["remaining"] == []
    assert remaining(world) == set()
    # The hub takes back what it has placed on the cluster, and needs the agent for that.
    assert world.hub.writes[0] == f"delete {MANAGED_CLUSTER}"
    assert world.managed.writes[0] == f"delete {KLUSTERLET}"


def test_an_unreachable_cluster_is_detached_at_the_hub_and_the_rest_is_told(world: World) -> None:
    world.perform()
    world.managed.down = Unreachable("https://ca-regina.example.com:6443 does not answer")
    result = world.perform(state="absent")
    assert MANAGED_CLUSTER not in world.hub.objects
    assert result["remaining"] == [str(ref) for ref in (KLUSTERLET, BOOTSTRAP, AGENT_NAMESPACE)]
    assert "Klusterlet klusterlet" in world.warnings[0]
    world.managed.down = None
    world.forget_writes()
    assert world.perform(state="absent")["remaining"] == []
    assert remaining(world) == set()


def test_an_unreachable_hub_is_no_cluster_that_is_away(world: World) -> None:
    world.perform()
    world.hub.down = world.managed.down = Unreachable("does not answer")
    with pytest.raises(Unreachable):
        world.perform(state="absent")


def test_a_klusterlet_of_another_name_is_left_alone(world: World) -> None:
    world.perform()
    world.managed.objects[KLUSTERLET]["spec"]["clusterName"] = "regina"
    world.perform(state="absent")
    assert KLUSTERLET in world.managed.objects
    assert MANAGED_CLUSTER not in world.hub.objects


def test_what_holds_a_managedcluster_is_told(world: World) -> None:
    world.perform()
    world.hub.objects[MANAGED_CLUSTER]["metadata"]["finalizers"] = [
        "cluster.open-cluster-management.io/resource-cleanup"
    ]
    work = ObjectRef("work.open-cluster-management.io/v1", "ManifestWork", "addon-search-deploy", NAME)
    world.hub.put(made(work))
    with pytest.raises(WaitTimeout) as caught:
        world.perform(state="absent")
    for words in ("resource-cleanup", f"left in namespace {NAME}: ManifestWork addon-search-deploy"):
        assert words in caught.value.message
    assert caught.value.details["changed"] is True
    assert KLUSTERLET in world.managed.objects, "the agent is needed to undo it"


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
