# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of the program ``skrouterd`` in the container of a gateway or of a podman site.

Otherwise than in a pod, the configuration is a file that is read at the start and never again; TLS profiles name files;
listeners are where they say; management (AMQP upstream, lines of JSON here: `skmanage`) is at each listener of role
normal, with TLS where that has a profile, and may create and delete. What a site's router tells of itself in the
network status differs between Skupper v1 and v2, and so between routers 2.x and 3.x.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

from tests.lab.skupper import management
from tests.lab.skupper.configuration import Attributes, Configuration, build
from tests.lab.skupper.container.entities import PREFIX, Entities, Refused
from tests.lab.skupper.core import Core
from tests.lab.skupper.credentials import Credentials
from tests.lab.skupper.v1 import flows

VERSION = "LAB_ROUTER_VERSION"
LOCAL = {"localhost": "127.0.0.1", "": "0.0.0.0"}


class ProfileFiles(Credentials):
    """TLS profiles whose files stand where the configuration says."""

    def __init__(self, entities: Entities) -> None:
        super().__init__(Path("/nonexistent"))
        self._entities = entities

    def _loaded(self, context: ssl.SSLContext, profile: str) -> ssl.SSLContext:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        found = next((each for each in self._entities.of("sslProfile") if each["name"] == profile), None)
        if found is None:
            raise FileNotFoundError(f"no sslProfile {profile}")
        if "caCertFile" in found:
            context.load_verify_locations(found["caCertFile"])
        if "certFile" in found:
            context.load_cert_chain(found["certFile"], found.get("privateKeyFile"))
        return context


class Daemon(Core):
    """One router in a container."""

    def __init__(self, entities: Entities, version: str, hostname: str) -> None:
        super().__init__("", hostname, ProfileFiles(entities))
        self._entities, self._version = entities, version
        self._changing = asyncio.Lock()

    @property
    def _is_v1(self) -> bool:
        return self._version.startswith("2.")

    async def run(self) -> None:
        """Serve until told to end. OSError when a port of the router itself is taken."""
        configuration = build(self._entities, self._hostname)
        self._begin(configuration)
        for listener in self._entities.of("listener"):
            if listener.get("role", "normal") == "normal" and not listener.get("http"):
                await self._serve_management(listener)
        await self._apply(configuration)
        await self._serve_health(configuration)
        print(f"Router started: {configuration.router} ({self._version})", flush=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tick())
            tasks.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            await self._wait_until_stirred()
            self._announce()
            await self._streams.reconcile()

    # What it tells the network

    def _site(self, configuration: Configuration) -> dict[str, Any]:
        metadata = json.loads(self._entities.of("router")[0].get("metadata") or "{}")
        platform = str(metadata.get("platform", ""))
        if self._is_v1:
            return flows.site(configuration, configuration.router, "", platform)
        told = next(iter(self._entities.of("site")), {})
        return {
            "identity": configuration.site,
            "name": str(told.get("name", "")),
            "namespace": str(told.get("namespace", "")),
            "platform": str(told.get("platform", platform)),
            "siteVersion": str(told.get("version", configuration.version)),
        }

    def _connections(self) -> dict[str, Any]:
        return {"links": flows.links(self._links.peers())} if self._is_v1 else super()._connections()

    # Management

    async def _serve_management(self, listener: Attributes) -> None:
        context = None
        if profile := listener.get("sslProfile"):
            peers = listener.get("authenticatePeer") or "EXTERNAL" in str(listener.get("saslMechanisms", ""))
            context = self._credentials.server(profile) if peers else self._credentials.service(profile)
        host = LOCAL.get(listener.get("host", ""), listener.get("host"))
        await asyncio.start_server(self._manage, host, int(listener["port"]), ssl=context)

    async def _manage(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            try:
                answer: dict[str, Any] = {"result": await self._operate(asked)}
            except Refused as error:
                answer = {"problem": str(error)}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError, KeyError) as error:
            print(f"management: {error!r}", flush=True)
        finally:
            writer.close()

    async def _operate(self, asked: dict[str, Any]) -> Any:
        kind, name = str(asked["type"]).removeprefix(PREFIX), asked.get("name")
        match asked["operation"]:
            case "QUERY":
                return self._table(kind)
            case "READ":
                return next((each for each in self._table(kind) if each["name"] == name), None) or self._missing(name)
            case "CREATE":
                named = {"name": name} if name else {}
                async with self._changing:
                    made = self._entities.create(kind, {**asked["attributes"], **named})
                    await self._apply(build(self._entities, self._hostname))
                return next(each for each in self._table(kind) if each["name"] == made["name"])
            case "DELETE":
                async with self._changing:
                    self._entities.delete(kind, str(name))
                    await self._apply(build(self._entities, self._hostname))
                return None
        raise Refused(f"NotImplementedStatus: {asked['operation']}")

    def _missing(self, name: Any) -> Any:
        raise Refused(f"NotFoundStatus: No entity with name={name}")

    def _table(self, kind: str) -> list[management.Entity]:
        """Entities of one kind, with what the router has found out about them."""
        kind = "router" if kind == "router.router" else kind
        if kind == "connection":
            return self._links.connection_entities()
        self._entities.require(kind)
        states = {each["name"]: _states(each) for each in self._tables().get(kind, [])}
        return [
            {**management.entity(kind, each["name"], **self._more(kind)), **each, **states.get(each["name"], {})}
            for each in self._entities.of(kind)
        ]

    def _more(self, kind: str) -> dict[str, Any]:
        return {"version": self._version, "hostName": self._hostname} if kind == "router" else {}


def _states(entity: management.Entity) -> management.Entity:
    """What a router has found out, of an entity as the doubles tell it."""
    return {key: each for key, each in entity.items() if key in ("connectionStatus", "connectionMsg", "operStatus")}


async def _serve(text: str, version: str) -> None:
    entities = Entities(text, version)
    running = asyncio.create_task(Daemon(entities, version, os.environ.get("HOSTNAME", os.uname().nodename)).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()


def main() -> int:
    parser = argparse.ArgumentParser(prog="skrouterd")
    parser.add_argument("-c", "--conf", default="/etc/skupper-router/skrouterd.conf")
    parser.add_argument("-v", "--version", action="version", version=os.environ[VERSION])
    try:
        asyncio.run(_serve(Path(parser.parse_args().conf).read_text(encoding="utf-8"), os.environ[VERSION]))
    except (OSError, Refused, ValueError, KeyError) as error:
        print(f"Router start-up failed: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
