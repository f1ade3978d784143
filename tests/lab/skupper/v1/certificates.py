# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorities and certificates as Skupper v1 makes them (S1 pkg/certs/certs.go).

RSA-2048 keys as PKCS#1, five years, both extended usages; an address becomes an IP name and nothing else; no host at
all becomes one empty DNS name, because upstream splits an empty string (v2 has a note about it: skupper#2277).
"""

from __future__ import annotations

import datetime
import ipaddress
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.lab.errors import LabError

Data = dict[str, str]
"""Data of a Secret, base64."""
LIFETIME = datetime.timedelta(days=5 * 365)
BEGIN = b"-----BEGIN RSA PRIVATE KEY-----"


def authority(name: str) -> Data:
    """A new authority, signed by itself; its common name is that of its Secret."""
    key = rsa.generate_private_key(65537, 2048)
    return _data(_certificate(key, name, (), None, key), key)


def issue(ca: Mapping[str, str], subject: str, hosts: tuple[str, ...] = ()) -> Data:
    """A certificate of an authority, given the data of its Secret.

    LabError for an authority whose key is not PKCS#1: there, upstream's controllers end (getCAFromSecret, log.Fatal).
    """
    certificate, key_bytes = b64decode(ca["tls.crt"]), b64decode(ca["tls.key"])
    if not key_bytes.startswith(BEGIN):
        raise LabError("failed to get CA private key from secret: not PKCS#1")
    ca_key = serialization.load_pem_private_key(key_bytes, None)
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    issuer = x509.load_pem_x509_certificate(certificate)
    key = rsa.generate_private_key(65537, 2048)
    return {"ca.crt": ca["tls.crt"]} | _data(_certificate(key, subject, hosts, issuer, ca_key), key)


def _certificate(
    key: rsa.RSAPrivateKey,
    subject: str,
    hosts: tuple[str, ...],
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.datetime.now(datetime.UTC)
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFETIME)
        .add_extension(_key_usage(issuer is None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in hosts or ("",)]), critical=False)
    )
    if issuer is None:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    else:
        by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(by, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=signs,
        crl_sign=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _data(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> Data:
    pem, pkcs1 = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(pem, pkcs1, serialization.NoEncryption())
    return {
        "tls.crt": b64encode(certificate.public_bytes(pem)).decode(),
        "tls.key": b64encode(private).decode(),
    }
