# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""podman as this machine can run it.

What podman takes for granted, a virtual machine or a container may lack: the right to raise limits (CAP_SYS_RESOURCE),
a running systemd for cgroups. Where something is missing, podman gets a configuration of the lab's own by
``CONTAINERS_CONF``; the machine's own files are left alone.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO

from tests.lab.errors import LabError
from tests.lab.layout import write_private

CAP_SYS_RESOURCE = 24
RUN_SECONDS = 120.0


class NoPodman(LabError):
    """podman can not run here, and why."""


def folder() -> Path:
    """Of what the lab keeps for podman, beside its programs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "multicluster-interconnect" / "podman"


@functools.cache
def environment() -> dict[str, str]:
    """What has to be set for podman to run here: nothing where the machine is complete."""
    configuration = _configuration()
    if not configuration:
        return {}
    file = folder() / "containers.conf"
    if not file.exists() or file.read_text(encoding="utf-8") != configuration:
        write_private(file, configuration)
    return {"CONTAINERS_CONF": str(file)}


def _configuration() -> str:
    containers, engine = [], []
    if not _has_capability(CAP_SYS_RESOURCE) and os.geteuid() == 0:
        # The limits of a process without the capability can be lowered only.
        containers.append('default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]')
    if not Path("/run/systemd/system").is_dir():
        engine.append('cgroup_manager = "cgroupfs"')
    if shutil.which("crun") is None and shutil.which("runc"):
        engine.append('runtime = "runc"')
    if not containers and not engine:
        return ""
    return "\n".join(["[containers]", *containers, "[engine]", *engine, 'events_logger = "file"', ""])


def _has_capability(number: int) -> bool:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    effective = next(line.split()[1] for line in lines if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> number & 1)


def podman(*arguments: str, stdin: IO[bytes] | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run podman. LabError with its words when it fails, unless that is not to be checked."""
    program = shutil.which("podman")
    if program is None:
        raise NoPodman("podman is not installed: make env installs it, as root or with a sudo that asks for nothing")
    result = subprocess.run(
        [program, *arguments],
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=os.environ | environment(),
        timeout=RUN_SECONDS,
        check=False,
    )
    if check and result.returncode:
        raise LabError(f"podman {' '.join(arguments)}: {result.stderr.strip()}")
    return result
