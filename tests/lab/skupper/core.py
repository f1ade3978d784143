# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of skupper-router, apart from where its configuration and certificates come from.

skupper-router is a C program that no package registry holds. What the doubles have in common: links (`links`), traffic
(`streams`), the way to other routers (`topology`), /healthz where the configuration has it, and what management tells
(`management`). `router` is a pod of Skupper v2, `v1.router` one of v1, `container` a router outside of Kubernetes.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.lab.skupper import management
from tests.lab.skupper.configuration import Configuration, Listener, TcpEndpoint
from tests.lab.skupper.credentials import Credentials
from tests.lab.skupper.frames import Header
from tests.lab.skupper.links import Links, Peer
from tests.lab.skupper.streams import Streams
from tests.lab.skupper.topology import Record, Topology

TICK_SECONDS = 1.0
TRANSIT = 16
"""Routers that a frame may pass, so that none runs in circles while ways change."""


class Core:
    """One router."""

    def __init__(
        self, address: str, hostname: str, credentials: Credentials, namespace: str = "", site_name: str = ""
    ) -> None:
        """``address``: where all listeners are, whatever the configuration says; "" for where it says."""
        self._namespace, self._site_name = namespace, site_name
        self._address, self._hostname, self._credentials = address, hostname, credentials
        self._configuration: Configuration | None = None
        self._stirred = asyncio.Event()

    def _begin(self, configuration: Configuration) -> None:
        self._topology = Topology(configuration.router)
        self._links = Links(self._address, self._credentials, self._resolve, self._receive, self._link_changed)
        self._streams = Streams(self._address, self._credentials, self._topology, self._route, self._resolve_target)

    async def _wait_until_stirred(self) -> None:
        await self._stirred.wait()
        self._stirred.clear()

    async def _apply(self, configuration: Configuration) -> None:
        if configuration != self._configuration:
            self._configuration = configuration
            self._links.update(configuration)
            await self._streams.update(configuration)
        self._announce()

    async def _resolve(self, host: str) -> str:
        """Where another router is."""
        return host

    async def _resolve_target(self, host: str) -> str:
        """Where a connector of a service leads to."""
        return host

    # To and from other routers

    def _receive(self, peer: Peer, header: Header, payload: bytes) -> None:
        if header["type"] == "record":
            if self._topology.put(header["record"]):
                self._links.broadcast(header, but=peer)
                self._network_changed()
        elif header["type"] == "stream":
            self._route(header, payload)

    def _route(self, header: Header, payload: bytes) -> None:
        """Take a frame that is ours, pass on another's."""
        assert self._configuration
        if header["to"] == self._configuration.router:
            self._streams.handle(header, payload)
            return
        passed = header.get("passed", 0)
        hop = self._topology.next_hop(header["to"])
        if hop is not None and passed < TRANSIT:
            self._links.send(hop, header | {"passed": passed + 1}, payload)

    def _link_changed(self, peer: Peer | None) -> None:
        self._announce()
        if peer:
            for record in self._topology.reachable_records():
                peer.send({"type": "record", "record": record})

    def _announce(self) -> None:
        """Tell the network what this router has and whom it knows, where that has changed."""
        record = self._record()
        known = next((each for each in self._topology.records if each["id"] == record["id"]), {})
        if {**record, "seq": 0} != {**known, "seq": 0}:
            self._topology.put(record)
            self._links.broadcast({"type": "record", "record": record})
            self._network_changed()

    def _record(self) -> Record:
        configuration = self._configuration
        assert configuration
        connectors, listeners = configuration.tcp_connectors.values(), configuration.tcp_listeners.values()
        return {
            "id": configuration.router,
            "seq": time.time_ns(),
            "edge": configuration.edge,
            "neighbours": self._links.neighbours,
            "addresses": sorted({each.address for each in connectors}),
            "site": self._site(configuration),
            "status": {
                "router": {
                    "name": f"0/{configuration.router}",
                    "namespace": self._namespace,
                    "mode": "edge" if configuration.edge else "interior",
                    "imageName": "skupper-router",
                    "hostname": self._hostname,
                },
                **self._connections(),
                "listeners": [
                    {"name": each.name, "protocol": each.protocol, **_destination(each)}
                    for each in sorted(listeners, key=lambda each: each.name)
                ],
                "connectors": [_destination(each) for each in sorted(connectors, key=lambda each: each.name)],
            },
        }

    def _site(self, configuration: Configuration) -> dict[str, Any]:
        return {
            "identity": configuration.site,
            "name": self._site_name,
            "namespace": self._namespace,
            "platform": "kubernetes",
            "siteVersion": configuration.version,
        }

    def _connections(self) -> dict[str, Any]:
        """What the status tells of links."""
        access = [{"identity": each} for each in self._links.access_points()]
        return {"links": self._links.status(), "routerAccess": access}

    def _tables(self) -> management.Tables:
        """What management tells."""
        configuration = self._configuration
        assert configuration
        states = self._links.connections()
        connectors = [
            management.entity(
                "connector",
                name,
                host=each.host,
                port=str(each.port),
                role=each.role,
                cost=each.cost,
                sslProfile=each.profile,
                verifyHostname=True,
                connectionStatus="SUCCESS" if states[name].up else "FAILED" if states[name].problem else "CONNECTING",
                connectionMsg="" if states[name].up else states[name].problem,
            )
            for name, each in sorted(configuration.connectors.items())
            if name in states
        ]
        return {
            "connector": connectors,
            "connection": self._links.connection_entities(),
            "sslProfile": [management.entity("sslProfile", each) for each in configuration.profiles],
            "listener": [
                management.entity("listener", name, role=each.role, port=str(each.port), sslProfile=each.profile)
                for name, each in sorted(configuration.listeners.items())
            ],
            "tcpListener": [
                management.entity("tcpListener", name, **_end(each), operStatus=self._streams.status_of(each))
                for name, each in sorted(configuration.tcp_listeners.items())
            ],
            "tcpConnector": [
                management.entity("tcpConnector", name, **_end(each))
                for name, each in sorted(configuration.tcp_connectors.items())
            ],
        }

    def _network_changed(self) -> None:
        self._stirred.set()  # other listeners may accept connections now

    # All the time

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._links.tick()
            self._ticked()
            if self._topology.drop_stale():
                self._network_changed()
            await self._streams.reconcile()

    def _ticked(self) -> None:
        """Called every second."""

    async def _serve_health(self, configuration: Configuration) -> None:
        for listener in configuration.listeners.values():
            if listener.http:
                await asyncio.start_server(_healthy, self._where(listener), listener.port)

    def _where(self, listener: Listener) -> str:
        return self._address or listener.host or "0.0.0.0"


def _end(end: TcpEndpoint) -> dict[str, str]:
    return {"host": end.host, "port": str(end.port), "address": end.address, "sslProfile": end.profile}


def _destination(end: TcpEndpoint) -> dict[str, str]:
    return {"destHost": end.host, "destPort": str(end.port), "address": end.address}


async def _healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as /healthz does (skupper-router src/http-libwebsockets.c)."""
    request = (await reader.readline()).split()
    found = len(request) > 1 and request[1] == b"/healthz"
    body = b"OK\n" if found else b""
    line = b"HTTP/1.1 200 OK" if found else b"HTTP/1.1 404 Not Found"
    writer.write(line + b"\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    writer.close()
