# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v1 site's new CA: what it is, and that a run that ended at any write is completed by the next one."""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.authority import hosts_of
from tests.unit.apply.fake_cluster import Crash
from tests.unit.skupper_site.v1_world import CA, HOST, NAMESPACE, REVOKED, SERVER, World, pem, ref

WRITES = [
    "delete Secret boutique/claim",
    "patch Secret boutique/skupper-site-ca",
    "patch Secret boutique/skupper-site-server",
    "patch Deployment boutique/skupper-router",
]


def test_the_steps_are_those_of_revoke_access() -> None:
    world = World()
    old = world.authority()
    result = world.run(state="revoked")
    assert not result.get("failed"), result
    assert world.cluster.writes == WRITES
    assert world.is_of_one_piece()
    assert world.authority().fingerprint != old.fingerprint
    assert not old.has_signed(world.cluster.objects[SERVER])
    assert pem(world, SERVER, "ca.crt") == pem(world, CA, "tls.crt")


def test_keys_and_names_are_as_upstream_makes_them() -> None:
    world = World()
    world.run(state="revoked")
    for secret in (CA, SERVER):
        text = pem(world, secret, "tls.key")
        assert text.startswith(b"-----BEGIN RSA PRIVATE KEY-----"), "controllers end themselves over anything else"
        key = serialization.load_pem_private_key(text, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == 2048
    service = f"skupper-router.{NAMESPACE}"
    assert hosts_of(world.cluster.objects[SERVER]) == [
        service,
        f"{service}.svc.cluster.local",
        "old.example.com",
        HOST,
    ]
    ca = world.authority().certificate
    assert ca.subject == ca.issuer
    assert ca.subject.rfc4514_string() == "CN=skupper-site-ca"


def test_nothing_is_renewed_twice_where_a_time_is_given() -> None:
    world = World()
    world.run(state="revoked", revoke_before=REVOKED)
    world.cluster.writes.clear()
    result = world.run(state="revoked", revoke_before=REVOKED)
    assert (result["changed"], world.cluster.writes) == (False, [])
    again = world.run(state="revoked")
    assert again["changed"]


def test_a_check_run_makes_no_keys_and_predicts_what_is_shown() -> None:
    world = World()
    check = world.run(check_mode=True, state="revoked")
    assert world.cluster.writes == []
    assert check["site"]["ca"] is None
    assert check["diff"] == world.run(state="revoked")["diff"]


@pytest.mark.parametrize("with_effect", [False, True])
@pytest.mark.parametrize("number", range(1, len(WRITES) + 2))
def test_a_revocation_that_was_interrupted_is_completed(number: int, with_effect: bool) -> None:
    world = World()
    old = world.authority()
    counter = itertools.count(1)

    def count(write: str) -> None:
        if next(counter) == number:
            raise Crash(write)

    setattr(world.cluster, "after_write" if with_effect else "on_write", count)
    if number <= len(WRITES):
        with pytest.raises(Crash):
            world.run(state="revoked", revoke_before=REVOKED)
    world.cluster.after_write = world.cluster.on_write = lambda write: None
    result = world.run(state="revoked", revoke_before=REVOKED)
    assert not result.get("failed"), result
    assert world.is_of_one_piece()
    assert world.authority().fingerprint != old.fingerprint
    assert ref("Secret", "claim") not in world.cluster.objects


@pytest.mark.parametrize(
    ("before", "said"), [("yesterday", "is no time in RFC 3339"), ("2026-06-01T00:00:00", "has no time zone")]
)
def test_a_time_that_is_none_is_refused_before_any_write(before: str, said: str) -> None:
    world = World()
    result = world.run(state="revoked", revoke_before=before)
    assert said in result["msg"]
    assert world.cluster.writes == []


def test_no_key_is_in_the_result() -> None:
    world = World()
    result = str(world.run(state="revoked"))
    for secret in (CA, SERVER):
        assert world.cluster.objects[secret]["data"]["tls.key"] not in result
