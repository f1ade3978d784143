# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with podman, systemd and a router, as far as their command lines show: words in, words out.

Answers have the shape that podman 4.3.1 and skmanage give (tests/integration/bare_metal runs the real podman).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.command import NOT_FOUND, Outcome
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.podman import Podman
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.task import run_through
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_router import SPEC

IMAGE = "localhost/lab/skupper-router:2.7.6"
CONF = "/opt/skupper/config/skrouterd.json"
ROUTER = ["router", {"id": "gateway", "mode": "edge"}]
LISTENER = ["listener", {"name": "amqp", "host": "localhost", "port": 25672}]
REDIS = ["tcpConnector", {"name": "redis:6379", "host": "127.0.0.1", "port": "6379", "address": "redis:6379"}]


@dataclass
class Box:
    """A container."""

    words: list[str]
    labels: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    image: str = ""
    running: bool = False
    started: str = "0001-01-01T00:00:00Z"
    restarts: int = 0
    entities: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def start(self, count: int) -> None:
        """Run: the router reads its configuration."""
        self.running = True
        self.started = f"2026-11-22T08:00:{count:02}Z"
        target, source = next(iter(self.volumes.items()))
        text = Path(self.env["QDROUTERD_CONF"].replace(target, source)).read_text(encoding="utf-8")
        self.entities = [(kind, dict(entity)) for kind, entity in json.loads(text)]

    def stop(self) -> None:
        """Stop."""
        self.running = False


@dataclass
class World:
    """The host. `log` has all commands; `refuses` what fails with which words."""

    home: Path
    uid: int = 0
    version: str | None = "4.3.1"
    images: set[str] = field(default_factory=lambda: {IMAGE})
    boxes: dict[str, Box] = field(default_factory=dict)
    log: list[list[str]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    deaf: bool = False
    """Routers do not answer."""
    link: str = "SUCCESS"
    clock: float = 0.0
    warnings: list[str] = field(default_factory=list)
    enabled: set[str] = field(default_factory=set)

    def command(self, words: Sequence[str], seconds: float) -> Outcome:
        """Run a program of the host."""
        assert seconds > 0
        self.log.append(list(words))
        line = " ".join(words)
        for part, said in self.refuses.items():
            if part in line:
                return Outcome(125, stderr=f"Error: {said}\n")
        if words[0] == "podman":
            return self._podman(list(words[1:]))
        return self._systemd([word for word in words if word != "--user"])

    def run(self, check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        """The module, with a router as `options` has it."""
        return self.module(check, diff, **(self.options() | options))

    def module(self, check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        """The module with nothing but these options."""
        params = {name: option.get("default") for name, option in SPEC.argument_spec.items()} | options
        task = Task(params, check_mode=check, diff_mode=diff, warn=self.warnings.append)
        return run_through(task, Podman(self.command, self.uid, self.uid), self.command, self.sleep, lambda: self.clock)

    def options(self, *entities: Any) -> dict[str, Any]:
        """Options of a router with a binding."""
        config = [ROUTER, LISTENER, *(entities or [REDIS])]
        return {
            "name": "gateway",
            "home": str(self.home),
            "image": IMAGE,
            "config_file": "config/skrouterd.json",
            "files": {"config/skrouterd.json": json.dumps(config), "config/siteid.txt": "site-1"},
            "secret_files": {"certs/tls.key": "KEY MATERIAL"},
            "managed": ["config", "certs"],
            "unread": ["config/siteid.txt"],
            "env": {"QDROUTERD_CONF": CONF, "QDROUTERD_CONF_TYPE": "json"},
            "mounts": [{"source": ".", "target": "/opt/skupper", "options": ["Z"]}],
            "wait_timeout": 20,
        }

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock += seconds

    def changed_by(self) -> list[str]:
        """The commands that change anything, as lines; the log is empty afterwards."""
        reading = ("version", "inspect", "exists", "query", "skrouterd", "logs", "is-enabled")
        lines = [" ".join(words) for words in self.log if not set(words) & set(reading)]
        self.log.clear()
        return lines

    def _podman(self, words: list[str]) -> Outcome:
        if self.version is None:
            return Outcome(NOT_FOUND, stderr="podman: not found in PATH")
        verb, name = words[0], words[1] if words[0] == "exec" else words[-1]
        if verb in ("container", "start", "stop", "exec") and name not in self.boxes:
            return Outcome(125, stderr=f"Error: no such container {name}\n")
        verbs: dict[str, Callable[[], Outcome]] = {
            "version": lambda: Outcome(0, f"{self.version}\n"),
            "image": lambda: Outcome(0 if name in self.images else 1),
            "pull": lambda: self._done(lambda: self.images.add(name)),
            "run": lambda: self._run(words),
            "rm": lambda: self._done(lambda: self.boxes.pop(name, None)),
            "exec": lambda: self._exec(self.boxes[name], words[2:]),
            "container": lambda: Outcome(0, json.dumps([_inspected(self.boxes[name])])),
            "start": lambda: self._done(lambda: self.boxes[name].start(len(self.log))),
            "stop": lambda: self._done(self.boxes[name].stop),
        }
        return verbs[verb]()

    def _done(self, change: Callable[[], object]) -> Outcome:
        change()
        return Outcome(0)

    def _run(self, words: list[str]) -> Outcome:
        given = list(itertools.pairwise(words))

        def pairs(option: str) -> dict[str, str]:
            return dict(value.split("=", 1) for word, value in given if word == option)

        volumes = {v.split(":")[1]: v.split(":")[0] for word, v in given if word == "--volume"}
        box = Box(words, pairs("--label"), pairs("--env"), volumes, words[-1])
        box.start(len(self.log))
        self.boxes[words[words.index("--name") + 1]] = box
        return Outcome(0, "0123456789abcdef\n")

    def _exec(self, box: Box, words: list[str]) -> Outcome:
        if words[0] == "skrouterd":
            return Outcome(0, "2.7.6\n")
        listener = next(entity for kind, entity in box.entities if kind == "listener")
        bus = words[words.index("--bus") + 1]
        if self.deaf or not bus.endswith(f":{listener['port']}"):
            return Outcome(1, "ConnectionException: Connection refused\n")
        kind = words[words.index("--type") + 1].rpartition(".")[2]
        if words[1] == "query":
            up = {"connectionStatus": self.link, "connectionMsg": ""} if kind == "connector" else {}
            return Outcome(0, json.dumps([{**entity, **up} for each, entity in box.entities if each == kind]))
        name = words[words.index("--name") + 1]
        there = [entry for entry in box.entities if entry[0] == kind and entry[1].get("name") == name]
        if words[1] == "delete":
            box.entities.remove(there[0])
            return Outcome(0)
        if there:
            return Outcome(1, f"ValidationError: Duplicate value '{name}' for unique attribute 'name'\n")
        attributes = dict(word.split("=", 1) for word in words[words.index("--name") + 2 :])
        box.entities.append((kind, {"name": name, "identity": f"{kind}/{name}", **attributes}))
        return Outcome(0, "{}")

    def _systemd(self, words: list[str]) -> Outcome:
        if words[1] == "is-enabled":
            return Outcome(0 if words[-1] in self.enabled else 1)
        if words[1] == "enable":
            self.enabled.add(words[-1])
        if words[1] == "disable":
            self.enabled.discard(words[-1])
        return Outcome(0)


def _inspected(box: Box) -> dict[str, Any]:
    return {
        "Id": "0123456789abcdef0123",
        "State": {"Running": box.running, "StartedAt": box.started, "Status": "running" if box.running else "exited"},
        "ImageName": box.image,
        "RestartCount": box.restarts,
        "Config": {"Labels": box.labels or None, "Env": [f"{name}={value}" for name, value in box.env.items()]},
    }
