# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of a broker already, read before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._client.client import Client, Object
from .._client.errors import Forbidden, MissingKind, ObjectRef
from .broker_info import TOKEN_TYPE
from .broker_objects import token_secrets_of
from .broker_psk import inline_psk, psk_of
from .cidr import Network, networks_in
from .names import (
    ADMIN,
    BROKER,
    OPERATOR_NAMESPACE,
    PSK_SECRET,
    SUBMARINER_V1,
    SUBMARINER_V1ALPHA1,
)

SUBMARINER = ObjectRef(SUBMARINER_V1ALPHA1, "Submariner", "submariner", OPERATOR_NAMESPACE)


@dataclass(frozen=True)
class Survey:
    """A broker's namespace as it is."""

    namespace: str
    live: dict[ObjectRef, Object]
    token_secrets: list[Object]
    """Of an account, the one to use first."""
    clusters: list[Object]
    endpoints: list[Object]

    @property
    def joined(self) -> list[str]:
        """The ids of the clusters that have joined, sorted."""
        named = {(each.get("spec") or {}).get("cluster_id") for each in [*self.clusters, *self.endpoints]}
        return sorted(str(each) for each in named if each)

    @property
    def is_new(self) -> bool:
        """Whether nothing tells of a broker here yet."""
        known = {ref.kind for ref in self.live} & {"Broker", "ServiceAccount"}
        return not known and not self.joined

    def addresses(self) -> list[tuple[str, Network]]:
        """The ranges of the clusters' own services and pods, each with the id of the cluster."""
        return [
            (str(cluster["spec"].get("cluster_id")), found)
            for cluster in self.clusters
            for key in ("service_cidr", "cluster_cidr")
            for found in networks_in(cluster["spec"].get(key) or [])
        ]


def survey(client: Client, namespace: str, refs: Sequence[ObjectRef], account: str = ADMIN) -> Survey:
    """Look at the objects that a broker consists of, and at who has joined it.

    :param account: whose token Secrets are wanted.
    """
    found = client.each(lambda ref: get(client, ref), refs)
    secrets = client.list("v1", "Secret", namespace, field_selector=f"type={TOKEN_TYPE}")
    clusters, endpoints = (instances_of(client, kind, namespace) for kind in ("Cluster", "Endpoint"))
    live = {ref: obj for ref, obj in zip(refs, found) if obj is not None}
    return Survey(namespace, live, token_secrets_of(secrets, account), clusters, endpoints)


def get(client: Client, ref: ObjectRef) -> Object | None:
    """The object; None where it or its kind is not there."""
    try:
        return client.get(ref)
    except MissingKind:
        return None


def instances_of(
    client: Client, kind: str, namespace: str | None, api_version: str = SUBMARINER_V1, label_selector: str = ""
) -> list[Object]:
    """Objects of a kind; none where the kind is not there."""
    try:
        return client.list(api_version, kind, namespace, label_selector)
    except MissingKind:
        return []


def psk_in_use(client: Client, found: Survey) -> bytes | None:
    """The key of the broker's own cluster, where that has joined this broker."""
    submariner = get(client, SUBMARINER)
    spec = (submariner or {}).get("spec") or {}
    if submariner is None or spec.get("brokerK8sRemoteNamespace") != found.namespace:
        return None
    if spec.get("clusterID") not in found.joined:
        return None
    name = spec.get("ceIPSecPSKSecret") or PSK_SECRET
    stored = psk_of(client.get(ObjectRef("v1", "Secret", name, OPERATOR_NAMESPACE)))
    return stored or inline_psk(submariner)


def other_brokers(client: Client, namespace: str) -> list[str]:
    """Why one may not want a new broker here, in words: there is another on this cluster, or it has joined another."""
    try:
        brokers = instances_of(client, "Broker", None, SUBMARINER_V1ALPHA1)
        submariner = get(client, SUBMARINER)
    except Forbidden:  # who makes a broker need not be allowed to look elsewhere
        return []
    places = [each["metadata"].get("namespace") for each in brokers]
    said = [f"there is a {BROKER} in namespace {place} already" for place in places if place != namespace]
    spec = (submariner or {}).get("spec") or {}
    server, remote = spec.get("brokerK8sApiServer"), spec.get("brokerK8sRemoteNamespace")
    if remote and remote != namespace:
        said.append(f"this cluster has joined the broker in namespace {remote} of {server}")
    return said


def instances(client: Client, crd: Object) -> list[ObjectRef]:
    """All objects of a kind, in any namespace."""
    spec = crd["spec"]
    served = next(version["name"] for version in spec["versions"] if version["served"])
    found = instances_of(client, spec["names"]["kind"], None, f"{spec['group']}/{served}")
    return [ObjectRef.of(each) for each in found]
