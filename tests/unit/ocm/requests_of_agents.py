# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and certificate requests as OCM's agent has them, made by `cryptography`."""

from __future__ import annotations

import base64
import datetime
import warnings
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

KEY = ec.generate_private_key(ec.SECP256R1())
OIDS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "L": NameOID.LOCALITY_NAME}
PREFIX = "system:open-cluster-management:"
ACCOUNT = "system:serviceaccount:open-cluster-management:agent-registration-bootstrap"
TOKEN_ID = "3f6f5b0e-9a54-4a3e-8a0b-0d6f2b8c8a11"

Attributes = Sequence[tuple[str, str]]


def name_of(attributes: Attributes) -> x509.Name:
    """A subject; all values of O in one set, as Go writes them."""
    single = [_attribute(kind, value) for kind, value in attributes if kind != "O"]
    groups = {_attribute(kind, value) for kind, value in attributes if kind == "O"}
    sets = [x509.RelativeDistinguishedName(groups)] if groups else []
    return x509.Name([*sets, *(x509.RelativeDistinguishedName([each]) for each in single)])


def _attribute(kind: str, value: str) -> x509.NameAttribute[str]:
    with warnings.catch_warnings(action="ignore"):  # Go writes longer ones than the 64 characters of RFC 5280
        return x509.NameAttribute(OIDS[kind], value, _validate=False)


def request_pem(attributes: Attributes) -> str:
    """A certificate request with a subject."""
    request = x509.CertificateSigningRequestBuilder().subject_name(name_of(attributes)).sign(KEY, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def certificate_pem(until: datetime.datetime, version_one: bool = False) -> str:
    """A certificate that is good until a time."""
    name = name_of([("CN", "somebody")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(until, datetime.datetime.now(datetime.UTC)) - datetime.timedelta(days=1))
        .not_valid_after(until)
    )
    if not version_one:
        constraint = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
        builder = builder.add_extension(constraint, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def agent_subject(cluster: str, agent: str = "agent") -> list[tuple[str, str]]:
    """Whom an agent asks to be (open-cluster-management.io/ocm pkg/registration/register/csr/csr.go)."""
    return [("O", f"{PREFIX}{cluster}"), ("O", f"{PREFIX}managed-clusters"), ("CN", f"{PREFIX}{cluster}:{agent}")]


def agent_request(cluster: str = "ca-regina", subject: Attributes = (), **changes: Any) -> dict[str, Any]:
    """A CertificateSigningRequest as the agent makes it; `changes` of its spec."""
    pem = request_pem(subject or agent_subject(cluster))
    spec: dict[str, Any] = {
        "signerName": "kubernetes.io/kube-apiserver-client",
        "username": ACCOUNT,
        "extra": {"authentication.kubernetes.io/credential-id": [f"JTI={TOKEN_ID}"]},
        "usages": ["digital signature", "key encipherment", "client auth"],
        "request": base64.b64encode(pem.encode()).decode(),
        **changes,
    }
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": f"{cluster}-abcde", "labels": {"open-cluster-management.io/cluster-name": cluster}},
        "spec": {key: value for key, value in spec.items() if value is not None},
        "status": {},
    }
