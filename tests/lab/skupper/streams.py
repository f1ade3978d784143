# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP connections that enter the service network at a listener of one site and leave it at a connector of another.

Each is a stream of frames between two routers, by way of any others. As upstream (skupperproject/skupper-router
adaptors/tcp_lite): a listener accepts connections only while a connector for its address can be reached, the nearest
router with one gets them, ends of data are carried each way by themselves, and a connection that can not be opened at
the far end is closed at the near one. Windows keep a slow reader from filling the routers' memory. When the way to the
far end breaks, or bytes are lost on it, both ends are reset: never does a client see a gap.

Other than upstream, a stream is not bound to one of several connections between two routers, and may outlive the one on
which it began.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine

from tests.lab.connections import reset
from tests.lab.skupper.configuration import Configuration, TcpEndpoint
from tests.lab.skupper.credentials import Credentials
from tests.lab.skupper.frames import Header
from tests.lab.skupper.topology import Topology

CHUNK = 64 * 1024
WINDOW = 4 * CHUNK
"""Bytes on the way before the far end has delivered some."""
CONNECT_SECONDS = 10.0
Key = tuple[str, int]
"""Router at which the stream has begun, and its number there."""


class _Stream:
    """One end of a stream."""

    def __init__(self, far: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.far, self.reader, self.writer = far, reader, writer
        self.sent = self.delivered = self.received = 0
        self.moved = asyncio.Event()
        """Set when the far end has delivered something."""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.incoming: asyncio.Queue[bytes | None] = asyncio.Queue()


class Streams:
    """All streams that begin or end at one router."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        topology: Topology,
        send: Callable[[Header, bytes], None],
        resolve: Callable[[str], Awaitable[str]],
    ) -> None:
        """``resolve`` turns the host of a connector into an address, where the machine does not know it."""
        self._resolve = resolve
        self._address, self._credentials, self._topology, self._send = address, credentials, topology, send
        self._configuration: Configuration | None = None
        self._listening: dict[TcpEndpoint, asyncio.Server] = {}
        self._streams: dict[Key, _Stream] = {}
        self._numbers, self._turns = itertools.count(1), itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reconciling = asyncio.Lock()

    async def update(self, configuration: Configuration) -> None:
        self._configuration = configuration
        await self.reconcile()

    def status_of(self, listener: TcpEndpoint) -> str:
        """Whether a listener takes connections: up or down."""
        return "up" if listener in self._listening else "down"

    async def reconcile(self) -> None:
        """Listen where a connector can be reached; reset streams whose far end can not be reached any more."""
        async with self._reconciling:
            await self._reconcile()

    async def _reconcile(self) -> None:
        assert self._configuration
        wanted = {
            each
            for each in self._configuration.tcp_listeners.values()
            if self._topology.nearest(each.address) is not None
        }
        for listener in set(self._listening) - wanted:
            self._listening.pop(listener).close()
        for listener in wanted - set(self._listening):
            context = self._credentials.service(listener.profile) if listener.profile else None
            try:
                self._listening[listener] = await asyncio.start_server(
                    self._accepting(listener),
                    self._address or listener.host or "0.0.0.0",
                    listener.port,
                    ssl=context,
                )
            except OSError as error:  # tried again with the next call
                print(f"{listener.name}: {error}", flush=True)
        for key, stream in [*self._streams.items()]:
            if self._topology.next_hop(stream.far) is None:
                self._abort(key)

    def handle(self, header: Header, payload: bytes) -> None:
        """Take a frame that is addressed to this router."""
        key: Key = (header["key"][0], header["key"][1])
        if header["op"] == "open":
            self._start(self._let_out(key, header["from"], header["address"]))
            return
        stream = self._streams.get(key)
        if stream is None:
            # An end that has taken and sent everything is forgotten, while the other still delivers what it has got.
            if header["op"] in ("opened", "data"):
                self._tell(header["from"], key, "reset")
            return
        match header["op"]:
            case "opened":
                if not stream.opened.done():
                    stream.opened.set_result(None)
            case "data" if header["at"] == stream.received:
                stream.received += len(payload)
                stream.incoming.put_nowait(payload)
            case "end" if header["at"] == stream.received:
                stream.incoming.put_nowait(None)
            case "delivered":
                stream.delivered = header["at"]
                stream.moved.set()
            case _:  # reset, or bytes are missing
                self._abort(key)

    def _accepting(self, listener: TcpEndpoint) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        return lambda reader, writer: self._start(self._let_in(listener, reader, writer))

    async def _let_in(self, listener: TcpEndpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._configuration
        own, far = self._configuration.router, self._topology.nearest(listener.address)
        if far is None:
            reset(writer)
            return
        key = (own, next(self._numbers))
        if far == own:
            await self._locally(listener.address, reader, writer)
            return
        stream = self._streams[key] = _Stream(far, reader, writer)
        self._tell(far, key, "open", address=listener.address)
        try:
            await asyncio.wait_for(asyncio.shield(stream.opened), 2 * CONNECT_SECONDS)
        except (TimeoutError, ConnectionError):
            self._abort(key)
            return
        await self._carry(key, stream)

    async def _let_out(self, key: Key, far: str, address: str) -> None:
        try:
            reader, writer = await self._connect(address)
        except (OSError, TimeoutError, LookupError) as error:
            print(f"{address}: {str(error) or type(error).__name__}", flush=True)
            self._tell(far, key, "reset")
            return
        stream = self._streams[key] = _Stream(far, reader, writer)
        self._tell(far, key, "opened")
        await self._carry(key, stream)

    async def _locally(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._connect(address)
        except (OSError, TimeoutError, LookupError):
            reset(writer)
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        for each in (writer, far_writer):
            each.close()

    async def _connect(self, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to one of the address's connectors here, by turns. LookupError when there is none any more."""
        assert self._configuration
        found = [each for each in self._configuration.tcp_connectors.values() if each.address == address]
        if not found:
            raise LookupError("no connector")
        chosen = found[next(self._turns) % len(found)]
        context = self._credentials.client(chosen.profile) if chosen.profile else None
        opening = asyncio.open_connection(await self._resolve(chosen.host), chosen.port, ssl=context)
        return await asyncio.wait_for(opening, CONNECT_SECONDS)

    async def _carry(self, key: Key, stream: _Stream) -> None:
        """Carry bytes both ways until both have ended."""
        try:
            await asyncio.gather(self._take(key, stream), self._deliver(key, stream))
        except OSError:
            self._abort(key)
        else:
            self._streams.pop(key, None)
            stream.writer.close()

    async def _take(self, key: Key, stream: _Stream) -> None:
        while data := await stream.reader.read(CHUNK):
            while stream.sent - stream.delivered + len(data) > WINDOW:
                stream.moved.clear()
                await stream.moved.wait()
            if self._streams.get(key) is not stream:
                raise ConnectionResetError
            self._tell(stream.far, key, "data", data, at=stream.sent)
            stream.sent += len(data)
        self._tell(stream.far, key, "end", at=stream.sent)

    async def _deliver(self, key: Key, stream: _Stream) -> None:
        delivered = 0
        while (data := await stream.incoming.get()) is not None:
            stream.writer.write(data)
            await stream.writer.drain()
            delivered += len(data)
            self._tell(stream.far, key, "delivered", at=delivered)
        if self._streams.get(key) is not stream:
            raise ConnectionResetError
        if stream.writer.can_write_eof():
            stream.writer.write_eof()

    def _abort(self, key: Key) -> None:
        stream = self._streams.pop(key, None)
        if stream is None:
            return
        reset(stream.writer)
        stream.incoming.put_nowait(None)
        stream.delivered = stream.sent
        stream.moved.set()
        if not stream.opened.done():
            stream.opened.set_exception(ConnectionResetError())
            stream.opened.exception()  # nobody may be waiting any more, which is no mistake
        self._tell(stream.far, key, "reset")

    def _tell(self, far: str, key: Key, op: str, payload: bytes = b"", **more: object) -> None:
        assert self._configuration
        header = {"type": "stream", "to": far, "from": self._configuration.router, "key": key, "op": op, **more}
        self._send(header, payload)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        reset(writer)
