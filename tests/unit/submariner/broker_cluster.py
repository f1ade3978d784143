# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory that a broker is made on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import Forbidden, ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.names import BROKER_NAMESPACE
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import Bearer, TokenCluster

PSK = ObjectRef("v1", "Secret", "submariner-ipsec-psk", BROKER_NAMESPACE)
PARAMS: dict[str, Any] = {
    "namespace": BROKER_NAMESPACE,
    "components": ["connectivity", "service-discovery"],
    "globalnet": False,
    "globalnet_cidr_range": "242.0.0.0/8",
    "globalnet_cluster_size": 65536,
    "clusterset_ip": False,
    "clusterset_ip_cidr_range": "243.0.0.0/8",
    "custom_domains": [],
    "broker_url": None,
    "broker_info_path": None,
    "ipsec_psk_from": None,
    "force_conflicts": False,
    "force": False,
    "state": "present",
    "wait": True,
    "wait_timeout": 0,
    "wait_sleep": 1,
}
ESTABLISHED = {"conditions": [{"type": "Established", "status": "True"}]}


class ListingBearer(Bearer):
    """One who may list the clusters that have joined, unless the token is not valid, or that was not granted."""

    granted = True

    def list(self, *_what: str) -> list[dict[str, Any]]:
        self.read_version()
        if not self.granted:
            raise Forbidden("may not list clusters.submariner.io")
        return []


class BrokerCluster(TokenCluster):
    """A cluster that takes up new kinds at once."""

    def _write(self, write: str, carry_out: Any) -> None:
        def carry_out_and_establish() -> None:
            carry_out()
            for ref, obj in self.objects.items():
                if ref.kind == "CustomResourceDefinition":
                    obj["status"] = ESTABLISHED

        super()._write(write, carry_out_and_establish)

    def bearer(self, token: str) -> ListingBearer:
        return ListingBearer(self, token)


@dataclass
class TaskOnFake(Task):
    """A task whose connections lead to the cluster in memory."""

    cluster: BrokerCluster = field(default_factory=BrokerCluster)

    def connect(self, options: Mapping[str, Any]) -> Client:
        return cast(Client, self.cluster.bearer(options["api_key"]))


class Broker:
    """The cluster, and runs of the module."""

    def __init__(self) -> None:
        self.cluster = BrokerCluster()
        self.warnings: list[str] = []
        self.secrets: set[str] = set()

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        task = TaskOnFake(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            _own=self.cluster.as_client(),
            cluster=self.cluster,
        )
        try:
            return run(task)
        finally:
            self.secrets = task.secrets

    def put(self, api_version: str, kind: str, name: str, namespace: str = BROKER_NAMESPACE, **rest: Any) -> None:
        """Have an object that somebody else made."""
        metadata = {"name": name, "namespace": namespace}
        self.cluster.put({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest})

    def join(self, cluster: str, *ranges: str) -> None:
        """Have a cluster joined."""
        spec = {"cluster_id": cluster, "cluster_cidr": list(ranges)}
        self.put("submariner.io/v1", "Cluster", cluster, spec=spec)

    @property
    def psk(self) -> str | None:
        """The key, as it is stored."""
        secret = self.cluster.objects.get(PSK)
        return secret["data"]["psk"] if secret else None
