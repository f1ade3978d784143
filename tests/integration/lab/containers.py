# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers and Redis in podman: what the tests of the lab's bare-metal host run."""

from __future__ import annotations

import json
import socket
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab.layout import write_private
from tests.lab.podman.engine import NoPodman, podman
from tests.lab.podman.images import ensure_images

Entity = dict[str, Any]
Pairs = list[tuple[str, Entity]]
PING, PONG = b"PING\r\n", b"+PONG\r\n"


def need_podman() -> None:
    """Have the lab's images. Where the machine can not run podman, which no lab can mend, skip and say it loudly."""
    try:
        ensure_images()
    except NoPodman as error:
        pytest.skip(f"NOT TESTED, no bare-metal host here: {error}")


def free_port() -> int:
    """A port that nobody has on 127.0.0.1 now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def answers(connection: socket.socket) -> bool:
    """Whether Redis is at the other end."""
    with connection:
        connection.sendall(PING)
        return connection.recv(len(PONG)) == PONG


class Containers:
    """Containers with a prefix of their own, removed in the end."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self._prefix, self._folder = prefix, folder
        self._made: list[str] = []

    def redis(self) -> int:
        """Run Redis; return its port on 127.0.0.1."""
        port = free_port()
        name = self._name("redis")
        image, options = "localhost/lab/redis:7", ("--save", "", "--protected-mode", "no")
        podman("run", "--detach", f"--name={name}", f"--publish=127.0.0.1:{port}:6379", image, *options)
        return port

    def router(self, version: str, pairs: Pairs, secret: Mapping[str, str]) -> RouterContainer:
        """Run a router with a configuration, as upstream's gateway does; its certificate comes from a Secret's data."""
        name = self._name("router")
        folder = self._folder / name
        for file, content in secret.items():
            write_private(folder / "skupper-router-certs" / "conn1-profile" / file, b64decode(content))
        write_private(folder / "config" / "skrouterd.json", json.dumps(pairs))
        environment = {"QDROUTERD_CONF_TYPE": "json", "QDROUTERD_CONF": "/opt/skupper/config/skrouterd.json"}
        podman(
            *("run", "--detach", "--restart=always", f"--name={name}", "--network=host", "--user=0:0"),
            *(f"--env={key}={value}" for key, value in environment.items()),
            f"--volume={folder}:/opt/skupper:Z",
            f"localhost/lab/skupper-router:{version}",
        )
        return RouterContainer(name)

    def _name(self, what: str) -> str:
        name = f"{self._prefix}-{what}-{len(self._made)}"
        self._made.append(name)
        return name

    def clean(self) -> None:
        for name in self._made:
            podman("rm", "--force", "--volumes", "--time=1", name, check=False)


class RouterContainer:
    """A router in podman, asked by the program in its container."""

    def __init__(self, name: str) -> None:
        self.name = name

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return podman("exec", self.name, "skmanage", *arguments, check=False)

    def query(self, bus: str, kind: str) -> list[Entity]:
        """Entities of a kind; empty while the router does not answer."""
        answer = self.manage("query", "--bus", bus, "--type", kind)
        found: list[Entity] = json.loads(answer.stdout) if answer.returncode == 0 else []
        return found

    def log(self) -> str:
        said = podman("logs", self.name)
        return said.stdout + said.stderr


def edge(identity: str, metadata: Mapping[str, str], host: str, port: int, amqp: int) -> Pairs:
    """Configuration of an edge router without services (S1 client/gateway.go)."""
    certificates = "/opt/skupper/skupper-router-certs/conn1-profile"
    profile = {"certFile": "tls.crt", "privateKeyFile": "tls.key", "caCertFile": "ca.crt"}
    files = {key: f"{certificates}/{file}" for key, file in profile.items()}
    dialled = {"host": host, "port": str(port), "role": "edge", "cost": 1, "sslProfile": "conn1-profile"}
    return [
        ("router", {"id": identity, "mode": "edge", "helloMaxAgeSeconds": "3", "metadata": json.dumps(dict(metadata))}),
        ("sslProfile", {"name": "conn1-profile", **files}),
        ("connector", {"name": "conn1", **dialled, "maxFrameSize": 16384, "maxSessionFrames": 640}),
        ("listener", {"name": "amqp", "host": "localhost", "port": amqp}),
    ]
