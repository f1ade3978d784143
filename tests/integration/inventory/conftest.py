# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub of these tests' own: an API server with ManagedClusters, and Ansible as it reads an inventory from there."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.environments import CORES, DEVELOPMENT, Core
from tests.lab import Lab
from tests.lab.api import path
from tests.lab.audit import AuditEvent
from tests.lab.bare import Bare
from tests.tree import CHECKOUT

GROUP = "cluster.open-cluster-management.io"
HUB = "ca-central"
"""Name of the hub's context, and of its site."""
SETTINGS = ("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG", "KUBERNETES_")
SECONDS = 120.0
TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'echo evaluated') }}"
NOT_PASSED_ON = "not-for-the-inventory"


def managed_cluster(
    name: str, labels: Mapping[str, str], available: str = "", claims: Mapping[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    """A ManagedCluster; `available` is the status of its condition, if it has joined."""
    metadata = {"name": name, "labels": dict(labels), "annotations": {"example.com/token": NOT_PASSED_ON}}
    found: dict[str, Any] = {"apiVersion": f"{GROUP}/v1", "kind": "ManagedCluster", "metadata": metadata, "spec": spec}
    if available:
        conditions = [("ManagedClusterJoined", "True"), ("ManagedClusterConditionAvailable", available)]
        found["status"] = {
            "version": {"kubernetes": "v1.34.4"},
            "clusterClaims": [{"name": key, "value": value} for key, value in (claims or {}).items()],
            "conditions": [
                {
                    "type": kind,
                    "status": status,
                    "reason": "Told",
                    "message": f"{kind} is {status}",
                    "lastTransitionTime": "2026-11-22T12:00:00Z",
                }
                for kind, status in conditions
            ],
        }
    return found


def _reached_at(url: str) -> dict[str, Any]:
    bundle = base64.b64encode(NOT_PASSED_ON.encode()).decode()
    return {"hubAcceptsClient": True, "managedClusterClientConfigs": [{"url": url, "caBundle": bundle}]}


SHOP = {f"{GROUP}/clusterset": "online-boutique"}
CLUSTERS = [
    managed_cluster(
        "local-cluster",
        {**SHOP, "local-cluster": "true", "site": HUB, "vendor": "OpenShift"},
        "True",
        {"region.open-cluster-management.io": "ca-central-1"},
        **_reached_at("https://api.ca-central.example.com:6443"),
    ),
    managed_cluster(
        "cluster-7f3a",
        {**SHOP, "site": "ca-toronto", "vendor": "EKS"},
        "False",
        {"motto": TEMPLATE, TEMPLATE: "key"},
        **_reached_at("https://api.ca-toronto.example.com:6443"),
    ),
    managed_cluster("us-philly", {"site": "us-philly"}, "Unknown", hubAcceptsClient=True),
    managed_cluster("ca-regina", {}, hubAcceptsClient=False),
]


def _without_marks(value: dict[str, Any]) -> Any:
    """ansible-core 2.19 and later marks in its output all text that is no template, and reads it back in that form."""
    return value.get("__ansible_unsafe", value)


@dataclass(frozen=True)
class Listing:
    """What `ansible-inventory` says."""

    returncode: int
    errors: str
    output: str

    @property
    def document(self) -> dict[str, Any]:
        assert self.returncode == 0, self.errors
        found: dict[str, Any] = json.loads(self.output, object_hook=_without_marks)
        return found

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Variables by host."""
        found: dict[str, dict[str, Any]] = self.document["_meta"]["hostvars"]
        return found

    @property
    def groups(self) -> dict[str, list[str]]:
        """Hosts and child groups by group."""
        groups = {name: each for name, each in self.document.items() if name != "_meta"}
        return {name: sorted([*each.get("hosts", []), *each.get("children", [])]) for name, each in groups.items()}


@dataclass(frozen=True)
class Reader:
    """Reads inventories with one version of ansible-core, which knows nothing but what a test tells it."""

    core: Core
    folder: Path
    kubeconfig: Path

    def file(self, name: str = "hub.managed_clusters.yml", **options: Any) -> Path:
        """A source with some options."""
        file = self.folder / name
        config = {"plugin": "multicluster.interconnect.managed_clusters", **options}
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        return file

    def run(self, program: str, *words: str | Path, **environment: str) -> Listing:
        """Run a program of ansible-core; credentials are those of the kubeconfig unless the environment has others."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(SETTINGS)}
        given = environment or {"K8S_AUTH_KUBECONFIG": str(self.kubeconfig)}
        own = {
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "10000",
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        }
        command = [str(self.core.bin() / program), *map(str, words)]
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**inherited, **own, **given},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Listing(done.returncode, done.stderr, done.stdout)

    def list(self, *sources: Path, **environment: str) -> Listing:
        """The whole inventory."""
        words = [word for source in sources for word in ("-i", source)]
        return self.run("ansible-inventory", "--list", *words, **environment)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> None:
    """In place of the check of the lab, which these tests do not use; the hub is thrown away."""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """A hub without controllers: what stands in its ManagedClusters stays as it is."""
    folder = tmp_path_factory.mktemp("inventory")
    with Lab.bare(HUB, folder / "hub") as plane:
        for cluster in CLUSTERS:
            where = path(f"{GROUP}/v1", "managedclusters", cluster["metadata"]["name"])
            plane.api.apply(where, cluster)
            if "status" in cluster:
                plane.api.apply(f"{where}/status", cluster)
        yield plane


@pytest.fixture(params=CORES, ids=lambda core: f"ansible-core-{core.version}")
def every_core(request: pytest.FixtureRequest, hub: Bare, tmp_path: Path) -> Reader:
    """Each supported ansible-core."""
    return Reader(request.param, tmp_path, hub.kubeconfig)


@pytest.fixture
def reader(hub: Bare, tmp_path: Path) -> Reader:
    """One ansible-core, for what does not depend on its version."""
    return Reader(DEVELOPMENT, tmp_path, hub.kubeconfig)


def ours(hub: Bare, mark: int) -> list[AuditEvent]:
    """The requests of this collection since a mark."""
    return [event for event in hub.audit.since(mark) if event.user_agent.startswith("multicluster.interconnect/")]
