# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine as the host of a router: podman is real; no cluster is needed, and none is started."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, perform
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_router import SPEC
from tests.integration.lab.containers import free_port, need_podman
from tests.integration.runs import Ansible, Run, TaskRun
from tests.lab import Lab
from tests.lab.layout import Layout
from tests.lab.podman.engine import environment, podman

MODULE = "skupper_router"
V1_IMAGE = "localhost/lab/skupper-router:2.7.6"
V2_IMAGE = "localhost/lab/skupper-router:3.3.0"
Entity = list[Any]


class NoLab(NamedTuple):
    """What Ansible needs of a lab where it asks nothing of one."""

    folder: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.folder / "no-lab")

    @property
    def kubeconfig(self) -> Path:
        return self.layout.kubeconfig


class RouterHost:
    """One router's name, folder and container; removed in the end."""

    def __init__(self, folder: Path) -> None:
        self.name = f"router-{uuid.uuid4().hex[:6]}"
        self.home = folder / self.name
        self.port = free_port()
        """At which the router is managed."""
        self._folder = folder
        self._count = 0

    # -- tasks -------------------------------------------------------------------------------------------------------

    def args(self, *entities: Entity, **more: Any) -> dict[str, Any]:
        """Arguments of a router as a gateway of v1 has it, with some bindings."""
        config = [
            ["router", {"id": self.name, "mode": "edge", "metadata": json.dumps({"id": "0f2d", "version": "1.9.6"})}],
            ["listener", {"name": "amqp", "host": "localhost", "port": self.port}],
            *entities,
        ]
        return {
            "name": self.name,
            "home": str(self.home),
            "image": V1_IMAGE,
            "config_file": "config/skrouterd.json",
            "files": {"config/skrouterd.json": json.dumps(config), "config/siteid.txt": "0f2d"},
            "secret_files": {"skupper-router-certs/conn1-profile/tls.key": "no key, but as secret"},
            "unread": ["config/siteid.txt"],
            "managed": ["."],
            "env": {"QDROUTERD_CONF": "/opt/skupper/config/skrouterd.json", "QDROUTERD_CONF_TYPE": "json"},
            "mounts": [{"source": ".", "target": "/opt/skupper", "options": ["Z"]}],
            "wait_timeout": 20,
            "wait_sleep": 1,
            **more,
        }

    def run(self, *steps: dict[str, Any]) -> Run:
        """Run tasks by Ansible, as modules, whether they fail or not."""
        self._count += 1
        ansible = Ansible(cast(Lab, NoLab(self._folder)), self._folder / f"run-{self._count}", as_module=True)
        return ansible.steps(*steps)

    def task(self, *entities: Entity, **more: Any) -> TaskRun:
        """Do the work of one task, without the seconds that a run of Ansible takes."""
        defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
        result = perform(SPEC, Task({**defaults, **self.args(*entities, **more)}, diff_mode=True))
        return TaskRun("", "router", MODULE, "failed" if result.get("failed") else "ok", "", "", result)

    def done(self, *entities: Entity, **more: Any) -> list[str]:
        """Run one task, which must succeed; what it did."""
        found = self.task(*entities, **more)
        assert not found.failed, found.message
        assert found.changed == bool(found["actions"])
        actions: list[str] = found["actions"]
        return actions

    # -- what is there -----------------------------------------------------------------------------------------------

    def container(self) -> dict[str, Any]:
        """As podman sees it; empty where there is none."""
        found = podman("container", "inspect", self.name, check=False)
        return dict(json.loads(found.stdout)[0]) if found.returncode == 0 else {}

    def identity(self) -> tuple[str, str]:
        """Changes when the container is replaced, and when it is restarted."""
        found = self.container()
        return str(found.get("Id", "")), str((found.get("State") or {}).get("StartedAt", ""))

    def bindings(self, kind: str = "tcpConnector") -> dict[str, str]:
        """Name and port of what the router has, asked by a way of the tests' own."""
        words = ("skmanage", "query", "--bus", f"amqp://127.0.0.1:{self.port}", "--type", kind)
        return {each["name"]: str(each["port"]) for each in json.loads(podman("exec", self.name, *words).stdout)}

    def clean(self) -> None:
        podman("rm", "--force", "--time=1", self.name, check=False)


@contextmanager
def router_host(folder: Path) -> Iterator[RouterHost]:
    """The machine, where podman runs on it."""
    need_podman()
    made = RouterHost(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment().items():
            patch.setenv(name, value)
        try:
            yield made
        finally:
            made.clean()
