# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module skupper_router says of the host and of the router there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A result of skupper_router, with what is missing in it filled in."""

    changed: bool = False
    actions: Sequence[str] = ()
    diff: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[str] = ()
    """What keeps a router from being run there."""
    host: Mapping[str, Any] = field(default_factory=dict)
    podman: Mapping[str, Any] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)
    router: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    """Files that were asked for, by their paths; None for those that are not there."""
    reach: Sequence[Mapping[str, Any]] = ()
    ports: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Answer:
        """Read a result."""

        def mapping(key: str) -> Mapping[str, Any]:
            found = result.get(key)
            return found if isinstance(found, Mapping) else {}

        def sequence(key: str) -> Sequence[Any]:
            found = result.get(key)
            if isinstance(found, Mapping):
                return [found]
            return found if isinstance(found, (list, tuple)) else []

        return cls(
            changed=bool(result.get("changed")),
            actions=[str(action) for action in sequence("actions")],
            diff=sequence("diff") if result.get("changed") else (),
            problems=[str(problem) for problem in sequence("problems")],
            host=mapping("host"),
            podman=mapping("podman"),
            container=mapping("container"),
            router=mapping("router"),
            texts=mapping("read"),
            reach=sequence("reach"),
            ports=sequence("ports"),
        )

    def text(self, path: str) -> str | None:
        """What stands in a file, without the ends of its lines."""
        found = self.texts.get(path)
        return None if found is None else str(found).strip()

    @property
    def is_running(self) -> bool:
        return bool(self.container.get("running"))

    @property
    def is_rootless(self) -> bool:
        return bool(self.podman.get("rootless"))

    def connector(self, name: str) -> tuple[str, str]:
        """Status and message of a connector of the running router; both empty where it is not known."""
        for each in self.router.get("connectors") or ():
            if each.get("name") == name:
                return str(each.get("status") or ""), str(each.get("message") or "")
        return "", ""

    def unreachable(self, host: str, port: int | str) -> str:
        """Why the host does not reach an address; empty where it does, or was not asked."""
        for each in self.reach:
            if (str(each.get("host")), str(each.get("port"))) == (host, str(port)) and not each.get("ok"):
                return str(each.get("message") or "no answer")
        return ""

    def taken_by(self, port: int) -> str:
        """Who has a port; empty where it is free, or our own container has it."""
        for each in self.ports:
            if str(each.get("port")) == str(port) and not each.get("free"):
                return str(each.get("by") or "another program")
        return ""
