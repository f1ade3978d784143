# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argo CD's access to a cluster: given, renewed, mended, taken away."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
    ObjectRef,
    Unreachable,
    WrongCluster,
)
from tests.unit.argocd.clusters import SECRET, Clusters

ACCOUNT = [
    "apply ServiceAccount kube-system/argocd-manager",
    "apply ClusterRole argocd-manager-role",
    "apply ClusterRoleBinding argocd-manager-role-binding",
]


@pytest.fixture
def clusters() -> Clusters:
    return Clusters()


def test_check_give_again(clusters: Clusters) -> None:
    predicted = clusters.perform(check=True)
    assert predicted["changed"] is True
    assert clusters.writes() == []
    result = clusters.perform()
    assert clusters.managed.writes == [*ACCOUNT, "apply Secret kube-system/argocd-manager-token-1"]
    assert clusters.hub.writes == ["apply Secret openshift-gitops/ca-toronto-cluster-secret"]
    assert clusters.argo_has_access()
    assert [entry["action"] for entry in predicted["resources"]] == [entry["action"] for entry in result["resources"]]
    assert result["token_secret"] == "Secret kube-system/argocd-manager-token-1"
    assert result["service_account"] == "kube-system/argocd-manager"
    written = clusters.writes()
    assert clusters.perform()["changed"] is False
    assert clusters.perform(check=True)["changed"] is False
    assert clusters.writes() == written


def test_what_argo_cd_is_told(clusters: Clusters) -> None:
    clusters.managed.tls_server_name = "kubernetes.default"
    clusters.perform(labels={"tier": "edge"}, annotations={"note": "x"}, server="https://10.0.0.1:6443")
    secret = clusters.hub.objects[SECRET]
    assert secret["metadata"]["labels"] == {
        "tier": "edge",
        "argocd.argoproj.io/secret-type": "cluster",
        "app.kubernetes.io/managed-by": "multicluster.interconnect",
    }
    assert secret["metadata"]["annotations"] == {"note": "x"}
    assert base64.b64decode(secret["data"]["name"]) == b"ca-toronto"
    assert base64.b64decode(secret["data"]["server"]) == b"https://10.0.0.1:6443"
    assert clusters.config()["tlsClientConfig"] == {
        "insecure": False,
        "caData": base64.b64encode(clusters.managed.ca_pem()).decode(),
        "serverName": "kubernetes.default",
    }


def test_a_rotation_makes_a_new_token_and_then_removes_the_old_one(clusters: Clusters) -> None:
    clusters.perform()
    old = clusters.config()["bearerToken"]
    before = clusters.writes()
    assert clusters.perform(check=True, state="rotated")["changed"] is True
    assert clusters.writes() == before
    clusters.managed.writes.clear()
    clusters.perform(state="rotated")
    assert clusters.tokens() == ["argocd-manager-token-2"]
    assert clusters.argo_has_access()
    assert not clusters.managed.accepts(old)
    assert clusters.managed.writes == [
        "apply Secret kube-system/argocd-manager-token-2",
        "delete Secret kube-system/argocd-manager-token-1",
    ]
    assert clusters.perform()["changed"] is False


def test_a_token_that_the_cluster_no_longer_accepts_is_replaced(clusters: Clusters) -> None:
    clusters.perform()
    clusters.managed.refused.add(clusters.config()["bearerToken"])
    assert clusters.perform(check=True)["changed"] is True
    assert not clusters.argo_has_access()
    clusters.perform()
    assert clusters.argo_has_access()
    assert clusters.tokens() == ["argocd-manager-token-2"]


def test_a_changed_secret_on_the_hub_is_mended(clusters: Clusters) -> None:
    clusters.perform()
    del clusters.hub.objects[SECRET]
    result = clusters.perform()
    assert result["changed"] is True
    assert clusters.argo_has_access()
    assert clusters.tokens() == ["argocd-manager-token-1"]


def test_a_token_is_waited_for_until_the_cluster_fills_and_accepts_it(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters.managed.fills = False
    token = "token-of-argocd-manager-token-1"
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            secret = clusters.managed.objects[ObjectRef("v1", "Secret", "argocd-manager-token-1", "kube-system")]
            secret["data"] = {"token": base64.b64encode(token.encode()).decode()}
            clusters.managed.refused = {token}
        if len(pauses) == 4:
            clusters.managed.refused = set()

    monkeypatch.setattr("time.sleep", sleep)
    clusters.perform(wait_timeout=60)
    assert len(pauses) == 4
    assert clusters.argo_has_access()


def test_a_token_that_does_not_come_is_named_and_argo_cd_is_told_nothing(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    clusters.managed.fills = False
    with pytest.raises(InterconnectError, match="has not filled Secret kube-system/argocd-manager-token-1") as caught:
        clusters.perform(wait_timeout=-1)
    assert caught.value.details["changed"] is True
    assert clusters.hub.writes == []


def test_a_check_run_does_not_wait_for_a_token(clusters: Clusters) -> None:
    clusters.perform()
    del clusters.managed.objects[ObjectRef("v1", "Secret", "argocd-manager-token-1", "kube-system")]["data"]
    assert clusters.perform(check=True, wait_timeout=3600)["changed"] is True


def test_a_cluster_that_argo_cd_knows_already_is_refused(clusters: Clusters) -> None:
    def known(secret: str, **data: bytes) -> dict[str, Any]:
        labels = {"argocd.argoproj.io/secret-type": "cluster"}
        metadata = {"name": secret, "namespace": "openshift-gitops", "labels": labels}
        encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}

    clusters.hub.put(known("of-acm", name=b"other", server=b"https://ca-toronto.example.com:6443/"))
    clusters.hub.put(known("by-hand", name=b"ca-toronto", server=b"https://x"))
    clusters.hub.put(known("another", name=b"us-philly", server=b"https://y"))
    clusters.hub.put(known("broken", name=b"\xff", server=b""))
    with pytest.raises(InterconnectError, match="by Secret by-hand, of-acm") as caught:
        clusters.perform()
    assert caught.value.details["others"] == ["by-hand", "of-acm"]
    assert clusters.writes() == []


@pytest.mark.parametrize("part", ["labels", "annotations"])
def test_labels_that_are_no_strings_are_refused_before_any_request(part: str, clusters: Clusters) -> None:
    wrong: dict[str, Any] = {part: {"on": True}}
    with pytest.raises(InputError, match=f"{part}.on: must be a string, not bool"):
        clusters.perform(**wrong)
    assert clusters.hub.reads == clusters.managed.reads == []


@pytest.mark.parametrize(
    ("hub", "kubeconfig"),
    [
        ({"context": "ca-central"}, "/etc/kubeconfig"),
        ({"context": "ca-central", "kubeconfig": "/hub"}, "/hub"),
        ({"host": "https://hub"}, None),
    ],
)
def test_the_hub_is_looked_for_in_the_kubeconfig_of_the_cluster(
    hub: dict[str, str], kubeconfig: str | None, clusters: Clusters
) -> None:
    clusters.perform(hub=hub)
    assert clusters.last
    assert clusters.last.hub_options.get("kubeconfig") == kubeconfig


def test_no_token_is_shown(clusters: Clusters) -> None:
    for state in ("present", "rotated", "present"):
        result = clusters.perform(state=state)
        token = clusters.config()["bearerToken"]
        text = json.dumps(result)
        assert token not in text
        assert base64.b64encode(token.encode()).decode() not in text
        assert clusters.hub.objects[SECRET]["data"]["config"] not in text
        assert clusters.last
        assert token in clusters.last.secrets
        # nothing else is masked: names and addresses are in the result
        assert not any(secret in "ca-toronto https://ca-toronto.example.com:6443" for secret in clusters.last.secrets)


def test_all_of_it_is_taken_away(clusters: Clusters) -> None:
    before = set(clusters.managed.objects), set(clusters.hub.objects)
    clusters.perform()
    written = clusters.writes()
    predicted = clusters.perform(check=True, state="absent")
    assert clusters.writes() == written
    result = clusters.perform(state="absent")
    assert (set(clusters.managed.objects), set(clusters.hub.objects)) == before
    assert [entry["action"] for entry in predicted["resources"]] == ["deleted"] * 5
    assert [entry["action"] for entry in result["resources"]] == ["deleted"] * 5
    assert result["remaining"] == []
    again = clusters.perform(state="absent")
    assert again["changed"] is False


def test_the_end_of_what_is_taken_away_is_waited_for_on_both_clusters(clusters: Clusters) -> None:
    for cluster, ref in (
        (clusters.hub, SECRET),
        (clusters.managed, ObjectRef("v1", "ServiceAccount", "argocd-manager", "kube-system")),
    ):
        clusters.perform()
        cluster.objects[ref]["metadata"]["finalizers"] = ["example.com/hold"]
        with pytest.raises(InterconnectError, match=r"example\.com/hold"):
            clusters.perform(state="absent")
        clusters.perform(state="absent", wait=False)
        del cluster.objects[ref]


def test_what_was_written_before_a_refusal_of_the_hub_is_told(clusters: Clusters) -> None:
    def refuse(write: str) -> None:
        raise Forbidden(f"{write} refused")

    clusters.hub.on_write = refuse
    with pytest.raises(Forbidden) as caught:
        clusters.perform()
    assert caught.value.details["changed"] is True
    assert [entry["kind"] for entry in caught.value.details["resources"]] == [
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Secret",
    ]


def test_a_cluster_that_is_away_does_not_hold_up_the_hub(clusters: Clusters) -> None:
    clusters.perform()
    clusters.managed.down = Unreachable("https://ca-toronto.example.com:6443 does not answer")
    result = clusters.perform(state="absent")
    assert SECRET not in clusters.hub.objects
    assert result["changed"] is True
    assert "ServiceAccount kube-system/argocd-manager" in result["remaining"]
    assert "does not answer" in clusters.warnings[0]


def test_another_cluster_is_noticed_before_the_hub_is_changed(clusters: Clusters) -> None:
    clusters.perform()
    clusters.managed.down = WrongCluster("another cluster")
    with pytest.raises(WrongCluster):
        clusters.perform(state="absent")
    assert SECRET in clusters.hub.objects
