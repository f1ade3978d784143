# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module interconnect_info: look at all clusters, judge, and look again until all is well."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._client.client import Client
from .._client.errors import InputError, InterconnectError
from .._task.argspec import check_wait_args
from .._task.task import Task
from .._wait.acceptors import clip
from .._wait.poll import PROGRESS_AT
from .checks import FAILED
from .document import document_of, ends_of, judgement_of
from .model import Snapshot, Target
from .probing import Probe, probe_all
from .reading import read

CLUSTERS_AT_ONCE = 16


def run(task: Task) -> dict[str, Any]:
    """Look; see the module's documentation.

    :raises InputError: what is asked for makes no sense.
    """
    check_wait_args(task.params)
    targets = [_target(entry) for entry in task.params["clusters"]]
    names = [target.name for target in targets]
    for name in names:
        if names.count(name) > 1:
            raise InputError("clusters", f"has {name} more than once")
    probes = [_probe(entry, targets) for entry in task.params["probes"]]
    return Look(task, targets, probes).until_good()


def _target(entry: Mapping[str, Any]) -> Target:
    return Target(
        name=entry["name"],
        namespace=entry["namespace"] or "",
        site_name=entry["site_name"] or entry["name"],
        skupper_version=entry["skupper_version"] or "",
        hub=entry["hub"],
        argocd_namespace=entry["argocd_namespace"] or "",
        applications=entry["applications"],
        placement_namespaces=tuple(dict.fromkeys(entry["placement_namespaces"])),
        selectors=tuple(dict.fromkeys(entry["selectors"])),
        workloads=entry["workloads_namespace"] or "",
    )


def _probe(entry: Mapping[str, Any], targets: list[Target]) -> Probe:
    target = next((each for each in targets if each.name == entry["cluster"]), None)
    if target is None:
        raise InputError("probes", f"{entry['cluster']} is none of the clusters")
    return Probe(
        cluster=target.name,
        service=entry["service"],
        namespace=entry["namespace"] or target.namespace,
        port=entry["port"],
        kind=entry["kind"],
        path=entry["path"],
        timeout=float(entry["timeout"]),
    )


@dataclass
class Look:
    """One run."""

    task: Task
    targets: list[Target]
    probes: list[Probe]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _clients: dict[str, Client] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    """Clusters that no client could be made for, and why."""

    def until_good(self) -> dict[str, Any]:
        """Look once, or until all checks are good, or time is up."""
        params = self.task.params
        waits = params["until_ok"] and not self.task.check_mode
        began, lines = self.clock(), list(PROGRESS_AT)
        while True:
            left = params["wait_timeout"] - (self.clock() - began) if waits else 0.0
            result = self._once(is_last=left <= 0)
            waited = self.clock() - began
            if result["ok"] or left <= 0:
                return {"changed": False, **result, "elapsed": round(waited, 1)}
            if lines and waited >= lines[0]:
                self.task.progress(_line(result["checks"], waited))
                lines = [at for at in lines if at > waited]
            self.sleep(min(float(params["wait_sleep"]), max(0.0, params["wait_timeout"] - waited)))

    def _once(self, is_last: bool) -> dict[str, Any]:
        """One look. Nothing is sent through a network that is known to be broken, as long as it may come up."""
        expected = self.task.params["expected"] or {}
        ends = ends_of(self._snapshots())
        document = document_of(ends, expected, datetime.now(timezone.utc))
        judgement = judgement_of(ends, document, expected, [])
        probes: list[dict[str, Any]] = []
        if self.probes and (is_last or judgement["ok"]):
            clients = {name: client for name, client in self._clients.items() if ends[name].reachable}
            probes = probe_all(clients, self.probes)
            judgement = judgement_of(ends, document, expected, probes)
        return {"document": {**document, "probes": probes}, **judgement}

    def _snapshots(self) -> list[Snapshot]:
        """What the clusters answer, all of them at the same time."""
        self._connect()
        with ThreadPoolExecutor(min(CLUSTERS_AT_ONCE, max(1, len(self.targets)))) as pool:
            return list(pool.map(self._read, self.targets))

    def _connect(self) -> None:
        """Make the clients, one after the other: reading a kubeconfig is not for several threads."""
        for target, entry in zip(self.targets, self.task.params["clusters"]):
            if target.name not in self._clients:
                try:
                    self._clients[target.name] = self.task.connect(entry["auth"])
                    self._refused.pop(target.name, None)
                except InterconnectError as error:
                    self._refused[target.name] = error.message

    def _read(self, target: Target) -> Snapshot:
        client = self._clients.get(target.name)
        if client is None:
            return Snapshot(target, error=self._refused[target.name])
        with client.without_retries():
            return read(client, target)


def _line(checks: list[dict[str, Any]], waited: float) -> str:
    """What is not good yet, for a user who waits."""
    failed = [check for check in checks if check["state"] == FAILED]
    first = failed[0]
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return clip(f"{first['host']}: {first['layer']} {first['name']}: {first['message']}{more} ({waited:.0f} s)")
