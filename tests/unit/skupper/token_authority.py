# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorities and tokens as Skupper's controllers make them (skupperproject/skupper internal/certs/certs.go)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.model import Material

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEARS = timedelta(days=5 * 365)
PEM = serialization.Encoding.PEM
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(name: str = "client") -> rsa.RSAPrivateKey:  # noqa: ARG001  # the cache tells names apart
    """One key a name: making them takes long."""
    return rsa.generate_private_key(65537, 2048)


def key_pem(of: Key, form: serialization.PrivateFormat = serialization.PrivateFormat.TraditionalOpenSSL) -> bytes:
    return of.private_bytes(PEM, form, serialization.NoEncryption())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A site's authority.

    :param age: since when it has been there.
    :param life: how long its certificate is good from then on.
    """

    def __init__(
        self,
        name: str = "skupper-site-ca",
        signer: Key | None = None,
        age: timedelta = YEARS / 5,
        life: timedelta = YEARS,
    ) -> None:
        self.name, self.key = name, signer or key(name)
        begin = NOW - age
        self.certificate = self._build(name, self.key, begin, begin + life, ca=True)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def issue(
        self,
        subject: str = "us-philly-to-ca-central",
        age: timedelta = timedelta(hours=1),
        life: timedelta = YEARS,
        usages: list[x509.ObjectIdentifier] | None = None,
        hosts: list[str] | None = None,
    ) -> Material:
        """A token, by default one that is good."""
        begin = NOW - age
        kinds = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH] if usages is None else usages
        certificate = self._build(subject, key(), begin, begin + life, usages=kinds, hosts=hosts)
        return Material(self.pem, certificate.public_bytes(PEM), key_pem(key()))

    def _build(
        self, subject: str, of: Key, begin: datetime, end: datetime, ca: bool = False, **more: Any
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self.name))
            .public_key(of.public_key())
            .serial_number(0xC0FFEE)
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if more.get("usages"):
            builder = builder.add_extension(x509.ExtendedKeyUsage(more["usages"]), critical=False)
        if more.get("hosts") is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in more["hosts"]])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())
