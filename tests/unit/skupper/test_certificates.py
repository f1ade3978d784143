# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a token's certificate without asking anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper import certificates
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.certificates import (
    Unreadable,
    fingerprints,
    hosts_of,
    problems,
    read,
    rfc3339,
    strangers,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.model import Endpoint, Material
from tests.unit.skupper.token_authority import NOW, YEARS, Authority, key, key_pem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SITE = Authority()
GOOD = SITE.issue()


def only(found: list[str], *words: str) -> None:
    """There is one problem, and it says certain words."""
    assert len(found) == 1, found
    assert all(word in found[0] for word in words), found


def test_what_may_be_shown_is_read() -> None:
    found = read(GOOD.certificate)
    assert found.as_result() == {
        "serial": "C0FFEE",
        "subject": "CN=us-philly-to-ca-central",
        "not_after": rfc3339(NOW - HOUR + YEARS),
        "fingerprint": found.fingerprint,
    }
    assert len(found.fingerprint) == 64
    assert found.not_before == NOW - HOUR


def test_time_is_written_as_kubernetes_does() -> None:
    assert rfc3339(NOW) == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    "pem", [b"", b"no certificate", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_text_without_a_certificate_is_not_read(pem: bytes) -> None:
    with pytest.raises(Unreadable):
        read(pem)


def test_broken_certificate_is_not_read() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    with pytest.raises(Unreadable):
        read(broken)
    only(problems(replace(GOOD, certificate=broken), SITE.pem, NOW), "is none")
    assert fingerprints(broken) == frozenset()


@pytest.mark.parametrize("authority", [SITE.pem, b""], ids=["authority known", "authority not known"])
def test_good_token_has_no_problem(authority: bytes) -> None:
    assert problems(GOOD, authority, NOW) == []


@pytest.mark.parametrize("form", [serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8])
def test_key_may_have_either_form(form: serialization.PrivateFormat) -> None:
    assert problems(replace(GOOD, key=key_pem(key(), form)), SITE.pem, NOW) == []


def test_authority_may_have_a_key_of_another_kind() -> None:
    site = Authority(signer=ec.generate_private_key(ec.SECP256R1()))
    assert problems(site.issue(), site.pem, NOW) == []
    only(problems(GOOD, site.pem, NOW), "present authority")


def test_expired_certificate_is_told_with_both_times() -> None:
    token = SITE.issue(age=2 * DAY, life=DAY)
    only(problems(token, SITE.pem, NOW), "has expired at 2026-02-28T12:00:00Z", rfc3339(NOW))


def test_certificate_is_expired_at_the_moment_that_it_states() -> None:
    token = SITE.issue(age=DAY, life=DAY)
    only(problems(token, SITE.pem, NOW), "has expired")
    assert problems(token, SITE.pem, NOW - timedelta(seconds=1)) == []


def test_certificate_of_the_future_is_told_with_the_difference_of_clocks() -> None:
    only(problems(SITE.issue(age=-HOUR), SITE.pem, NOW), "not valid before", "3600 s", "clock")


def test_small_difference_of_clocks_is_passed_over() -> None:
    assert problems(SITE.issue(age=-timedelta(minutes=4)), SITE.pem, NOW) == []


def test_token_of_a_replaced_authority_is_told() -> None:
    renewed = Authority(signer=key("renewed"))
    only(problems(GOOD, renewed.pem, NOW), "ca.crt is not the present authority")


def test_token_of_another_site_is_told() -> None:
    other = Authority("another-ca", signer=key("other"))
    only(problems(other.issue(), SITE.pem, NOW), "another site")


def test_certificate_that_the_authority_beside_it_has_not_signed_is_told() -> None:
    """Same name of the authority, another key: only the signature tells."""
    forged = replace(Authority(signer=key("renewed")).issue(), ca=SITE.pem)
    only(problems(forged, SITE.pem, NOW), "not signed by the authority of the issuing site")
    only(problems(forged, b"", NOW), "not signed by the authority in ca.crt")


def test_one_of_several_authorities_suffices() -> None:
    renewed = Authority(signer=key("renewed"))
    both = renewed.pem + SITE.pem
    assert problems(replace(GOOD, ca=both), SITE.pem, NOW) == []
    assert problems(GOOD, both, NOW) == []
    assert fingerprints(both) == fingerprints(SITE.pem) | fingerprints(renewed.pem)


def test_bundle_without_the_present_authority_is_told_though_it_has_several() -> None:
    renewed = Authority(signer=key("renewed"))
    token = replace(GOOD, ca=SITE.pem + Authority("third", signer=key("third")).pem)
    only(problems(token, renewed.pem, NOW), "present authority")


def test_certificate_of_the_old_authority_is_told_though_the_bundle_has_the_new_one() -> None:
    renewed = Authority(signer=key("renewed"))
    token = replace(GOOD, ca=SITE.pem + renewed.pem)
    only(problems(token, renewed.pem, NOW), "not signed by the authority of the issuing site")


def test_expired_authority_is_told() -> None:
    old = Authority(age=3 * DAY, life=2 * DAY)
    only(problems(old.issue(), old.pem, NOW), "the authority's certificate has expired")


def test_key_of_another_certificate_is_told() -> None:
    only(problems(replace(GOOD, key=key_pem(key("other"))), SITE.pem, NOW), "tls.key is not the key of tls.crt")


@pytest.mark.parametrize("text", [b"", b"x", SITE.pem])
def test_what_is_no_key_is_told(text: bytes) -> None:
    only(problems(replace(GOOD, key=text), SITE.pem, NOW), "no private key")


def test_what_is_missing_is_told() -> None:
    only(problems(replace(GOOD, certificate=b""), SITE.pem, NOW), "tls.crt holds no certificate")
    only(problems(replace(GOOD, ca=b""), SITE.pem, NOW), "ca.crt holds no certificate")


def test_certificate_for_servers_only_is_told() -> None:
    token = SITE.issue(usages=[ExtendedKeyUsageOID.SERVER_AUTH])
    only(problems(token, SITE.pem, NOW), "clientAuth")


@pytest.mark.parametrize("usages", [[], [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]])
def test_certificate_that_is_not_limited_is_good(usages: list[object]) -> None:
    assert problems(SITE.issue(usages=usages), SITE.pem, NOW) == []  # type: ignore[arg-type]


def test_all_problems_are_told_at_once() -> None:
    token = Material(SITE.pem, SITE.issue(age=2 * DAY, life=DAY).certificate, b"x")
    assert len(problems(token, Authority(signer=key("renewed")).pem, NOW)) == 3


def test_token_of_v1_with_an_empty_host_is_read() -> None:
    """v1's site controller puts one empty name into each token (facts: the split of an empty text)."""
    assert problems(SITE.issue(hosts=[""]), SITE.pem, NOW) == []


def test_key_material_is_not_in_what_objects_say_of_themselves() -> None:
    assert "BEGIN" not in repr(GOOD)


HOSTS = hosts_of(SITE.issue(hosts=["skupper-router.boutique", "127.20.1.100", "*.apps.example.com", ""]).certificate)


def endpoints(*hosts: str) -> list[Endpoint]:
    return [Endpoint("inter-router", host, "55671") for host in hosts]


def test_names_of_a_server_are_read() -> None:
    assert {"skupper-router.boutique", "127.20.1.100", "*.apps.example.com"} == HOSTS


@pytest.mark.parametrize(
    "host", ["skupper-router.boutique", "Skupper-Router.Boutique.", "a.apps.example.com", "127.20.1.100"]
)
def test_host_that_the_server_s_certificate_names_is_no_stranger(host: str) -> None:
    assert strangers(endpoints(host), HOSTS) == []


@pytest.mark.parametrize("host", ["127.20.1.101", "apps.example.com", "a.b.apps.example.com", "example.com"])
def test_host_that_the_server_s_certificate_does_not_name_is_a_stranger(host: str) -> None:
    assert strangers(endpoints(host, "127.20.1.100"), HOSTS) == [host]


def test_nobody_is_a_stranger_where_the_certificate_can_not_be_read() -> None:
    assert strangers(endpoints("anything"), None) == []


@pytest.mark.parametrize("pem", [b"", b"x", GOOD.certificate])
def test_certificate_without_names_names_nobody(pem: bytes) -> None:
    assert hosts_of(pem) == frozenset()


def test_missing_library_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.x509", None)
    with pytest.raises(certificates.MissingCryptography, match="pip install 'cryptography"):
        certificates.require_cryptography()
