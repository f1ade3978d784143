# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a router survives a reboot: a Quadlet where podman has that, else a unit of systemd that starts its container.

Quadlet: containers/podman, podman-systemd.unit(5), 4.4 and later. What is a key of Quadlet only in newer versions is
given by `PodmanArgs`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from .command import Command, CommandError
from .desired import DIGEST_LABEL, Router
from .podman import QUICK, STOP_SECONDS, Podman, numbers, user_words

MARK = "# Written by multicluster.interconnect.skupper_router. Changes are overwritten."
QUADLET_SINCE = (4, 4)
GENERATORS = (
    "/usr/lib/systemd/system-generators/podman-system-generator",
    "/usr/libexec/podman/quadlet",
    "/usr/lib/podman/quadlet",
)
BOOTS = ("quadlet", "unit", "policy", "none")
LINGER = "/var/lib/systemd/linger"


@dataclass(frozen=True)
class Boot:
    """What the host offers."""

    systemd: bool
    quadlet: bool

    def choose(self, wanted: str) -> str:
        """The best way: one of BOOTS."""
        if wanted != "auto":
            return wanted
        if self.systemd:
            return "quadlet" if self.quadlet else "unit"
        return "policy"


def offered(version: str, generators: Iterable[str] = GENERATORS, booted: str = "/run/systemd/system") -> Boot:
    """What this host offers, with podman of a version."""
    systemd = os.path.isdir(booted)
    has_generator = any(os.path.exists(path) for path in generators)
    return Boot(systemd, systemd and has_generator and numbers(version) >= QUADLET_SINCE)


def service(name: str) -> str:
    """The unit. Not the bare name: a router called `sshd` must not take the place of somebody else's."""
    return f"skupper-{name}.service"


@dataclass(frozen=True)
class Places:
    """Where units are looked for."""

    quadlet: str
    unit: str

    def of(self, boot: str, name: str) -> str | None:
        """The file of a router."""
        return {
            "quadlet": os.path.join(self.quadlet, f"skupper-{name}.container"),
            "unit": os.path.join(self.unit, service(name)),
        }.get(boot)


def places(rootless: bool, home: str) -> Places:
    """The folders for root, or below the home of a user."""
    if not rootless:
        return Places("/etc/containers/systemd", "/etc/systemd/system")
    configuration = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return Places(os.path.join(configuration, "containers", "systemd"), os.path.join(configuration, "systemd", "user"))


def wanted_text(router: Router, boot: str, podman: Podman) -> str | None:
    """The file's content; None where there is to be none."""
    if boot == "quadlet":
        return _quadlet(router, podman)
    return _unit(router.name, podman) if boot == "unit" else None


def _quadlet(router: Router, podman: Podman) -> str:
    words = user_words(router, podman)
    arguments = " ".join(f"{option}={value}" for option, value in zip(words[::2], words[1::2]))
    labels = {**router.labels, DIGEST_LABEL: router.digest("quadlet")}
    lines = [
        MARK,
        "[Unit]",
        f"Description=Skupper router {router.name}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Container]",
        f"ContainerName={router.name}",
        f"Image={router.image}",
        f"Network={router.network}",
        f"PodmanArgs={arguments}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(router.env.items())),
        *(f"Label={_quoted(f'{name}={value}')}" for name, value in sorted(labels.items())),
        *(f"Volume={_escaped(str(mount))}" for mount in router.mounts),
        "",
        "[Service]",
        "Restart=always",
        "",
        "[Install]",
        f"WantedBy={_target(podman)}",
        "",
    ]
    return "\n".join(lines)


def _unit(name: str, podman: Podman) -> str:
    program = shutil.which("podman") or "/usr/bin/podman"
    lines = [
        MARK,
        "[Unit]",
        f"Description=Skupper router {name}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        f"ExecStart={program} start {name}",
        f"ExecStop={program} stop --ignore --time {STOP_SECONDS} {name}",
        "",
        "[Install]",
        f"WantedBy={_target(podman)}",
        "",
    ]
    return "\n".join(lines)


def _target(podman: Podman) -> str:
    return "default.target" if podman.rootless else "multi-user.target"


def _escaped(text: str) -> str:
    """Kept from what systemd fills in."""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    escaped = _escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Systemd:
    """systemd of the host, or that of the user."""

    def __init__(self, command: Command, rootless: bool) -> None:
        self._command = command
        self._scope = ["--user"] if rootless else []

    def control(self, *words: str) -> None:
        """Run systemctl.

        :raises CommandError: it fails.
        """
        outcome = self._command(["systemctl", *self._scope, *words], 5 * QUICK)
        if outcome.status:
            raise CommandError(f"systemctl {' '.join(words)} fails: {outcome.said}")

    def is_enabled(self, unit: str) -> bool:
        """Whether a unit is started at boot."""
        return self._command(["systemctl", *self._scope, "is-enabled", "--quiet", unit], QUICK).status == 0

    def enable_linger(self, user: str) -> bool:
        """Have the user's units started at boot, without a session; whether that is allowed."""
        return self._command(["loginctl", "enable-linger", user], QUICK).status == 0


def lingers(user: str, folder: str = LINGER) -> bool:
    """Whether a user's units run without a session."""
    return os.path.exists(os.path.join(folder, user))
