# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a cluster from joining, found before anything is written. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._client.client import Object
from .._client.errors import InputError, InterconnectError
from .broker_survey import Survey
from .cidr import Network, networks_in, overlap
from .join_objects import OWNER, account_refs, server_of
from .join_survey import Spoke
from .names import CONNECTIVITY

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
# subctl pkg/version, for service discovery.
_OLDEST_KUBERNETES = (1, 21)
# From 1.33 on, the API server no longer tells the range of Services in an error, by which the operator found it before
# this version (submariner-operator #3630).
_KUBERNETES_WITHOUT_HINT, _COPES = (1, 33), (0, 21, 1)


class NotYet(InterconnectError):
    """Something is missing that an earlier task of a check run may be meant to make."""


def require_operator(spoke: Spoke, server: str) -> None:
    """See that Submariner's operator is there.

    :raises NotYet: it is not.
    """
    missing = "the kind Submariner (submariner.io/v1alpha1)" if not spoke.has_kind else "Deployment submariner-operator"
    if spoke.operator is None or not spoke.has_kind:
        raise NotYet(
            f"{server} has no Submariner operator: {missing} is missing. Install it into namespace submariner-operator "
            "first: by the operator submariner of OperatorHub, or Helm chart submariner-operator"
        )


def operator_runs(operator: Object | None) -> bool:
    """Whether a pod of the operator is up."""
    return bool(((operator or {}).get("status") or {}).get("availableReplicas"))


def submariner_version(spoke: Spoke, given: str | None) -> str:
    """The version that is, or will be, there; empty where that can not be told."""
    status = ((spoke.submariner or {}).get("status") or {}).get("version")
    containers = (spoke.operator or {}).get("spec", {}).get("template", {}).get("spec", {}).get("containers") or []
    images = [str(each.get("image") or "").partition("@")[0] for each in containers]
    tags = [image.rpartition(":")[2] for image in images if ":" in image.rpartition("/")[2]]
    return next((each for each in (given, status, *tags) if each and _VERSION.match(each)), "")


def check_versions(spoke: Spoke, given: str | None) -> str:
    """See that Submariner works on this version of Kubernetes; a warning, empty where there is none.

    :raises InputError: it does not.
    """
    kubernetes, submariner = _parsed(spoke.kubernetes), submariner_version(spoke, given)
    if kubernetes[:2] < _OLDEST_KUBERNETES:
        raise InputError("version", f"Kubernetes {spoke.kubernetes} is older than 1.21, which Submariner needs")
    if kubernetes[:2] < _KUBERNETES_WITHOUT_HINT:
        return ""
    if not submariner:
        return f"Kubernetes {spoke.kubernetes} needs Submariner 0.21.1 or later; which one is there, can not be told"
    if _parsed(submariner) < _COPES:
        raise InputError(
            "version", f"Kubernetes {spoke.kubernetes} needs Submariner 0.21.1 or later, and this is {submariner}"
        )
    return ""


def _parsed(version: str) -> tuple[int, int, int]:
    found = _VERSION.match(version)
    if not found:
        return (0, 0, 0)
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch or 0)


def check_broker(broker: Survey, namespace: str, server: str, components: Sequence[str]) -> None:
    """See that there is a broker that connects clusters.

    :raises NotYet: there is none.
    """
    if "Broker" not in {ref.kind for ref in broker.live}:
        raise NotYet(
            f"There is no broker in namespace {namespace} of {server}: make one with submariner_broker. One that Helm "
            "made has no record of what clusters are to do"
        )
    if CONNECTIVITY not in components:
        raise InterconnectError(
            f"The broker in namespace {namespace} of {server} is for {', '.join(components) or 'nothing'}: this module "
            "joins clusters to brokers with the component connectivity"
        )


def check_identity(spoke: Spoke, cluster: str, url: str, namespace: str, same_key: bool) -> None:
    """See that the cluster has not joined another network, or this one by another id.

    :param same_key: whether it has the key of this broker's network.
    :raises InputError: it has.
    """
    if spoke.submariner is None:
        return
    if spoke.joined_as and spoke.joined_as != cluster:
        raise InputError(
            "name",
            f"this cluster has joined as {spoke.joined_as}; a cluster's id can not be changed in place, as the others "
            f"would keep the old one: have it leave first (state: absent), or use name: {spoke.joined_as}",
        )
    spec = spoke.submariner.get("spec") or {}
    server, remote = spec.get("brokerK8sApiServer"), spec.get("brokerK8sRemoteNamespace")
    moved = remote != namespace or (server != server_of(url) and not same_key)
    if remote and moved:
        raise InputError(
            "broker",
            f"this cluster has joined the broker in namespace {remote} of {server}, and this is the one in namespace "
            f"{namespace} of {server_of(url)}: have it leave there first (state: absent)",
        )


def check_unique(spoke: Spoke, broker: Survey, cluster: str) -> None:
    """See that no other cluster has the id.

    :raises InputError: one has; it is named.
    """
    account, _binding = account_refs(cluster, broker.namespace)
    owner = ((broker.live.get(account) or {}).get("metadata") or {}).get("annotations", {}).get(OWNER)
    is_ours = spoke.joined_as == cluster or spoke.registered is not None
    if owner:
        is_ours = owner == spoke.uid
    if is_ours or (cluster not in broker.joined and not owner):
        return
    raise InputError(
        "name",
        f"{cluster} is the id of another cluster already: {_owner(broker, cluster, owner)}. Choose another name; or, "
        "if that was this cluster before it was made anew, remove what is left of it with state: forgotten first",
    )


def _owner(broker: Survey, cluster: str, uid: str | None) -> str:
    """Another cluster in words."""
    told = [f"the one whose namespace kube-system has uid {uid}"] if uid else []
    for endpoint in (each["spec"] for each in broker.endpoints if each["spec"].get("cluster_id") == cluster):
        addresses = [str(endpoint[key]) for key in ("private_ip", "public_ip") if endpoint.get(key)]
        told.append(f"its gateway is {endpoint.get('hostname') or 'a node'} ({', '.join(addresses) or 'no address'})")
    ranges = [str(found) for owner, found in broker.addresses() if owner == cluster]
    told += [f"its ranges are {', '.join(ranges)}"] if ranges else []
    return "; ".join(told) or "it has registered with this broker"


def check_overlap(ours: Sequence[Network], broker: Survey, cluster: str) -> None:
    """See that no joined cluster has addresses of ours: its gateway would silently leave us out.

    :raises InputError: one has.
    """
    others = [(owner, found) for owner, found in broker.addresses() if owner != cluster]
    others += [
        (str(each["spec"].get("cluster_id")), found)
        for each in broker.endpoints
        if each["spec"].get("cluster_id") != cluster
        for found in networks_in(each["spec"].get("subnets") or [])
    ]
    for owner, theirs in others:
        common = overlap(ours, [theirs])
        if common:
            raise InputError(
                "cluster_cidr",
                f"{common[0]} of {cluster} overlaps {theirs} of {owner}: their gateways would not connect. Clusters "
                "whose ranges overlap need a broker with globalnet",
                cluster=owner,
            )
