# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be told of a certificate token without asking anybody: whose it is, how long it is good, what is wrong.

Needs the Python package `cryptography`, which ansible-core brings along on the controller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .._client.errors import InterconnectError
from .model import Endpoint, Material

if TYPE_CHECKING:
    from cryptography import x509 as crypto

SKEW = timedelta(minutes=5)
"""Clocks of clusters and of this machine differ: a certificate from the future by so much is taken for new."""

_PEM_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class MissingCryptography(InterconnectError):
    """The Python package `cryptography` is not there."""


class Unreadable(InterconnectError):
    """What should be a certificate or a key is none."""


@dataclass(frozen=True)
class Certificate:
    """What may be shown of a certificate."""

    serial: str
    """Hexadecimal, as openssl writes it."""
    subject: str
    """RFC 4514."""
    not_before: datetime
    not_after: datetime
    fingerprint: str
    """SHA-256, hexadecimal."""

    def as_result(self) -> dict[str, str]:
        """As a module's result has it."""
        return {
            "serial": self.serial,
            "subject": self.subject,
            "not_after": rfc3339(self.not_after),
            "fingerprint": self.fingerprint,
        }


def rfc3339(moment: datetime) -> str:
    """A time in UTC as Kubernetes writes it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_cryptography() -> None:
    """Find out before anything is written.

    :raises MissingCryptography: it is not installed for this Python.
    """
    try:
        import cryptography.x509  # noqa: F401
    except ImportError as error:
        import sys

        raise MissingCryptography(
            f"the Python package cryptography is missing for {sys.executable} ({error}), and without it tokens can not "
            "be verified: pip install 'cryptography>=3.3'"
        ) from error


def read(pem: bytes) -> Certificate:
    """The first certificate of a PEM text.

    :raises Unreadable: there is none.
    """
    found = _certificates(pem)
    if not found:
        raise Unreadable("holds no certificate (PEM)")
    return _described(found[0])


def fingerprints(pem: bytes) -> frozenset[str]:
    """SHA-256 of each certificate of a PEM bundle; of what can not be read, none."""
    try:
        return frozenset(_described(each).fingerprint for each in _certificates(pem))
    except Unreadable:
        return frozenset()


def hosts_of(pem: bytes) -> frozenset[str]:
    """The names, lower case, and the addresses that a server's certificate is good for.

    Routers compare names only, so upstream names an address twice (skupperproject/skupper doc/tls/README.md).
    """
    from cryptography import x509

    try:
        (certificate, *_more) = _certificates(pem)
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (Unreadable, ValueError, x509.ExtensionNotFound):
        return frozenset()
    return frozenset(name.lower() for name in extension.value.get_values_for_type(x509.DNSName) if name)


def strangers(endpoints: Iterable[Endpoint], hosts: frozenset[str] | None) -> list[str]:
    """Hosts of endpoints that the site's own certificate does not name: dialled there, the link would be refused.

    :param hosts: from `hosts_of`; None where they are not known, and nothing is found.
    """
    if hosts is None:
        return []

    def is_named(host: str) -> bool:
        wanted = host.lower().rstrip(".")
        return wanted in hosts or f"*.{wanted.partition('.')[2]}" in hosts

    return sorted({endpoint.host for endpoint in endpoints if not is_named(endpoint.host)})


def problems(material: Material, authority: bytes, now: datetime) -> list[str]:
    """What keeps a token from being accepted by the site that issued it, each in one line; empty when nothing does.

    :param authority: PEM of the site's present authority; empty where it is not known.
    :param now: with a time zone.
    """
    try:
        certificates, own, known = map(_certificates, (material.certificate, material.ca, authority))
    except Unreadable as error:
        return [f"the token {error.message}"]
    if not certificates or not own:
        return ["ca.crt holds no certificate" if certificates else "tls.crt holds no certificate"]
    certificate = certificates[0]
    found = [_key_problem(material.key, certificate), _date_problem("the certificate", certificate, now)]
    found += [_authority_problem(certificate, own, known, now), _usage_problem(certificate)]
    return [problem for problem in found if problem]


def _key_problem(key: bytes, certificate: crypto.Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    try:
        private: Any = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        return "tls.key holds no private key"
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        return "tls.key is not the key of tls.crt"
    return ""


def _date_problem(what: str, certificate: crypto.Certificate, now: datetime) -> str:
    not_before, not_after = _dates(certificate)
    if now >= not_after:
        return f"{what} has expired at {rfc3339(not_after)} (it is {rfc3339(now)} by the clock of this machine)"
    if now + SKEW < not_before:
        return (
            f"{what} is not valid before {rfc3339(not_before)}, {(not_before - now).total_seconds():.0f} s from now by "
            "the clock of this machine: compare the clocks"
        )
    return ""


def _authority_problem(
    certificate: crypto.Certificate, own: list[crypto.Certificate], known: list[crypto.Certificate], now: datetime
) -> str:
    """Both ways must verify: our certificate at the site, and the site's at us.

    The site's certificate is issued by its present authority, which our bundle must therefore hold.
    """
    here = {_described(each).fingerprint for each in own}
    if known and not here & {_described(each).fingerprint for each in known}:
        return "ca.crt is not the present authority of the issuing site, which has been renewed, or it is another site"
    issuers = [each for each in known or own if _signed_by(certificate, each)]
    if not issuers:
        return "the certificate is not signed by the authority" + (" of the issuing site" if known else " in ca.crt")
    dated = [_date_problem("the authority's certificate", each, now) for each in issuers]
    return "" if "" in dated else dated[0]


def _usage_problem(certificate: crypto.Certificate) -> str:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    except ValueError:
        return "the certificate has an extension that can not be read"
    allowed = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    return "" if any(usage in allowed for usage in usages) else "the certificate is not for clients (clientAuth)"


def _signed_by(certificate: crypto.Certificate, authority: crypto.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    if certificate.issuer != authority.subject or certificate.signature_hash_algorithm is None:
        return False
    key, signed = authority.public_key(), (certificate.signature, certificate.tbs_certificate_bytes)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(*signed, padding.PKCS1v15(), certificate.signature_hash_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(*signed, ec.ECDSA(certificate.signature_hash_algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _certificates(pem: bytes) -> list[crypto.Certificate]:
    """All certificates of a PEM text.

    :raises Unreadable: what looks like a certificate is none.
    """
    from cryptography import x509

    try:
        return [x509.load_pem_x509_certificate(block) for block in _PEM_CERTIFICATE.findall(pem)]
    except ValueError as error:
        raise Unreadable("holds something that looks like a certificate (PEM) and is none") from error


def _described(certificate: crypto.Certificate) -> Certificate:
    from cryptography.hazmat.primitives import hashes

    not_before, not_after = _dates(certificate)
    return Certificate(
        serial=f"{certificate.serial_number:X}",
        subject=certificate.subject.rfc4514_string(),
        not_before=not_before,
        not_after=not_after,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _dates(certificate: crypto.Certificate) -> tuple[datetime, datetime]:
    """Validity in UTC. cryptography has the attributes with time zone from 42.0 on, and warns of the others."""
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    utc = timezone.utc
    return certificate.not_valid_before.replace(tzinfo=utc), certificate.not_valid_after.replace(tzinfo=utc)
