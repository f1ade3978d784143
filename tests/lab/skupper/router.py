# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a router pod of Skupper v2: skupper-router 3.2.0 with kube-adaptor 2.0.0 beside it.

skupper-router is a C program that no package registry holds. kube-adaptor could be built, but talks AMQP to a router at
localhost:5672, an address that cannot be changed (cmd/kube-adaptor/main.go, internal/kube/adaptor), and so there could
be one a machine. This process does the work of both, the router's by `core`:

- its configuration is the router ConfigMap, its certificates are Secrets, read with the pod's own ServiceAccount, at
  the start (internal/kube/adaptor/config_init.go) and whenever they change (config_sync.go); nothing of a new
  configuration is applied while the Secret of one of its TLS profiles is missing;
- state of the network for the controller: `network_status`;
- queries of management, for who runs skmanage in the container: `management`.

Not there: AMQP (listeners ``amqp`` and ``amqps``), changes by management, metrics, leader election among several router
pods of a site (they would write the same status), events of flows.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.informer import Informer
from tests.lab.process import say_ready
from tests.lab.skupper import management, network_status
from tests.lab.skupper.configuration import Configuration, parse, secret_of
from tests.lab.skupper.core import TICK_SECONDS, Core
from tests.lab.skupper.credentials import Credentials

CONFIG_KEY = "skrouterd.json"
PUBLISH_SECONDS = 0.2
"""Between two writes of the status."""


class Router(Core):
    """One router pod."""

    def __init__(self, api: Api, environment: dict[str, str]) -> None:
        super().__init__(
            environment["POD_IP"],
            environment["HOSTNAME"],
            Credentials(Path(environment["POD_VOLUMES"]) / "skupper-router-certs"),
            environment["SKUPPER_NAMESPACE"],
            environment["SKUPPER_SITE_NAME"],
        )
        self._api = api
        self._name = self._deployment = environment["SKUPPER_ROUTER_CONFIG"]
        self._loop = asyncio.get_running_loop()
        self._unpublished = asyncio.Event()
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
        self._begin(configuration)
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

    def _network_changed(self) -> None:
        super()._network_changed()
        self._unpublished.set()

    def _status(self) -> dict[str, Any]:
        return network_status.build(self._topology.records)

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
