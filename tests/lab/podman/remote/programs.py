# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What such a host needs and this machine may lack: an SSH server, and what podman needs without root.

Debian's own packages, unpacked into a folder of the lab's instead of installed: a package's scripts would start a
server and add users.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.lab.podman.engine import NoPodman, folder

PACKAGES = ("openssh-server", "libwrap0", "uidmap", "slirp4netns", "libslirp0")
PROGRAMS = ("usr/sbin/sshd", "usr/bin/newuidmap", "usr/bin/newgidmap", "usr/bin/slirp4netns")
SECONDS = 120.0


def unpacked() -> Path:
    """Folder with the content of the packages; made when it is missing. Raise NoPodman where they can not be had."""
    place = folder() / "debian"
    if all((place / name).exists() for name in PROGRAMS):
        return place
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NoPodman("a bare-metal host over SSH is made of Debian's packages, and this machine has no apt-get")
    made = folder() / "debian.new"
    shutil.rmtree(made, ignore_errors=True)
    (made / "packages").mkdir(parents=True)
    download = ["apt-get", "--quiet", "--option=APT::Sandbox::User=root", "download", *PACKAGES]
    if _run(download, made / "packages"):  # the lists of packages may be missing
        _run(["apt-get", "--quiet", "update"], made)
        if problem := _run(download, made / "packages"):
            raise NoPodman(f"apt-get can not download {' '.join(PACKAGES)}: {problem}")
    for package in sorted((made / "packages").glob("*.deb")):
        if problem := _run(["dpkg", "--extract", str(package), str(made)], made):
            raise NoPodman(f"{package.name} can not be unpacked: {problem}")
    made.rename(place)
    return place


def _run(command: list[str], where: Path) -> str:
    """Run a program; return what it said where it has failed."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=SECONDS, check=False)
    return (done.stderr.strip() or f"exit status {done.returncode}") if done.returncode else ""
