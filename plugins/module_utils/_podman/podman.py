# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""podman by its command line: what the router's container is, and what is done to it.

Shapes: containers/podman, `podman container inspect` (libpod/define/container_inspect.go), versions 4 and 5.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .command import NOT_FOUND, Command, CommandError, Outcome
from .desired import DIGEST_LABEL, Router

OLDEST = (4, 0)
QUICK = 60.0
STOP_SECONDS = 10
PULL_SECONDS = 900.0


@dataclass(frozen=True)
class Container:
    """A container of the router's name."""

    id: str
    image: str
    running: bool
    started: str
    restarts: int
    digest: str
    is_router: bool

    @property
    def has_run(self) -> bool:
        """Whether it was ever started: podman gives the year 1 otherwise."""
        return bool(self.started) and not self.started.startswith("0001-")

    def as_dict(self) -> dict[str, Any]:
        """As results carry it."""
        return {
            "id": self.id,
            "image": self.image,
            "running": self.running,
            "started": self.started,
            "digest": self.digest,
        }


class Podman:
    """podman on this host, as this user."""

    def __init__(self, command: Command, uid: int, gid: int) -> None:
        self._command = command
        self.uid = uid
        self.gid = gid

    @property
    def rootless(self) -> bool:
        """Whether containers run without rights of root."""
        return self.uid != 0

    def version(self) -> str | None:
        """Its version; None where it is not installed.

        :raises CommandError: it does not work.
        """
        outcome = self._command(["podman", "version", "--format", "{{.Client.Version}}"], QUICK)
        if outcome.status == NOT_FOUND:
            return None
        return self._good(outcome, "tell its version").stdout.strip()

    def container(self, name: str) -> Container | None:
        """The container of a name."""
        outcome = self._command(["podman", "container", "inspect", name], QUICK)
        if outcome.status and re.search(r"no such (container|object)", outcome.stderr, re.IGNORECASE):
            return None
        return _container(json.loads(self._good(outcome, f"inspect container {name}").stdout)[0])

    def has_image(self, image: str) -> bool:
        """Whether an image needs no pull."""
        return self._command(["podman", "image", "exists", image], QUICK).status == 0

    def pull(self, image: str) -> None:
        """Pull an image."""
        self._good(self._command(["podman", "pull", "--quiet", image], PULL_SECONDS), f"pull image {image}")

    def run(self, router: Router, boot: str) -> None:
        """Make and start the router's container."""
        self._good(self._command(run_words(router, boot, self), PULL_SECONDS), f"run container {router.name}")

    def start(self, name: str) -> None:
        """Start a container."""
        self._good(self._command(["podman", "start", name], QUICK), f"start container {name}")

    def stop(self, name: str) -> None:
        """Stop a container."""
        words = ["podman", "stop", "--time", str(STOP_SECONDS), name]
        self._good(self._command(words, QUICK), f"stop container {name}")

    def remove(self, name: str) -> None:
        """Stop and remove a container."""
        words = ["podman", "rm", "--force", "--ignore", "--time", str(STOP_SECONDS), name]
        self._good(self._command(words, QUICK), f"remove container {name}")

    def execute(self, name: str, words: Sequence[str], seconds: float = QUICK) -> Outcome:
        """Run a program in a container."""
        return self._command(["podman", "exec", name, *words], seconds)

    def last_words(self, name: str, lines: int = 5) -> str:
        """The end of a container's log, on one line; what it says at each of its starts, once."""
        outcome = self._command(["podman", "logs", "--tail", str(lines), name], QUICK)
        said = [line.strip() for line in (outcome.stdout + "\n" + outcome.stderr).splitlines()]
        return " / ".join(dict.fromkeys(line for line in said if line))

    def _good(self, outcome: Outcome, doing: str) -> Outcome:
        if outcome.status:
            raise CommandError(f"podman can not {doing}: {outcome.said}")
        return outcome


def user_words(router: Router, podman: Podman) -> list[str]:
    """Who the router is in its container, so that it can read files that are their owner's alone."""
    if router.user == "root" or not podman.rootless:
        return ["--user", "0:0"]
    return ["--user", f"{podman.uid}:{podman.gid}", "--userns", "keep-id"]


def run_words(router: Router, boot: str, podman: Podman) -> list[str]:
    """The command that makes the router's container."""
    words = ["podman", "run", "--detach", "--name", router.name, "--network", router.network]
    words += ["--restart", "no" if boot == "none" else "always", *user_words(router, podman)]
    for name, value in sorted(router.env.items()):
        words += ["--env", f"{name}={value}"]
    for name, value in sorted({**router.labels, DIGEST_LABEL: router.digest(boot)}.items()):
        words += ["--label", f"{name}={value}"]
    for mount in router.mounts:
        words += ["--volume", str(mount)]
    return [*words, router.image]


def this_user(command: Command) -> Podman:
    """The podman of this process's user."""
    return Podman(command, os.geteuid(), os.getegid())


def numbers(version: str) -> tuple[int, int]:
    """Major and minor number."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _container(inspected: dict[str, Any]) -> Container:
    state = inspected.get("State") or {}
    config = inspected.get("Config") or {}
    labels = config.get("Labels") or {}
    return Container(
        id=str(inspected.get("Id", ""))[:12],
        image=str(inspected.get("ImageName") or config.get("Image") or ""),
        running=bool(state.get("Running")),
        started=str(state.get("StartedAt", "")),
        restarts=int(inspected.get("RestartCount") or 0),
        digest=str(labels.get(DIGEST_LABEL, "")),
        is_router=any(str(entry).startswith("QDROUTERD_CONF=") for entry in config.get("Env") or []),
    )
