# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods whose containers the lab can run: each as one real local process, at a loopback address of its own.

A pod belongs here when an image of it is known by name. Its process gets what a kubelet would give the containers:
their environment, a token of the pod's ServiceAccount (as a kubeconfig), and a folder for the pod's volumes. It is
started again when it ends, as by ``restartPolicy: Always``; the pod's status does not show that.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab import kubeconfig
from tests.lab.api import Api, Object, path
from tests.lab.commands import Outcome
from tests.lab.informer import Key, key_of
from tests.lab.layout import CHECKOUT, Layout, private_dir
from tests.lab.part import Notice, Part
from tests.lab.process import spawn
from tests.lab.reservations import Reservations
from tests.lab.skupper import management
from tests.lab.topology import Cluster

IMAGES = {
    "lab-cart:": "tests.lab.boutique.cart",
    "lab-echo:": "tests.lab.echo",
    "lab-frontend:": "tests.lab.boutique.frontend",
    "lab-redis:": "tests.lab.boutique.redis",
    "skupper-router:2.": "tests.lab.skupper.v1.router",
    "skupper-router:": "tests.lab.skupper.router",
}
"""Beginning of an image, without registry, to the module that stands for the pod; the first that fits counts. Routers
2.x are Skupper v1's, 3.x are v2's."""
COMMANDS = dict.fromkeys(("tests.lab.skupper.router", "tests.lab.skupper.v1.router"), management.run)
"""How a command is run in a pod of a module, given the pod's address."""
ADDRESSES = range(150, 250)
"""Of the cluster's loopback block."""
TOKEN_SECONDS = 7 * 24 * 3600
END_SECONDS = 3.0


class NotReadyYet(Exception):
    """The pod's process has been started, and has not said yet that it is ready."""


@dataclass
class _Live:
    uid: str
    address: str
    process: subprocess.Popen[bytes]
    notice: int
    run: Callable[[str, list[str]], Outcome] | None
    ready: bool = False

    def is_ready(self) -> bool:
        if not self.ready and select.select([self.notice], [], [], 0)[0]:
            self.ready = os.read(self.notice, 1) != b""
        return self.ready

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.notice)


class LivePods:
    """`tests.lab.nodes.Runtime` for such pods. Used from one thread, whose end ends the processes."""

    def __init__(self, api: Api, chosen: Cluster, layout: Layout, ended: Callable[[Key], None]) -> None:
        """``ended`` is told, in another thread, whose process has ended by itself."""
        self._api, self._cluster, self._layout, self._ended = api, chosen, layout, ended
        self._live: dict[Key, _Live] = {}
        self._reservations = Reservations()

    def claims(self, pod: Object, /) -> bool:
        return _module(pod) is not None

    def start(self, pod: Object, taken: set[str]) -> str:
        """Run the pod's process; return its address. NotReadyYet when it is to be asked again."""
        live = self._run(pod, taken)
        if not live.is_ready():
            raise NotReadyYet
        return live.address

    def keep(self, pod: Object) -> None:
        """Have a running pod's process running."""
        self._run(pod, set())

    def stop(self, pod: Object, /) -> None:
        self.forget(key_of(pod))

    def forget(self, key: Key) -> None:
        """End the process of a pod that is gone."""
        live = self._live.pop(key, None)
        if live:
            live.end()
            self._reservations.give_back(live.address)
            shutil.rmtree(self._folder(live.uid), ignore_errors=True)

    def execute(self, key: Key, container: str, command: list[str]) -> Outcome:
        """Run a command in a container of a pod. Called from other threads."""
        live = self._live.get(key)
        if live is None or live.run is None:
            return Outcome(
                problem=f"no command can be run in container {container} of {'/'.join(key)}: it is pretended"
            )
        return live.run(live.address, command)

    def address(self, key: Key) -> str:
        """Where a pod's process listens; "" when there is none. Called from other threads."""
        live = self._live.get(key)
        return live.address if live else ""

    def _run(self, pod: Object, taken: set[str]) -> _Live:
        key, uid = key_of(pod), pod["metadata"]["uid"]
        live = self._live.get(key)
        if live and live.uid != uid:  # another pod of the name
            self.forget(key)
            live = None
        if live and live.process.poll() is None:
            return live
        address = live.address if live else pod["status"].get("podIP") or self._free(taken)
        self._reservations.take(address)
        if live:
            os.close(live.notice)
        process, notice = spawn(self._part(pod, address), self._layout.log(f"{self._cluster.name}/pod-{'-'.join(key)}"))
        assert notice is not None
        self._live[key] = live = _Live(uid, address, process, notice, COMMANDS.get(_module(pod) or ""))
        # Another way than the pid to see it end, for it may be ended and collected here at any time.
        watched = os.pidfd_open(process.pid)
        threading.Thread(target=self._watch, args=(key, watched), daemon=True).start()
        return live

    def _watch(self, key: Key, watched: int) -> None:
        select.select([watched], [], [])
        os.close(watched)
        self._ended(key)

    def _free(self, taken: set[str]) -> str:
        block = self._cluster.address.rpartition(".")[0]
        used = taken | {each.address for each in self._live.values()}
        candidates = (each for each in (f"{block}.{last}" for last in ADDRESSES) if each not in used)
        return next(each for each in candidates if self._reservations.take(each))

    def _folder(self, uid: str) -> Path:
        return self._layout.cluster(self._cluster.name) / "pods" / uid

    def _part(self, pod: Object, address: str) -> Part:
        metadata, module = pod["metadata"], _module(pod)
        assert module is not None
        folder = private_dir(self._folder(metadata["uid"]))
        environment = _environment(pod) | {
            "HOSTNAME": metadata["name"],
            "KUBECONFIG": str(self._credentials(pod, folder)),
            "LAB_CLUSTER": self._cluster.name,
            "LAB_DIR": str(self._layout.root),
            "POD_IP": address,
            "POD_NAMESPACE": metadata["namespace"],
            "POD_VOLUMES": str(folder),
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONUNBUFFERED": "1",
        }
        return Part(self._cluster.name, metadata["name"], (sys.executable, "-m", module), Notice(), env=environment)

    def _credentials(self, pod: Object, folder: Path) -> Path:
        """A token of the pod's ServiceAccount, bound to the pod, as a kubelet asks for it."""
        metadata = pod["metadata"]
        reference = {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": TOKEN_SECONDS, "boundObjectRef": reference},
        }
        account, namespace = pod["spec"]["serviceAccountName"], metadata["namespace"]
        answer = self._api.create(path("v1", "serviceaccounts", account, namespace, "token"), request)
        ca = (self._layout.pki(self._cluster.name) / "ca.crt").read_bytes()
        context = kubeconfig.Context(
            self._cluster.name, self._api.server, ca, account, str(answer["status"]["token"]), namespace
        )
        return kubeconfig.write(folder / "kubeconfig", [context])


def _module(pod: Object) -> str | None:
    images = [each["image"].rpartition("/")[2] + ":" for each in pod["spec"]["containers"]]
    found = (module for image in images for known, module in IMAGES.items() if image.startswith(known))
    return next(found, None)


def _environment(pod: Object) -> dict[str, str]:
    """Environment of all containers: plain values, and fields of the pod's metadata."""
    found: dict[str, str] = {}
    for variable in (each for container in pod["spec"]["containers"] for each in container.get("env") or []):
        if "value" in variable:
            found[variable["name"]] = variable["value"]
        else:
            field = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
            with contextlib.suppress(KeyError):
                found[variable["name"]] = pod["metadata"][field.removeprefix("metadata.")]
    return found
