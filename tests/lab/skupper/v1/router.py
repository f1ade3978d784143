# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Double of a router pod of Skupper v1: skupper-router 2.7.6 with config-sync 1.9.6; and the site's service-controller.

The router is that of `tests.lab.skupper.router`. Otherwise than there (S1 cmd/config-sync/config_sync.go):

- the pod starts when what it mounts is there: ``skupper-internal``, and the Secrets of its own server certificates
  (skupper#1638: without ``skupper-site-server`` it never does);
- a certificate's file is written when it is not there, and never again (copyCertsFilesToPath): a Secret that changes
  does nothing until the pod is replaced, or until its profile has gone and comes back;
- connectors are told apart by name (S1 pkg/qdr/qdr.go ConnectorsDifference), and none is changed while the Secret of a
  new one is missing;
- sites and links are told as v1 does it (`flows`).

The claims server (`claims`) is config-sync's. The service-controller (`service_controller`) is a pod of its own
upstream; here it is part of this process, and works while its Deployment has a ready pod.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import Any

from tests.lab.api import Api, ApiError, Object
from tests.lab.layout import Layout
from tests.lab.skupper import network_status, router
from tests.lab.skupper.configuration import Configuration
from tests.lab.skupper.v1 import bindings, claims, flows, names, router_config
from tests.lab.skupper.v1.service_controller import IDENTITY, ServiceController

MOUNTED = ("skupper-amqps", "skupper-internal")
"""TLS profiles whose Secrets are volumes of the pod."""
LISTS = ("links", "listeners", "connectors")


class Router(router.Router):
    """One router pod, and for the first pod of a site its service-controller."""

    def __init__(self, api: Api, environment: dict[str, str]) -> None:
        named = {
            "SKUPPER_NAMESPACE": environment["POD_NAMESPACE"],
            "SKUPPER_ROUTER_CONFIG": names.INTERNAL,
            "SKUPPER_SITE_NAME": "",
        }
        super().__init__(api, environment | named)
        self._deployment = names.ROUTER
        kubeconfig = Layout.find().identity(environment["LAB_CLUSTER"], IDENTITY)
        self._controller_api = Api.from_kubeconfig(kubeconfig, user_agent="lab-skupper-service-controller")
        self._controller: ServiceController | None = None

    def _synced(self) -> Configuration | None:
        configuration = super()._synced()
        before = self._configuration
        if configuration is None or before is None:
            return configuration
        for gone in set(before.profiles) - set(configuration.profiles):
            self._credentials.remove(gone)
        added = [each for name, each in configuration.connectors.items() if name not in before.connectors]
        if any(each.profile and self._secret(each.profile) is None for each in added):
            return replace(configuration, connectors=before.connectors)
        return configuration

    def _write_credentials(self, configuration: Configuration) -> str:
        for profile in configuration.profiles:
            secret = self._secret(profile)
            if secret is None:
                if profile in MOUNTED and self._configuration is None:
                    return f"no Secret {router_config.secret_of(profile)}"
            elif self._credentials.write_missing(profile, secret.get("data") or {}):
                print(f"TLS profile {profile}: written", flush=True)
        return ""

    def _secret(self, profile: str) -> Object | None:
        return self._secrets.objects.get((self._namespace, router_config.secret_of(profile)))

    async def _serve_more(self) -> None:
        assert self._configuration
        if not self._configuration.edge:
            context = self._credentials.service("skupper-internal")
            claims.serve(self._controller_api, self._namespace, self._address, context)
        self._controller = ServiceController(self._controller_api, self._namespace, self._services_changed)
        self._controller.start()

    def _services_changed(self) -> None:
        self._loop.call_soon_threadsafe(self._announce)

    # The network

    def _record(self) -> dict[str, Any]:
        """What this router says of itself, with the services of its site in the place of service-sync's messages."""
        return super()._record() | {"services": self._controller.own_services() if self._controller else {}}

    def _site(self, configuration: Configuration) -> dict[str, Any]:
        return flows.site(configuration, configuration.router.removesuffix(f"-{self._hostname}"), self._namespace)

    def _connections(self) -> dict[str, Any]:
        return {"links": flows.links(self._links.peers())}

    def _status(self) -> dict[str, Any]:
        """Lists without content are null."""
        status = network_status.build(self._topology.records)
        for site in status["siteStatus"] or []:
            site["routerStatus"] = [
                {key: None if key in LISTS and not each else each for key, each in found.items()}
                for found in site["routerStatus"]
            ]
        return status

    def _network_changed(self) -> None:
        super()._network_changed()
        self._pass_on_services()

    def _ticked(self) -> None:
        self._pass_on_services()

    def _pass_on_services(self) -> None:
        """Tell the service-controller what other sites within reach offer."""
        if self._controller and self._configuration:
            others = [
                each
                for each in self._topology.reachable_records()
                if each["site"]["identity"] != self._configuration.site
            ]
            self._controller.hear({each["site"]["identity"]: each.get("services", {}) for each in others})

    async def _resolve_target(self, host: str) -> str:
        try:
            return await asyncio.to_thread(bindings.resolve, self._controller_api, self._namespace, host)
        except ApiError as error:
            raise OSError(str(error)) from error


def main() -> int:
    return router.main(Router)


if __name__ == "__main__":
    sys.exit(main())
