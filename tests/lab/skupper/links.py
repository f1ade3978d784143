# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections between routers: mutual TLS, judged by the real handshake.

A link is up when the handshake has succeeded both ways, the dialled certificate names the dialled host, and the other
side has said who it is. Follows skupperproject/skupper-router (connection_manager, connector states) and the way in
which skupperproject/skupper 2.0.0 applies its configuration (internal/kube/adaptor/config_sync.go): connectors are told
apart by name only (internal/qdr/qdr.go ConnectorsDifference), so a changed host, port or cost does nothing until the
name goes and comes back, or the router is restarted.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lab.skupper import frames, management
from tests.lab.skupper.configuration import Configuration, Connector, Listener
from tests.lab.skupper.credentials import Credentials, name_matches

HANDSHAKE_SECONDS = 10.0
PAUSE_SECONDS = (0.5, 3.0)
"""Before the first retry, and at most."""
ROUTER_ROLES = ("inter-router", "edge")
PATIENCE = 3
"""Factor to the configured age of a silent neighbour: the lab's two processors are busier than a router's."""


class LinkError(Exception):
    """Why a link is not up."""


@dataclass(eq=False)
class Peer:
    """One connection to a neighbour."""

    router: str
    cost: int
    access: str
    """Id of the listener that was dialled."""
    writer: asyncio.StreamWriter
    outgoing: bool
    """Whether this side has dialled."""
    role: str
    host: str
    """As this side knows the other: the host and port that it has dialled, or where it has been dialled from."""
    user: str
    """Subject of the other's certificate."""
    heard: float = field(default_factory=time.monotonic)
    since: float = field(default_factory=time.monotonic)

    def send(self, header: frames.Header, payload: bytes = b"") -> None:
        if not self.writer.is_closing():
            self.writer.write(frames.encode(header, payload))


@dataclass
class Dialled:
    """A connector, and what has come of it."""

    connector: Connector
    task: asyncio.Task[None]
    up: bool = False
    access: str = ""
    problem: str = ""


class Links:
    """All connections of one router."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        resolve: Callable[[str], Awaitable[str]],
        received: Callable[[Peer, frames.Header, bytes], None],
        changed: Callable[[Peer | None], None],
    ) -> None:
        """``changed`` gets a peer that has come, or None when one has gone."""
        self._address, self._credentials, self._resolve = address, credentials, resolve
        self._received, self._changed = received, changed
        self._configuration: Configuration | None = None
        self._dialled: dict[str, Dialled] = {}
        self._listening: dict[Listener, asyncio.Task[None]] = {}
        self._accepted: set[asyncio.Task[None]] = set()
        self._peers: list[Peer] = []

    def update(self, configuration: Configuration) -> None:
        """Dial, listen, and leave off, as the configuration says."""
        self._configuration = configuration
        connectors = {key: each for key, each in configuration.connectors.items() if each.role in ROUTER_ROLES}
        for name in set(self._dialled) - set(connectors):
            self._dialled.pop(name).task.cancel()
        for name in set(connectors) - set(self._dialled):
            task = asyncio.create_task(self._dial(name), name=f"link {name}")
            self._dialled[name] = Dialled(connectors[name], task)
        listeners = {each for each in configuration.listeners.values() if each.role in ROUTER_ROLES}
        for listener in set(self._listening) - listeners:
            self._listening.pop(listener).cancel()
        for listener in listeners - set(self._listening):
            self._listening[listener] = asyncio.create_task(self._listen(listener), name=f"listener {listener.name}")

    # What others want to know

    @property
    def neighbours(self) -> dict[str, int]:
        """Router to the cost of the cheapest connection with it."""
        found: dict[str, int] = {}
        for peer in self._peers:
            found[peer.router] = min(peer.cost, found.get(peer.router, peer.cost))
        return found

    def status(self) -> list[dict[str, Any]]:
        """Links as in the network status (skupperproject/skupper internal/network/types.go, LinkInfo).

        The peer stays when a link goes down: the controller overlooks links without one.
        """
        return [
            {
                "name": name,
                "linkCost": each.connector.cost,
                "status": "up" if each.up else "down",
                "role": each.connector.role,
                **({"peer": each.access} if each.access else {}),
            }
            for name, each in sorted(self._dialled.items())
        ]

    def peers(self) -> list[Peer]:
        """One connection a neighbour, the cheapest: others to the same router do not show in Skupper v1."""
        found: dict[str, Peer] = {}
        for peer in self._peers:
            known = found.setdefault(peer.router, peer)
            if peer.cost < known.cost:
                found[peer.router] = peer
        return [found[router] for router in sorted(found)]

    def connections(self) -> dict[str, Dialled]:
        """State of each connector, by name."""
        return self._dialled

    def connection_entities(self) -> list[management.Entity]:
        """Connections as management tells them."""
        return [
            management.entity(
                "connection",
                f"connection/{peer.host}",
                container=peer.router,
                host=peer.host,
                dir="out" if peer.outgoing else "in",
                role=peer.role,
                opened=True,
                active=True,
                operStatus="up",
                isEncrypted=True,
                isAuthenticated=True,
                user=peer.user,
                uptimeSeconds=int(time.monotonic() - peer.since),
            )
            for peer in self._peers
        ]

    def access_points(self) -> list[str]:
        """Ids of the listeners for other routers."""
        return sorted(self._access(each) for each in self._listening)

    def send(self, router: str, header: frames.Header, payload: bytes = b"") -> None:
        """Send to a neighbour, over the cheapest connection."""
        found = [peer for peer in self._peers if peer.router == router]
        if found:
            min(found, key=lambda peer: peer.cost).send(header, payload)

    def broadcast(self, header: frames.Header, but: Peer | None = None) -> None:
        """Send to all neighbours except one."""
        for peer in self._peers:
            if peer is not but:
                peer.send(header)

    def tick(self) -> None:
        """Called every second: give a sign of life, and give up who has given none."""
        assert self._configuration
        self.broadcast({"type": "alive"})
        patience = PATIENCE * self._configuration.max_age_seconds
        for peer in [*self._peers]:
            if time.monotonic() - peer.heard > patience:
                print(f"{peer.router}: no sign of life for {patience:.0f} s", flush=True)
                peer.writer.transport.abort()

    # Both ends of a connection

    def _access(self, listener: Listener) -> str:
        assert self._configuration
        return f"{self._configuration.router}:{listener.name}"

    async def _dial(self, name: str) -> None:
        pause = PAUSE_SECONDS[0]
        while True:
            link = self._dialled[name]
            try:
                await self._connect(link)
                pause, problem = PAUSE_SECONDS[0], "closed"
            except (OSError, LinkError, frames.FrameError, EOFError, TimeoutError) as error:
                problem = str(error) or type(error).__name__
            if link.up or problem != link.problem:
                print(f"link {name} to {link.connector.host}:{link.connector.port} is down: {problem}", flush=True)
            link.up, link.problem = False, problem
            self._changed(None)
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS[1])

    async def _connect(self, link: Dialled) -> None:
        connector = link.connector
        context = self._credentials.client(connector.profile)
        address = await self._resolve(connector.host)
        opening = asyncio.open_connection(address, connector.port, ssl=context, server_hostname=connector.host)
        reader, writer = await asyncio.wait_for(opening, HANDSHAKE_SECONDS)
        try:
            if connector.verified and not name_matches(writer.get_extra_info("peercert"), connector.host):
                raise LinkError(f"the certificate does not name {connector.host}")
            peer = await self._greet(reader, writer, {"cost": connector.cost}, connector)
            link.up, link.access = True, peer.access
            print(f"link {connector.name} to {connector.host}:{connector.port} is up: {peer.router}", flush=True)
            await self._serve(peer, reader)
        finally:
            writer.transport.abort()

    async def _listen(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                with socket.create_server((self._address or listener.host or "0.0.0.0", listener.port)) as server:
                    server.setblocking(False)
                    while True:
                        connection, _address = await loop.sock_accept(server)
                        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small frames, at once
                        task = asyncio.create_task(self._accept(listener, connection))
                        self._accepted.add(task)
                        task.add_done_callback(self._accepted.discard)
            except OSError as error:
                print(f"{listener.name}: {error}", flush=True)
                await asyncio.sleep(PAUSE_SECONDS[1])

    async def _accept(self, listener: Listener, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _protocol = await loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._credentials.server(listener.profile),
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except (OSError, ssl.SSLError) as error:
            print(f"{listener.name}: refused: {str(error) or type(error).__name__}", flush=True)
            connection.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            peer = await self._greet(reader, writer, {"access": self._access(listener)}, listener)
            await self._serve(peer, reader)
        except (OSError, LinkError, frames.FrameError, EOFError, TimeoutError) as error:
            print(f"{listener.name}: {str(error) or type(error).__name__}", flush=True)
        finally:
            transport.abort()

    async def _greet(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        about: Mapping[str, Any],
        end: Connector | Listener,
    ) -> Peer:
        """Say who we are and learn who they are: the dialling side knows the cost, the dialled side its listener."""
        assert self._configuration
        writer.write(frames.encode({"type": "hello", "router": self._configuration.router, **about}))
        hello, _payload = await asyncio.wait_for(frames.read(reader), HANDSHAKE_SECONDS)
        if hello.get("type") != "hello":
            raise LinkError("no greeting")
        if hello["router"] == self._configuration.router:
            raise LinkError("this is a link to its own router")
        both = {**about, **hello}
        peer_name = writer.get_extra_info("peername")
        outgoing = isinstance(end, Connector)
        host = f"{end.host}:{end.port}" if isinstance(end, Connector) else f"{peer_name[0]}:{peer_name[1]}"
        user = _subject(writer.get_extra_info("peercert"))
        return Peer(hello["router"], int(both["cost"]), str(both["access"]), writer, outgoing, end.role, host, user)

    async def _serve(self, peer: Peer, reader: asyncio.StreamReader) -> None:
        """Take frames until the connection ends."""
        self._peers.append(peer)
        self._changed(peer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError):
                while True:
                    header, payload = await frames.read(reader)
                    peer.heard = time.monotonic()
                    if header["type"] != "alive":
                        self._received(peer, header, payload)
        finally:
            self._peers.remove(peer)
            self._changed(None)


def _subject(certificate: Mapping[str, Any] | None) -> str:
    """As the router names the user of a connection (uidFormat is not set: the whole subject)."""
    parts = (part for each in (certificate or {}).get("subject", ()) for part in each)
    return ",".join(f"{'CN' if kind == 'commonName' else kind}={value}" for kind, value in parts)
