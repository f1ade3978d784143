# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs that make the same ApplicationSet at once, on an API server of this test's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import yaml

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset import elements_of
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset_job import Job
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client, Object
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.lab import Lab, objects
from tests.lab.api import path
from tests.lab.argocd.controllers import MODULE
from tests.lab.bare import Bare
from tests.lab.build import SOURCES
from tests.lab.extensions import EXTENSIONS
from tests.lab.gotool import Go
from tests.unit.argocd.argo_hub import ARGOCD, FRAME, PARAMS, SET, cluster

RUNS = 8


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> None:
    """In place of the check of the lab, which this test does not use."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """An API server that knows ApplicationSets."""
    folder = Path(Go().module_dir(MODULE, SOURCES / EXTENSIONS["argocd"].modules[MODULE]))
    kind = yaml.safe_load((folder / "manifests" / "crds" / "applicationset-crd.yaml").read_text())
    with Lab.bare("argocd", tmp_path_factory.mktemp("argocd"), with_crds=False) as plane:
        objects.apply_crds(plane.api, [kind])
        plane.api.create(path("v1", "namespaces"), {"metadata": {"name": ARGOCD}})
        yield plane


def perform(hub: Bare, **params: Any) -> dict[str, Any]:
    """One run of the module, with a client of its own as of another controller."""
    with client_of(hub) as client:
        return run(Task({**PARAMS, "wait": False, **params}, check_mode=False, diff_mode=False, _own=client))


def client_of(hub: Bare) -> closing[Client]:
    return closing(Client({"kubeconfig": str(hub.kubeconfig)}))


@pytest.fixture
def applicationset(hub: Bare) -> Iterator[str]:
    """Where the ApplicationSet is; it is not there at first."""
    place = path(SET.api_version, "applicationsets", SET.name, ARGOCD)
    yield place
    hub.api.delete(place)


def test_runs_at_the_same_time_keep_the_clusters_of_each_other(hub: Bare, applicationset: str) -> None:
    names = [f"cluster-{number}" for number in range(RUNS)]
    begin = Barrier(RUNS)

    def make(name: str) -> bool:
        begin.wait(30)
        return bool(perform(hub, **FRAME, clusters=[cluster(name)])["changed"])

    with ThreadPoolExecutor(RUNS) as pool:
        assert list(pool.map(make, names)) == [True] * RUNS
    assert [each.cluster for each in elements_of(hub.api.get(applicationset))] == names


def test_one_that_somebody_makes_between_look_and_write_is_looked_at_again(hub: Bare, applicationset: str) -> None:
    looks: list[bool] = []

    def change(live: Object | None) -> Object | None:
        looks.append(live is not None)
        if live is None:
            perform(hub, **FRAME, clusters=[cluster("us-philly")])
            return {**hub.api.get(applicationset), "metadata": {"name": SET.name, "namespace": SET.namespace}}
        return None

    with client_of(hub) as client:
        assert not Job(Task(PARAMS, check_mode=False, diff_mode=False, _own=client), SET).write(change).changed
    assert looks == [False, True]
