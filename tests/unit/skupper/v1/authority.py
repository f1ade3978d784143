# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's authority in memory, and what it signs. Elliptic keys, which cost nothing; v1 itself has RSA."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


class Authority:
    """A CA."""

    def __init__(self, name: str = "skupper-site-ca") -> None:
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(self._name, self._key.public_key(), now() + 1000 * DAY)
        extension = x509.BasicConstraints(ca=True, path_length=None)
        certificate = builder.add_extension(extension, critical=True).sign(self._key, hashes.SHA256())
        self.pem = certificate.public_bytes(PEM)

    def issue(
        self, name: str, hosts: tuple[str, ...] = ("",), until: datetime.datetime | None = None
    ) -> dict[str, str]:
        """Data of a Secret. Without hosts, v1 writes one empty DNS name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            self._builder(subject, key.public_key(), until or now() + 365 * DAY)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectAlternativeName(_named(hosts)), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        form = serialization.PrivateFormat.TraditionalOpenSSL
        private = key.private_bytes(PEM, form, serialization.NoEncryption())
        parts = {"ca.crt": self.pem, "tls.crt": certificate.public_bytes(PEM), "tls.key": private}
        return {part: encoded(value) for part, value in parts.items()}

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() - DAY)
            .not_valid_after(until)
        )


def _named(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    """Addresses are named twice, as by skupperproject/skupper: its routers compare names only."""
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
    for host in hosts:
        with contextlib.suppress(ValueError):
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
    return names
