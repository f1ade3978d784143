# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis on the lab's bare-metal host by the role ``redis_host``: what the tests run and look at."""

from __future__ import annotations

import json
import os
import socket
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.integration.lab.containers import free_port
from tests.integration.runs import Ansible, Run
from tests.lab.podman import systemctl
from tests.lab.podman.engine import environment, podman

IMAGE = "localhost/lab/redis:7"


class RedisHost:
    """One Redis with a name and a port of its own, and the playbook that brings it."""

    def __init__(self, ansible: Ansible, folder: Path) -> None:
        self._ansible, self._folder = ansible, folder
        self.name, self.port = f"redis-{uuid.uuid4().hex[:6]}", free_port()
        self.variables: dict[str, Any] = {
            "redis_host_name": self.name,
            "redis_host_image": IMAGE,
            "redis_host_image_pull": "never",
            "redis_host_port": self.port,
            "redis_host_wait_timeout": 20,
        }
        self._programs = folder / "bin"
        self._programs.mkdir()
        self._state = folder / "systemd"

    def run(self, *arguments: str, entry: str = "main", **variables: Any) -> Run:
        """Run an entry point of the role, with more variables than the usual ones."""
        playbook = self._folder / "redis.yml"
        role = {"name": "multicluster.interconnect.redis_host", "tasks_from": entry}
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
        playbook.write_text(json.dumps([{**play, "tasks": [{"name": "Redis", "ansible.builtin.include_role": role}]}]))
        local = {"ansible_python_interpreter": sys.executable, "ansible_pipelining": True}
        return self._ansible.playbook(
            playbook,
            *arguments,
            variables={**local, **self.variables, **variables},
            inventories=("localhost,",),
            environment={
                **environment(),
                "PATH": os.pathsep.join((str(self._programs), str(Path(sys.executable).parent), os.environ["PATH"])),
                "SYSTEMCTL_DOUBLE": str(self._state),
            },
        )

    def replace_program(self, name: str, script: str) -> None:
        """Have the host find another program of a name."""
        (self._programs / name).write_text(script, encoding="utf-8")
        (self._programs / name).chmod(0o755)

    def bring_systemd(self) -> None:
        """A double of systemd, that has the units in a folder of the test's."""
        for each in ("units", "loaded"):
            (self._state / each).mkdir(parents=True)
        self.replace_program("systemctl", f'#!/bin/sh\nexec {sys.executable} {systemctl.__file__} "$@"\n')
        folders = dict.fromkeys(("quadlet", "unit"), str(self._state / "units"))
        self.variables |= {
            "__redis_host_has_systemd": True,
            "__redis_host_has_quadlet": True,
            "__redis_host_folders": folders,
        }

    def systemd_asked(self) -> list[str]:
        """What has been asked of systemd since the last time, but to read its files."""
        asked = self._state / "asked.jsonl"
        lines = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
        asked.unlink(missing_ok=True)
        return [verb for verb, _unit in map(json.loads, lines) if verb != "daemon-reload"]

    def units(self) -> list[str]:
        return sorted(each.name for each in (self._state / "units").iterdir())

    def cli(self, *words: str, password: str = "") -> str:
        """Ask as a client that can reach the published address."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            for command in [("AUTH", password)] * bool(password) + [words]:
                parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
                connection.sendall(f"*{len(command)}\r\n{parts}".encode())
                answer = connection.recv(4096).decode()
        return answer.strip()

    def reached_at(self, address: str) -> bool:
        with socket.socket() as trial:
            trial.settimeout(2)
            return trial.connect_ex((address, self.port)) == 0

    def inspect(self) -> Mapping[str, Any]:
        """The container; empty when there is none."""
        answer = podman("container", "inspect", self.name, check=False)
        found: list[Mapping[str, Any]] = json.loads(answer.stdout) if answer.returncode == 0 else []
        return found[0] if found else {}

    def started(self) -> tuple[str, str]:
        """Differs after every start."""
        live = self.inspect()
        return live["Id"], live["State"]["StartedAt"]

    def has(self, what: str, name: str) -> bool:
        """Whether podman has a volume or a secret."""
        return name in podman(what, "ls", "--format", "{{.Name}}").stdout.split()

    def clean(self) -> None:
        podman("rm", "--force", "--time=1", self.name, check=False)
        podman("volume", "rm", "--force", f"{self.name}-data", check=False)
        podman("secret", "rm", f"{self.name}-password", check=False)
