# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways of a v1 network on the lab's bare-metal host: what the module is given, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.lab.containers import Containers, answers, need_podman
from tests.integration.lab.sites_v1 import SitesV1
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run, Step, TaskRun, step
from tests.lab import Lab
from tests.lab.api import Object, path
from tests.lab.podman.engine import environment, podman
from tests.lab.skupper.v1 import certificates

MODULE = "skupper_gateway"
HUB, PHILLY = "ca-central", "us-philly"
IMAGE = "localhost/lab/skupper-router:2.7.6"
SERVICE = "redis-cart"


class Gateways(SitesV1):
    """Two sites that are linked, and a gateway of the hub's on this machine."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.mark = uuid.uuid4().hex[:6]
        super().__init__(lab, f"gateway-{self.mark}", HUB, PHILLY)
        self.name = f"gateway-{self.mark}"
        self.data_home = folder / "data"
        self.containers = Containers(self.name, folder)
        self.is_settled = False
        """Whether the gateway is as it is to be, as far as the tests know."""

    def start(self) -> None:
        """Make the sites and a Redis."""
        self.make(HUB, ingress="loadbalancer")
        self.make(PHILLY, ingress="none")
        for cluster in (HUB, PHILLY):
            self.ready(cluster)
        self.apply(PHILLY, self.issue(HUB, "to-central"))
        self.linked(PHILLY, HUB)
        self.redis = self.containers.redis()

    def end(self) -> None:
        """Leave nothing, whatever the tests have left."""
        podman("rm", "--force", "--time=1", self.name, check=False)
        self.containers.clean()
        self.clean()

    # -- tasks -------------------------------------------------------------------------------------------------------

    def args(self, **more: Any) -> dict[str, Any]:
        """Arguments of a task; those that are None are left out."""
        common = {
            "version": "v1",
            "cluster": {"kubeconfig": str(self.lab.kubeconfig), "context": HUB},
            "namespace": self.namespace,
            "name": self.name,
            "address": SERVICE,
            "ports": [f"6379:{self.redis}"],
            "image": IMAGE,
            "data_home": str(self.data_home),
            "wait_sleep": 1,
            "wait_timeout": 60,
            **more,
        }
        return {key: value for key, value in common.items() if value is not None}

    def whole(self, **more: Any) -> dict[str, Any]:
        """Arguments of a task for the whole gateway."""
        return self.args(address=None, ports=None, **more)

    def run(self, ansible: Ansible, *steps: Step) -> Run:
        return ansible.steps(*steps)

    def task(self, ansible: Ansible, **more: Any) -> TaskRun:
        """Run one task, which must succeed."""
        found = self.run(ansible, step("gateway", MODULE, **self.args(**more))).task("gateway")
        assert not found.failed, found.message
        self.is_settled = not more
        return found

    # -- what is there -----------------------------------------------------------------------------------------------

    @property
    def home(self) -> Path:
        return self.data_home / "skupper" / "cluster" / self.name

    def container(self) -> Object:
        """As podman sees it; empty where there is none."""
        found = podman("inspect", "--type=container", self.name, check=False)
        return json.loads(found.stdout)[0] if found.returncode == 0 else {}

    def container_id(self) -> str:
        return str(self.container().get("Id", ""))

    def resource(self) -> str:
        """Name of the gateway's objects."""
        found = self._of_type("configmaps", "gateway-definition") or self._of_type(
            "secrets", "gateway-connection-token"
        )
        return found[0] if found else ""

    def objects(self) -> dict[str, list[str]]:
        """All that the gateway has in the cluster."""
        return {
            "secrets": self._of_type("secrets", "gateway-connection-token"),
            "configmaps": self._of_type("configmaps", "gateway-definition"),
            "services": sorted(self.services(HUB)),
        }

    def _of_type(self, resource: str, kind: str) -> list[str]:
        target = path("v1", resource, namespace=self.namespace, labelSelector=f"skupper.io/type={kind}")
        return [each["metadata"]["name"] for each in self.api[HUB].items(target)]

    def ping(self, *clusters: str) -> None:
        """Reach the Redis by the service's name from sites."""
        for cluster in clusters or (HUB, PHILLY):
            until(lambda cluster=cluster: self._pinged(cluster), f"Redis answers in {cluster}")  # type: ignore[misc]

    def _pinged(self, cluster: str) -> bool:
        try:
            return answers(self.connected(cluster, SERVICE))
        except OSError:
            return False

    def redis_cli(self, cluster: str, *command: str) -> str:
        """Use the service from a site."""
        connection = self.connected(cluster, SERVICE)
        with connection:
            words = [f"${len(word.encode())}\r\n{word}\r\n" for word in command]
            connection.sendall(f"*{len(command)}\r\n{''.join(words)}".encode())
            return connection.recv(4096).decode().strip()

    # -- harm --------------------------------------------------------------------------------------------------------

    def revoke(self) -> None:
        """As `skupper revoke-access`: a new CA, the router's certificate by it, the router restarted."""
        host = self.get(HUB, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
        authority = certificates.authority("skupper-site-ca")
        self.merge(HUB, "secrets", "skupper-site-ca", {"data": authority})
        server = certificates.issue(authority, host, (host,))
        self.merge(HUB, "secrets", "skupper-site-server", {"data": server})
        self.restart_router(HUB)


@contextmanager
def gateways(lab: Lab, folder: Path) -> Iterator[Gateways]:
    """Sites and a Redis as long as tests run."""
    need_podman()
    before = dict(os.environ)
    os.environ.update(environment())
    made = Gateways(lab, folder)
    try:
        made.start()
        yield made
    finally:
        made.end()
        shutil.rmtree(made.data_home, ignore_errors=True)
        os.environ.clear()
        os.environ.update(before)
