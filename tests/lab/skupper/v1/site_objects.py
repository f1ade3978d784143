# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a Skupper v1 site (S1 client/router_create.go: GetRouterSpecFromOpts, GetVanControllerSpec).

Left out: Prometheus, NetworkPolicy, the cluster role for policies (a leftover, for nothing owns it), SASL users of the
router's own console.
"""

from __future__ import annotations

from typing import Any

from tests.lab.api import Object
from tests.lab.skupper.v1 import names
from tests.lab.skupper.v1.settings import Settings

RBAC = "rbac.authorization.k8s.io/v1"
METRICS_PORT, REST_PORT = 8010, 8080


def service_account(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def role(name: str, rules: list[Object]) -> Object:
    return {"apiVersion": RBAC, "kind": "Role", "metadata": {"name": name}, "rules": rules}


def role_binding(name: str) -> Object:
    return {
        "apiVersion": RBAC,
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
    }


_READ = ["get", "list", "watch"]
ROUTER_RULES = [
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": [*_READ, "create", "update", "delete"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": [*_READ, "update"]},
    {"apiGroups": [""], "resources": ["pods", "services"], "verbs": _READ},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": _READ},
]
CONTROLLER_RULES = [
    {"apiGroups": [""], "resources": ["services", "configmaps", "secrets"], "verbs": [*_READ, "create", "update"]},
    {"apiGroups": [""], "resources": ["services", "configmaps", "secrets"], "verbs": ["delete", "patch"]},
    {"apiGroups": [""], "resources": ["pods", "pods/exec", "events"], "verbs": [*_READ, "create"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "daemonsets"], "verbs": _READ},
]


def local_service() -> Object:
    return service(names.LOCAL_ROUTER, "ClusterIP", {"amqps": names.AMQPS_PORT})


def router_service(site: Settings) -> Object:
    """The one that other sites dial."""
    kind = {"loadbalancer": "LoadBalancer", "nodeport": "NodePort"}.get(site.ingress, "ClusterIP")
    ports = {"inter-router": names.INTER_ROUTER_PORT, "edge": names.EDGE_PORT, "claims": names.CLAIMS_PORT}
    made = service(names.ROUTER, kind, ports)
    if site.router_annotations:
        made["metadata"]["annotations"] = site.router_annotations
    if site.load_balancer_ip and kind == "LoadBalancer":
        made["spec"]["loadBalancerIP"] = site.load_balancer_ip
    return made


def service(name: str, kind: str, ports: dict[str, int], selector: dict[str, str] = names.ROUTER_LABELS) -> Object:
    listed = [{"name": key, "protocol": "TCP", "port": port, "targetPort": port} for key, port in ports.items()]
    spec = {"type": kind, "selector": selector, "ports": listed}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def route(name: str, port: str, to: str, host: str, termination: str, insecure: str) -> Object:
    spec: dict[str, Any] = {
        "port": {"targetPort": port},
        "to": {"kind": "Service", "name": to},
        "tls": {"termination": termination, "insecureEdgeTerminationPolicy": insecure},
    }
    spec |= {"host": host} if host else {}
    return {"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": name}, "spec": spec}


def routes(site: Settings) -> list[Object]:
    """Passthrough Routes to the router."""
    found = []
    for name, port, insecure in (
        ("skupper-inter-router", "inter-router", "None"),
        ("skupper-edge", "edge", "None"),
        ("claims", "claims", "Redirect"),
    ):
        host = f"{name}-{site.namespace}.{site.router_host}" if site.router_host else ""
        found.append(route(name, port, names.ROUTER, host, "passthrough", insecure))
    return found


def ingress(site: Settings) -> Object:
    """Ingress ``skupper``, with passthrough as nginx knows it."""
    rules = []
    for prefix, port in (
        ("inter-router", names.INTER_ROUTER_PORT),
        ("edge", names.EDGE_PORT),
        ("claims", names.CLAIMS_PORT),
    ):
        backend = {"service": {"name": names.ROUTER, "port": {"number": port}}}
        http = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
        rules.append({"host": f"{prefix}.{site.namespace}.{site.router_host}", "http": http})
    annotations = {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"} if site.ingress != "ingress" else {}
    spec: dict[str, Any] = {"rules": rules} | ({"ingressClassName": "nginx"} if annotations else {})
    metadata = {"name": "skupper", "annotations": annotations}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def proxies(site: Settings) -> list[Object]:
    """HTTPProxies of Contour."""
    found = []
    for prefix, port in (
        ("skupper-inter-router", names.INTER_ROUTER_PORT),
        ("skupper-edge", names.EDGE_PORT),
        ("skupper-claims", names.CLAIMS_PORT),
    ):
        host = {"fqdn": f"{prefix}.{site.namespace}.{site.router_host}", "tls": {"passthrough": True}}
        spec = {"virtualhost": host, "tcpproxy": {"services": [{"name": names.ROUTER, "port": port}]}}
        metadata = {"name": prefix}
        found.append({"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy", "metadata": metadata, "spec": spec})
    return found


def router_deployment(site: Settings) -> Object:
    mounted = {names.LOCAL_SERVER: "skupper-amqps"} | ({} if site.edge else {names.SITE_SERVER: "skupper-internal"})
    folder = "/etc/skupper-router-certs"
    mounts = [{"name": name, "mountPath": f"{folder}/{profile}/"} for name, profile in mounted.items()]
    shared = {"name": "skupper-router-certs", "mountPath": folder}
    config = {"name": "router-config", "mountPath": "/etc/skupper-router/config/"}
    environment: list[Object] = [
        {"name": "APPLICATION_NAME", "value": names.ROUTER},
        {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "QDROUTERD_CONF", "value": "/etc/skupper-router/config/skrouterd.json"},
        {"name": "QDROUTERD_CONF_TYPE", "value": "json"},
        {"name": "SKUPPER_SITE_ID", "value": site.uid},
    ]
    router = {
        "name": "router",
        "image": f"quay.io/skupper/skupper-router:{names.ROUTER_VERSION}",
        "env": environment,
        "volumeMounts": [*mounts, config, shared],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": names.HEALTH_PORT}, "initialDelaySeconds": 60},
    }
    sync = {
        "name": "config-sync",
        "image": f"quay.io/skupper/config-sync:{names.VERSION}",
        "volumeMounts": [shared],
    }
    volumes: list[Object] = [
        *({"name": name, "secret": {"secretName": name}} for name in mounted),
        {"name": "router-config", "configMap": {"name": names.INTERNAL}},
        {"name": "skupper-router-certs", "emptyDir": {}},
    ]
    return _deployment(names.ROUTER, site.routers, names.ROUTER_LABELS, "router", [router, sync], volumes)


def controller_deployment(site: Settings) -> Object:
    environment = [
        {"name": "SKUPPER_NAMESPACE", "value": site.namespace},
        {"name": "SKUPPER_SITE_NAME", "value": site.name},
        {"name": "SKUPPER_SITE_ID", "value": site.uid},
        {"name": "SKUPPER_ROUTER_MODE", "value": "edge" if site.edge else "interior"},
    ]
    if not site.service_sync:
        environment.append({"name": "SKUPPER_DISABLE_SERVICE_SYNC", "value": "true"})
    containers: list[Object] = [
        {
            "name": "service-controller",
            "image": f"quay.io/skupper/service-controller:{names.VERSION}",
            "env": environment,
        }
    ]
    if site.flow_collector:
        containers.append({"name": "flow-collector", "image": f"quay.io/skupper/flow-collector:{names.VERSION}"})
    return _deployment(names.SERVICE_CONTROLLER, 1, names.CONTROLLER_LABELS, "service-controller", containers, [])


def console_service(site: Settings) -> Object | None:
    """Service ``skupper``: nothing to be reached without the flow collector but the REST interface."""
    ports = {"rest-api": REST_PORT} if site.rest_api else {}
    ports |= {"metrics": METRICS_PORT} if site.flow_collector else {}
    kind = {"loadbalancer": "LoadBalancer", "nodeport": "NodePort"}.get(site.ingress, "ClusterIP")
    return service(names.CONSOLE, kind, ports, names.CONTROLLER_LABELS) if ports else None


def console_route(site: Settings) -> Object:
    host = f"{names.CONSOLE}-{site.namespace}.{site.ingress_host}" if site.ingress_host else ""
    return route(names.CONSOLE, "metrics", names.CONSOLE, host, "reencrypt", "Redirect")


def _deployment(
    name: str, replicas: int, labels: dict[str, str], component: str, containers: list[Object], volumes: list[Object]
) -> Object:
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"skupper.io/component": component}},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"serviceAccountName": name, "containers": containers, "volumes": volumes},
        },
    }
    metadata = {"name": name, "labels": {"app.kubernetes.io/part-of": "skupper", "app.kubernetes.io/name": name}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
