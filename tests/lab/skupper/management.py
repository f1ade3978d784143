# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management of a router: what it tells of itself, and ``skmanage query`` in its container, which asks it.

Entities and attributes: skupperproject/skupper-router python/skupper_router/management/skrouter.json, the program
tools/skmanage. In the place of AMQP at localhost:5672 stands a line of JSON each way, at the pod's address and that
port. Queries only, all attributes, of the own router.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import socket
from collections.abc import Callable
from typing import Any

from tests.lab.commands import Outcome

PORT = 5672
PREFIX = "io.skupper.router."
ASK_SECONDS = 5.0
Entity = dict[str, Any]
Tables = dict[str, list[Entity]]
"""Entities by their type's name without prefix."""


async def serve(address: str, tables: Callable[[], Tables]) -> None:
    """Answer queries."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            wanted = json.loads(await reader.readline() or b'""')
            writer.write(json.dumps(tables().get(wanted)).encode() + b"\n")
            await writer.drain()
            writer.close()

    await asyncio.start_server(answer, address, PORT)


def entity(kind: str, name: str, **attributes: Any) -> Entity:
    """What a query yields for one entity."""
    return {"name": name, "identity": f"{kind}/{name}", "type": f"{PREFIX}{kind}", **attributes}


class _Parser(argparse.ArgumentParser):
    def exit(self, status: int = 0, message: str | None = None) -> None:  # type: ignore[override]
        raise SystemExit(status, message or "")


def run(address: str, command: list[str]) -> Outcome:
    """Run a command in a router's container at an address. Only ``skmanage query`` is there."""
    if not command or command[0] != "skmanage":
        name = command[0] if command else ""
        return Outcome(problem=f'exec failed: unable to start container process: exec: "{name}": not found in $PATH')
    parser = _Parser(prog="skmanage", add_help=False)
    parser.add_argument("operation", type=str.upper, choices=["QUERY"])
    parser.add_argument("--type", required=True)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            wanted = parser.parse_args(command[1:]).type
    except SystemExit as error:
        return Outcome(2, stderr=said.getvalue() + str(error.args[-1]))
    try:
        found = _ask(address, wanted.removeprefix("org.apache.qpid.dispatch.").removeprefix(PREFIX))
    except (OSError, ValueError) as error:
        return Outcome(1, stderr=f"ConnectionException: {error}\n")
    if found is None:
        return Outcome(1, stderr=f"ValidationError: No such entity type '{wanted}'\n")
    return Outcome(stdout=json.dumps(found, indent=2) + "\n")


def _ask(address: str, kind: str) -> list[Entity] | None:
    with socket.create_connection((address, PORT), ASK_SECONDS) as connection:
        connection.sendall(json.dumps(kind).encode() + b"\n")
        found: list[Entity] | None = json.loads(connection.makefile().read())
        return found
