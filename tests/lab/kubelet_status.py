# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kubelet reports, as pure functions: node status, pod status.

Formats: kubernetes/kubernetes pkg/kubelet/nodestatus/setters.go, pkg/kubelet/kubelet_pods.go (generateAPIPodStatus),
pkg/kubelet/status/generate.go.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Collection
from typing import Any

Object = dict[str, Any]

CAPACITY = {"cpu": "16", "memory": "64Gi", "pods": "250", "ephemeral-storage": "200Gi"}
EXIT_CODE_ANNOTATION = "lab.multicluster.interconnect/exit-code"
"""On a pod: its containers end with this exit code instead of running on (for Jobs)."""


def timestamp(now: datetime.datetime) -> str:
    """Time in the form of metav1.Time: UTC, whole seconds."""
    return now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_timestamp(now: datetime.datetime) -> str:
    """Time in the form of metav1.MicroTime, as Leases have it."""
    return now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def node(name: str) -> Object:
    """The Node that a kubelet registers."""
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-role.kubernetes.io/worker": "",
    }
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def node_status(name: str, address: str, port: int, version: str, now: datetime.datetime, before: Object) -> Object:
    """Status of a healthy node. ``before`` is the status that stands, for its transition times."""
    healthy = {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
    }
    known = {each["type"]: each for each in before.get("conditions") or []}
    conditions = []
    for kind, (status, reason, message) in healthy.items():
        same = known.get(kind, {}).get("status") == status
        conditions.append(
            {
                "type": kind,
                "status": status,
                "reason": reason,
                "message": message,
                "lastHeartbeatTime": timestamp(now),
                "lastTransitionTime": known[kind]["lastTransitionTime"] if same else timestamp(now),
            }
        )
    return {
        "conditions": conditions,
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "capacity": CAPACITY,
        "allocatable": CAPACITY,
        "nodeInfo": {
            "architecture": "amd64",
            "operatingSystem": "linux",
            "osImage": "lab (double of the kubelet)",
            "kernelVersion": "lab",
            "containerRuntimeVersion": "lab://1",
            "kubeletVersion": version,
            "kubeProxyVersion": "",
            "bootID": "",
            "machineID": name,
            "systemUUID": name,
        },
    }


def free_address(cidr: str, taken: Collection[str]) -> str:
    """The first address of a node's pod range that no pod has. ValueError when there is none."""
    for address in list(ipaddress.ip_network(cidr).hosts())[1:]:  # the first one is the bridge's
        if str(address) not in taken:
            return str(address)
    raise ValueError(f"no free address in {cidr}")


def running_status(pod: Object, host: str, address: str, now: datetime.datetime) -> Object:
    """Status of a pod whose containers all run and are ready."""
    spec, time = pod["spec"], timestamp(now)
    started = {"running": {"startedAt": time}}
    initialised = {"terminated": _terminated(0, time)}
    return {
        "phase": "Running",
        "conditions": _conditions(pod, time, ready=True),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": time,
        "initContainerStatuses": [_container(each, initialised, True) for each in spec.get("initContainers") or []],
        "containerStatuses": [_container(each, started, True) for each in spec["containers"]],
    }


def is_ready(pod: Object) -> bool:
    """Whether a pod that runs is known to be ready.

    The controller-manager takes that from all pods of a node that it has not heard of for a while (pkg/controller/
    nodelifecycle, MarkPodsNotReady); the kubelet puts it right once it is heard of again (pkg/kubelet/status
    status_manager.go, needsReconcile).
    """
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or [])


def ready_again(pod: Object, now: datetime.datetime) -> Object:
    """What puts it right."""
    return {"conditions": _conditions(pod, timestamp(now), ready=True)}


def ended_status(pod: Object, exit_code: int, now: datetime.datetime) -> Object:
    """Status of a pod whose containers all ended."""
    time = timestamp(now)
    ended = {"terminated": _terminated(exit_code, time)}
    return {
        "phase": "Failed" if exit_code else "Succeeded",
        "conditions": _conditions(pod, time, ready=False),
        "containerStatuses": [_container(each, ended, False) for each in pod["spec"]["containers"]],
    }


def _conditions(pod: Object, time: str, *, ready: bool) -> list[Object]:
    known = {each["type"]: each for each in pod.get("status", {}).get("conditions") or []}
    wanted = {
        "PodReadyToStartContainers": ("True" if ready else "False", ""),
        "Initialized": ("True", "" if ready else "PodCompleted"),
        "Ready": ("True" if ready else "False", "" if ready else "PodCompleted"),
        "ContainersReady": ("True" if ready else "False", "" if ready else "PodCompleted"),
        "PodScheduled": ("True", ""),
    }
    conditions = []
    for kind, (status, reason) in wanted.items():
        same = known.get(kind, {}).get("status") == status
        since = known[kind].get("lastTransitionTime") or time if same else time
        conditions.append(
            {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since}
            | ({"reason": reason} if reason else {})
        )
    return conditions


def _container(container: Object, state: Object, ready: bool) -> Object:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": f"lab://{container['image']}",
        "containerID": f"lab://{container['name']}",
        "ready": ready,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def _terminated(exit_code: int, time: str) -> Object:
    reason = "Error" if exit_code else "Completed"
    return {"exitCode": exit_code, "reason": reason, "startedAt": time, "finishedAt": time}
