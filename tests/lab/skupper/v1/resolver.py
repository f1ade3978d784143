# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At which hosts and ports a site can be reached, by kind of ingress (S1 pkg/kube/resolver/*.go).

With a load balancer that is pending the host is empty, and that is no error: so come tokens without hosts.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.api import Api, Object, path
from tests.lab.errors import LabError
from tests.lab.skupper.v1 import names
from tests.lab.skupper.v1.settings import Settings

ROUTES = "route.openshift.io/v1"
INGRESSES = "networking.k8s.io/v1"
PROXIES = "projectcontour.io/v1"
TLS_PORT = "443"


@dataclass(frozen=True)
class Place:
    host: str
    port: str


@dataclass(frozen=True)
class Places:
    """Where to dial a site."""

    inter_router: Place
    edge: Place
    claims: Place

    @property
    def hosts(self) -> tuple[str, ...]:
        """Each host once, '' for one that is not known yet."""
        return tuple(dict.fromkeys(each.host for each in (self.inter_router, self.edge, self.claims)))


def default_ingress(api: Api) -> str:
    """Upstream takes a cluster that serves Routes for OpenShift (client/client.go GetIngressDefault)."""
    return "route" if serves(api, ROUTES) else "loadbalancer"


def serves(api: Api, group: str) -> bool:
    return api.find(f"/apis/{group}") is not None


def resolve(api: Api, site: Settings) -> Places:
    """LabError or ApiError when something that the ingress consists of is not there."""
    match site.ingress:
        case "route":
            return _routes(api, site.namespace)
        case "loadbalancer":
            return _ports(_load_balancer_host(_service(api, site.namespace)))
        case "nodeport":
            return _node_ports(_service(api, site.namespace), site.router_host)
        case "nginx-ingress-v1" | "ingress":
            return _ingress(api, site.namespace)
        case "contour-http-proxy":
            return _prefixed("skupper-{}", site.namespace, site.router_host)
        case "none":
            return _ports(f"{names.ROUTER}.{site.namespace}")
    raise LabError(f"unknown ingress {site.ingress!r}")


def _ports(host: str) -> Places:
    ports = names.INTER_ROUTER_PORT, names.EDGE_PORT, names.CLAIMS_PORT
    return Places(*(Place(host, str(port)) for port in ports))


def _service(api: Api, namespace: str) -> Object:
    return api.get(path("v1", "services", names.ROUTER, namespace))


def _load_balancer_host(service: Object) -> str:
    """The first entry of the status; its address rather than its name."""
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
    return str(ingress[0].get("ip") or ingress[0].get("hostname") or "")


def _node_ports(service: Object, host: str) -> Places:
    ports = {each["name"]: str(each.get("nodePort", "")) for each in service["spec"]["ports"]}
    return Places(*(Place(host, ports[name]) for name in ("inter-router", "edge", "claims")))


def _routes(api: Api, namespace: str) -> Places:
    if not serves(api, ROUTES):
        raise LabError("OpenShift cluster not detected for --ingress type route")
    found = (
        api.get(path(ROUTES, "routes", name, namespace)) for name in ("skupper-inter-router", "skupper-edge", "claims")
    )
    return Places(*(Place(each["spec"].get("host", ""), TLS_PORT) for each in found))


def _prefixed(form: str, namespace: str, host: str) -> Places:
    return Places(
        *(Place(f"{form.format(each)}.{namespace}.{host}", TLS_PORT) for each in ("inter-router", "edge", "claims"))
    )


def _ingress(api: Api, namespace: str) -> Places:
    rules = api.get(path(INGRESSES, "ingresses", "skupper", namespace))["spec"].get("rules") or []
    hosts = {
        each["backend"]["service"]["port"]["number"]: rule["host"] for rule in rules for each in rule["http"]["paths"]
    }
    ports = names.INTER_ROUTER_PORT, names.EDGE_PORT, names.CLAIMS_PORT
    if missing := [str(port) for port in ports if port not in hosts]:
        raise LabError(f"Ingress skupper has no rule for port {', '.join(missing)}")
    return Places(*(Place(hosts[port], TLS_PORT) for port in ports))
