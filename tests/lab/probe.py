# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a server whether it is ready, without blocking the supervisor."""

from __future__ import annotations

import asyncio
import functools
import ssl
import urllib.parse

from tests.lab.part import Probe

TIMEOUT_SECONDS = 3.0


async def answers(probe: Probe) -> bool:
    """Whether the URL answers 200 in time, over verified TLS where it is https; for tcp, whether it lets us in."""
    ask = _connect if probe.url.startswith("tcp:") else _get
    try:
        return await asyncio.wait_for(ask(probe), TIMEOUT_SECONDS) == 200
    except (OSError, TimeoutError, ssl.SSLError, ValueError, IndexError, EOFError):
        return False


async def _connect(probe: Probe) -> int:
    address = urllib.parse.urlsplit(probe.url)
    _reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.close()
    return 200


async def _get(probe: Probe) -> int:
    address = urllib.parse.urlsplit(probe.url)
    tls = _context(probe, _age(probe)) if address.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        address.hostname, address.port, ssl=tls, server_hostname=address.hostname if tls else None
    )
    try:
        request = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: lab-probe\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode())
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()


def _age(probe: Probe) -> int:
    """Tells one authority from another under its name: an optional cluster may go and come back."""
    return probe.ca.stat().st_mtime_ns if probe.ca else 0


@functools.cache
def _context(probe: Probe, _age_of_ca: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=probe.ca)
    if probe.certificate:
        context.load_cert_chain(probe.certificate, probe.key)
    return context


def answers_now(probe: Probe) -> bool:
    """`answers` for callers without an event loop."""
    return asyncio.run(answers(probe))
