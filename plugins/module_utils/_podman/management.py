# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the running router says of itself, and the bindings that it is given or relieved of, by `skmanage` in its
container.

Program: skupperproject/skupper-router tools/skmanage. It prints JSON, and errors to its standard output, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .command import CommandError
from .podman import Podman
from .router_config import PREFIX, Binding, Management, running_binding, same

UP = "SUCCESS"
ASK_SECONDS = 30.0


@dataclass(frozen=True)
class RouterState:
    """A running router. Where it does not answer, `message` has its last word and the rest is empty."""

    answers: bool
    version: str = ""
    connectors: tuple[dict[str, Any], ...] = ()
    """Its connections to other routers: name, host, port, role, status (SUCCESS when up), message."""
    bindings: tuple[Binding, ...] = ()
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As results carry it."""
        return {
            "answers": self.answers,
            "version": self.version,
            "connectors": list(self.connectors),
            "bindings": [binding.as_dict() for binding in self.bindings],
            "message": self.message,
        }


@dataclass(frozen=True)
class BindingChanges:
    """What turns the bindings that run into those that are wanted."""

    unbind: tuple[Binding, ...] = field(default=())
    bind: tuple[Binding, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.unbind or self.bind)


def compare(wanted: Iterable[Binding], running: Iterable[Binding]) -> BindingChanges:
    """What is to be done. A binding can not be changed: another is made in its place."""
    by_key = {binding.key: binding for binding in running}
    asked = {binding.key: binding for binding in wanted}
    kept = {key for key, binding in asked.items() if key in by_key and same(binding, by_key[key])}
    return BindingChanges(
        unbind=tuple(binding for key, binding in sorted(by_key.items()) if key not in kept),
        bind=tuple(binding for key, binding in sorted(asked.items()) if key not in kept),
    )


class Manager:
    """`skmanage` for one router."""

    def __init__(self, podman: Podman, name: str, management: Management) -> None:
        self._podman = podman
        self._name = name
        self._options = management.options()

    def state(self, entities: Iterable[str]) -> RouterState:
        """Ask the router.

        :param entities: the kinds of bindings to ask for; a router of v2 knows no kinds for HTTP.
        """
        wanted = list(entities)
        with ThreadPoolExecutor(max_workers=4) as pool:  # a look starts a Python in the container each
            version = pool.submit(self._version)
            dials = pool.submit(self._query, "connector")
            asked = [(entity, pool.submit(self._query, entity)) for entity in wanted]
            try:
                return RouterState(
                    answers=True,
                    version=version.result(),
                    connectors=tuple(_connector(told) for told in dials.result()),
                    bindings=tuple(running_binding(entity, told) for entity, found in asked for told in found.result()),
                )
            except CommandError as error:
                return RouterState(answers=False, message=error.message)

    def apply(self, changes: BindingChanges) -> None:
        """Drop and make bindings.

        :raises CommandError: the router refuses.
        """
        for binding in changes.unbind:
            self._manage("delete", binding, [])
        for binding in changes.bind:
            self._manage("create", binding, [f"{name}={value}" for name, value in sorted(binding.attributes.items())])

    def _version(self) -> str:
        outcome = self._podman.execute(self._name, ["skrouterd", "-v"], ASK_SECONDS)
        return (outcome.stdout.split() or [""])[-1] if outcome.status == 0 else ""

    def _query(self, entity: str) -> list[dict[str, Any]]:
        words = ["skmanage", "query", *self._options, "--type", PREFIX + entity]
        outcome = self._podman.execute(self._name, words, ASK_SECONDS)
        if outcome.status:
            raise CommandError(f"router {self._name} can not be asked for {entity}: {outcome.said}")
        try:
            told = json.loads(outcome.stdout)
        except ValueError as error:
            raise CommandError(f"router {self._name} answers {entity} with no JSON: {outcome.said[:200]}") from error
        return [entry for entry in told if isinstance(entry, dict)]

    def _manage(self, operation: str, binding: Binding, attributes: list[str]) -> None:
        words = ["skmanage", operation, *self._options, "--type", PREFIX + binding.entity, "--name", binding.name]
        outcome = self._podman.execute(self._name, [*words, *attributes], ASK_SECONDS)
        if outcome.status:
            raise CommandError(
                f"router {self._name} refuses to {operation} {binding.entity} {binding.name}: {outcome.said}"
            )


def down(state: RouterState, dials: Iterable[str]) -> list[str]:
    """What is not up yet, in words: connections that the router is configured to have."""
    by_name = {entry["name"]: entry for entry in state.connectors}
    troubles = []
    for name in dials:
        entry = by_name.get(name)
        if entry is None:
            troubles.append(f"connector {name} is not there")
        elif entry["status"] != UP:
            said = f" ({entry['message']})" if entry["message"] else ""
            troubles.append(f"connector {name} to {entry['host']}:{entry['port']} is {entry['status'] or 'down'}{said}")
    return troubles


def _connector(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": str(told.get("name", "")),
        "host": str(told.get("host", "")),
        "port": str(told.get("port", "")),
        "role": str(told.get("role", "")),
        "status": str(told.get("connectionStatus", "")),
        "message": str(told.get("connectionMsg", "")),
    }
