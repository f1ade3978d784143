# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signing a token with the CA key of a site that has no site controller, as upstream's CLI does it.

The certificate is that of upstream: RSA with 2048 bits, five years, both usages; skupperproject/skupper 1.9.6
pkg/certs/certs.go, client/connector_token_create.go. Upstream's has one empty DNS name besides, by mistake, which some
TLS libraries refuse; this one has no subject alternative name.
"""

from __future__ import annotations

import base64
import datetime
from typing import Any

from ..._client.client import Object
from ..._client.errors import InterconnectError, ObjectRef

VALID = datetime.timedelta(days=5 * 365)
# The clocks of two sites differ: a certificate that is valid from now on would not be on one that is slow.
SLOW_CLOCK = datetime.timedelta(minutes=5)


def signed(name: str, ca_secret: Object, now: datetime.datetime) -> dict[str, str]:
    """Data of a token's Secret (base64): a new key, with a certificate by the site's CA.

    :param ca_secret: Secret skupper-site-ca.
    :raises InterconnectError: that is no CA.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    ca, ca_key, ca_pem = _authority(ca_secret)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCK)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(x509), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pkcs1, open_key = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    parts = {
        "ca.crt": ca_pem,
        "tls.crt": certificate.public_bytes(pem),
        "tls.key": key.private_bytes(pem, pkcs1, open_key),
    }
    return {part: base64.b64encode(value).decode() for part, value in parts.items()}


def _authority(ca_secret: Object) -> tuple[Any, Any, bytes]:
    """Certificate, key, and the certificate as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    data = ca_secret.get("data") or {}
    try:
        pem = base64.b64decode(data["tls.crt"])
        certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(base64.b64decode(data["tls.key"]), password=None)
    except (KeyError, ValueError, TypeError) as error:
        raise InterconnectError(
            f"{ObjectRef.of(ca_secret)} holds no CA certificate and key "
            f"({type(error).__name__}): tokens can not be signed with it"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InterconnectError(
            f"{ObjectRef.of(ca_secret)} holds a key that is not RSA, which v1 can not work with: renew the site's CA "
            "(skupper_site, state: revoked)"
        )
    return certificate, key, pem


def _key_usage(x509: Any) -> Any:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
