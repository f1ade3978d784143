# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``bare_metal``: the lab's bare-metal host, which is this machine with its real podman.

Labs share the machine's podman: each has a prefix for the names of its containers and volumes, and a loopback address
for their ports, both made of the lab's folder. What Ansible has to know of it is in a file that ``inventories/lab``
reads.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.controlplane import ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout, write_private
from tests.lab.part import Part
from tests.lab.podman.engine import environment, podman
from tests.lab.podman.images import ensure_images
from tests.lab.topology import HUB, LOOPBACK_PREFIX

FIRST, BLOCKS = 200, 50
"""Third parts of the hosts' addresses; clusters have lower ones."""


@dataclass(frozen=True)
class Host:
    """The host of one lab."""

    prefix: str
    address: str

    @classmethod
    def of(cls, layout: Layout) -> Host:
        digest = hashlib.sha256(str(layout.root.resolve()).encode()).digest()
        address = f"{LOOPBACK_PREFIX}.{FIRST + digest[0] % BLOCKS}.{1 + digest[1] % 254}"
        return cls(f"lab-{digest.hex()[:8]}", address)

    def containers(self) -> list[str]:
        """Names of its containers."""
        return podman("ps", "--all", "--filter", f"name=^{self.prefix}-", "--format", "{{.Names}}").stdout.split()

    def halt(self) -> None:
        """Stop all containers, as when the machine goes down."""
        if names := self.containers():
            podman("stop", "--time", "2", *names)

    def resume(self) -> None:
        """Start them again, as podman's own service does after a reboot where systemd runs."""
        if names := self.containers():
            podman("start", *names)

    def remove(self) -> None:
        """Remove containers, volumes and secrets of the lab."""
        if names := self.containers():
            podman("rm", "--force", "--time", "2", "--volumes", *names)
        for kind in ("volume", "secret"):
            found = podman(kind, "ls", "--format", "{{.Name}}").stdout.split()
            if names := [each for each in found if each.startswith(f"{self.prefix}-")]:
                podman(kind, "rm", *names)


def prepare(plane: ControlPlane) -> None:
    """Make images, and write down the host; once, with the hub. Where podman can not run, say so and why."""
    if plane.cluster != HUB:
        return
    host, problem = Host.of(plane.layout), ""
    try:
        ensure_images()
    except LabError as error:
        problem = str(error)
        print(f"\nlab: NO BARE-METAL HOST: {problem}\nlab: everything of it is left out\n", file=sys.stderr, flush=True)
    found = {
        "prefix": host.prefix,
        "address": host.address,
        "folder": str(plane.layout.root / "bare-metal"),
        "environment": {} if problem else environment(),
        "problem": problem,
    }
    write_private(plane.layout.bare_metal, json.dumps(found, indent=2) + "\n")


def parts(_planes: Mapping[str, ControlPlane], _hub: ControlPlane) -> list[Part]:
    """None: who deploys makes the containers."""
    return []


def is_there(layout: Layout) -> bool:
    """Whether the lab has a host that can be used."""
    return layout.bare_metal.exists() and not json.loads(layout.bare_metal.read_text())["problem"]
