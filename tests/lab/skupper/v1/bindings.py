# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What definitions of services become: the router's TCP listeners and connectors, and Services of the cluster.

Follows S1 cmd/service-controller/bridges.go, ports.go, pkg/kube/services.go: a port of 1024 and above for each port
of a service, a Service that selects the router. One of that name that is there already is taken over, and what it was
is kept in annotations; which is where GitOps and Skupper fight. When the definition goes, it gets back what it had
(upstream forgets its selector in some cases: skupper#817).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from tests.lab.api import Api, ApiError, Object, path
from tests.lab.objects import condition
from tests.lab.skupper.v1 import names
from tests.lab.skupper.v1.definitions import (
    ORIGINAL_ASSIGNED_PORT,
    ORIGINAL_SELECTOR,
    ORIGINAL_TARGET_PORT,
    Definitions,
    joined,
    port_map,
    port_text,
    split,
)
from tests.lab.skupper.v1.router_config import RouterConfig

FIRST_PORT = 1024
KINDS = ("tcpListener", "tcpConnector")
SELECTOR = {"application": names.ROUTER, "skupper.io/component": "router"}


def bind(config: RouterConfig, entries: Definitions, pods: Iterable[Object]) -> bool:
    """Have listeners and connectors for all TCP services, and no others; return whether that changes anything."""
    site = config.metadata.get("id", "")
    running = [
        each for each in pods if condition(each, "Ready") == "True" and "deletionTimestamp" not in each["metadata"]
    ]
    wanted: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
    allocated = {name: int(each["port"]) for name, each in config.all("tcpListener").items()}
    for address, entry in sorted(entries.items()):
        for port in entry["ports"] if entry.get("protocol") == "tcp" else []:
            key = f"{address}:{port}"
            allocated.setdefault(key, _free(allocated.values()))
            wanted["tcpListener"][key] = {"name": key, "port": str(allocated[key]), "address": key, "siteId": site}
            for name, host, target in _targets(address, port, entry, running):
                connector = {"name": name, "host": host, "port": str(target), "address": key, "siteId": site}
                wanted["tcpConnector"][name] = connector
    changes = 0
    for kind in KINDS:
        changes += sum(config.remove(kind, name) for name in set(config.all(kind)) - set(wanted[kind]))
        changes += sum(config.put(kind, entity) for entity in wanted[kind].values())
    return changes > 0


def _targets(address: str, port: int, entry: dict[str, Any], pods: list[Object]) -> Iterable[tuple[str, str, int]]:
    """Name, host and port of each connector."""
    for target in entry.get("targets") or []:
        number = int((target.get("targetPorts") or {}).get(str(port), port))
        hosts = []
        if target.get("selector"):
            wanted = split(target["selector"]).items()
            hosts = [
                each["status"]["podIP"] for each in pods if wanted <= (each["metadata"].get("labels") or {}).items()
            ]
        elif target.get("service"):
            namespace = target.get("namespace")
            hosts = [f"{target['service']}.{namespace}" if namespace else target["service"]]
        for host in hosts:
            yield f"{address}.{target.get('name', '')}@{host}:{port}:{number}", host, number


def _free(taken: Iterable[int]) -> int:
    used = set(taken)
    return next(port for port in range(FIRST_PORT, 65536) if port not in used)


def expose(api: Api, namespace: str, config: RouterConfig, entries: Definitions, services: Iterable[Object]) -> None:
    """Have a Service for each definition, and restore or remove those without one."""
    live = {each["metadata"]["name"]: each for each in services}
    ports = {name: int(each["port"]) for name, each in config.all("tcpListener").items()}
    for address, entry in entries.items():
        targets = {port: ports[f"{address}:{port}"] for port in entry["ports"] if f"{address}:{port}" in ports}
        if targets and address not in live:
            _create(api, namespace, address, targets)
        elif targets:
            _take_over(api, live[address], targets)
    for name in set(live) - set(entries):
        _let_go(api, live[name])


def _create(api: Api, namespace: str, address: str, targets: Mapping[int, int]) -> None:
    owner = api.find(path("apps/v1", "deployments", names.ROUTER, namespace))
    if owner is None:
        return
    reference = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": names.ROUTER,
        "uid": owner["metadata"]["uid"],
    }
    metadata = {"name": address, "annotations": {names.CONTROLLED: "true"}, "ownerReferences": [reference]}
    spec = {"selector": SELECTOR, "ports": [_port(port, target) for port, target in targets.items()]}
    try:
        api.create(path("v1", "services", namespace=namespace), {"metadata": metadata, "spec": spec})
    except ApiError as error:
        if error.status not in (409, 422):  # made by somebody else meanwhile; an address that is no name of a Service
            raise
        print(f"Service {address}: {error}", flush=True)


def _take_over(api: Api, service: Object, targets: Mapping[int, int]) -> None:
    metadata, spec = service["metadata"], service["spec"]
    annotations = dict(metadata.get("annotations") or {})
    ports = [dict(each) for each in spec.get("ports") or []]
    selector = spec.get("selector") or {}
    if annotations.get(names.CONTROLLED) != "true" and selector != SELECTOR:
        annotations[ORIGINAL_SELECTOR] = joined(selector)
        before = port_map(annotations.get(ORIGINAL_TARGET_PORT, ""))
        before |= {
            each["port"]: _number(each.get("targetPort"), each["port"])
            for each in ports
            if each["port"] in targets and each.get("targetPort") != targets[each["port"]]
        }
        annotations[ORIGINAL_TARGET_PORT] = port_text(before)
        annotations[ORIGINAL_ASSIGNED_PORT] = port_text(targets)
    for port in ports:
        port["targetPort"] = targets.get(port["port"], port.get("targetPort"))
    known = {each["port"] for each in ports}
    ports += [_port(port, target) for port, target in targets.items() if port not in known]
    if annotations.get(names.CONTROLLED) == "true":
        ports = [each for each in ports if each["port"] in targets]
    _update(api, service, annotations, SELECTOR, ports)


def _let_go(api: Api, service: Object) -> None:
    metadata, spec = service["metadata"], service["spec"]
    annotations = dict(metadata.get("annotations") or {})
    if annotations.get(names.CONTROLLED) == "true":
        api.delete(path("v1", "services", metadata["name"], metadata["namespace"]))
    elif ORIGINAL_SELECTOR in annotations:
        selector = split(annotations.pop(ORIGINAL_SELECTOR))
        targets = port_map(annotations.pop(ORIGINAL_TARGET_PORT, ""))
        annotations.pop(ORIGINAL_ASSIGNED_PORT, None)
        ports = [each | {"targetPort": targets.get(each["port"], each.get("targetPort"))} for each in spec["ports"]]
        _update(api, service, annotations, selector, ports)


def _update(
    api: Api, service: Object, annotations: dict[str, str], selector: dict[str, str], ports: list[Object]
) -> None:
    metadata, spec = service["metadata"], service["spec"]
    wanted = service | {
        "metadata": metadata | {"annotations": annotations},
        "spec": spec | {"selector": selector, "ports": ports},
    }
    if wanted["spec"] != spec or annotations != (metadata.get("annotations") or {}):
        api.replace(path("v1", "services", metadata["name"], metadata["namespace"]), wanted)


def _port(port: int, target: int) -> Object:
    return {"name": f"port{port}", "protocol": "TCP", "port": port, "targetPort": target}


def _number(target: object, port: int) -> int:
    """A target port's number; one that is a name stands for the Service's own port."""
    return target if isinstance(target, int) else port


def resolve(api: Api, namespace: str, host: str) -> str:
    """Stands for the cluster's DNS: address behind the name of a Service, as far as the lab runs a pod behind it."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name, _dot, rest = host.partition(".")
        where = rest.partition(".")[0] or namespace
        service = api.find(path("v1", "services", name, where))
        spec = service["spec"] if service else {}
        if spec.get("type") == "ExternalName":
            return str(spec["externalName"])
        selector = joined(spec.get("selector") or {})
        pods = api.items(path("v1", "pods", namespace=where, labelSelector=selector)) if selector else []
        return next((each["status"]["podIP"] for each in pods if condition(each, "Ready") == "True"), host)
    return host
