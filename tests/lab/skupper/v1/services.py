# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of one site: from definitions to bindings, and to and from other sites.

Follows S1 cmd/service-controller/service_sync.go: each site tells the others what it offers, and keeps what it hears as
entries with that site as their origin. An entry goes when its site does not offer it any more, or has not been heard of
for `TTL_SECONDS`. Entries of other origins are never touched. Upstream's messages (``mc/$skupper-service-sync``) are
part of what the lab's routers tell each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from tests.lab.api import Api, Object, path
from tests.lab.skupper.v1 import bindings, definitions, names
from tests.lab.skupper.v1.definitions import Definitions
from tests.lab.skupper.v1.router_config import RouterConfig

ServiceMap = Definitions
Change = Callable[[Callable[[RouterConfig], bool]], None]
TTL_SECONDS = 180.0
SWITCHED_OFF = "SKUPPER_DISABLE_SERVICE_SYNC"


class Services:
    """Used from the service-controller's thread, but for `hear`."""

    def __init__(self, api: Api, namespace: str, changed: Callable[[], None]) -> None:
        """``changed`` is called when the site offers something else than before."""
        self._api, self._namespace, self._changed = api, namespace, changed
        self.own: ServiceMap = {}
        self._lock = threading.Lock()
        self._heard: dict[str, tuple[float, ServiceMap]] = {}
        """Site to when it was heard of last, and what it offers."""

    def hear(self, offered: Mapping[str, ServiceMap]) -> bool:
        """Note what sites within reach offer; return whether that is news."""
        now = time.monotonic()
        with self._lock:
            known = {site: entries for site, (_time, entries) in self._heard.items()}
            self._heard |= {site: (now, entries) for site, entries in offered.items()}
        return any(known.get(site) != entries for site, entries in offered.items())

    def reconcile(self, state: Mapping[str, list[Object]], change: Change) -> float | None:
        """Bring everything in line; return after how many seconds it is to be looked at again."""
        config_map = _named(state["configmaps"], names.SERVICES)
        if config_map is None or _named(state["configmaps"], names.INTERNAL) is None:
            return None
        live = definitions.parse(config_map.get("data") or {})
        workloads = [*state["deployments"], *state["statefulsets"], *state["daemonsets"]]
        owned = {definitions.ANNOTATION: definitions.annotated(workloads, state["services"])}
        others, wait = ({}, None) if _is_off(state) else self._others(live)
        wanted = definitions.merged(live, owned | others)
        if wanted != live:
            self._write(config_map, live, wanted)
        own = definitions.offered(wanted)
        if own != self.own:
            self.own = own
            self._changed()
        change(lambda config: bindings.bind(config, wanted, state["pods"]))
        config = RouterConfig.of(self._api.get(path("v1", "configmaps", names.INTERNAL, self._namespace)))
        bindings.expose(self._api, self._namespace, config, wanted, state["services"])
        return wait

    def _others(self, live: Definitions) -> tuple[dict[str, Definitions], float | None]:
        """What other sites offer, by site; and when the first of them is to be forgotten."""
        now = time.monotonic()
        with self._lock:
            sites = {definitions.origin(each) for each in live.values()} - set(definitions.LOCAL)
            for site in sites - set(self._heard):  # known from before this process began
                self._heard[site] = (now, {key: each for key, each in live.items() if definitions.origin(each) == site})
            stale = [site for site, (heard, _entries) in self._heard.items() if now - heard >= TTL_SECONDS]
            found = {site: entries for site, (_heard, entries) in self._heard.items()} | {site: {} for site in stale}
            for site in stale:
                del self._heard[site]
            first = min((heard for heard, _entries in self._heard.values()), default=None)
        return found, None if first is None else max(first + TTL_SECONDS - now, 1.0)

    def _write(self, config_map: Object, live: Definitions, wanted: Definitions) -> None:
        data = {key: each for key, each in (config_map.get("data") or {}).items() if key in wanted or key not in live}
        data |= {key: definitions.text(each) for key, each in wanted.items() if live.get(key) != each}
        target = path("v1", "configmaps", names.SERVICES, self._namespace)
        self._api.replace(target, config_map | {"apiVersion": "v1", "kind": "ConfigMap", "data": data})


def _named(things: list[Object], name: str) -> Object | None:
    return next((each for each in things if each["metadata"]["name"] == name), None)


def _is_off(state: Mapping[str, list[Object]]) -> bool:
    controller = _named(state["deployments"], names.SERVICE_CONTROLLER)
    containers = controller["spec"]["template"]["spec"]["containers"] if controller else []
    return any(each["name"] == SWITCHED_OFF for container in containers for each in container.get("env") or [])
