# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What two routers of the lab say to each other over a connection.

A protocol of our own in the place of AMQP: frames of a JSON header and a payload. Sizes come first, in network order.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

Header = dict[str, Any]
_SIZES = struct.Struct(">II")
LONGEST_HEADER = 4 * 1024 * 1024
LONGEST_PAYLOAD = 1024 * 1024


class FrameError(Exception):
    """The other side does not speak this protocol."""


def encode(header: Header, payload: bytes = b"") -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    return _SIZES.pack(len(text), len(payload)) + text + payload


async def read(reader: asyncio.StreamReader) -> tuple[Header, bytes]:
    """Read one frame. FrameError for nonsense, asyncio.IncompleteReadError or OSError at the end."""
    header_size, payload_size = _SIZES.unpack(await reader.readexactly(_SIZES.size))
    if header_size > LONGEST_HEADER or payload_size > LONGEST_PAYLOAD:
        raise FrameError(f"frame of {header_size} and {payload_size} bytes")
    try:
        header = json.loads(await reader.readexactly(header_size))
    except ValueError as error:
        raise FrameError("header is not JSON") from error
    if not isinstance(header, dict):
        raise FrameError("header is not an object")
    return header, await reader.readexactly(payload_size)
