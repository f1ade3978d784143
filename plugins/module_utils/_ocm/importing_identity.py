# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cluster stands before us, and whether a hub's ManagedCluster of that name is the same one. Pure functions.

An import under the name of another cluster would take that one's place on the hub, and its workload with it. So
everything that tells clusters apart is compared before the first write, the surest first: where the cluster's own agent
is registered, ids that the hub knows it by, URLs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._client.client import Object
from .._client.errors import InterconnectError
from .importing_der import Malformed, valid_until

HUB_KUBECONFIG = "hub-kubeconfig-secret"
"""Secret in which the agent keeps its credentials (open-cluster-management.io/ocm pkg/registration/spoke)."""

ID_CLAIMS = ("id.k8s.io", "id.openshift.io")
"""ClusterClaims with an id. ACM puts the name of the cluster into the first of them on OpenShift: only ids count
(stolostron/multicloud-operators-foundation pkg/klusterlet/clusterclaim)."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Hub:
    """The hub, by all that an agent's kubeconfig may say of it."""

    id: str
    urls: frozenset[str]
    ca: bytes | None

    def is_meant_by(self, cluster: Mapping[str, Any], name: str) -> bool:
        """Whether a cluster of a kubeconfig (`cluster`, under the name `name`) is this hub.

        Our own kubeconfigs have the hub's id as name.
        """
        if _UUID.fullmatch(name):
            return name == self.id
        if str(cluster.get("server", "")).rstrip("/") in self.urls:
            return True
        ca = str(cluster.get("certificate-authority-data") or "")
        return bool(self.ca and ca) and same_pem(base64.b64decode(ca), self.ca or b"")


@dataclass(frozen=True)
class Registration:
    """Where the cluster's agent is registered."""

    cluster: str
    """Under which name."""
    hub_url: str
    here: bool
    """With this hub."""
    certificate: str
    """The agent's certificate, as it stands in the Secret."""
    expired: bool


@dataclass(frozen=True)
class Cluster:
    """The cluster that is to be imported, as it says itself."""

    urls: frozenset[str]
    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By claim, the ids that the cluster may go by."""
    registration: Registration | None = None
    klusterlet: Object | None = None

    def is_registered(self, name: str) -> bool:
        """Whether the agent has credentials for this hub under that name, and they are good."""
        found = self.registration
        return bool(found and found.here and found.cluster == name and not found.expired)


def read_registration(secret: Object | None, hub: Hub, now: datetime | None = None) -> Registration | None:
    """What the agent's Secret says; None where it has no credentials yet."""
    data = (secret or {}).get("data") or {}
    if not data.get("cluster-name") or not data.get("kubeconfig") or not data.get("tls.crt"):
        return None
    name, cluster = kubeconfig_cluster(decoded(data["kubeconfig"]))
    return Registration(
        cluster=decoded(data["cluster-name"]),
        hub_url=str(cluster.get("server", "")),
        here=hub.is_meant_by(cluster, name),
        certificate=data["tls.crt"],
        expired=_is_expired(decoded(data["tls.crt"]), now or datetime.now(timezone.utc)),
    )


def _is_expired(pem: str, now: datetime) -> bool:
    try:
        return valid_until(pem) <= now
    except Malformed:
        return True


def kubeconfig_cluster(text: str) -> tuple[str, Mapping[str, Any]]:
    """Name and content of the cluster that a kubeconfig's current context leads to; empty where it can not be read."""
    try:
        config = _loaded(text)
        context = next(entry for entry in config["contexts"] if entry["name"] == config["current-context"])
        name = context["context"]["cluster"]
        return str(name), next(entry["cluster"] for entry in config["clusters"] if entry["name"] == name)
    except (StopIteration, KeyError, TypeError, ValueError):
        return "", {}


def _loaded(text: str) -> Any:
    """YAML, or JSON where there is no YAML reader."""
    try:
        import yaml
    except ImportError:
        return json.loads(text)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error


def decoded(value: str) -> str:
    """A value of a Secret as text."""
    return base64.b64decode(value).decode("utf-8", "replace")


def same_pem(one: bytes, other: bytes) -> bool:
    """Whether two bundles hold the same, whatever the line ends."""
    return b"".join(one.split()) == b"".join(other.split())


def refuse_other(name: str, managed: Object | None, cluster: Cluster, hub_url: str) -> None:
    """Refuse to work under the name of another cluster, or on a cluster of another hub.

    :param managed: the hub's ManagedCluster `name`, where there is one.
    :raises InterconnectError: saying how the two differ. Nothing has been written then.
    """
    found = cluster.registration
    if found and not found.here:
        raise InterconnectError(
            f"the cluster is registered as {found.cluster} with another hub, {found.hub_url}: detach it there first. "
            f"Where that is the same hub as {hub_url}, give its URL as hub_url. Nothing was written"
        )
    asked = str(((cluster.klusterlet or {}).get("spec") or {}).get("clusterName") or name)
    taken = found.cluster if found else asked
    if taken != name:
        raise InterconnectError(
            f"name: the cluster is {'registered' if found else 'being imported'} under the name {taken} (Klusterlet "
            f"klusterlet), not {name}: use that name, or detach it first. Nothing was written"
        )
    difference = difference_to(managed, cluster) if managed else ""
    if difference:
        raise InterconnectError(
            f"name: the ManagedCluster {name} at {hub_url} is another cluster: {difference}. Use another name, correct "
            "the context, or remove that ManagedCluster if its cluster is gone. Nothing was written"
        )


def difference_to(managed: Object, cluster: Cluster) -> str:
    """How the hub's ManagedCluster differs from the cluster; empty where it is the same, or nothing speaks against it.

    What `refuse_other` knows from the cluster's registration comes before this.
    """
    if cluster.registration:
        return ""
    claims = {claim["name"]: claim["value"] for claim in (managed.get("status") or {}).get("clusterClaims") or []}
    comparable = [claim for claim in ID_CLAIMS if _UUID.fullmatch(claims.get(claim, "")) and cluster.ids.get(claim)]
    if any(claims[claim] in cluster.ids[claim] for claim in comparable):
        return ""
    if comparable:
        claim = comparable[0]
        return f"its claim {claim} is {claims[claim]}, this one's id is {', '.join(sorted(cluster.ids[claim]))}"
    configs = (managed.get("spec") or {}).get("managedClusterClientConfigs") or []
    urls = {str(config.get("url", "")).rstrip("/") for config in configs}
    if urls and not urls & cluster.urls:
        return (
            f"its API server is {', '.join(sorted(urls))}, this one's is {', '.join(sorted(cluster.urls))} (if that is "
            "the same cluster, give that URL as server)"
        )
    if not urls and has_condition(managed, "ManagedClusterJoined"):
        return "an agent has joined under that name, and this cluster has none"
    return ""


def has_condition(obj: Object, kind: str, status: str = "True", reason: str = "") -> bool:
    """Whether a condition has a status, and a reason where one is given."""
    return any(
        entry.get("type") == kind and entry.get("status") == status and (not reason or entry.get("reason") == reason)
        for entry in (obj.get("status") or {}).get("conditions") or []
    )
