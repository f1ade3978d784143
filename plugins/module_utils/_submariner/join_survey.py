# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is on a cluster that joins, has joined, or leaves, read before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._client.client import Client, Object
from .._client.errors import ObjectRef
from .broker_survey import SUBMARINER, get, instances_of
from .join_objects import credentials_in
from .names import (
    BROKER_SECRET,
    OPERATOR,
    OPERATOR_NAMESPACE,
    PSK_SECRET,
    SUBMARINER_V1,
    SUBMARINER_V1ALPHA1,
)

OPERATOR_REF = ObjectRef("apps/v1", "Deployment", OPERATOR, OPERATOR_NAMESPACE)
_INLINE = ("brokerK8sApiServerToken", "ceIPSecPSK")
OPENSHIFT_NETWORK = ObjectRef("config.openshift.io/v1", "Network", "cluster")


@dataclass(frozen=True)
class Spoke:
    """A cluster as it is."""

    uid: str
    """Which cluster it is: the uid of its namespace kube-system."""
    kubernetes: str
    has_kind: bool
    """Whether there are resources Submariner: the operator brings them."""
    operator: Object | None
    submariner: Object | None
    registered: Object | None
    """Its own Cluster, which its gateway has written."""
    secrets: dict[str, Object]
    nodes: Sequence[Object]
    range_sources: Sequence[Object]
    """Objects that may tell the ranges of Services and pods."""

    @property
    def joined_as(self) -> str:
        """The id under which it has joined; empty where it has not."""
        return str(((self.submariner or {}).get("spec") or {}).get("clusterID") or "")


def credentials_on(spoke: Spoke) -> set[str]:
    """What must not be shown of a cluster: its Secrets, and what subctl writes into the resource itself."""
    spec = (spoke.submariner or {}).get("spec") or {}
    inline = {str(spec[key]) for key in _INLINE if spec.get(key)}
    return inline.union(*(credentials_in(each) for each in spoke.secrets.values()))


def look(client: Client, cluster: str, reads_ranges: bool = True) -> Spoke:
    """Look at a cluster.

    :param cluster: the id that it is to have.
    :param reads_ranges: whether its ranges are to be found.
    """
    refs = [
        OPERATOR_REF,
        SUBMARINER,
        ObjectRef(SUBMARINER_V1, "Cluster", cluster, OPERATOR_NAMESPACE),
        ObjectRef("v1", "Secret", BROKER_SECRET, OPERATOR_NAMESPACE),
        ObjectRef("v1", "Secret", PSK_SECRET, OPERATOR_NAMESPACE),
    ]
    operator, submariner, registered, *secrets = client.each(lambda ref: get(client, ref), refs)
    return Spoke(
        uid=client.read_id(),
        kubernetes=client.read_version(),
        has_kind=client.has_kind(SUBMARINER_V1ALPHA1, "Submariner"),
        operator=operator,
        submariner=submariner,
        registered=registered,
        secrets={each["metadata"]["name"]: each for each in secrets if each is not None},
        nodes=client.list("v1", "Node"),
        range_sources=_range_sources(client, submariner) if reads_ranges else (),
    )


def _range_sources(client: Client, submariner: Object | None) -> list[Object]:
    """The objects that may tell the ranges, the best first."""
    if ((submariner or {}).get("status") or {}).get("clusterCIDR"):
        return [submariner] if submariner else []
    openshift = get(client, OPENSHIFT_NETWORK)
    if openshift:
        return [openshift]
    return [
        *instances_of(client, "ServiceCIDR", None, "networking.k8s.io/v1"),
        *client.list("v1", "Pod", "kube-system", label_selector="tier=control-plane"),
    ]
