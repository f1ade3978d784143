# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate requests of a cluster's agent: which of them may be approved. Pure functions.

An agent asks the hub for its client certificate by a CertificateSigningRequest under the bootstrap account's name
(open-cluster-management.io/ocm pkg/registration/register/csr). Whoever holds a bootstrap token can ask for any
cluster's certificate, so what is approved must be what the cluster that is being imported asks for: see `judge`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .importing_der import Malformed, request_subject

API_VERSION = "certificates.k8s.io/v1"
KIND = "CertificateSigningRequest"
CLUSTER_LABEL = "open-cluster-management.io/cluster-name"
ADDON_LABEL = "open-cluster-management.io/addon-name"
SIGNER = "kubernetes.io/kube-apiserver-client"
# k8s.io/apiserver pkg/authentication/serviceaccount/util.go; since Kubernetes 1.30 unless switched on or off
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
SUBJECT_PREFIX = "system:open-cluster-management:"
COMMON_GROUP = f"{SUBJECT_PREFIX}managed-clusters"
USAGES = frozenset({"digital signature", "key encipherment", "client auth"})

APPROVABLE, APPROVED, DENIED, REFUSED = "approvable", "approved", "denied", "refused"


@dataclass(frozen=True)
class Agent:
    """Who may ask for a cluster's certificate."""

    cluster: str
    account: str
    """User name of the bootstrap account."""
    token_id: str | None = None
    """Id (`jti`) of the very token that the cluster was given."""


@dataclass(frozen=True)
class Judgement:
    """What is to be done about a request, and why."""

    outcome: str
    reason: str = ""


def judge(request: Mapping[str, Any], agent: Agent) -> Judgement:
    """Whether a request may be approved, is approved, was denied, or is not what the agent would ask for.

    Compared are: the label that names the cluster; signer and usages; the user that made the request, and the token
    that he used where the API server has noted it; and the subject in the request itself, which becomes the agent's
    identity.
    """
    decided = {entry["type"]: entry for entry in (request.get("status") or {}).get("conditions") or []}
    if "Denied" in decided:
        return Judgement(DENIED, str(decided["Denied"].get("message") or decided["Denied"].get("reason") or ""))
    if "Approved" in decided:
        return Judgement(APPROVED)
    reason = _objection(request, agent)
    return Judgement(REFUSED, reason) if reason else Judgement(APPROVABLE)


def _objection(request: Mapping[str, Any], agent: Agent) -> str:
    spec: Mapping[str, Any] = request["spec"]
    labels = request["metadata"].get("labels") or {}
    if labels.get(CLUSTER_LABEL) != agent.cluster or ADDON_LABEL in labels:
        return "its labels are not those of the cluster's agent"
    if spec.get("signerName") != SIGNER:
        return f"it is for the signer {spec.get('signerName')}"
    if spec.get("username") != agent.account:
        return f"it was made by {spec.get('username')}, not by {agent.account}"
    tokens = (spec.get("extra") or {}).get(CREDENTIAL_ID) or []
    if tokens and agent.token_id and f"JTI={agent.token_id}" not in tokens:
        return "it was made with another bootstrap token than the one that the cluster was given"
    usages = set(spec.get("usages") or ())
    if "client auth" not in usages or not usages <= USAGES:
        return f"it asks for the usages {', '.join(sorted(usages))}"
    return _subject_objection(str(spec.get("request") or ""), agent.cluster)


def _subject_objection(request: str, cluster: str) -> str:
    """What is wrong with the subject: the API server would make CN the user and O the groups."""
    try:
        subject = request_subject(base64.b64decode(request, validate=True).decode("ascii"))
    except (Malformed, binascii.Error, UnicodeDecodeError) as error:
        return f"it can not be read ({error})"
    names = [value for kind, value in subject if kind == "CN"]
    groups = {value for kind, value in subject if kind == "O"}
    own = f"{SUBJECT_PREFIX}{cluster}"
    prefix, _colon, agent_name = names[0].rpartition(":") if len(names) == 1 else ("", "", "")
    fits = prefix == own and agent_name and own in groups and groups <= {own, COMMON_GROUP}
    if not fits or len(subject) != len(names) + len(groups):
        return "its subject is " + ", ".join(f"{kind}={value}" for kind, value in subject)
    return ""


def approved(request: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    """The request with the condition that approves it."""
    status = dict(request.get("status") or {})
    condition = {
        "type": "Approved",
        "status": "True",
        "reason": "ClusterImport",
        "message": f"Approved by multicluster.interconnect, which imports the cluster {cluster}",
    }
    return {**request, "status": {**status, "conditions": [*(status.get("conditions") or []), condition]}}
