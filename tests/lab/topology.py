# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clusters the lab has. Everything else is derived from this table."""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK_PREFIX = "127.20"
"""Cluster N owns 127.20.N.0/24, so that all clusters can use the same ports and one can be cut off as a site."""


@dataclass(frozen=True)
class Cluster:
    """One cluster: a control plane of its own, with nodes, joined to the hub."""

    name: str
    """Name of the kubeconfig context, and of the cluster's folder."""
    number: int
    managed_as: str
    """Name of its ManagedCluster on the hub."""
    optional: bool = False
    """Started when it is asked for, and not managed by the hub until somebody imports it."""

    @property
    def address(self) -> str:
        """Loopback address that every process of the cluster binds."""
        return f"{LOOPBACK_PREFIX}.{self.number}.1"

    @property
    def nodes(self) -> dict[str, str]:
        """Node name to its InternalIP."""
        return {f"{self.name}-worker-{i}": f"{LOOPBACK_PREFIX}.{self.number}.{10 + i}" for i in (1, 2)}

    @property
    def service_cidr(self) -> str:
        return f"10.{100 + self.number}.0.0/16"

    @property
    def pod_cidr(self) -> str:
        return f"10.{200 + self.number}.0.0/16"

    @property
    def is_hub(self) -> bool:
        return self.managed_as == LOCAL_CLUSTER


LOCAL_CLUSTER = "local-cluster"
HUB = Cluster("ca-central", 1, managed_as=LOCAL_CLUSTER)
SPOKES = (Cluster("ca-toronto", 2, managed_as="ca-toronto"), Cluster("us-philly", 3, managed_as="us-philly"))
CLUSTERS = (HUB, *SPOKES)
OPTIONAL = (Cluster("ca-regina", 4, managed_as="ca-regina", optional=True),)


def cluster(name: str) -> Cluster:
    """Return the cluster called ``name``; KeyError when there is none."""
    return {each.name: each for each in (*CLUSTERS, *OPTIONAL)}[name]
