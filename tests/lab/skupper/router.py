# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a router pod of Skupper v2: skupper-router 3.2.0 with kube-adaptor 2.0.0 beside it.

skupper-router is a C program that no package registry holds. kube-adaptor could be built, but talks AMQP to a router at
localhost:5672, an address that cannot be changed (cmd/kube-adaptor/main.go, internal/kube/adaptor), and so there could
be one a machine. This process does the work of both:

- its configuration is the router ConfigMap, its certificates are Secrets, read with the pod's own ServiceAccount, at
  the start (internal/kube/adaptor/config_init.go) and whenever they change (config_sync.go); nothing of a new
  configuration is applied while the Secret of one of its TLS profiles is missing;
- links: `links`; traffic: `streams`; state of the network for the controller: `network_status`;
- /healthz on the port that the configuration names;
- queries of management, for who runs skmanage in the container: `management`.

Not there: AMQP (listeners ``amqp`` and ``amqps``), changes by management, metrics, leader election among several router
pods of a site (they would write the same status), events of flows.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.informer import Informer
from tests.lab.process import say_ready
from tests.lab.skupper import management, network_status
from tests.lab.skupper.configuration import Configuration, TcpEndpoint, parse, secret_of
from tests.lab.skupper.credentials import Credentials
from tests.lab.skupper.frames import Header
from tests.lab.skupper.links import Links, Peer
from tests.lab.skupper.streams import Streams
from tests.lab.skupper.topology import Record, Topology

CONFIG_KEY = "skrouterd.json"
TICK_SECONDS = 1.0
PUBLISH_SECONDS = 0.2
"""Between two writes of the status."""
TRANSIT = 16
"""Routers that a frame may pass, so that none runs in circles while ways change."""


class Router:
    """One router pod."""

    def __init__(self, api: Api, environment: dict[str, str]) -> None:
        self._api = api
        self._namespace, self._name = environment["SKUPPER_NAMESPACE"], environment["SKUPPER_ROUTER_CONFIG"]
        self._site_name, self._hostname = environment["SKUPPER_SITE_NAME"], environment["HOSTNAME"]
        self._deployment = self._name
        self._address = environment["POD_IP"]
        self._credentials = Credentials(Path(environment["POD_VOLUMES"]) / "skupper-router-certs")
        self._loop = asyncio.get_running_loop()
        self._stirred, self._unpublished = asyncio.Event(), asyncio.Event()
        self._configuration: Configuration | None = None
        self._problem = ""
        name = f"metadata.name={self._name}"
        self._config_maps = Informer(
            api, path("v1", "configmaps", namespace=self._namespace, fieldSelector=name), self._stir
        )
        self._secrets = Informer(api, path("v1", "secrets", namespace=self._namespace), self._stir)

    async def run(self) -> None:
        """Serve until told to end."""
        for informer in (self._config_maps, self._secrets):
            informer.start()
            await asyncio.to_thread(informer.synced.wait)
        while (configuration := self._synced()) is None:
            await self._wait_until_stirred()
        self._topology = Topology(configuration.router)
        self._links = Links(self._address, self._credentials, self._resolve, self._receive, self._link_changed)
        self._streams = Streams(self._address, self._credentials, self._topology, self._route, self._resolve_target)
        await self._apply(configuration)
        await self._serve_health(configuration)
        await management.serve(self._address, self._tables)
        await self._serve_more()
        async with asyncio.TaskGroup() as tasks:  # the end of one, by a mistake, is the end of the pod's process
            for work in (self._tick(), self._publish(), self._follow()):
                tasks.create_task(work)
            say_ready()

    async def _serve_more(self) -> None:
        """Start what else belongs to the pod."""

    async def _follow(self) -> None:
        """Apply the configuration whenever it, or the network, has changed."""
        while True:
            await self._wait_until_stirred()
            if fresh := self._synced():
                await self._apply(fresh)
            await self._streams.reconcile()

    # From the cluster

    def _stir(self, _before: Object | None, _after: Object | None) -> None:
        self._loop.call_soon_threadsafe(self._stirred.set)

    async def _wait_until_stirred(self) -> None:
        await self._stirred.wait()
        self._stirred.clear()

    def _synced(self) -> Configuration | None:
        """The configuration, with its certificates written; None when one of these is not there."""
        config_map = self._config_maps.objects.get((self._namespace, self._name))
        problem = f"no ConfigMap {self._name}"
        if config_map:
            try:
                configuration = parse(config_map.get("data", {}).get(CONFIG_KEY, ""), self._hostname)
                problem = self._write_credentials(configuration)
            except (ValueError, KeyError, TypeError) as error:
                problem = f"ConfigMap {self._name} has no usable {CONFIG_KEY}: {error!r}"
            else:
                if not problem:
                    self._problem = ""
                    return configuration
        if problem != self._problem:
            print(problem, flush=True)
            self._problem = problem
        return None

    def _write_credentials(self, configuration: Configuration) -> str:
        for profile in configuration.profiles:
            secret = self._secrets.objects.get((self._namespace, secret_of(profile)))
            if secret is None:
                return f"no Secret {secret_of(profile)}"
            if self._credentials.write(profile, secret.get("data") or {}):
                print(f"TLS profile {profile}: written", flush=True)
        return ""

    async def _apply(self, configuration: Configuration) -> None:
        if configuration != self._configuration:
            self._configuration = configuration
            self._links.update(configuration)
            await self._streams.update(configuration)
        self._announce()

    async def _resolve(self, host: str) -> str:
        """Stands for the cluster's DNS: routers of one site (``ha``) dial each other by the names of their Services.

        These select the pods of a group that is called like the Service (internal/kube/site site.go).
        """
        if "." in host:
            return host
        target = path("v1", "pods", namespace=self._namespace, labelSelector=f"skupper.io/group={host}")
        try:
            pods = await asyncio.to_thread(self._api.items, target)
        except ApiError as error:
            raise OSError(str(error)) from error
        return next((each["status"]["podIP"] for each in pods if each["status"].get("podIP")), host)

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
                    {"name": each.name, "protocol": "tcp", **_destination(each)}
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

    def _status(self) -> dict[str, Any]:
        return network_status.build(self._topology.records)

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
        self._unpublished.set()
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

    async def _publish(self) -> None:
        while True:
            await self._unpublished.wait()
            self._unpublished.clear()
            status = self._status()
            try:
                await asyncio.to_thread(network_status.publish, self._api, self._namespace, self._deployment, status)
            except (ApiError, OSError) as error:
                print(f"network status: {error}", flush=True)
                self._unpublished.set()
                await asyncio.sleep(TICK_SECONDS)
            await asyncio.sleep(PUBLISH_SECONDS)

    async def _serve_health(self, configuration: Configuration) -> None:
        for listener in configuration.listeners.values():
            if listener.http:
                await asyncio.start_server(_healthy, self._address, listener.port)


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


async def serve(kind: type[Router] = Router) -> None:
    """Run a router until it is told to end."""
    loop = asyncio.get_running_loop()
    api = Api.from_kubeconfig(Path(os.environ["KUBECONFIG"]), user_agent="lab-router")
    running = asyncio.create_task(kind(api, dict(os.environ)).run())
    loop.add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()


def main(kind: type[Router] = Router) -> int:
    asyncio.run(serve(kind))
    sys.stdout.flush()
    os._exit(0)  # threads that watch the API server are waiting for it; nothing is left to be done for them


if __name__ == "__main__":
    sys.exit(main())
