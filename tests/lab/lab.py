# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as an object: what tests use."""

from __future__ import annotations

import datetime
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from tests.lab import control, extensions, gitops, inventory, kubeconfig, load_balancer
from tests.lab.api import Api, path
from tests.lab.argocd.repository import Repository
from tests.lab.assembly import Assembly
from tests.lab.audit import AuditLog
from tests.lab.bare import Bare, bare
from tests.lab.build import WANTED, Report, ensure
from tests.lab.errors import LabError
from tests.lab.layout import Layout, private_dir
from tests.lab.pki import Authority
from tests.lab.podman import host
from tests.lab.setup import CLUSTER_API, is_available
from tests.lab.skupper.v1 import site_creation
from tests.lab.topology import CLUSTERS, HUB, OPTIONAL, SPOKES

IMPORTERS = (f"{HUB.name}/import-controller",)
"""Parts of the hub that run while there is a cluster to import."""


def is_settled(spec: dict[str, Any]) -> bool:
    """Whether a node, given its spec, has its range of addresses, and no taint left that a new node bears."""
    keys = [each["key"] for each in spec.get("taints", ())]
    return "podCIDR" in spec and not any(key.startswith("node.kubernetes.io/") for key in keys)


class Lab:
    """A lab in one folder. Get a running one with `Lab.running`, or start it with `Lab.up`."""

    hub = HUB.name
    spokes = tuple(each.name for each in SPOKES)
    clusters = tuple(each.name for each in CLUSTERS)
    managed_as: ClassVar[dict[str, str]] = {each.name: each.managed_as for each in CLUSTERS}
    """Cluster to the name of its ManagedCluster."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.timings: dict[str, float] = {}
        """Seconds that the stages of `up` took."""
        self._assembly = Assembly(layout)

    @classmethod
    def running(cls) -> Lab:
        """The lab of this checkout (or ``$LAB_DIR``). Raise LabError when it is not up."""
        layout = Layout.find()
        if not control.is_running(layout):
            raise LabError(f"the lab in {layout.root} is not running; start it with: python -m tests.lab up")
        return cls(layout)

    @classmethod
    def up(cls, report: Report = print, *, with_: Iterable[str] = ()) -> Lab:
        """Start what is not running, and return when all of it is ready. Quick when it is up already.

        ``with_``: extensions (see `tests.lab.extensions`) that the lab has from now on.
        """
        layout = Layout.find()
        lab, timings = cls._prepared(layout, report, extensions.checked(with_))
        began = time.monotonic()
        for answer in control.ask(layout, "start", "all"):
            change = answer.get("change")
            if change and change["state"] in ("ready", "done"):
                report(f"{change['part']}: {change['state']} after {change['seconds']:.1f} s")
            elif change and change["error"] and change["state"] in ("waiting", "failed"):
                report(f"{change['part']}: {change['error'].splitlines()[0]}")
        timings["parts"] = time.monotonic() - began
        if host.is_there(layout):
            host.Host.of(layout).resume()
        if "argocd" in extensions.chosen(layout):
            lab.push()
        lab.timings = timings
        return lab

    @classmethod
    def _prepared(cls, layout: Layout, report: Report, added: tuple[str, ...]) -> tuple[Lab, dict[str, float]]:
        """Programs, certificates and supervisor."""
        timings: dict[str, float] = {}
        layout.require_own()
        private_dir(layout.root)
        # Two who start the lab at the same moment: the second finds it started.
        with open(layout.marker, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before, running = extensions.chosen(layout), control.is_running(layout)
            wanted = extensions.checked([*before, *added])
            if running and wanted == before:
                return cls(layout), timings
            began = time.monotonic()
            programs = (*WANTED, *extensions.programs(wanted))
            ensure(programs, report, extensions.modules(wanted)).save(layout.binaries)
            extensions.choose(layout, wanted)
            timings["programs"] = time.monotonic() - began
            began = time.monotonic()
            assembly = Assembly(layout)
            assembly.prepare()
            if running:
                list(control.ask(layout, "reload"))
                return cls(layout), timings
            assembly.require_free_ports()
            _rotate_logs(layout)
            timings["certificates"] = time.monotonic() - began
            began = time.monotonic()
            control.start_supervisor(layout)
            timings["supervisor"] = time.monotonic() - began
        return cls(layout), timings

    def add(self, cluster: str, *with_: str) -> None:
        """Start an optional cluster (`topology.OPTIONAL`) and what it takes to import it into the hub.

        It gets a context of its name in the admin kubeconfig. Nothing happens where it is running already.

        ``with_``: extensions of the lab that the cluster has as well.
        """
        self._require_optional(cluster)
        self._assembly.prepare(cluster)
        extended = [key for extension in with_ for key in self._assembly.parts_of(extension, cluster)]
        self.start(cluster, *IMPORTERS, *extended)
        self._wait_settled(cluster)

    def _wait_settled(self, cluster: str, timeout: float = 60) -> None:
        """Wait until the controller-manager has given all nodes their range and takes their first taint off.

        That comes after their first status, and a test that compares inventories must not see it.
        """
        api, deadline = self.api(cluster, "lab-wait"), time.monotonic() + timeout
        while True:
            live = {each["metadata"]["name"]: each["spec"] for each in api.items(path("v1", "nodes"))}
            wanted = self._assembly.plane(cluster).cluster.nodes
            pending = [name for name in wanted if not is_settled(live.get(name, {}))]
            if not pending:
                return
            if time.monotonic() > deadline:
                raise LabError(f"{cluster}: nodes not settled after {timeout:.0f} s: {', '.join(pending)}")
            time.sleep(0.1)

    def remove(self, cluster: str) -> None:
        """End an optional cluster, and remove its data and its context. What the hub knows of it stays."""
        self._require_optional(cluster)
        self.stop(cluster, *IMPORTERS)
        shutil.rmtree(self.layout.cluster(cluster))
        self._assembly.prepare()

    def _require_optional(self, cluster: str) -> None:
        known = [each.name for each in OPTIONAL]
        if cluster not in known:
            raise LabError(f"{cluster!r} is no optional cluster; there are: {', '.join(known)}")

    @staticmethod
    def down(layout: Layout) -> None:
        """End all processes; the data stays, and the next `up` is quick."""
        if control.is_running(layout):
            control.end_supervisor(layout)
        if host.is_there(layout):
            host.Host.of(layout).halt()

    @staticmethod
    def wipe(layout: Layout) -> None:
        """End all processes and remove all that the lab has written (the programs' cache stays)."""
        layout.require_own()
        Lab.down(layout)
        if host.is_there(layout):
            host.Host.of(layout).remove()
        if layout.root.exists():
            shutil.rmtree(layout.root)

    # What is running

    def status(self, *parts: str) -> list[dict[str, Any]]:
        """State of each part (see `Unit.snapshot`), with ``healthy`` asked anew."""
        found: list[dict[str, Any]] = list(control.ask(self.layout, "status", *parts))[-1]["parts"]
        return found

    def start(self, *parts: str, timeout: float = 300) -> None:
        """Start parts, or whole clusters, and what they need; return when they are ready."""
        self._do("start", *parts, timeout=timeout)

    def stop(self, *parts: str, now: bool = False) -> None:
        """End parts, or whole clusters; they stay down until `start`. ``now``: kill them, as a lost machine would."""
        self._do("stop", *parts, now=now)

    def restart(self, *parts: str, timeout: float = 300) -> None:
        """Stop and start."""
        self._do("restart", *parts, timeout=timeout)

    def _do(self, what: str, *parts: str, **more: Any) -> None:
        if not parts:
            raise ValueError(f"{what} what? A part, a cluster, or all")
        for _line in control.ask(self.layout, what, *parts, **more):
            pass

    def wait_available(self, timeout: float = 90) -> None:
        """Wait until all ManagedClusters are available and none is tainted. Raise LabError when they are not in time.

        For after a test that stopped the hub or a spoke: their processes are ready before the hub has seen it.
        """
        began, deadline = datetime.datetime.now(datetime.UTC), time.monotonic() + timeout
        hub = self.api(self.hub, "lab-wait")
        while True:
            live = hub.items(path(CLUSTER_API, "managedclusters"))
            pending = [each["metadata"]["name"] for each in live if not is_available(hub, each, began)]
            missing = set(self.managed_as.values()) - {each["metadata"]["name"] for each in live}
            if not pending and not missing:
                return
            if time.monotonic() > deadline:
                raise LabError(f"not available after {timeout:.0f} s: {', '.join([*pending, *sorted(missing)])}")
            time.sleep(0.3)

    # Ways in

    @property
    def kubeconfig(self) -> Path:
        """Admin kubeconfig with one context a cluster."""
        return self.layout.kubeconfig

    def url(self, cluster: str) -> str:
        """URL of a cluster's API."""
        return self._assembly.plane(cluster).url

    def ca(self, cluster: str) -> bytes:
        """Certificate of the authority that signs a cluster's API server and clients, PEM."""
        return (self.layout.pki(cluster) / "ca.crt").read_bytes()

    def api(self, cluster: str, user_agent: str = "lab-test") -> Api:
        """A cluster's API as admin: a client of the lab's own, for what a test checks or changes behind our back."""
        return Api.from_kubeconfig(self.kubeconfig, cluster, user_agent)

    def user_kubeconfig(
        self,
        file: Path,
        user: str,
        groups: Iterable[str] = (),
        *,
        clusters: Iterable[str] = clusters,
        not_after: datetime.datetime | None = None,
    ) -> Path:
        """Write a kubeconfig of somebody else, by client certificate, with the same context names.

        The user may do nothing but what RBAC grants. ``not_after`` in the past: expired credentials.
        """
        contexts = []
        for name in clusters:
            pair = Authority.load(self.layout.pki(name), "ca").issue(user, groups, not_after=not_after)
            contexts.append(self._assembly.plane(name).context(user, pair))
        return kubeconfig.write(file, contexts)

    def service_account_kubeconfig(
        self, file: Path, cluster: str, namespace: str, name: str, *, expires_in: int = 3600
    ) -> Path:
        """Write a kubeconfig with a token of an existing ServiceAccount, valid ``expires_in`` (600 or more) seconds."""
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": expires_in},
        }
        answer = self.api(cluster).create(path("v1", "serviceaccounts", name, namespace, "token"), request)
        context = self._assembly.plane(cluster).context(name, str(answer["status"]["token"]), namespace)
        return kubeconfig.write(file, [context])

    # What happened, and what is there

    def audit(self, cluster: str) -> AuditLog:
        """A cluster's audit log."""
        return AuditLog(self.layout.audit_log(cluster), self.api(cluster, "lab-audit"))

    def inventory(self, *names: str) -> dict[str, inventory.Inventory]:
        """All objects of some clusters (or all). Compare two with `inventory.difference`."""
        chosen = names or self.clusters
        with ThreadPoolExecutor(len(chosen)) as pool:
            found = pool.map(lambda each: inventory.take(self.api(each, "lab-inventory")), chosen)
            return dict(zip(chosen, found, strict=True))

    def drop_cluster_secrets(self, drop: bool) -> None:
        """Have the GitOpsCluster controller delete Secrets that nothing asks for, as before ACM 2.14, or keep them."""
        switch = gitops.drops_secrets(self.layout)
        switch.parent.mkdir(parents=True, exist_ok=True)
        switch.touch() if drop else switch.unlink(missing_ok=True)

    def push(self, files: Mapping[str, str | None] | None = None) -> str:
        """Commit the checkout's present state to the repository that Argo CD reads; return the commit.

        ``files``: commit these instead, on top of what is there: path in the repository to text, or None to remove it.
        """
        return Repository(self.layout).push(files)

    def hold_load_balancers(self, hold: bool, *names: str) -> None:
        """Keep Services of type LoadBalancer of some clusters (or all) pending, or give them addresses again."""
        for name in names or self.clusters:
            switch = load_balancer.switch(self.layout, name)
            switch.touch() if hold else switch.unlink(missing_ok=True)

    def shorten_skupper_wait(self, seconds: float | None, *names: str) -> None:
        """Have Skupper v1 wait for load balancers so long at most in some clusters (or all); None for its own 120 s."""
        for name in names or self.clusters:
            switch = site_creation.switch(self.layout, name)
            switch.unlink(missing_ok=True) if seconds is None else switch.write_text(str(seconds), encoding="ascii")

    @staticmethod
    def bare(name: str, folder: Path, *, with_crds: bool = True) -> AbstractContextManager[Bare]:
        """One more control plane (etcd and kube-apiserver) for as long as a block runs; the lab need not be up."""
        return bare(name, folder, with_crds=with_crds)


def _rotate_logs(layout: Layout) -> None:
    """Keep the logs of the run before as ``.log.1``."""
    for log in (layout.root / "logs").glob("*/*.log"):
        os.replace(log, log.with_suffix(".log.1"))
