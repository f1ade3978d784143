# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What joining puts on the broker and on the cluster, as plain objects. Pure functions.

Upstream: subctl pkg/broker/rbac.go, pkg/secret, pkg/deploy/submariner.go. The Submariner resource holds no credential,
as that of ACM's add-on: they are in the two Secrets.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from .._client.client import Object
from .._client.errors import ObjectRef
from .broker_info import TOKEN_TYPE
from .broker_objects import ACCOUNT_ANNOTATION, RBAC
from .names import (
    BROKER_SECRET,
    CLIENT_ROLE,
    OPERATOR_NAMESPACE,
    PSK_KEY,
    PSK_SECRET,
    SUBMARINER,
    SUBMARINER_V1ALPHA1,
)

OWNER = "multicluster.interconnect/cluster-uid"
"""Annotation of an account on the broker: which cluster it was made for. Two clusters that join at the same time by the
same id are told from each other by it, before either has a gateway."""
FROM_TOKEN = ("ca.crt", "namespace", "token")
"""What a joined cluster gets of its token Secret."""


def account_name(cluster: str) -> str:
    """The account of a cluster on the broker."""
    return f"cluster-{cluster}"


def account_refs(cluster: str, namespace: str) -> tuple[ObjectRef, ObjectRef]:
    """The account and its RoleBinding."""
    name = account_name(cluster)
    return (
        ObjectRef("v1", "ServiceAccount", name, namespace),
        ObjectRef(f"{RBAC}/v1", "RoleBinding", f"{name}-{CLIENT_ROLE}", namespace),
    )


def account(cluster: str, namespace: str, uid: str) -> tuple[Object, Object]:
    """The account and its RoleBinding.

    :param uid: of the cluster.
    """
    of_account, of_binding = account_refs(cluster, namespace)
    made = _object(of_account)
    made["metadata"]["annotations"] = {OWNER: uid}
    subject = {"kind": "ServiceAccount", "name": of_account.name, "namespace": namespace}
    role = {"apiGroup": RBAC, "kind": "Role", "name": CLIENT_ROLE}
    return made, _object(of_binding, roleRef=role, subjects=[subject])


def token_secret(cluster: str, namespace: str) -> Object:
    """The Secret that the broker's cluster fills with a token of the account."""
    name = account_name(cluster)
    made = _object(ObjectRef("v1", "Secret", f"{name}-token", namespace), type=TOKEN_TYPE)
    made["metadata"]["annotations"] = {ACCOUNT_ANNOTATION: name}
    return made


def spoke_secrets(token: Mapping[str, str], psk: bytes) -> list[Object]:
    """The Secrets on the joined cluster.

    :param token: data of the filled token Secret.
    """
    credentials = {key: token[key] for key in FROM_TOKEN if token.get(key)}
    return [
        _object(ObjectRef("v1", "Secret", BROKER_SECRET, OPERATOR_NAMESPACE), type="Opaque", data=credentials),
        _object(
            ObjectRef("v1", "Secret", PSK_SECRET, OPERATOR_NAMESPACE),
            type="Opaque",
            data={PSK_KEY: base64.b64encode(psk).decode()},
        ),
    ]


def credentials_in(secret: Object) -> set[str]:
    """What must not be shown of a Secret of these: token and key, as they stand there and decoded."""
    data = secret.get("data") or {}
    encoded = {data[key] for key in ("token", PSK_KEY) if data.get(key)}
    token = base64.b64decode(data.get("token") or "").decode(errors="replace")
    return {*encoded, *([token] if token else [])}


def submariner(
    cluster: str, url: str, namespace: str, spec: Mapping[str, Any], blocks: Mapping[str, Any], domains: Sequence[str]
) -> Object:
    """The resource by which the operator joins the cluster.

    :param url: of the broker's API server.
    :param namespace: of the broker.
    :param blocks: fields with addresses that the broker has given.
    """
    whole: dict[str, Any] = {
        **spec,
        **blocks,
        "clusterID": cluster,
        "brokerK8sApiServer": server_of(url),
        "brokerK8sRemoteNamespace": namespace,
    }
    if domains:
        whole["customDomains"] = list(domains)
    return _object(ObjectRef(SUBMARINER_V1ALPHA1, "Submariner", SUBMARINER, OPERATOR_NAMESPACE), spec=whole)


def server_of(url: str) -> str:
    """A URL as the resource has it: without its scheme."""
    return url.partition("://")[2].rstrip("/")


def _object(ref: ObjectRef, **rest: Any) -> Object:
    metadata: dict[str, Any] = {"name": ref.name, "namespace": ref.namespace}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata, **rest}
