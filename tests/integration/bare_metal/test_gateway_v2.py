# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways of Skupper v2 on a real podman, linked to a site of the real controller: traffic, and what is mended."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bare_metal.router_hosts import V2_IMAGE
from tests.integration.conftest import Audit
from tests.integration.lab.containers import Containers, answers, need_podman
from tests.integration.lab.sites import Sites
from tests.integration.runs import Ansible, TaskRun, step, triple
from tests.lab import Lab
from tests.lab.podman.engine import environment, podman

EXTENSION = "skupper"
MODULE = "skupper_gateway"
HUB = "ca-central"
SERVICE = "redis-cart"


class GatewaysV2(Sites):
    """A site on the hub that consumes a service of this machine."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.name = f"gateway-{uuid.uuid4().hex[:6]}"
        super().__init__(lab, self.name)
        self.data_home = folder / "data"
        self.containers = Containers(self.name, folder)

    def start(self) -> None:
        self.make(HUB, "Site", HUB, linkAccess="loadbalancer")
        self.wait(HUB, "Site", HUB, "Resolved")
        self.wait(HUB, "Site", HUB, "Ready")
        self.make(HUB, "Listener", SERVICE, routingKey=SERVICE, host=SERVICE, port=6379)
        self.redis = self.containers.redis()

    def args(self, **more: Any) -> dict[str, Any]:
        common = {
            "version": "v2",
            "cluster": {"kubeconfig": str(self.lab.kubeconfig), "context": HUB},
            "namespace": self.namespace,
            "name": self.name,
            "address": SERVICE,
            "ports": [f"6379:{self.redis}"],
            "image": V2_IMAGE,
            "data_home": str(self.data_home),
            "wait_sleep": 1,
            "wait_timeout": 60,
            **more,
        }
        return {key: value for key, value in common.items() if value is not None}

    def task(self, ansible: Ansible, **more: Any) -> TaskRun:
        """Run one task, which must succeed."""
        found = ansible.steps(step("gateway", MODULE, **self.args(**more))).task("gateway")
        assert not found.failed, found.message
        return found

    @property
    def container(self) -> str:
        return f"{self.name}-skupper-router"

    @property
    def home(self) -> Path:
        return self.data_home / "skupper" / "namespaces" / self.name

    def ping(self) -> None:
        assert answers(self.connected(HUB, SERVICE))

    def end(self) -> None:
        podman("rm", "--force", "--time=1", self.container, check=False)
        self.containers.clean()
        self.clean()


@pytest.fixture(scope="module")
def v2(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewaysV2]:
    need_podman()
    made = GatewaysV2(lab, tmp_path_factory.mktemp("gateways-v2"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment().items():
            patch.setenv(name, value)
        try:
            made.start()
            yield made
        finally:
            made.end()


def test_a_gateway_is_made_once_and_carries_redis(v2: GatewaysV2, ansible: Ansible, audit: Audit) -> None:
    with audit() as asked:
        run = ansible.steps(*triple("gateway", MODULE, **v2.args()))
    check, made, again = (run.task(name) for name in ("check gateway", "gateway", "gateway again"))
    assert not made.failed, made.message
    resource = made["gateway"]["resource"]
    assert asked.during(check) == asked.during(again) == []
    assert asked.during(made) == [f"{HUB}: patch certificates {v2.namespace}/{resource}"]
    assert (check.changed, made.changed, again.changed) == (True, True, False), run.output
    assert made["gateway"]["link"] == {"up": True, "message": "up"}
    assert (made["actions"], again["actions"]) == (["wrote", "created"], [])
    v2.ping()
    key = (v2.home / f"runtime/certs/{resource}-profile/tls.key").read_text(encoding="utf-8").splitlines()[1]
    assert key not in run.output


@pytest.fixture
def standing(v2: GatewaysV2, ansible: Ansible) -> GatewaysV2:
    v2.task(ansible)
    return v2


def test_another_port_is_bound_while_the_router_runs(standing: GatewaysV2, ansible: Ansible) -> None:
    other = standing.containers.redis()
    before = podman("container", "inspect", "--format={{.State.StartedAt}}", standing.container).stdout
    assert standing.task(ansible, ports=[f"6379:{other}"])["actions"] == ["wrote", "unbound", "bound"]
    assert podman("container", "inspect", "--format={{.State.StartedAt}}", standing.container).stdout == before
    standing.ping()


def test_what_befalls_it_is_mended(standing: GatewaysV2, ansible: Ansible) -> None:
    resource = standing.task(ansible)["gateway"]["resource"]
    podman("rm", "--force", "--time=1", standing.container)
    assert standing.task(ansible)["actions"] == ["created"]
    standing.remove(HUB, "Certificate", resource)
    mended = standing.task(ansible)
    assert mended.changed
    assert mended["actions"] == ["wrote", "replaced"]
    assert standing.task(ansible).changed is False
    assert standing.task(ansible, state="restarted", address=None, ports=None)["actions"] == ["restarted"]
    standing.ping()


def test_a_podman_site_of_another_network_is_left_alone(standing: GatewaysV2, ansible: Ansible) -> None:
    notes = standing.home / "internal" / "gateway.json"
    text = notes.read_text(encoding="utf-8")
    notes.write_text(text.replace('"site": "', '"site": "another-'), encoding="utf-8")
    try:
        refused = ansible.steps(step("gateway", MODULE, **standing.args())).task("gateway")
        assert "of another network than" in refused.message
        assert notes.read_text(encoding="utf-8") != text
    finally:
        notes.write_text(text, encoding="utf-8")


def test_absent_removes_both_halves(standing: GatewaysV2, ansible: Ansible) -> None:
    resource = standing.task(ansible)["gateway"]["resource"]
    absent = standing.args(state="absent", address=None, ports=None)
    run = ansible.steps(*triple("absent", MODULE, **absent))
    check, removed, again = (run.task(name) for name in ("check absent", "absent", "absent again"))
    assert not removed.failed, removed.message
    assert (check.changed, removed.changed, again.changed) == (True, True, False)
    assert not standing.home.exists()
    assert podman("container", "exists", standing.container, check=False).returncode == 1
    assert standing.get(HUB, "Certificate", resource) == {}
    assert standing.secret(HUB, resource) == {}
