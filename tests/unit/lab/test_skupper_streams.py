# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of the router double: two routers in one process, with real sockets at both ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.lab.skupper.configuration import Configuration, TcpEndpoint
from tests.lab.skupper.credentials import Credentials
from tests.lab.skupper.frames import Header
from tests.lab.skupper.streams import WINDOW, Streams
from tests.lab.skupper.topology import Record, Topology

HOST = "127.0.0.1"
Pass = Callable[[Header], bool]
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def configuration(
    router: str,
    tcp_connectors: dict[str, TcpEndpoint] | None = None,
    tcp_listeners: dict[str, TcpEndpoint] | None = None,
) -> Configuration:
    return Configuration(
        router,
        False,
        router,
        "2.0.0",
        3.0,
        (),
        {},
        {},
        tcp_connectors=tcp_connectors or {},
        tcp_listeners=tcp_listeners or {},
    )


def record(name: str, other: str, *addresses: str) -> Record:
    return {"id": name, "seq": 1, "edge": False, "neighbours": {other: 1}, "addresses": list(addresses)}


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def pair(server: Server, passes: Pass = lambda _: True, *, offered: bool = True) -> AsyncIterator[int]:
    """A client's port: its connections go to ``server``, from router a to router b. ``passes`` may drop frames."""
    behind = await asyncio.start_server(server, HOST, 0)
    target = behind.sockets[0].getsockname()[1]
    ends: dict[str, Streams] = {}
    loop = asyncio.get_running_loop()

    def send(header: Header, payload: bytes) -> None:
        if passes(header):
            loop.call_soon(ends[header["to"]].handle, header, payload)

    async def same(host: str) -> str:
        return host

    for name in ("a", "b"):
        topology = Topology(name)
        topology.put(record("a", "b"))
        topology.put(record("b", "a", *(["echo"] if offered else [])))
        ends[name] = Streams(HOST, Credentials(Path("/nonexistent")), topology, send, same)
    port = free_port()
    listener, connector = (TcpEndpoint("echo", HOST, each, "echo", "") for each in (port, target))
    await ends["a"].update(configuration("a", tcp_listeners={"echo": listener}))
    await ends["b"].update(configuration("b", tcp_connectors={"echo": connector}))
    async with behind:
        yield port


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def test_bytes_come_through_as_they_were_sent() -> None:
    async def exchange() -> None:
        sent = os.urandom(3 * WINDOW)
        async with pair(echo) as port:
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(sent)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(-1), 10) == sent
            writer.close()

    asyncio.run(exchange())


def test_a_slow_reader_gets_everything_though_both_sides_have_said_all() -> None:
    got: asyncio.Future[int]

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()  # nothing to say, still listening
        count = 0
        while data := await reader.read(20_000):
            count += len(data)
            await asyncio.sleep(0.002)
        got.set_result(count)
        writer.close()

    async def exchange() -> None:
        nonlocal got
        got = asyncio.get_running_loop().create_future()
        async with pair(slow) as port:
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"x" * 4 * WINDOW)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(-1), 10) == b""
            assert await asyncio.wait_for(got, 10) == 4 * WINDOW
            writer.close()

    asyncio.run(exchange())


def test_missing_bytes_reset_the_connection_instead_of_leaving_a_gap() -> None:
    def second_data_is_lost(header: Header) -> bool:
        return not (header["op"] == "data" and header["to"] == "b" and header["at"] == 5)

    async def exchange() -> None:
        async with pair(echo, second_data_is_lost) as port:
            reader, writer = await asyncio.open_connection(HOST, port)
            for part in (b"first", b"lost", b"third"):
                writer.write(part)
                await asyncio.sleep(0.1)
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(-1), 10)
            writer.close()

    asyncio.run(exchange())


def test_nothing_listens_while_no_connector_can_be_reached() -> None:
    async def refused() -> None:
        async with pair(echo, offered=False) as port:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(HOST, port)

    asyncio.run(refused())
