# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of image ``lab-echo``: a TCP server that sends back what it gets, on ``$PORT`` (default 8080) of the pod."""

from __future__ import annotations

import asyncio
import os

from tests.lab.process import say_ready

CHUNK = 64 * 1024


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(_echo, os.environ["POD_IP"], int(os.environ.get("PORT") or 8080))
    say_ready()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
