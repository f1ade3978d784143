# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is meant: an import never takes another one's place, nor a cluster away from its hub."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest
import yaml

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing_identity import (
    Cluster,
    Hub,
    Registration,
    difference_to,
    has_condition,
    kubeconfig_cluster,
    read_registration,
    refuse_other,
)
from tests.unit.ocm.requests_of_agents import certificate_pem

HUB_ID = "11111111-1111-4111-8111-111111111111"
OWN_ID = "22222222-2222-4222-8222-222222222222"
OTHER_ID = "33333333-3333-4333-8333-333333333333"
HUB_URL = "https://ca-central:6443"
URL = "https://ca-regina:6443"
CA = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
HUB = Hub(HUB_ID, frozenset({HUB_URL}), CA)
NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
HERE = Registration("ca-regina", HUB_URL, here=True, certificate="x", expired=False)


def encoded(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def kubeconfig(server: str = HUB_URL, name: str = "hub", ca: bytes | None = None) -> dict[str, Any]:
    cluster = {"server": server, **({"certificate-authority-data": encoded(ca)} if ca else {})}
    return {
        "clusters": [{"name": "another", "cluster": {"server": "https://another"}}, {"name": name, "cluster": cluster}],
        "contexts": [{"name": "default", "context": {"cluster": name, "user": "user"}}],
        "current-context": "default",
    }


def agent_secret(config: str, name: str = "ca-regina", days: int = 30) -> dict[str, Any]:
    certificate = certificate_pem(NOW + datetime.timedelta(days=days))
    data = {"cluster-name": name, "kubeconfig": config, "tls.crt": certificate, "tls.key": "k"}
    return {"kind": "Secret", "data": {key: encoded(value) for key, value in data.items()}}


def managed(
    urls: list[str] | None = None, claims: dict[str, str] | None = None, joined: bool = False
) -> dict[str, Any]:
    status: dict[str, Any] = {
        "conditions": [{"type": "ManagedClusterJoined", "status": "True"}] if joined else [],
        "clusterClaims": [{"name": name, "value": value} for name, value in (claims or {}).items()],
    }
    return {"spec": {"managedClusterClientConfigs": [{"url": url} for url in urls or []]}, "status": status}


def cluster(registration: Registration | None = None, klusterlet: str = "", openshift: str = "") -> Cluster:
    ids = {"id.k8s.io": frozenset({OWN_ID}), "id.openshift.io": frozenset({openshift} - {""})}
    live = {"spec": {"clusterName": klusterlet}} if klusterlet else None
    return Cluster(frozenset({URL}), ids, registration, live)


@pytest.mark.parametrize(
    ("hub_name", "server", "ca", "here"),
    [
        (HUB_ID, "https://other-name:6443", None, True),  # a kubeconfig of ours
        (OTHER_ID, HUB_URL, CA, False),  # a hub that was made anew behind the same URL, or another one
        ("hub", HUB_URL, None, True),
        ("hub", f"{HUB_URL}/", None, True),
        ("hub", "https://other-name:6443", CA.replace(b"\n", b"\r\n"), True),
        ("hub", "https://other-name:6443", b"other", False),
        ("hub", "https://other-name:6443", None, False),
    ],
)
def test_a_hub_is_known_by_its_id_its_url_or_its_ca(hub_name: str, server: str, ca: bytes | None, here: bool) -> None:
    config = kubeconfig(server, hub_name, ca)
    for text in (yaml.safe_dump(config), json.dumps(config)):
        registration = read_registration(agent_secret(text), HUB, NOW)
        assert registration
        assert (registration.here, registration.hub_url, registration.cluster) == (here, server, "ca-regina")


def test_a_hub_of_the_system_s_trust_is_known_by_its_url_only() -> None:
    hub = Hub(HUB_ID, frozenset({HUB_URL}), None)
    elsewhere = read_registration(agent_secret(json.dumps(kubeconfig("https://other", ca=CA))), hub, NOW)
    assert elsewhere
    assert not elsewhere.here


@pytest.mark.parametrize("missing", ["cluster-name", "kubeconfig", "tls.crt", "all"])
def test_an_agent_without_credentials_is_not_registered(missing: str) -> None:
    secret = agent_secret(json.dumps(kubeconfig()))
    secret["data"].pop(missing, None)
    assert read_registration(None if missing == "all" else secret, HUB, NOW) is None


@pytest.mark.parametrize(("days", "expired"), [(30, False), (-1, True)])
def test_credentials_end_with_their_certificate(days: int, expired: bool) -> None:
    registration = read_registration(agent_secret(json.dumps(kubeconfig()), days=days), HUB, NOW)
    assert registration
    assert registration.expired is expired
    assert cluster(registration).is_registered("ca-regina") is not expired
    assert not cluster(registration).is_registered("ca-toronto")


def test_a_certificate_that_can_not_be_read_is_as_good_as_none() -> None:
    secret = agent_secret(json.dumps(kubeconfig()))
    secret["data"]["tls.crt"] = encoded("no PEM")
    registration = read_registration(secret, HUB, NOW)
    assert registration
    assert registration.expired


@pytest.mark.parametrize("text", ["", "- a list", "{", "a: b", "current-context: x\ncontexts: []\nclusters: []"])
def test_what_is_no_kubeconfig_leads_nowhere(text: str) -> None:
    assert kubeconfig_cluster(text) == ("", {})


@pytest.mark.parametrize(
    ("live", "word"),
    [
        (managed(claims={"id.k8s.io": OTHER_ID}), OTHER_ID),
        (managed([URL], claims={"id.k8s.io": OTHER_ID}), OTHER_ID),  # a cluster that was made anew
        (managed(["https://ca-toronto:6443"]), "https://ca-toronto:6443"),
        (managed(["https://ca-toronto:6443"], joined=True), "https://ca-toronto:6443"),
        (managed(joined=True), "joined"),
    ],
)
def test_the_name_of_another_cluster_is_refused(live: dict[str, Any], word: str) -> None:
    with pytest.raises(InterconnectError, match=r"^name: .* is another cluster: .*Nothing was written$") as caught:
        refuse_other("ca-regina", live, cluster(), HUB_URL)
    assert word in caught.value.message


@pytest.mark.parametrize(
    "live",
    [
        None,
        managed(),  # made beforehand by somebody, or by an agent
        managed([f"{URL}/"]),
        managed([URL], joined=True),
        managed(["https://by-another-name:6443"], claims={"id.k8s.io": OWN_ID}, joined=True),
        # ACM's claim id.k8s.io of an OpenShift cluster is the cluster's name.
        managed([URL], claims={"id.k8s.io": "ca-toronto"}),
    ],
)
def test_the_cluster_itself_is_not_refused(live: dict[str, Any] | None) -> None:
    refuse_other("ca-regina", live, cluster(), HUB_URL)


def test_openshift_s_id_decides_where_both_have_one() -> None:
    claims = {"id.k8s.io": "ca-regina", "id.openshift.io": OTHER_ID}
    assert OTHER_ID in difference_to(managed([URL], claims), cluster(openshift=OWN_ID))
    assert difference_to(managed(["https://another"], claims), cluster(openshift=OTHER_ID)) == ""
    # Who may not read the ClusterVersion goes by the URL.
    assert difference_to(managed([URL], claims), cluster()) == ""


def test_an_agent_that_is_registered_here_is_the_best_proof() -> None:
    refuse_other("ca-regina", managed(["https://another"], joined=True), cluster(HERE), HUB_URL)


def test_a_cluster_of_another_hub_is_refused() -> None:
    elsewhere = Registration("ca-regina", "https://other-hub:6443", here=False, certificate="x", expired=False)
    with pytest.raises(InterconnectError, match=r"another hub, https://other-hub:6443: detach it there first"):
        refuse_other("ca-regina", managed([URL]), cluster(elsewhere), HUB_URL)


@pytest.mark.parametrize("known", [cluster(HERE), cluster(klusterlet="ca-regina")])
def test_a_cluster_under_another_name_is_refused(known: Cluster) -> None:
    with pytest.raises(InterconnectError, match=r"under the name ca-regina .*, not regina"):
        refuse_other("regina", None, known, HUB_URL)
    refuse_other("ca-regina", None, known, HUB_URL)


def test_a_condition_is_found_by_type_status_and_reason() -> None:
    live = {"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Denied"}]}}
    assert has_condition(live, "Ready", "False")
    assert has_condition(live, "Ready", "False", "Denied")
    assert not has_condition(live, "Ready", "False", "Other")
    assert not has_condition(live, "Ready")
    assert not has_condition({}, "Ready")
