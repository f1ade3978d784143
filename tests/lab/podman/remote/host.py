# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host itself: booted, reached, switched off.

It is this machine in namespaces of its own (boot.sh): a real sshd, a user without any rights, whose podman has its own
storage and maps its users. It shares the network of the machine, so that it reaches the lab's clusters and listens on
loopback addresses. There is no systemd in it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.errors import LabError
from tests.lab.layout import write_private
from tests.lab.podman.engine import NoPodman, podman
from tests.lab.podman.remote.programs import unpacked

USER, USER_ID, HOME = "edge", 4242, "/srv/home"
BOOT = Path(__file__).with_name("boot.sh")
BOOT_SECONDS, RUN_SECONDS = 30.0, 120.0
# podman's own settings take a running systemd for granted, and crun.
CONTAINERS_CONF = '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "{runtime}"\n'
STORAGE_CONF = '[storage]\ndriver = "overlay"\n'
SSHD_CONFIG = """\
ListenAddress {address}:{port}
HostKey /srv/host_key
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


class RemoteHost:
    """One such host.

    :param folder: of its own, for all that it keeps.
    :param address: loopback address of its SSH server.
    """

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        if os.geteuid() != 0:
            raise NoPodman("a bare-metal host over SSH is made of namespaces, for which one has to be root")
        self.folder, self.address = folder, address
        self._programs = unpacked()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server((address, 0)) as trial:
            self.port: int = trial.getsockname()[1]
        self._install()

    def _install(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("host_key", "key"):
            keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(keygen, check=True, stdin=subprocess.DEVNULL)
        (self.folder / "home" / ".ssh").mkdir(parents=True)
        shutil.copy(self.folder / "key.pub", self.folder / "home" / ".ssh" / "authorized_keys")
        key = (self.folder / "host_key.pub").read_text(encoding="ascii").split()[:2]
        write_private(self.folder / "known_hosts", f"[{self.address}]:{self.port} {' '.join(key)}\n")
        text = SSHD_CONFIG.format(address=self.address, port=self.port)
        write_private(self.folder / "sshd_config", text)
        settings = self.folder / "home" / ".config" / "containers"
        settings.mkdir(parents=True)
        runtime = "crun" if shutil.which("crun") else "runc"
        (settings / "containers.conf").write_text(CONTAINERS_CONF.format(runtime=runtime), encoding="utf-8")
        (settings / "storage.conf").write_text(STORAGE_CONF, encoding="utf-8")

    def boot(self) -> None:
        """Start it and wait until its user can log in."""
        command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", str(BOOT)]
        arguments = [str(self.folder), str(self._programs), USER, str(USER_ID)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + BOOT_SECONDS
        while self.ssh("true").returncode:
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.power_off()
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
                raise LabError(f"the host over SSH does not start: {' / '.join(said[-3:])}")
            time.sleep(0.2)

    def power_off(self) -> None:
        """End all of its processes at once, as a power failure does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def take_image(self, name: str) -> None:
        """Bring an image of the machine's podman there."""
        archive = self.folder / "home" / "image.tar"
        podman("save", "--quiet", "--output", str(archive), name)
        archive.chmod(0o644)
        self.podman("load", "--quiet", "--input", f"{HOME}/{archive.name}")
        archive.unlink()

    def podman(self, *arguments: str) -> str:
        """Run podman there, as its user; return what it prints."""
        done = self.ssh("podman", *arguments)
        if done.returncode:
            raise LabError(f"podman {' '.join(arguments)} on the host over SSH: {done.stderr.strip()}")
        return done.stdout

    def containers(self) -> dict[str, str]:
        """Names and states of all its containers."""
        found = json.loads(self.podman("ps", "--all", "--format", "json") or "[]")
        return {each["Names"][0]: each["State"] for each in found}

    def ssh(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, as its user."""
        login = ["ssh", "-n", *self._options(), "-p", str(self.port), f"{USER}@{self.address}"]
        return subprocess.run([*login, *command], capture_output=True, text=True, timeout=RUN_SECONDS, check=False)

    def _options(self) -> list[str]:
        settings: Mapping[str, Any] = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "IdentityFile": self.folder / "key",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": self.folder / "known_hosts",
        }
        return [f"-o{key}={value}" for key, value in settings.items()]

    def inventory(self) -> dict[str, Any]:
        """Variables of the host for Ansible."""
        return {
            "ansible_connection": "ssh",
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": USER,
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": " ".join(self._options()),
        }
