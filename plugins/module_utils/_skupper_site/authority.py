# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificate authorities and the certificates that they sign, as Skupper makes them.

Source: skupperproject/skupper pkg/certs/certs.go (1.9; internal/certs/certs.go in 2.x): RSA-2048, keys in PKCS#1 (the
controllers end themselves over any other form of CA key), five years, CA with its name as subject.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .._client.errors import InterconnectError

if TYPE_CHECKING:
    from cryptography import x509

LIFETIME = timedelta(days=5 * 365)
KEY_BITS = 2048
CERTIFICATE, KEY, CA = "tls.crt", "tls.key", "ca.crt"


def require_cryptography() -> None:
    """Refuse to go on without the library, before anything is written.

    :raises InterconnectError: naming where to install it.
    """
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise InterconnectError(
            "the Python package cryptography is needed to look at certificates, and is not there: install it where "
            f"this task runs (ansible_python_interpreter), or run the task on the controller. {error}"
        ) from error


@dataclass(frozen=True)
class Authority:
    """A CA's certificate, as a Secret holds it."""

    certificate: x509.Certificate
    pem: bytes

    @classmethod
    def of_secret(cls, secret: Mapping[str, Any]) -> Authority | None:
        """The CA in a Secret; None where it holds none."""
        pem = data_of(secret, CERTIFICATE)
        certificate = read_certificate(pem)
        return cls(certificate, pem) if certificate else None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return hashlib.sha256(_der(self.certificate)).hexdigest()

    @property
    def begins(self) -> datetime:
        """From when on it is valid, UTC: when it was made."""
        return not_before(self.certificate)

    def as_result(self) -> dict[str, str]:
        """What may be shown of it."""
        return {
            "subject": self.certificate.subject.rfc4514_string(),
            "serial": format(self.certificate.serial_number, "x"),
            "not_before": _rfc3339(self.begins),
            "not_after": _rfc3339(not_after(self.certificate)),
            "fingerprint": self.fingerprint,
        }

    def has_signed(self, secret: Mapping[str, Any]) -> bool:
        """Whether the certificate in a Secret was signed by this CA's very key."""
        from cryptography.exceptions import InvalidSignature

        certificate = read_certificate(data_of(secret, CERTIFICATE))
        if certificate is None:
            return False
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True


def new_authority(name: str, now: datetime) -> dict[str, str]:
    """Data of a CA's Secret, values in base64: a new key, self-signed, the Secret's name as subject."""
    return _issue(name, (), now, None)


def new_certificate(authority: Mapping[str, Any], subject: str, hosts: Iterable[str], now: datetime) -> dict[str, str]:
    """Data of a server's Secret, values in base64.

    :param authority: the Secret of the CA that signs.
    :param hosts: names and addresses for which it is; an address stands as a name as well, as routers read only those.
    """
    return _issue(subject, tuple(hosts), now, authority)


def hosts_of(secret: Mapping[str, Any]) -> list[str]:
    """The names and addresses that the certificate in a Secret is for, in its order and each once."""
    from cryptography import x509

    certificate = read_certificate(data_of(secret, CERTIFICATE))
    if certificate is None:
        return []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    texts = names.get_values_for_type(x509.DNSName)
    texts += [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return [text for text in dict.fromkeys(texts) if text]


def read_certificate(pem: bytes) -> x509.Certificate | None:
    """The first certificate of a PEM text; None where it has none that can be read."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem) if pem else None
    except ValueError:
        return None


def not_before(certificate: x509.Certificate) -> datetime:
    """From when on a certificate is valid, UTC."""
    known = getattr(certificate, "not_valid_before_utc", None)  # cryptography 42
    return known or certificate.not_valid_before.replace(tzinfo=timezone.utc)


def not_after(certificate: x509.Certificate) -> datetime:
    """Until when a certificate is valid, UTC."""
    known = getattr(certificate, "not_valid_after_utc", None)
    return known or certificate.not_valid_after.replace(tzinfo=timezone.utc)


def _issue(subject: str, hosts: tuple[str, ...], now: datetime, authority: Mapping[str, Any] | None) -> dict[str, str]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = rsa.generate_private_key(65537, KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    issuer, signing_key = name, key
    if authority is not None:
        ca = read_certificate(data_of(authority, CERTIFICATE))
        loaded = serialization.load_pem_private_key(data_of(authority, KEY), None)
        if ca is None or not isinstance(loaded, rsa.RSAPrivateKey):
            raise InterconnectError(f"Secret {authority['metadata']['name']} holds no CA with an RSA key")
        issuer, signing_key = ca.subject, loaded
    is_ca = authority is None
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_key_usage(is_ca), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
    certificate = builder.sign(signing_key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    data = {CERTIFICATE: _text(pem), KEY: _text(private)}
    return data if authority is None else {**data, CA: _text(data_of(authority, CERTIFICATE))}


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    names: list[x509.GeneralName] = []
    for host in hosts:
        with contextlib.suppress(ValueError):
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        names.append(x509.DNSName(host))
    return names


def _key_usage(is_ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def data_of(secret: Mapping[str, Any], key: str) -> bytes:
    """A value of a Secret; empty where there is none that can be read."""
    try:
        return base64.b64decode((secret.get("data") or {}).get(key) or "", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
