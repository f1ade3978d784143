# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where others reach a v1 site, by its kind of ingress: what the site controller writes into the tokens that it issues.

Upstream: skupperproject/skupper 1.9.6 pkg/kube/resolver, client/client.go (GetIngressDefault).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._client.errors import ObjectRef
from ..model import Endpoint
from .vocabulary import CLAIMS_PORT_NUMBER, EDGE_PORT_NUMBER, INTER_ROUTER_PORT_NUMBER, ROUTER_SERVICE

ROUTE_API, INGRESS_API = "route.openshift.io/v1", "networking.k8s.io/v1"
LOAD_BALANCER, ROUTE, NODE_PORT, CONTOUR, NONE = "loadbalancer", "route", "nodeport", "contour-http-proxy", "none"
INGRESSES = ("nginx-ingress-v1", "ingress")

ROLES = ("inter-router", "edge", "claims")
PORTS = {"inter-router": INTER_ROUTER_PORT_NUMBER, "edge": EDGE_PORT_NUMBER, "claims": CLAIMS_PORT_NUMBER}
_ROUTES = {"inter-router": "skupper-inter-router", "edge": "skupper-edge", "claims": "claims"}
_CONTOUR_PREFIXES = {"inter-router": "skupper-inter-router", "edge": "skupper-edge", "claims": "skupper-claims"}


@dataclass(frozen=True)
class Access:
    """How a site is reached."""

    kind: str
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    """By role: inter-router, edge, claims. Only those that are known."""
    waits_for: str = ""
    """What has no host yet, in words; empty where all three are known."""

    @property
    def is_complete(self) -> bool:
        return not self.waits_for


def kind_of_ingress(site: Mapping[str, str], has_routes: bool) -> str:
    """The kind of ingress that the data of the ConfigMap skupper-site ask for."""
    if site.get("cluster-local") == "true":  # deprecated, but read
        return NONE
    return site.get("ingress") or (ROUTE if has_routes else LOAD_BALANCER)


def objects_of(kind: str, namespace: str) -> list[ObjectRef]:
    """The objects from which `access` tells where the site is reached."""
    if kind in (LOAD_BALANCER, NODE_PORT):
        return [ObjectRef("v1", "Service", ROUTER_SERVICE, namespace)]
    if kind == ROUTE:
        return [ObjectRef(ROUTE_API, "Route", name, namespace) for name in _ROUTES.values()]
    if kind in INGRESSES:
        return [ObjectRef(INGRESS_API, "Ingress", "skupper", namespace)]
    return []


def access(
    kind: str, site: Mapping[str, str], namespace: str, objects: Mapping[ObjectRef, Mapping[str, Any] | None]
) -> Access:
    """Where the site is reached.

    :param site: data of the ConfigMap skupper-site.
    :param objects: those that `objects_of` names, as they are.
    """
    own = site.get("router-ingress-host") or site.get("ingress-host") or ""
    first = next(iter(objects.values()), None) or {}
    if kind == NONE:
        return _made(kind, {role: (f"{ROUTER_SERVICE}.{namespace}", PORTS[role]) for role in ROLES}, "")
    if kind == CONTOUR:
        hosts = {role: f"{prefix}.{namespace}.{own}" if own else "" for role, prefix in _CONTOUR_PREFIXES.items()}
        return _made(kind, {role: (host, 443) for role, host in hosts.items()}, _INGRESS_HOST)
    if kind == ROUTE:
        routes = {role: objects.get(ObjectRef(ROUTE_API, "Route", name, namespace)) for role, name in _ROUTES.items()}
        found = {
            role: (str(((route or {}).get("spec") or {}).get("host") or ""), 443) for role, route in routes.items()
        }
        return _made(kind, found, "one of the Routes " + ", ".join(_ROUTES.values()))
    if kind in INGRESSES:
        rules = _hosts_by_port(first)
        return _made(kind, {role: (rules.get(PORTS[role], ""), 443) for role in ROLES}, "Ingress skupper")
    if kind == NODE_PORT:
        ports = _node_ports(first)
        missing = f"Service {ROUTER_SERVICE}" if own else _INGRESS_HOST
        return _made(kind, {role: (own, ports.get(role, 0)) for role in ROLES}, missing)
    host = _load_balancer_host(first)
    return _made(kind, {role: (host, PORTS[role]) for role in ROLES}, f"Service {ROUTER_SERVICE}")


_INGRESS_HOST = "ingress-host of ConfigMap skupper-site"


def _made(kind: str, found: Mapping[str, tuple[str, int]], missing: str) -> Access:
    known = {role: Endpoint(role, host, str(port)) for role, (host, port) in found.items() if host and port}
    return Access(kind, known, "" if len(known) == len(found) else missing)


def _load_balancer_host(service: Mapping[str, Any]) -> str:
    """The first address; upstream takes the IP where there are both."""
    addresses = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    return str(addresses[0].get("ip") or addresses[0].get("hostname") or "")


def _node_ports(service: Mapping[str, Any]) -> dict[str, int]:
    ports = (service.get("spec") or {}).get("ports") or []
    return {str(port.get("name")): int(port.get("nodePort") or 0) for port in ports}


def _hosts_by_port(ingress: Mapping[str, Any]) -> dict[int, str]:
    """Host of each rule by the port of the Service that it leads to."""
    hosts = {}
    for rule in (ingress.get("spec") or {}).get("rules") or []:
        for path in (rule.get("http") or {}).get("paths") or []:
            service = (path.get("backend") or {}).get("service") or {}
            hosts[int((service.get("port") or {}).get("number") or 0)] = str(rule.get("host") or "")
    return hosts
