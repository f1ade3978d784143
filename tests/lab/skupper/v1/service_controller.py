# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a site's service-controller 1.9.6. It runs in the router's process (`router`).

Works while its Deployment has a ready pod: tokens and claims (`tokens`), services (`services`). Each kind of Secret has
a queue of its own upstream (S1 cmd/service-controller/secret_controller.go), whose handler sees the state at the time
when it gets to work: a Secret that is deleted and made again meanwhile has not changed. The lab gives this race a time
of its own (`TICK_SECONDS`), so that a test can rely on it.

Tokens that have been removed while it was away are looked for at the start, which upstream does not do: there, the
service-controller is not away when the router is.

Left out: policies (SkupperClusterPolicy is not served in the lab), headless services, TLS for services, HTTP, events,
console and REST.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.informer import Informer, key_of
from tests.lab.skupper.v1 import names, tokens
from tests.lab.skupper.v1.router_config import RouterConfig
from tests.lab.skupper.v1.services import ServiceMap, Services
from tests.lab.workqueue import WorkQueue

IDENTITY = "skupper-service-controller"
TICK_SECONDS = 0.1
RETRY_SECONDS = 0.5
ATTEMPTS = 5


class ServiceController:
    """Of one site."""

    def __init__(self, api: Api, namespace: str, own_services_changed: Callable[[], None]) -> None:
        self._api, self._namespace = api, namespace
        self._queue: WorkQueue[tuple[str, str]] = WorkQueue()
        self._failures: dict[tuple[str, str], int] = {}
        self._secrets = self._informer("v1", "secrets", self._secret_changed)
        self._config_maps = self._informer("v1", "configmaps", self._config_map_changed)
        self._services_informer = self._informer("v1", "services", self._something_changed)
        self._pods = self._informer("v1", "pods", self._something_changed)
        workloads = ("deployments", "statefulsets", "daemonsets")
        self._workloads = {kind: self._informer("apps/v1", kind, self._workload_changed) for kind in workloads}
        self._services = Services(api, namespace, own_services_changed)
        self._swept = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="service-controller", daemon=True).start()

    def own_services(self) -> ServiceMap:
        """What this site offers to others."""
        return self._services.own

    def hear(self, offered: Mapping[str, ServiceMap]) -> None:
        """Take note of what other sites offer, by their ids."""
        if self._services.hear(offered):
            self._queue.add(("services", ""))

    def _informer(
        self, version: str, resource: str, changed: Callable[[Object | None, Object | None], None]
    ) -> Informer:
        return Informer(self._api, path(version, resource, namespace=self._namespace), changed)

    @property
    def _all(self) -> list[Informer]:
        return [self._secrets, self._config_maps, self._services_informer, self._pods, *self._workloads.values()]

    def _run(self) -> None:
        for informer in self._all:
            informer.start()
        for informer in self._all:
            informer.synced.wait()
        self._queue.add(("sweep", ""))
        while True:
            task = self._queue.get()
            if not self._is_on():
                continue  # everything is looked at when it comes back
            try:
                self._work(*task)
                self._failures.pop(task, None)
            except (ApiError, OSError, LookupError, ValueError, tokens.NotRedeemed) as error:
                self._failed(task, error)

    def _failed(self, task: tuple[str, str], error: Exception) -> None:
        print(f"{' '.join(task)}: {error}", flush=True)
        count = self._failures[task] = self._failures.get(task, 0) + 1
        if count < ATTEMPTS:
            self._queue.add(task, RETRY_SECONDS * count)
        else:
            self._failures.pop(task)

    def _is_on(self) -> bool:
        deployment = self._workloads["deployments"].objects.get((self._namespace, names.SERVICE_CONTROLLER), {})
        return bool(deployment.get("status", {}).get("readyReplicas"))

    def _work(self, kind: str, name: str) -> None:
        if kind == "sweep":
            self._sweep()
        elif kind == "token":
            self._token(name)
        elif kind == "claim":
            self._claim(name)
        elif kind == "services":
            wait = self._services.reconcile(
                self._state(), lambda change: tokens.change_config(self._api, self._namespace, change)
            )
            if wait is not None:
                self._queue.add(("services", ""), wait)

    def _state(self) -> dict[str, list[Object]]:
        """Objects that services depend on, by resource."""
        found: dict[str, Any] = {"services": self._services_informer, "pods": self._pods} | self._workloads
        found["configmaps"] = self._config_maps
        return {kind: list(each.objects.copy().values()) for kind, each in found.items()}

    # Tokens

    def _sweep(self) -> None:
        """Look at everything, after a time in which nothing was looked at."""
        present = {
            name for (_namespace, name), each in self._secrets.objects.copy().items() if _type(each) == names.TOKEN
        }

        def prune(config: RouterConfig) -> bool:
            gone = [
                name
                for name, each in config.all("connector").items()
                if each.get("sslProfile") == f"{name}-profile" and name not in present
            ]
            return sum(tokens.disconnect(config, name) for name in gone) > 0

        tokens.change_config(self._api, self._namespace, prune)
        for each in self._secrets.objects.copy().values():
            self._secret_changed(None, each)
        self._queue.add(("services", ""))

    def _token(self, name: str) -> None:
        token = self._secrets.objects.get((self._namespace, name))
        if token is None or _type(token) != names.TOKEN:
            tokens.change_config(self._api, self._namespace, lambda config: tokens.disconnect(config, name))
            return
        author = (token["metadata"].get("annotations") or {}).get(names.GENERATED_BY)
        if author != self._site_id():
            tokens.change_config(self._api, self._namespace, lambda config: tokens.connect(config, token))

    def _claim(self, name: str) -> None:
        claim = self._secrets.objects.get((self._namespace, name))
        if claim is not None and _type(claim) == names.CLAIM:
            tokens.redeem(self._api, claim, self._site_id())

    def _site_id(self) -> str:
        site = self._config_maps.objects.get((self._namespace, names.SITE))
        return str(site["metadata"]["uid"]) if site else ""

    # Changes

    def _secret_changed(self, before: Object | None, after: Object | None) -> None:
        kinds = {_type(each) for each in (before, after) if each}
        thing = after or before
        assert thing
        name = key_of(thing)[1]
        if names.TOKEN in kinds:
            self._queue.add(("token", name), TICK_SECONDS)
        if after and _type(after) == names.CLAIM:
            self._queue.add(("claim", name), TICK_SECONDS)

    def _workload_changed(self, before: Object | None, after: Object | None) -> None:
        thing = after or before
        assert thing
        if key_of(thing)[1] == names.SERVICE_CONTROLLER and _ready(after) and not _ready(before):
            self._queue.add(("sweep", ""))
        self._something_changed(before, after)

    def _config_map_changed(self, before: Object | None, after: Object | None) -> None:
        thing = after or before
        assert thing
        if key_of(thing)[1] in (names.SERVICES, names.INTERNAL, names.SITE):
            self._something_changed(before, after)

    def _something_changed(self, _before: Object | None, _after: Object | None) -> None:
        self._queue.add(("services", ""), TICK_SECONDS)


def _type(secret: Object) -> str:
    return str((secret["metadata"].get("labels") or {}).get(names.TYPE, ""))


def _ready(deployment: Object | None) -> bool:
    return bool(deployment and deployment.get("status", {}).get("readyReplicas"))
