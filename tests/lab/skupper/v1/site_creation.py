# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a site, as the site-controller does (S1 client/router_create.go RouterCreate).

Objects are made one after the other; what is there already is left as it is (which adopts authorities that somebody has
made beforehand, and lets a second attempt complete a first). The certificate of the site's own server needs its hosts;
when these do not come in time, the attempt is over, and ``skupper-internal`` stays, so that nobody tries again:
skupper#1638. The time is upstream's 120 s (types.DefaultTimeoutDuration) unless the lab's switch says otherwise.
"""

from __future__ import annotations

import secrets
import time
from base64 import b64encode
from pathlib import Path

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.errors import LabError
from tests.lab.layout import Layout
from tests.lab.skupper.v1 import certificates, names, resolver, router_config
from tests.lab.skupper.v1 import site_objects as objects
from tests.lab.skupper.v1.settings import Settings

TIMEOUT_SECONDS = 120.0
ASK_SECONDS = 0.25
LONGEST_COMMON_NAME = 64
PLURALS = {
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "HTTPProxy": "httpproxies",
    "Ingress": "ingresses",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "Route": "routes",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
}


def switch(layout: Layout, cluster: str) -> Path:
    """File with the seconds that the site-controller waits for a load balancer instead of its 120."""
    return layout.cluster(cluster) / "skupper-v1-timeout"


class SiteCreation:
    """One attempt to make one site."""

    def __init__(self, api: Api, site: Settings, timeout: float) -> None:
        self._api, self._site = api, site
        self._deadline = time.monotonic() + timeout
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": names.SITE, "uid": site.uid}
        self._owners = [owner]

    def run(self) -> None:
        """LabError or ApiError when it fails; what has been made until then stays."""
        site = self._site
        if site.ingress == "route" and not resolver.serves(self._api, resolver.ROUTES):
            raise LabError("OpenShift cluster not detected for --ingress type route")
        self._account(names.ROUTER, objects.ROUTER_RULES)
        self._credentials()
        self._make(objects.local_service())
        if not site.edge:
            self._make(objects.router_service(site))
        if site.ingress == "route" and not site.edge:
            for each in objects.routes(site):
                self._make(each)
        self._make(objects.router_deployment(site))
        self._config_map(names.SERVICES, {})
        self._config_map(names.INTERNAL, {router_config.KEY: router_config.initial(site).text()})
        if not site.edge:
            self._ingress()
            self._site_server()
        if site.service_controller:
            self._controller()

    def _account(self, name: str, rules: list[Object]) -> None:
        for each in (objects.service_account(name), objects.role(name, rules), objects.role_binding(name)):
            self._make(each)

    def _credentials(self) -> None:
        """Authorities, and what they sign for the site's own use."""
        site = self._site
        local = self._authority(names.LOCAL_CA)
        if not site.edge:
            self._authority(names.SITE_CA)
        service = self._authority(names.SERVICE_CA)
        hosts = (names.LOCAL_ROUTER, f"{names.LOCAL_ROUTER}.{site.namespace}.svc.cluster.local")
        self._secret(names.LOCAL_SERVER, lambda: certificates.issue(local, names.LOCAL_ROUTER, hosts))
        self._secret(names.LOCAL_CLIENT, lambda: self._local_client(local))
        self._secret(names.SERVICE_CLIENT, lambda: {"ca.crt": service["tls.crt"]}, "Opaque")
        if site.console and site.console_authentication == "internal":
            user = site.console_user or "admin"
            password = site.console_password or secrets.token_hex(5)
            encoded = b64encode(password.encode()).decode()
            self._secret("skupper-console-users", lambda: {user: encoded}, "Opaque")

    def _local_client(self, local: certificates.Data) -> certificates.Data:
        connect = b"""{"scheme": "amqps", "host": "skupper-router-local", "port": "5671", "tls": {
            "ca": "/etc/messaging/ca.crt", "cert": "/etc/messaging/tls.crt", "key": "/etc/messaging/tls.key",
            "verify": true}}"""
        return certificates.issue(local, names.LOCAL_ROUTER) | {"connect.json": b64encode(connect).decode()}

    def _ingress(self) -> None:
        site = self._site
        if site.ingress in ("nginx-ingress-v1", "ingress"):
            self._make(objects.ingress(site))
        elif site.ingress == "contour-http-proxy":
            for each in objects.proxies(site):
                self._make(each)

    def _site_server(self) -> None:
        """Wait for the hosts, then sign the certificate that other sites will see."""
        site = self._site
        while not all(hosts := resolver.resolve(self._api, site).hosts) and site.ingress != "nodeport":
            if time.monotonic() > self._deadline:
                raise LabError(f"Failed to get LoadBalancer IP or Hostname for service {names.ROUTER}")
            time.sleep(ASK_SECONDS)
        inside = f"{names.ROUTER}.{site.namespace}"
        known = tuple(dict.fromkeys((inside, f"{inside}.svc.cluster.local", *filter(None, hosts))))
        subject = next((each for each in hosts if 0 < len(each) < LONGEST_COMMON_NAME), names.ROUTER)
        ca = self._api.get(path("v1", "secrets", names.SITE_CA, site.namespace))["data"]
        self._secret(names.SITE_SERVER, lambda: certificates.issue(ca, subject, known))

    def _controller(self) -> None:
        site = self._site
        self._account(names.SERVICE_CONTROLLER, objects.CONTROLLER_RULES)
        if service := objects.console_service(site):
            self._make(service)
        if site.flow_collector and site.ingress == "route":
            self._make(objects.console_route(site))
        if site.flow_collector:
            ca = self._api.get(path("v1", "secrets", names.LOCAL_CA, site.namespace))["data"]
            hosts = (f"{names.CONSOLE}.{site.namespace}",)
            self._secret("skupper-console-certs", lambda: certificates.issue(ca, names.CONSOLE, hosts))
        self._make(objects.controller_deployment(site))

    def _authority(self, name: str) -> certificates.Data:
        """The authority of that name, which is made only where it is not there."""
        return self._secret(name, lambda: certificates.authority(name))

    def _secret(self, name: str, make: object, kind: str = "kubernetes.io/tls") -> certificates.Data:
        assert callable(make)
        target = path("v1", "secrets", name, self._site.namespace)
        live = self._api.find(target)
        if live is None:
            self._make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": kind, "data": make()})
            live = self._api.get(target)
        data: certificates.Data = live["data"]
        return data

    def _config_map(self, name: str, data: dict[str, str]) -> None:
        self._make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})

    def _make(self, wanted: Object) -> None:
        """Create an object, owned by the site; nothing happens where it is there."""
        metadata = wanted["metadata"] | {"namespace": self._site.namespace, "ownerReferences": self._owners}
        target = path(wanted["apiVersion"], PLURALS[wanted["kind"]], namespace=self._site.namespace)
        try:
            self._api.create(target, wanted | {"metadata": metadata})
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
