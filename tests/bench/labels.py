# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labelling many ManagedClusters: this collection, a loop over kubernetes.core.k8s, and the limit.

The limit is what the API server takes: bare PATCH requests over kept connections, as many at a time as the collection
sends, by the lab's own client that knows neither Ansible nor the Kubernetes client.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import WORKERS
from tests.bench.playbooks import Measured, run
from tests.lab.api import Api, path
from tests.lab.bare import Bare

VERSION = "cluster.open-cluster-management.io/v1"
MANAGED_CLUSTERS = path(VERSION, "managedclusters")
ROUNDS = 3
MEGABYTE = 1024 * 1024


def report(plane: Bare, folder: Path, count: int, looped: int) -> None:
    """Measure and print."""
    names = [f"cluster-{number:04}" for number in range(count)]
    print(f"labels: making {count} ManagedClusters")
    _each(lambda name: plane.api.create(MANAGED_CLUSTERS, _managed_cluster(name)), names)
    _patches(plane.api, names, "warm-up")
    limit = min(_patches(plane.api, names, f"limit-{each}") for each in range(ROUNDS))
    ours = [_ours(plane, folder, names, f"ours-{each}") for each in range(ROUNDS)]
    best = min(ours, key=lambda each: each.seconds[0])
    again = _ours(plane, folder, names, f"ours-{ROUNDS - 1}")
    assert all(each.results[0]["changed"] for each in ours)
    assert not again.results[0]["changed"]
    loop = _loop(plane, folder, names[:looped], "loop")
    assert all(each["changed"] for each in loop.results[0]["results"])
    scaled = loop.seconds[0] * count / looped
    took, repeated = best.seconds[0], again.seconds[0]
    print(f"labels: {count} ManagedClusters, {WORKERS} requests at a time; best of {ROUNDS}")
    print(f"  bare PATCH requests (the limit)        {limit:8.2f} s    1.0")
    print(f"  managedcluster_label                   {took:8.2f} s  {took / limit:5.1f} x the limit (aim: at most 2)")
    print(f"  the same again, nothing to write       {repeated:8.2f} s  {repeated / limit:5.1f} x the limit")
    print(
        f"  kubernetes.core.k8s in a loop          {scaled:8.2f} s  {scaled / took:5.0f} x managedcluster_label "
        f"(aim: at least 50; {looped} measured, scaled to {count})"
    )
    print(
        f"  memory, largest process: managedcluster_label {best.memory / MEGABYTE:.0f} MB, "
        f"kubernetes.core.k8s {loop.memory / MEGABYTE:.0f} MB"
    )


def _managed_cluster(name: str) -> dict[str, Any]:
    """One with the labels that ACM gives to it."""
    labels = {"name": name, "cloud": "Amazon", "vendor": "OpenShift", "clusterID": name, "bench": "true"}
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": VERSION, "kind": "ManagedCluster", "metadata": metadata, "spec": {"hubAcceptsClient": False}}


def _patches(api: Api, names: Iterable[str], value: str) -> float:
    """Seconds of the bare requests."""
    began = time.monotonic()
    _each(lambda name: api.merge(f"{MANAGED_CLUSTERS}/{name}", {"metadata": {"labels": {"value": value}}}), names)
    return time.monotonic() - began


def _each(function: Any, names: Iterable[str]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(function, names))


def _ours(plane: Bare, folder: Path, names: list[str], value: str) -> Measured:
    options = {"names": names, "labels": {"value": value}}
    return run(plane, folder, [{"multicluster.interconnect.managedcluster_label": options}])


def _loop(plane: Bare, folder: Path, names: list[str], value: str) -> Measured:
    options = {
        "state": "patched",
        "api_version": VERSION,
        "kind": "ManagedCluster",
        "name": "{{ item }}",
        "definition": {"metadata": {"labels": {"value": value}}},
    }
    return run(plane, folder, [{"kubernetes.core.k8s": options, "loop": names}])
