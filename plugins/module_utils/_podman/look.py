# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at the host: podman, the container of the router's name, and what the router in it says. Reads only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from .._client.errors import InterconnectError
from . import files, host, units
from .carrying_out import Host
from .command import CommandError
from .desired import Router
from .management import Manager, RouterState
from .plan import Found
from .podman import OLDEST, Container, numbers
from .router_config import BINDINGS, RouterConfig, parse

PATIENCE_SECONDS = 10.0
"""A router that has just been started, by a reboot for one, is given so long to answer."""


class Refused(InterconnectError):
    """The host is not fit for what is asked for. Nothing has been written."""


class Look:
    """What is there."""

    def __init__(self, params: Mapping[str, Any], through: Host) -> None:
        self._params = params
        self._through = through
        self.facts = host.facts(params["gateway_name"])
        self.problems: list[str] = []
        self.version = self._version()
        self.offered = units.offered(self.version or "")
        name = params["name"]
        self.container: Container | None = through.podman.container(name) if name and self.version else None

    @property
    def where(self) -> str:
        """The host, for a message."""
        return f"{self.facts['hostname']} (user {self.facts['user']})"

    def _version(self) -> str | None:
        try:
            version = self._through.podman.version()
        except CommandError as error:
            self.problems.append(f"podman does not work on {self.where}: {error.message}")
            return None
        needed = ".".join(str(number) for number in OLDEST)
        if version is None:
            self.problems.append(f"podman is not installed on {self.where}: install podman {needed} or later")
        elif numbers(version) < OLDEST:
            self.problems.append(f"podman of {self.where} is {version}: update it to {needed} or later")
        return version

    def podman(self) -> dict[str, Any] | None:
        """As results carry it; None where podman is missing."""
        if self.version is None:
            return None
        return {
            "version": self.version,
            "rootless": self._through.podman.rootless,
            "quadlet": self.offered.quadlet,
            "systemd": self.offered.systemd,
        }

    def config_on_disk(self, home: str | None, config_file: str | None, env: Mapping[str, str]) -> RouterConfig | None:
        """The configuration that the router has read, or will; None where there is none that can be understood."""
        text = files.read(home, config_file) if home and config_file else None
        try:
            return parse(text, env) if text else None
        except ValueError:
            return None

    def ports(self, config: RouterConfig | None) -> list[dict[str, Any]]:
        """Which of the ports asked for are free, or our own."""
        running = self.container is not None and self.container.running and self.container.is_router
        own = config.listening if config and running else ()
        return host.ports(self._params["ports_free"] or [], own, self._through.podman.rootless)

    def reach(self) -> list[dict[str, Any]]:
        """Which of the hosts asked for can be reached."""
        return host.reach(self._params["reach"] or [])

    def state(self, manager: Manager, kinds: Iterable[str], patience: float = 0) -> RouterState | None:
        """What the router says; None where none runs."""
        if self.container is None or not (self.container.running and self.container.is_router):
            return None
        wanted = list(kinds)
        end = self._through.now() + patience
        while True:
            state = manager.state(wanted)
            if state.answers or self._through.now() >= end:
                return state
            self._through.sleep(1)

    def found(self, router: Router, boot: str) -> Found:
        """Everything that the plan depends on."""
        present = files.read_all(router.home, router.files)
        before = self.config_on_disk(router.home, router.config_file, router.env)
        container = self.container
        # What runs is managed as it was told to be, which is what lies there.
        manager = Manager(self._through.podman, router.name, (before or router.config).management)
        stays = container is not None and container.digest == router.digest(boot)
        unit = boot == "unit" and container is not None
        return Found(
            container=container,
            present=present,
            files=files.changes(router.home, router.files, present, router.managed),
            state=self.state(manager, kinds(router.config, before), PATIENCE_SECONDS if stays else 0),
            has_image=stays or self._through.podman.has_image(router.image),
            units=self.own_units(router.name),
            enabled=self._through.systemd.is_enabled(units.service(router.name)) if unit else boot != "unit",
            lingers=not self._through.podman.rootless or units.lingers(self.facts["user"]),
        )

    def own_units(self, name: str) -> dict[str, str]:
        """Units of ours that are there: content by path."""
        found = {}
        for kind in ("quadlet", "unit"):
            path = self.places.of(kind, name)
            if path and os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
                if text.startswith(units.MARK):
                    found[path] = text
        return found

    @property
    def places(self) -> units.Places:
        """Where units are looked for."""
        return units.places(self._through.podman.rootless, self.facts["home"])

    def refuse_foreign(self, name: str) -> None:
        """A container of the name that is no router is somebody else's.

        :raises Refused: there is one.
        """
        if self.container is not None and not self.container.is_router:
            raise Refused(
                f"{self.where}: container {name} (image {self.container.image}) is no Skupper router: give the router "
                "another name, or remove that container"
            )


def kinds(*configs: RouterConfig | None) -> list[str]:
    """The kinds of bindings to ask a router for: it fails on those for HTTP, unless it is of v1 and may have some."""
    used = {binding.entity for config in configs if config for binding in config.bindings}
    return [kind for kind in BINDINGS if kind.startswith("tcp") or kind in used]
