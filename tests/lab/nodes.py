# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of the kubelet: a cluster's nodes, and pods that become Running and Ready on them.

Stands for kubelets and a container runtime, which a lab of plain processes does not have. It follows what upstream does
towards the API server, and runs no container:

- registers its nodes and reports their status, anew when the node controller has called them NotReady
  (kubernetes/kubernetes pkg/kubelet/kubelet_node_status.go);
- renews a Lease a node, each quarter of its 40 s (pkg/kubelet/kubelet.go, component-helpers apimachinery/lease);
- gives a pod that is bound to one of its nodes an address of the node's range and the status of running, ready
  containers; one with annotation ``lab.multicluster.interconnect/exit-code`` then ends with that code;
- runs commands in live pods that know some, and connects to their ports (`kubelet_server`);
- finishes a deletion: the containers are gone, so the pod is deleted with no grace left
  (pkg/kubelet/status/status_manager.go).

What runs a pod is behind `Runtime`: some pods are real processes (`tests.lab.live_pods`), the others are pretended.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import threading
import time
from pathlib import Path
from typing import Protocol

from tests.lab import kubelet_server
from tests.lab import kubelet_status as status
from tests.lab.api import Api, ApiError, Object, path
from tests.lab.informer import Informer, Key, key_of
from tests.lab.layout import Layout
from tests.lab.listening_pods import ListeningPods
from tests.lab.live_pods import LivePods, NotReadyYet
from tests.lab.objects import condition
from tests.lab.process import say_ready
from tests.lab.topology import Cluster, cluster
from tests.lab.workqueue import WorkQueue

LEASE_SECONDS = 40
RENEW_SECONDS = 10.0
RETRY_SECONDS = 1.0
ASK_SECONDS = 0.2
"""Between two questions whether a live pod is ready."""
LEASES = "coordination.k8s.io/v1"


class Runtime(Protocol):
    """Runs the pods that it claims. The first runtime that claims a pod gets it."""

    def claims(self, pod: Object, /) -> bool:
        """Whether this runtime runs the pod."""

    def start(self, pod: Object, taken: set[str]) -> str:
        """Run the pod's containers; return its address. NotReadyYet when it is to be asked again."""

    def keep(self, pod: Object) -> None:
        """Called now and then for a pod that runs: start what has ended, or what an earlier node agent has run."""

    def stop(self, pod: Object, /) -> None:
        """End the pod's containers; return when they have ended."""

    def forget(self, key: Key) -> None:
        """Called for a pod that is gone: end what is left of it."""


class Pretended:
    """Runs nothing: claims every pod, and gives it an address of its node's range."""

    def __init__(self, ranges: dict[str, str]) -> None:
        self._ranges = ranges

    def claims(self, _pod: Object) -> bool:
        return True

    def start(self, pod: Object, taken: set[str]) -> str:
        return status.free_address(self._ranges[pod["spec"]["nodeName"]], taken)

    def keep(self, pod: Object) -> None:
        pass

    def stop(self, _pod: Object) -> None:
        pass

    def forget(self, key: Key) -> None:
        pass


class NodeAgent:
    """All nodes of one cluster."""

    def __init__(self, api: Api, chosen: Cluster, layout: Layout, ports: dict[str, int]) -> None:
        """``ports``: of each node's server."""
        self._api, self._nodes, self._ports, self._pki = api, chosen.nodes, ports, layout.pki(chosen.name)
        self._ranges: dict[str, str] = {}
        self._live = LivePods(api, chosen, layout, lambda key: self._queue.add(("pod", key), RETRY_SECONDS))
        self._listening = ListeningPods(chosen)
        self._runtimes: list[Runtime] = [self._live, self._listening, Pretended(self._ranges)]
        self._assigned: dict[Key, str] = {}
        self._queue: WorkQueue[tuple[str, Key]] = WorkQueue()
        self._version = ""
        # Field selectors know equality only: all pods that are bound to a node, whosever it is.
        self._pods = Informer(api, path("v1", "pods", fieldSelector="spec.nodeName!="), self._pod_changed)
        self._live_nodes = Informer(api, path("v1", "nodes"), self._node_changed)

    def run(self) -> None:
        """Register the nodes, then serve for ever."""
        self._version = str(self._api.get("/version")["gitVersion"])
        for name, port in self._ports.items():
            kubelet_server.serve(self._nodes[name], port, self._pki, self._live.execute, self._address)
        for name in self._nodes:
            self._register(name)
            self._renew(name)
        threading.Thread(target=self._renew_all, daemon=True).start()
        self._live_nodes.start()
        self._live_nodes.synced.wait()
        self._pods.start()
        say_ready()
        while True:
            kind, key = self._queue.get()
            try:
                self._work(kind, key)
            except (ApiError, OSError) as error:
                print(f"{kind} {'/'.join(key)}: {error}", flush=True)
                self._queue.add((kind, key), RETRY_SECONDS)

    def _address(self, pod: Key) -> str:
        """Where a pod really listens; "" for one that is pretended."""
        return self._live.address(pod) or self._listening.address(pod)

    def _work(self, kind: str, key: Key) -> None:
        if kind == "node":
            self._report(key[1])
            return
        pod = self._pods.objects.get(key)
        if pod is None:
            self._assigned.pop(key, None)
            for runtime in self._runtimes:
                runtime.forget(key)
        elif "deletionTimestamp" in pod["metadata"]:
            self._finish(key, pod)
        elif pod["status"].get("phase", "Pending") == "Pending":
            self._start(key, pod)
        elif pod["status"]["phase"] == "Running" and _exit_code(pod) is not None:
            self._end(key, pod)
        elif pod["status"]["phase"] == "Running":
            self._runtime(pod).keep(pod)
            if not status.is_ready(pod):
                self._patch_status(key, pod, status.ready_again(pod, _now()))

    def _start(self, key: Key, pod: Object) -> None:
        name = pod["spec"]["nodeName"]
        if name not in self._ranges:  # the controller-manager has not given the node its range yet
            self._queue.add(("pod", key), RETRY_SECONDS)
            return
        host = self._nodes[name]
        if pod["spec"].get("hostNetwork"):
            address = host
        elif key not in self._assigned:
            try:
                address = self._runtime(pod).start(pod, self._taken())
            except NotReadyYet:
                self._queue.add(("pod", key), ASK_SECONDS)
                return
            self._assigned[key] = address
        else:
            address = self._assigned[key]
        self._patch_status(key, pod, status.running_status(pod, host, address, _now()))

    def _end(self, key: Key, pod: Object) -> None:
        self._patch_status(key, pod, status.ended_status(pod, _exit_code(pod) or 0, _now()))

    def _finish(self, key: Key, pod: Object) -> None:
        self._runtime(pod).stop(pod)
        preconditions = {"uid": pod["metadata"]["uid"]}
        try:
            self._api.delete(
                path("v1", "pods", key[1], key[0]), {"gracePeriodSeconds": 0, "preconditions": preconditions}
            )
        except ApiError as error:
            if error.status != 409:  # another pod has the name by now
                raise

    def _patch_status(self, key: Key, pod: Object, wanted: Object) -> None:
        patch = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": wanted}
        try:
            self._api.merge(path("v1", "pods", key[1], key[0], "status"), patch)
        except ApiError as error:
            if error.status not in (404, 409):  # gone, or another pod of the name
                raise

    def _taken(self) -> set[str]:
        live = {pod["status"].get("podIP", "") for pod in self._pods.objects.values()}
        return live | set(self._assigned.values())

    def _runtime(self, pod: Object) -> Runtime:
        return next(each for each in self._runtimes if each.claims(pod))

    def _register(self, name: str) -> None:
        if self._api.find(path("v1", "nodes", name)) is None:
            self._api.create(path("v1", "nodes"), status.node(name))
        self._report(name)

    def _report(self, name: str) -> None:
        target = path("v1", "nodes", name)
        live = self._api.find(target)
        if live is None:
            self._register(name)
            return
        before, port = live.get("status", {}), self._ports.get(name, 0)
        wanted = status.node_status(name, self._nodes[name], port, self._version, _now(), before)
        self._api.merge(f"{target}/status", {"status": wanted})

    def _renew_all(self) -> None:
        while True:
            time.sleep(RENEW_SECONDS)
            for name in self._nodes:
                try:
                    self._renew(name)
                except (ApiError, OSError) as error:
                    print(f"lease of {name}: {error}", flush=True)

    def _renew(self, name: str) -> None:
        spec = {
            "holderIdentity": name,
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": status.micro_timestamp(_now()),
        }
        lease = {"apiVersion": LEASES, "kind": "Lease", "metadata": {"name": name}, "spec": spec}
        target = path(LEASES, "leases", name, "kube-node-lease")
        try:
            self._api.merge(target, {"spec": spec})
        except ApiError as error:
            if error.status != 404:
                raise
            self._api.create(path(LEASES, "leases", namespace="kube-node-lease"), lease)

    def _node_changed(self, _before: Object | None, after: Object | None) -> None:
        name = after["metadata"]["name"] if after else ""
        if after is None or name not in self._nodes:
            return
        if after["spec"].get("podCIDR"):
            self._ranges[name] = after["spec"]["podCIDR"]
        if condition(after, "Ready") != "True":
            self._queue.add(("node", ("", name)))

    def _pod_changed(self, before: Object | None, after: Object | None) -> None:
        pod = after or before
        if pod and pod["spec"].get("nodeName") in self._nodes:
            self._queue.add(("pod", key_of(pod)))


def _exit_code(pod: Object) -> int | None:
    value = pod["metadata"].get("annotations", {}).get(status.EXIT_CODE_ANNOTATION)
    return None if value is None else int(value)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def main() -> int:
    parser = argparse.ArgumentParser(description="Double of the kubelet for one cluster of the lab.")
    parser.add_argument("cluster", type=cluster)
    parser.add_argument(
        "--kubelet", action="append", default=[], metavar="NODE=PORT", help="where a node's server listens"
    )
    arguments = parser.parse_args()
    chosen: Cluster = arguments.cluster
    ports = {name: int(port) for name, _equals, port in (each.partition("=") for each in arguments.kubelet)}
    layout = Layout.find()
    kubeconfig: Path = layout.identity(chosen.name, "node-agent")
    NodeAgent(Api.from_kubeconfig(kubeconfig, user_agent="lab-node-agent"), chosen, layout, ports).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
