# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a cloud's load balancers, for one cluster.

Gives each Service of type LoadBalancer a loopback address of the cluster in its status, as a cloud's controller would
(kubernetes/cloud-provider controllers/service/controller.go), and carries connections from there to the ready pods that
the Service selects. Services share an address as long as their ports differ; where they clash, one gets the next.

Pods that the lab does not run have no address that anything could be carried to; what listens on all interfaces (such
as a controller that runs as a process beside its pretended pod) is reached at the address all the same.

The switch (`switch`): while that file exists, no address is assigned, and Services stay pending.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.connections import reset
from tests.lab.informer import Informer, Key
from tests.lab.layout import Layout
from tests.lab.objects import condition
from tests.lab.ports import is_free
from tests.lab.process import say_ready
from tests.lab.reservations import Reservations
from tests.lab.topology import LOOPBACK_PREFIX, Cluster, cluster

ADDRESSES = range(100, 150)
"""Of the cluster's loopback block."""
ROUND_SECONDS = 0.5
CHUNK = 64 * 1024


def switch(layout: Layout, name: str) -> Path:
    """File that holds addresses back in one cluster."""
    return layout.cluster(name) / "load-balancers-pending"


@dataclass(frozen=True)
class Frontend:
    """What one port of a Service is to be reached at, and where its connections go."""

    address: str
    port: int
    backends: tuple[tuple[str, int], ...]


class LoadBalancer:
    """All load balancers of one cluster."""

    def __init__(self, api: Api, chosen: Cluster, pending: Path) -> None:
        self._api, self._pending = api, pending
        block = chosen.address.rpartition(".")[0]
        self._pool = [f"{block}.{last}" for last in ADDRESSES]
        self._reservations = Reservations()
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._services = Informer(api, path("v1", "services"), self._notice)
        self._pods = Informer(api, path("v1", "pods"), self._notice)
        self._listening: dict[Frontend, asyncio.Server] = {}

    async def run(self) -> None:
        for informer in (self._services, self._pods):
            informer.start()
            await asyncio.to_thread(informer.synced.wait)
        say_ready()
        while True:
            try:
                await asyncio.to_thread(self._assign)
                await self._listen()
            except (ApiError, OSError) as error:
                print(error, flush=True)
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), ROUND_SECONDS)

    def _notice(self, _before: Object | None, _after: Object | None) -> None:
        self._loop.call_soon_threadsafe(self._changed.set)

    def _mine(self) -> dict[Key, Object]:
        services = sorted(self._services.objects.copy().items())
        return {key: each for key, each in services if each["spec"].get("type") == "LoadBalancer"}

    def _assign(self) -> None:
        """Give each Service without an address one on which its ports are free."""
        if self._pending.exists():
            return
        for address in {address for each in self._mine().values() for address in addresses(each)}:
            self._reservations.take(address)
        taken = {
            (address, port) for each in self._mine().values() for address in addresses(each) for port in _ports(each)
        }
        for key, service in self._mine().items():
            if addresses(service):
                continue
            own = (each for each in self._pool if self._reservations.take(each) and self._is_free(each, service))
            address = free_address(own, _ports(service), taken)
            taken |= {(address, port) for port in _ports(service)}
            status = {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
            try:
                self._api.merge(path("v1", "services", key[1], key[0], "status"), {"status": status})
                print(f"{'/'.join(key)}: {address}", flush=True)
            except ApiError as error:
                if error.status != 404:
                    raise

    def _is_free(self, address: str, service: Object) -> bool:
        """Whether nobody else listens there."""
        mine = {(each.address, each.port) for each in [*self._listening]}
        return all((address, port) in mine or is_free(address, port) for port in _ports(service))

    async def _listen(self) -> None:
        """Listen where a Service has an address and a pod behind it, and nowhere else."""
        pods = list(self._pods.objects.copy().values())
        wanted = {each for service in self._mine().values() for each in frontends(service, pods)}
        for frontend in [*self._listening]:
            if frontend not in wanted:
                self._listening.pop(frontend).close()
        for frontend in wanted - set(self._listening):
            accept = _Relay(frontend.backends).serve
            self._listening[frontend] = await asyncio.start_server(accept, frontend.address, frontend.port)


def addresses(service: Object) -> list[str]:
    """Load-balancer addresses in a Service's status."""
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return [each["ip"] for each in ingress if each.get("ip")]


def free_address(pool: Iterable[str], ports: list[int], taken: set[tuple[str, int]]) -> str:
    """The first address on which none of the ports is taken. LookupError when there is none."""
    for address in pool:
        if not any((address, port) in taken for port in ports):
            return address
    raise LookupError(f"no address is left for ports {ports}")


def frontends(service: Object, pods: list[Object]) -> list[Frontend]:
    """Where a Service is to be reached, for each of its ports with a pod behind it that the lab runs."""
    selected = [each["status"]["podIP"] for each in pods if _is_backend(service, each)]
    found = []
    for port in service["spec"]["ports"]:
        target = port.get("targetPort") or port["port"]
        if isinstance(target, int) and selected:
            backends = tuple((address, target) for address in sorted(selected))
            found += [Frontend(address, port["port"], backends) for address in addresses(service)]
    return found


def _is_backend(service: Object, pod: Object) -> bool:
    selector, labels = service["spec"].get("selector") or {}, pod["metadata"].get("labels") or {}
    return (
        bool(selector)
        and pod["metadata"]["namespace"] == service["metadata"]["namespace"]
        and selector.items() <= labels.items()
        and "deletionTimestamp" not in pod["metadata"]
        and condition(pod, "Ready") == "True"
        and pod["status"].get("podIP", "").startswith(f"{LOOPBACK_PREFIX}.")
    )


def _ports(service: Object) -> list[int]:
    return [each["port"] for each in service["spec"]["ports"]]


class _Relay:
    """Carries each connection to one backend after the other."""

    def __init__(self, backends: tuple[tuple[str, int], ...]) -> None:
        self._backends, self._count = backends, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._backends[self._count % len(self._backends)])
        except OSError:
            reset(writer)
            return
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        for each in (writer, far_writer):
            each.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        reset(writer)


def main() -> int:
    parser = argparse.ArgumentParser(description="Double of a cloud's load balancers for one cluster of the lab.")
    parser.add_argument("cluster", type=cluster)
    chosen: Cluster = parser.parse_args().cluster
    layout = Layout.find()
    api = Api.from_kubeconfig(layout.identity(chosen.name, "load-balancer"), user_agent="lab-load-balancer")

    async def serve() -> None:
        await LoadBalancer(api, chosen, switch(layout, chosen.name)).run()

    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
