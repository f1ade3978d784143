# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lets Argo CD work on a cluster, as plain objects. Pure functions.

The cluster Secret: argo-cd docs/operator-manual/declarative-setup.md ("Clusters"), util/db/cluster.go. The account has
the names that `argocd cluster add` gives it (argo-cd util/clusterauth/clusterauth.go), so one that exists is adopted.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._client.client import Object
from .._client.errors import ObjectRef

SECRET_TYPE_LABEL = "argocd.argoproj.io/secret-type"
ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
TOKEN_TYPE = "kubernetes.io/service-account-token"
RBAC = "rbac.authorization.k8s.io/v1"

# What `argocd cluster add` grants (clusterauth.go, ArgoCDManagerClusterPolicyRules).
ALL_RULES: tuple[dict[str, list[str]], ...] = (
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
)


@dataclass(frozen=True)
class Account:
    """Argo CD's account on the cluster that it works on."""

    name: str
    namespace: str
    rules: Sequence[Mapping[str, Any]] = field(default=ALL_RULES)

    def objects(self) -> list[Object]:
        """The account with its permissions."""
        role = f"{self.name}-role"
        subject = {"kind": "ServiceAccount", "name": self.name, "namespace": self.namespace}
        return [
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": self.name, "namespace": self.namespace},
            },
            {
                "apiVersion": RBAC,
                "kind": "ClusterRole",
                "metadata": {"name": role},
                "rules": [dict(rule) for rule in self.rules],
            },
            {
                "apiVersion": RBAC,
                "kind": "ClusterRoleBinding",
                "metadata": {"name": f"{role}-binding"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                "subjects": [subject],
            },
        ]

    def token_secret(self, generation: int) -> Object:
        """The Secret that the cluster fills with a token; each rotation has a generation of its own."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"{self.name}-token-{generation}",
                "namespace": self.namespace,
                "annotations": {ACCOUNT_ANNOTATION: self.name},
            },
            "type": TOKEN_TYPE,
        }

    def generation_of(self, secret: Object) -> int:
        """The generation of one of the account's token Secrets; 0 for any other Secret."""
        metadata = secret["metadata"]
        if (metadata.get("annotations") or {}).get(ACCOUNT_ANNOTATION) != self.name:
            return 0
        found = re.fullmatch(re.escape(self.name) + r"-token-(\d+)", metadata["name"])
        return int(found[1]) if found else 0


def newest_first(account: Account, secrets: Sequence[Object]) -> list[Object]:
    """The account's token Secrets, the newest first."""
    own = [secret for secret in secrets if account.generation_of(secret)]
    return sorted(own, key=account.generation_of, reverse=True)


def token_of(secret: Object | None) -> str | None:
    """The token in a token Secret; None while the cluster has not filled it."""
    data = (secret or {}).get("data") or {}
    return base64.b64decode(data["token"]).decode() if data.get("token") else None


@dataclass(frozen=True)
class ArgoCluster:
    """A cluster as Argo CD is told of it."""

    name: str
    namespace: str
    server: str
    ca_pem: bytes | None = None
    server_name: str | None = None
    """Name that the server's certificate is verified against, where it is not the one in the URL."""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def secret_name(self) -> str:
        return f"{self.name}-cluster-secret"

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("v1", "Secret", self.secret_name, self.namespace)

    def secret(self, token: str) -> Object:
        """The cluster Secret with `token` as credential."""
        tls: dict[str, Any] = {"insecure": False}
        if self.ca_pem:
            tls["caData"] = _base64(self.ca_pem)
        if self.server_name:
            tls["serverName"] = self.server_name
        config = json.dumps({"bearerToken": token, "tlsClientConfig": tls}, sort_keys=True)
        data = {"name": self.name, "server": self.server, "config": config}
        metadata = {
            "name": self.secret_name,
            "namespace": self.namespace,
            "labels": {**self.labels, SECRET_TYPE_LABEL: "cluster"},
        }
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "Opaque",
            "data": {key: _base64(value.encode()) for key, value in data.items()},
        }


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def same_cluster(secrets: Sequence[Object], cluster: ArgoCluster) -> list[str]:
    """Names of other cluster Secrets for the same name or server: Argo CD would take either of them."""
    others = []
    for secret in secrets:
        data = secret.get("data") or {}
        values = {
            key: base64.b64decode(data[key]).decode(errors="replace") for key in ("name", "server") if data.get(key)
        }
        if secret["metadata"]["name"] != cluster.secret_name and (
            values.get("name") == cluster.name or values.get("server", "").rstrip("/") == cluster.server.rstrip("/")
        ):
            others.append(secret["metadata"]["name"])
    return sorted(others)
