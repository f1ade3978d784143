# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of the klusterlet operator: runs the real registration agent of a cluster that has a Klusterlet.

Stands for OCM's operator, which makes Deployments that only a kubelet with a container runtime could run. It follows
upstream's behaviour (open-cluster-management.io/ocm pkg/operator/operators/klusterlet/controllers): the finalizer, the
namespaces of agent and add-ons, an agent that waits for the bootstrap Secret and is begun anew with another one, the
conditions Applied, Available and HubConnectionDegraded with their reasons; and at the end the agent's Secret and both
namespaces gone, whoever made them, and then the finalizer.

It also stands for ACM's add-ons on the cluster, as ``setup.py`` does for the clusters that the lab starts with:
ClusterClaims, the application-manager's token, and labels on the hub.

Left out: the work agent, Hosted and Singleton mode, and what it would bring of RBAC and CustomResourceDefinitions.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import json
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

from tests.lab import control, objects, ocm, setup
from tests.lab.api import ApiError, Object, path
from tests.lab.assembly import Assembly
from tests.lab.controlplane import ControlPlane
from tests.lab.errors import LabError
from tests.lab.gitops_objects import with_conditions
from tests.lab.informer import Informer
from tests.lab.kubelet_status import timestamp
from tests.lab.layout import Layout, write_private
from tests.lab.process import say_ready
from tests.lab.workqueue import WorkQueue

OPERATOR_API = "operator.open-cluster-management.io/v1"
FINALIZER = "operator.open-cluster-management.io/klusterlet-cleanup"
BOOTSTRAP_SECRET = "bootstrap-hub-kubeconfig"
HUB_SECRET = "hub-kubeconfig-secret"
RETRY_SECONDS = 1.0

Updates = dict[str, tuple[str, str, str]]


class KlusterletOperator:
    """Reconciles the Klusterlets of one cluster, of which one at a time has an agent."""

    def __init__(self, assembly: Assembly, plane: ControlPlane) -> None:
        self._assembly, self._plane = assembly, plane
        self._api = assembly.api(plane.cluster.name, "setup")
        self._agent = f"{plane.cluster.name}/{ocm.AGENT}"
        self._work = assembly.layout.work(self._agent)
        self._queue: WorkQueue[str] = WorkQueue()
        self._joining: threading.Thread | None = None
        names = (BOOTSTRAP_SECRET, HUB_SECRET)
        secrets = [path("v1", "secrets", fieldSelector=f"metadata.name={name}") for name in names]
        targets = [path(OPERATOR_API, "klusterlets"), *secrets]
        self._informers = [Informer(self._api, target, self._changed) for target in targets]

    def run(self) -> None:
        """Serve for ever."""
        for informer in self._informers:
            informer.start()
        for informer in self._informers:
            informer.synced.wait()
        say_ready()
        self._queue.add("all")
        while True:
            self._queue.get()
            for klusterlet in self._api.items(path(OPERATOR_API, "klusterlets")):
                try:
                    self._reconcile(klusterlet)
                except (ApiError, LabError, OSError) as error:
                    print(f"{klusterlet['metadata']['name']}: {error}", flush=True)
                    self._queue.add("all", RETRY_SECONDS)

    def _reconcile(self, klusterlet: Object) -> None:
        metadata = klusterlet["metadata"]
        if "deletionTimestamp" in metadata:
            if FINALIZER in metadata.get("finalizers", []):
                self._clean_up(klusterlet)
            return
        if FINALIZER not in metadata.get("finalizers", []):
            self._set_finalizers(klusterlet, [*metadata.get("finalizers", []), FINALIZER])
            return
        setup.set_up_member(self._api)
        namespace = klusterlet["spec"].get("namespace") or ocm.AGENT_NAMESPACE
        secret = self._api.find(path("v1", "secrets", BOOTSTRAP_SECRET, namespace))
        if secret:
            self._run_agent(klusterlet, namespace, secret)
        self._write_status(klusterlet, namespace, bool(secret))

    def _run_agent(self, klusterlet: Object, namespace: str, secret: Object) -> None:
        """Have the agent run with this bootstrap kubeconfig, as a pod that mounts the Secret."""
        spec, bootstrap = klusterlet["spec"], self._work / "bootstrap" / "kubeconfig"
        agent = ocm.Agent(
            cluster_name=spec.get("clusterName") or klusterlet["metadata"]["uid"],
            id=klusterlet["metadata"]["uid"],
            bootstrap_kubeconfig=str(bootstrap),
            server_urls=tuple(each["url"] for each in spec.get("externalServerURLs") or []),
            namespace=namespace,
        )
        wanted = {
            bootstrap: base64.b64decode(secret["data"]["kubeconfig"]),
            command_file(self._assembly.layout, self._plane): json.dumps(
                ocm.agent_command(self._plane, agent)
            ).encode(),
        }
        same = all(file.exists() and file.read_bytes() == content for file, content in wanted.items())
        for file, content in wanted.items():
            write_private(file, content)
        self._ask("start" if same else "restart")
        if self._joining is None or not self._joining.is_alive():
            self._joining = threading.Thread(target=self._join, args=(agent.cluster_name,), daemon=True)
            self._joining.start()

    def _join(self, name: str) -> None:
        """Stand for ACM's add-ons once the cluster has joined the lab's own hub under its own name."""
        if name != self._plane.cluster.managed_as:
            return
        try:
            setup.join(self._plane, self._api, self._assembly.api(self._assembly.hub.cluster.name, "setup"))
        except (ApiError, LabError, OSError) as error:
            print(f"{name}: {error}", flush=True)

    def _clean_up(self, klusterlet: Object) -> None:
        namespace = klusterlet["spec"].get("namespace") or ocm.AGENT_NAMESPACE
        self._ask("stop")
        if self._work.exists():
            shutil.rmtree(self._work)
        self._assembly.parts()  # the next agent's folders and configuration
        self._api.delete(path("v1", "secrets", HUB_SECRET, namespace))
        for manifest in [*objects.manifests(setup.MEMBER), *setup.claims(self._api)]:
            self._api.delete(objects.target(manifest))
        self._api.delete(path("v1", "namespaces", namespace))
        kept = [each for each in klusterlet["metadata"]["finalizers"] if each != FINALIZER]
        self._set_finalizers(klusterlet, kept)

    def _set_finalizers(self, klusterlet: Object, finalizers: list[str]) -> None:
        metadata = klusterlet["metadata"]
        patch = {"metadata": {"resourceVersion": metadata["resourceVersion"], "finalizers": finalizers}}
        self._api.merge(path(OPERATOR_API, "klusterlets", metadata["name"]), patch)

    def _ask(self, what: str) -> None:
        """Have the supervisor start, restart or stop the agent."""
        for _answer in control.ask(self._assembly.layout, what, self._agent):
            pass

    def _write_status(self, klusterlet: Object, namespace: str, has_bootstrap: bool) -> None:
        generation = klusterlet["metadata"]["generation"]
        has_hub = self._api.find(path("v1", "secrets", HUB_SECRET, namespace)) is not None
        now = timestamp(datetime.datetime.now(datetime.UTC))
        before = klusterlet.get("status", {}).get("conditions") or []
        conditions = with_conditions(before, _conditions(namespace, has_bootstrap, has_hub), now)
        status: dict[str, Any] = {"observedGeneration": generation, "conditions": conditions}
        if status != {key: klusterlet.get("status", {}).get(key) for key in status}:
            name = klusterlet["metadata"]["name"]
            self._api.merge(path(OPERATOR_API, "klusterlets", name, subresource="status"), {"status": status})

    def _changed(self, before: Object | None, after: Object | None) -> None:
        """A change of the status alone is this operator's own."""
        if before is None or after is None or _asked(before) != _asked(after):
            self._queue.add("all")


def _asked(thing: Object) -> tuple[Any, ...]:
    metadata = thing["metadata"]
    return thing.get("spec"), thing.get("data"), metadata.get("deletionTimestamp"), metadata.get("finalizers")


def _conditions(namespace: str, has_bootstrap: bool, has_hub: bool) -> Updates:
    """Conditions as upstream words them (controllers/ssarcontroller, controllers/statuscontroller)."""
    updates: Updates = {"Applied": ("True", "KlusterletApplied", "Klusterlet Component Applied")}
    if has_bootstrap:
        updates["Available"] = ("True", "klusterletAvailable", "deployments are ready: klusterlet-registration-agent")
    else:
        message = f'1 of requested instances are available of deployment "{namespace}" "klusterlet-registration-agent"'
        updates["Available"] = ("False", "NoAvailablePods", message)
    if has_hub:
        message = f"Hub kubeconfig secret {namespace}/{HUB_SECRET} is working"
        updates["HubConnectionDegraded"] = ("False", "HubConnectionFunctional", message)
        return updates
    reason = "BootstrapSecretFunctional" if has_bootstrap else "BootstrapSecretMissing"
    missing = "" if has_bootstrap else f'Failed to get bootstrap secret "{namespace}" "{BOOTSTRAP_SECRET}"\n'
    message = f'{missing}Failed to get hub kubeconfig secret "{namespace}" "{HUB_SECRET}"'
    updates["HubConnectionDegraded"] = ("True", f"{reason},HubKubeConfigSecretMissing", message)
    return updates


def command_file(layout: Layout, plane: ControlPlane) -> Path:
    """Where the agent's command stands, once there is one."""
    return layout.work(f"{plane.cluster.name}/{ocm.AGENT}") / "command.json"


def main() -> int:
    parser = argparse.ArgumentParser(description="Double of the klusterlet operator for one cluster of the lab.")
    parser.add_argument("cluster")
    parser.add_argument("--run-agent", action="store_true", help="become the agent that the operator has asked for")
    arguments = parser.parse_args()
    assembly = Assembly(Layout.find())
    plane = assembly.plane(arguments.cluster)
    if arguments.run_agent:
        command = json.loads(command_file(assembly.layout, plane).read_text())
        os.execv(command[0], command)
    KlusterletOperator(assembly, plane).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
