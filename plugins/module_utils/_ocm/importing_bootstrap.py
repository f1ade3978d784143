# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bootstrap kubeconfig: by what a cluster's agent registers with the hub.

Its token is bounded and belongs to an account that may do no more than ask (open-cluster-management.io/ocm
deploy/cluster-manager/chart/cluster-manager/templates/bootstrap_cluster_role.yaml).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._client.client import Client, Object
from .._client.errors import InputError, InterconnectError, ObjectRef
from .._client.export import kubeconfig
from .importing_identity import Hub, decoded, kubeconfig_cluster

BOOTSTRAP_KUBECONFIG = "bootstrap-hub-kubeconfig"
PREDICTED_TOKEN = "predicted"
"""Stands for the token that a check run does not ask for; never written."""

SHORTEST_SECONDS = 600
"""What the API server grants at least."""
SPARE_SECONDS = 300
"""A token that lives no longer than this may end before the agent has come to use it."""


@dataclass(frozen=True)
class Account:
    """The bootstrap account at the hub."""

    name: str
    namespace: str
    uid: str

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("v1", "ServiceAccount", self.name, self.namespace)

    @property
    def user(self) -> str:
        """The name under which it makes requests."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


def find_account(hub: Client, name: str, namespace: str) -> Account:
    """The bootstrap account.

    :raises InputError: the hub has none of that name.
    """
    ref = ObjectRef("v1", "ServiceAccount", name, namespace)
    live = hub.get(ref)
    if live is None:
        raise InputError(
            "bootstrap_account",
            f"{hub.server} has no {ref}, by which agents register: OCM's cluster-manager makes it (Helm chart "
            "ocm/cluster-manager, or `clusteradm init`); where it has another name, give that. Nothing was written",
        )
    return Account(name, namespace, live["metadata"]["uid"])


def request_token(hub: Client, account: Account, seconds: int) -> str:
    """A new token of the account, for `seconds` at most."""
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": seconds},
    }
    token = (hub.create(request, account.ref, "token").get("status") or {}).get("token")
    if not token:
        raise InterconnectError(f"{hub.server} has issued no token for {account.ref}")
    return str(token)


def check_seconds(seconds: int) -> None:
    """Refuse what the API server would refuse.

    :raises InputError: too short.
    """
    if seconds < SHORTEST_SECONDS:
        raise InputError("token_expiration", f"is {seconds}: give seconds, {SHORTEST_SECONDS} or more")


def token_claims(token: str) -> Mapping[str, Any]:
    """What a token (JWT) says of itself, unverified; empty where it can not be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def bootstrap_secret(namespace: str, url: str, hub: Hub, token: str) -> Object:
    """The Secret that the agent reads."""
    config = json.dumps(kubeconfig(url, hub.ca, {"token": token}, name=hub.id), sort_keys=True)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": BOOTSTRAP_KUBECONFIG, "namespace": namespace},
        "type": "Opaque",
        "data": {"kubeconfig": base64.b64encode(config.encode()).decode()},
    }


def usable_token(secret: Object | None, url: str, hub: Hub, account: Account) -> str | None:
    """The token in the agent's Secret; None where the agent could not register with it, here and now.

    It must lead to this hub by this URL, be a token of the account as it is now, and live long enough.
    """
    config = decoded(((secret or {}).get("data") or {}).get("kubeconfig", ""))
    name, cluster = kubeconfig_cluster(config)
    wanted = kubeconfig(url, hub.ca, {}, name=hub.id)["clusters"][0]
    if {"name": name, "cluster": cluster} != wanted:
        return None
    token = _token_in(config)
    claims = token_claims(token)
    owner = (claims.get("kubernetes.io") or {}).get("serviceaccount") or {}
    current = claims.get("sub") == account.user and owner.get("uid") == account.uid
    return token if current and claims.get("exp", 0) > time.time() + SPARE_SECONDS else None


def _token_in(config: str) -> str:
    """The token in a kubeconfig of our own making."""
    try:
        return str(json.loads(config)["users"][0]["user"]["token"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
