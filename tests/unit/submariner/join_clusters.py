# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters in memory, a broker and one that joins it, and as much of an operator as a test needs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import Conflict, ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules.submariner_join import SPEC
from tests.unit.apply.fake_cluster import FakeCluster, Object
from tests.unit.submariner.broker_cluster import Broker, BrokerCluster

OPERATOR_NAMESPACE = "submariner-operator"
BROKER_NAMESPACE = "submariner-k8s-broker"
SUBMARINER = ObjectRef("submariner.io/v1alpha1", "Submariner", "submariner", OPERATOR_NAMESPACE)
NOW = 1_800_000_000.0
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


class Writable:
    """The writes that the broker's account may do."""

    def create_new(self: Any, obj: Object, dry_run: bool = False) -> Object:
        ref = ObjectRef.of(obj)
        if ref in self.objects:
            raise Conflict(f"can not create {ref}: it exists")
        made = self._applied(None, copy.deepcopy(obj), False, FIELD_MANAGER)
        if not dry_run:
            self._write(f"create {ref}", lambda: self.objects.__setitem__(ref, made))
        return cast(Object, copy.deepcopy(made))

    def update(self: Any, obj: Object, subresource: str = "", dry_run: bool = False) -> Object:
        ref = ObjectRef.of(obj)
        live = self.objects[ref]
        if live["metadata"]["resourceVersion"] != obj["metadata"]["resourceVersion"]:
            raise Conflict(f"can not update {ref}: it has changed")
        made = copy.deepcopy({**live, "status": obj["status"]} if subresource else obj)
        made["metadata"]["resourceVersion"] = str(int(made["metadata"]["resourceVersion"]) + 1)
        if not dry_run:
            self._write(f"update {ref}", lambda: self.objects.__setitem__(ref, made))
        return made


class BrokersCluster(Writable, BrokerCluster):
    """The cluster of the broker."""


class Joining(FakeCluster):
    """The cluster that joins."""

    kubernetes = "v1.31.4"
    uid = "uid-of-kube-system"

    def read_id(self) -> str:
        return self.uid

    def read_version(self) -> str:
        return self.kubernetes

    def server_time(self) -> float:
        return NOW


@dataclass
class TaskOnBoth(Task):
    """A task whose connections lead to the clusters in memory."""

    brokers: BrokersCluster = field(default_factory=BrokersCluster)

    def connect(self, options: Mapping[str, Any]) -> Client:
        if options.get("context") == "broker":
            return self.brokers.as_client()
        return cast(Client, self.brokers.bearer(options["api_key"]))


class Network:
    """A broker with nobody, and a cluster with an operator and two workers."""

    def __init__(self, **broker: Any) -> None:
        made = Broker()
        made.cluster = self.brokers = BrokersCluster(server="https://broker.example.com:6443")
        made.perform(**broker)
        self.broker = made
        self.joining = Joining()
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self.put("v1", "Namespace", OPERATOR_NAMESPACE)
        template = {"spec": {"containers": [{"image": "quay.io/submariner/submariner-operator:0.20.1"}]}}
        self.put(
            "apps/v1",
            "Deployment",
            "submariner-operator",
            OPERATOR_NAMESPACE,
            spec={"template": template},
            status={"availableReplicas": 1},
        )
        for name in ("worker-1", "worker-2"):
            self.put("v1", "Node", name, status=READY)
        self.put("networking.k8s.io/v1", "ServiceCIDR", "kubernetes", spec={"cidrs": ["10.96.0.0/16"]})
        arguments = {"containers": [{"command": ["kube-controller-manager", "--cluster-cidr=10.10.0.0/16"]}]}
        labels = {"tier": "control-plane"}
        self.put("v1", "Pod", "kube-controller-manager-a", "kube-system", labels, spec=arguments)
        self.brokers.writes.clear()

    def put(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        labels: dict[str, str] | None = None,
        **rest: Any,
    ) -> None:
        """Have an object on the cluster that joins."""
        given = {"name": name, "namespace": namespace, "labels": labels}
        metadata = {key: value for key, value in given.items() if value}
        self.joining.put({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest})

    def register(self, cluster: str, *ranges: str, driver: str = "libreswan") -> None:
        """Have another cluster joined: what its gateway writes at the broker."""
        self.broker.join(cluster, *ranges)
        spec = {
            "cluster_id": cluster,
            "hostname": f"{cluster}-gateway",
            "private_ip": "192.0.2.7",
            "subnets": list(ranges),
            "backend": driver,
        }
        self.broker.put("submariner.io/v1", "Endpoint", f"{cluster}-cable", spec=spec)

    def operate(self, *connected: str) -> None:
        """Do as operator and gateway: status, and a gateway with connections."""
        ready = {"status": {"desiredNumberScheduled": 1, "numberReady": 1}}
        live = self.joining.objects[SUBMARINER]
        live["status"] = {"clusterID": live["spec"]["clusterID"]}
        for key in ("gateway", "routeAgent", "globalnet"):
            live["status"][f"{key}DaemonSetStatus"] = ready
        links = [{"status": "connected", "endpoint": {"cluster_id": name}} for name in connected]
        status = {"haStatus": "active", "localEndpoint": {"backend": "libreswan"}, "connections": links}
        self.put("submariner.io/v1", "Gateway", "worker-1", OPERATOR_NAMESPACE, status=status)
        gateway = self.joining.objects[ObjectRef("submariner.io/v1", "Gateway", "worker-1", OPERATOR_NAMESPACE)]
        gateway["metadata"]["annotations"] = {"update-timestamp": str(int(NOW) - 3)}

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """Run the module."""
        defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
        given = {"context": "west", "broker": {"context": "broker"}, "wait": False, "wait_timeout": 0, **params}
        task = TaskOnBoth(
            {**defaults, **given},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            _own=self.joining.as_client(),
            brokers=self.brokers,
        )
        try:
            return run(task)
        finally:
            self.secrets = task.secrets

    @property
    def writes(self) -> list[str]:
        """Of both."""
        return [*self.brokers.writes, *self.joining.writes]

    def forget_writes(self) -> None:
        self.brokers.writes.clear()
        self.joining.writes.clear()

    def at_broker(self, api_version: str, kind: str, name: str) -> Object | None:
        """An object at the broker."""
        return self.brokers.objects.get(ObjectRef(api_version, kind, name, BROKER_NAMESPACE))
