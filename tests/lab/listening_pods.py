# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that let everybody in and say nothing: images of the repository ``lab-listener``.

For applications of many parts, where it counts that a connection arrives, and not what it is told: a pod that is only
pretended has an address that leads nowhere. They listen at the ports that their containers name, at a loopback address
of their own, and take no process each.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.lab.api import Object
from tests.lab.informer import Key, key_of
from tests.lab.reservations import Reservations
from tests.lab.topology import Cluster

REPOSITORY = "lab-listener/"
ADDRESSES = range(150, 250)
"""Of the cluster's loopback block, as other live pods' have."""
CHUNK = 64 * 1024
LISTEN_SECONDS = 5.0
T = TypeVar("T")


@dataclass
class _Listening:
    uid: str
    address: str
    servers: list[asyncio.Server] = field(default_factory=list)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def listen(self, port: int) -> None:
        self.servers.append(await asyncio.start_server(self._take, self.address, port))

    async def end(self) -> None:
        """As when a process is gone: nobody is let in, and all connections are reset."""
        for server in self.servers:
            server.close()
        for writer in self.open:
            writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while await reader.read(CHUNK):
                pass
        except OSError:
            pass
        finally:
            self.open.discard(writer)
            writer.close()


class ListeningPods:
    """`tests.lab.nodes.Runtime` for such pods. Used from one thread; another one listens."""

    def __init__(self, chosen: Cluster) -> None:
        self._block = chosen.address.rpartition(".")[0]
        self._pods: dict[Key, _Listening] = {}
        self._reservations = Reservations()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="listening pods", daemon=True).start()

    def claims(self, pod: Object, /) -> bool:
        return any(each["image"].startswith(REPOSITORY) for each in pod["spec"]["containers"])

    def start(self, pod: Object, taken: set[str]) -> str:
        """Listen for a pod; return its address."""
        return self._run(pod, taken).address

    def keep(self, pod: Object) -> None:
        """Listen for a pod that an earlier node agent has listened for."""
        self._run(pod, set())

    def stop(self, pod: Object, /) -> None:
        self.forget(key_of(pod))

    def forget(self, key: Key) -> None:
        """Listen no more."""
        if listening := self._pods.pop(key, None):
            self._wait_for(listening.end())
            self._reservations.give_back(listening.address)

    def address(self, key: Key) -> str:
        """Where a pod listens; "" when it does not. Called from other threads."""
        listening = self._pods.get(key)
        return listening.address if listening else ""

    def _run(self, pod: Object, taken: set[str]) -> _Listening:
        key, uid = key_of(pod), pod["metadata"]["uid"]
        listening = self._pods.get(key)
        if listening and listening.uid == uid:
            return listening
        self.forget(key)  # another pod of the name
        address = pod["status"].get("podIP") or self._free(taken)
        self._reservations.take(address)
        self._pods[key] = listening = _Listening(uid, address)
        try:
            for port in _ports(pod):
                self._wait_for(listening.listen(port))
        except OSError:
            self.forget(key)
            raise
        return listening

    def _free(self, taken: set[str]) -> str:
        candidates = (f"{self._block}.{last}" for last in ADDRESSES)
        return next(each for each in candidates if each not in taken and self._is_new(each))

    def _is_new(self, address: str) -> bool:
        used = any(each.address == address for each in self._pods.values())
        return not used and self._reservations.take(address)

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LISTEN_SECONDS)


def _ports(pod: Object) -> set[int]:
    return {
        int(port["containerPort"])
        for container in pod["spec"]["containers"]
        for port in container.get("ports") or []
        if port.get("protocol", "TCP") == "TCP"
    }
