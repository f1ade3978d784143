# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of v1 tokens, claims, and tokens that are signed here, on sites in memory."""

from __future__ import annotations

import base64
import time

import pytest
from cryptography import x509

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1 import settling
from tests.unit.skupper.v1.authority import now
from tests.unit.skupper.v1.sites import LINK, NAMESPACE, TYPE, World, config_map_ref, rsa_authority, secret_ref
from tests.unit.skupper.v1.test_linking import SECOND, apply, delete


def test_a_rotation_brings_the_new_token_before_it_takes_the_old_one(world: World) -> None:
    before = world.perform()
    world.forget_writes()
    done = world.perform(state="rotated", wait_timeout=5)
    assert world.writes() == [
        apply("ca-central", SECOND),
        apply("us-philly", SECOND),
        delete("us-philly"),
        delete("ca-central"),
    ]
    assert done["before"]["serial"] == before["serial"] != done["after"]["serial"]
    assert done["observed"]["down"] == 0
    assert list(world.linking.connectors()) == [SECOND]
    world.forget_writes()
    assert world.perform()["changed"] is False


def test_the_new_connector_is_given_time_as_nobody_sees_it_connect_beside_the_old_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.perform()
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 0.3)
    began = time.monotonic()
    times: dict[str, float] = {}
    world.linking.on_write = lambda write: times.update({write: time.monotonic() - began})
    assert world.perform(state="rotated", wait_timeout=5)["observed"]["down"] == 0
    brought, taken = (
        times[f"{verb} Secret {NAMESPACE}/{name}"] for verb, name in (("apply", SECOND), ("delete", LINK))
    )
    assert taken - brought >= 0.3
    world.linking.on_write = lambda write: None
    world.perform(state="rotated", wait=False)
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 3600.0)
    done = world.perform(state="linked")
    assert done["link"]["up"], "connectors that were there before have had their time"


def test_a_rotation_that_was_killed_is_ended_not_begun_again(world: World) -> None:
    world.perform()
    crash = RuntimeError("killed")

    def kill(write: str) -> None:
        if write == f"delete Secret {NAMESPACE}/{LINK}":
            raise crash

    world.linking.on_write = kill
    with pytest.raises(RuntimeError):
        world.perform(state="rotated", wait_timeout=5)
    world.linking.on_write = lambda write: None
    assert set(world.linking.connectors()) == {LINK, SECOND}
    done = world.perform(state="rotated", wait_timeout=5)
    assert (done["token"], done["tokens"]) == (SECOND, [SECOND])
    assert list(world.linking.connectors()) == [SECOND]


def test_an_old_token_comes_back_when_the_link_goes_down_without_it(world: World) -> None:
    world.perform()
    old = dict(world.linking.token()["data"])
    world.carries = lambda token: token == LINK
    with pytest.raises(InterconnectError, match=r"went down when older tokens were removed.*put back"):
        world.perform(state="rotated", wait_timeout=5)
    assert world.linking.token()["data"] == old
    assert world.linking.token()["metadata"]["labels"][TYPE] == "connection-token"
    assert world.is_up(LINK)
    assert secret_ref() in world.issuer.objects


def test_a_claim_is_redeemed_by_the_linking_site(world: World) -> None:
    done = world.perform(type="claim", cost=2, wait_timeout=5)
    assert world.writes() == [apply("ca-central"), apply("us-philly")]
    assert done["link"] == {"up": True, "seen_from": ["us-philly", "ca-central"], "cost": 2}
    record, token = world.issuer.token(), world.linking.token()
    assert done["subject"] == f"CN={world.linking.id}"
    assert done["claim"]["allowed"] == done["claim"]["redemptions"] == 1
    assert len(base64.b64decode(record["data"]["password"])) == 24
    owner = record["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"]) == ("ConfigMap", "skupper-internal")
    assert owner["uid"] == world.issuer.objects[config_map_ref("skupper-internal")]["metadata"]["uid"]
    annotations = token["metadata"]["annotations"]
    assert annotations["skupper.io/url"] == f"https://203.0.113.7:8081/{LINK}"
    assert "skupper.io/claim-expiration" in annotations
    world.forget_writes()
    assert (world.perform(type="claim", cost=2)["changed"], world.writes()) == (False, [])
    rotated = world.perform(type="claim", state="rotated", wait_timeout=5)
    assert (rotated["token"], rotated["link"]["up"]) == (SECOND, True)


def test_a_claim_needs_no_site_controller(world: World) -> None:
    world.issuer.objects.pop(ObjectRef("apps/v1", "Deployment", "skupper-site-controller", NAMESPACE))
    world.site_controller_runs = False
    assert world.perform(type="claim", wait_timeout=5)["link"]["up"]


def test_a_token_is_not_signed_where_nobody_can_tell_its_host(world: World) -> None:
    rsa_authority(world)
    answer = world.issuer._answer

    def forbid(request: str) -> None:
        answer(request)
        if request == f"get Service {NAMESPACE}/skupper-router":
            raise Forbidden("may not get services")

    world.issuer._answer = forbid  # type: ignore[method-assign]
    with pytest.raises(InterconnectError, match="can not be read where the site is reached"):
        world.perform(sign=True)
    assert world.writes() == []


def test_a_claim_that_the_issuing_site_refuses_ends_the_wait(world: World) -> None:
    world.service_controller_runs = False
    with pytest.raises(InterconnectError, match="the claim is not redeemed yet"):
        world.perform(type="claim")
    del world.issuer.objects[secret_ref()]
    world.service_controller_runs = True
    world.work()
    assert world.linking.token()["metadata"]["annotations"]["internal.skupper.io/status"] == "No such claim"
    done = world.perform(type="claim", wait_timeout=5)
    assert (done["token"], done["link"]["up"]) == (SECOND, True)


def test_a_claim_that_somebody_else_has_used_up_is_refused(world: World) -> None:
    world.service_controller_runs = False
    world.perform(state="issued", type="claim")
    record = world.issuer.token()["metadata"]["annotations"]
    assert record["skupper.io/claims-remaining"] == "1"
    record |= {"skupper.io/claims-remaining": "0", "skupper.io/claims-made": "1"}
    world.forget_writes()
    with pytest.raises(InterconnectError, match=r"is used up.*Nothing was written"):
        world.perform(type="claim")
    assert world.writes() == []


def test_the_password_of_a_claim_is_masked(world: World) -> None:
    world.perform(type="claim", wait_timeout=5)
    assert base64.b64decode(world.issuer.token()["data"]["password"]).decode() in world.secrets


def test_a_token_is_signed_here_where_that_is_asked_for(world: World) -> None:
    rsa_authority(world)
    check = world.perform(check=True, sign=True)
    done = world.perform(sign=True)
    assert check["diff"] == done["diff"]
    assert world.writes() == [apply("ca-central"), apply("us-philly")]
    assert done["link"]["up"]
    token = world.issuer.token()
    assert token["type"] == "kubernetes.io/tls"
    assert token["metadata"]["annotations"] == world.issuer.annotations()
    assert base64.b64decode(token["data"]["tls.key"]).startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    found = x509.load_pem_x509_certificate(base64.b64decode(token["data"]["tls.crt"]))
    assert (found.not_valid_after_utc - now()).days in (1824, 1825)
    assert base64.b64decode(world.issuer.objects[secret_ref("skupper-site-ca")]["data"]["tls.key"]).decode() in (
        world.secrets
    )
    world.forget_writes()
    assert world.perform(sign=True)["changed"] is False


def test_a_ca_that_v1_can_not_work_with_is_named(world: World) -> None:
    rsa_authority(world)
    wrong = world.issuer.authority.issue("ca")
    world.issuer.objects[secret_ref("skupper-site-ca")]["data"] = {key: wrong[key] for key in ("tls.crt", "tls.key")}
    with pytest.raises(InterconnectError, match="holds a key that is not RSA"):
        world.perform(sign=True)
    world.issuer.objects[secret_ref("skupper-site-ca")]["data"] = {}
    with pytest.raises(InterconnectError, match="holds no CA certificate and key"):
        world.perform(sign=True)
    assert world.writes() == []
