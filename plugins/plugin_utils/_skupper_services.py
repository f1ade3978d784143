# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that go over the network, from one description to what each version of Skupper wants. Pure.

Formats: v2 skupperproject/skupper pkg/apis/skupper/v2alpha1/types.go (Connector, Listener); v1 the same repository at
tag 1.9.6, api/types/types.go (ServiceInterface, and the annotations of workloads).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.names import is_label

from ._skupper_links import Inventory, suggestion, unwanted

FIELD = "skupper_services"
SERVICE_LABEL = "multicluster.interconnect/service"
V2_API = "skupper.io/v2alpha1"
KEYS = frozenset(
    {"name", "port", "target_port", "protocol", "selector", "host", "provided_by", "consumed_by", "service"}
)
PROTOCOLS = {"v1": ("tcp", "http", "http2"), "v2": ("tcp",)}
DEFINITIONS, ANNOTATIONS = "definitions", "annotations"
LOOPBACK = "127.0.0.1"
"""Where a bare-metal host has its services, unless they say otherwise."""
# DNS-1035, as Skupper makes a Service of that name (k8s.io/apimachinery pkg/util/validation).
_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")

Service = Mapping[str, Any]


def manifests(
    services: Sequence[Service],
    host: str,
    sites: Sequence[str],
    version: str,
    namespace: str,
    expose: str = DEFINITIONS,
) -> list[dict[str, Any]]:
    """The objects that the site of a host needs; `problems` must have found nothing.

    :param sites: the hosts with a site; those consume a service that does not say who does.
    :param expose: how v1 is told: definitions in its ConfigMap, or annotations of workloads.
    """
    if version == "v2":
        return [obj for service in services for obj in _v2(service, host, sites, namespace)]
    provided = [service for service in services if host in service["provided_by"]]
    if expose == ANNOTATIONS:
        return [_annotated(service, namespace) for service in provided]
    data = {service["name"]: definition(service) for service in provided}
    if not data:
        return []
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "skupper-services", "namespace": namespace},
            "data": data,
        }
    ]


def bindings(services: Sequence[Service], host: str) -> list[dict[str, Any]]:
    """What the gateway of a bare-metal host offers to the network: the services that it provides.

    `problems` must have found nothing.
    """
    return [
        {
            "address": str(service["name"]),
            "host": str(service.get("host") or LOOPBACK),
            "ports": [f"{service['port']}:{_target_port(service)}"],
            "protocol": _protocol(service),
        }
        for service in services
        if host in service["provided_by"]
    ]


def definition(service: Service) -> str:
    """The value of a key of v1's ConfigMap `skupper-services`: a ServiceInterface, whose origin is this site."""
    port, target_port = int(service["port"]), _target_port(service)
    target = {"name": service["name"], "targetPorts": {str(port): target_port}}
    target.update({"selector": _selector(service)} if service.get("selector") else {"service": str(service["host"])})
    return json.dumps(
        {
            "address": service["name"],
            "protocol": _protocol(service),
            "ports": [port],
            "exposeIngress": "",
            "targets": [target],
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def stale(
    objects: Sequence[Mapping[str, Any]], namespace: str, kinds: Sequence[tuple[str, str]]
) -> list[dict[str, str]]:
    """What to remove, as `matching` of resource_apply: objects of our services that are not among `objects`.

    :param kinds: apiVersion and kind of what may have been made.
    """
    return [
        unwanted(
            SERVICE_LABEL,
            [
                obj["metadata"]["labels"][SERVICE_LABEL]
                for obj in objects
                if (obj["apiVersion"], obj["kind"]) == (api_version, kind)
            ],
            (api_version, kind),
            namespace,
        )
        for api_version, kind in kinds
    ]


def _v2(service: Service, host: str, sites: Sequence[str], namespace: str) -> Iterator[dict[str, Any]]:
    name, port = str(service["name"]), int(service["port"])
    if host in service["provided_by"]:
        end = {"selector": _selector(service)} if service.get("selector") else {"host": str(service["host"])}
        yield _made(
            "Connector", name, namespace, {"port": _target_port(service), **end, "routingKey": name, "type": "tcp"}
        )
    if host in (service.get("consumed_by") or sites):
        yield _made("Listener", name, namespace, {"host": name, "port": port, "routingKey": name, "type": "tcp"})


def _made(kind: str, name: str, namespace: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {SERVICE_LABEL: name}}
    return {"apiVersion": V2_API, "kind": kind, "metadata": metadata, "spec": dict(spec)}


def _annotated(service: Service, namespace: str) -> dict[str, Any]:
    """What v1 wants to see on the workload."""
    workload = service["service"]
    port, target_port = int(service["port"]), _target_port(service)
    annotations = {
        "skupper.io/address": str(service["name"]),
        "skupper.io/port": str(port) if port == target_port else f"{port}:{target_port}",
        "skupper.io/proxy": _protocol(service),
    }
    return {
        "apiVersion": workload["apiVersion"],
        "kind": workload["kind"],
        "metadata": {
            "name": workload["metadata"]["name"],
            "namespace": workload["metadata"].get("namespace") or namespace,
            "labels": {SERVICE_LABEL: str(service["name"])},
            "annotations": annotations,
        },
    }


def _target_port(service: Service) -> int:
    return int(service.get("target_port") or service["port"])


def _protocol(service: Service) -> str:
    return str(service.get("protocol") or "tcp")


def _selector(service: Service) -> str:
    """Labels as Skupper takes them, in one text."""
    selector = service["selector"]
    return selector if isinstance(selector, str) else ",".join(f"{key}={selector[key]}" for key in sorted(selector))


def problems(services: Any, inventory: Inventory) -> list[str]:
    """Everything that is wrong with the services, a line each: where, what, and what to do."""
    if not isinstance(services, (list, tuple)):
        return [f"{FIELD}: must be a list of services, each with name, port and provided_by"]
    lines = [
        f"{FIELD}[{index}]{line}" for index, service in enumerate(services) for line in _problems_of(service, inventory)
    ]
    first: dict[str, int] = {}
    for index, service in enumerate(services):
        name = service.get("name") if isinstance(service, Mapping) else None
        if name and first.setdefault(str(name), index) != index:
            lines.append(f"{FIELD}[{index}].name: {name!r} is the name of {FIELD}[{first[str(name)]}], too")
    return lines


def _problems_of(service: Any, inventory: Inventory) -> Iterator[str]:
    if not isinstance(service, Mapping):
        yield f": {service!r} must be a mapping with name, port and provided_by"
        return
    unknown = sorted(set(service) - KEYS)
    if unknown:
        yield f": has {', '.join(map(repr, unknown))}; a service has {', '.join(sorted(KEYS))}"
    name = str(service.get("name") or "")
    if not is_label(name) or not _SERVICE_NAME.fullmatch(name):
        yield f".name: {name!r} must be a DNS label that begins with a letter: a Service gets that name"
    yield from _problems_of_ports(service)
    yield from _problems_of_hosts(service, inventory)
    yield from _problems_of_target(service, inventory)


def _problems_of_ports(service: Service) -> Iterator[str]:
    for field in ("port", "target_port"):
        if field == "target_port" and service.get(field) is None:
            continue
        port = service.get(field)
        if isinstance(port, bool) or not str(port).isdigit() or not 0 < int(str(port)) < 65536:
            yield f".{field}: {port!r} must be a port from 1 to 65535"


def _problems_of_hosts(service: Service, inventory: Inventory) -> Iterator[str]:
    # A host on bare metal provides by its gateway; only sites consume.
    known = {"provided_by": list(inventory.hosts), "consumed_by": inventory.sites}
    if not service.get("provided_by"):
        yield ".provided_by: is missing; name the inventory hosts at whose sites the service runs"
    for field, hosts in known.items():
        named = service.get(field) or []
        if isinstance(named, str) or not isinstance(named, (list, tuple)):
            yield f".{field}: {named!r} must be a list of inventory hosts"
            continue
        for host in named:
            if host not in hosts:
                what = "no host" if field == "provided_by" else "no site"
                yield f".{field}: {host!r} is {what} of the inventory; {suggestion(str(host), hosts)}"


def _problems_of_target(service: Service, inventory: Inventory) -> Iterator[str]:
    provided = service.get("provided_by")
    providers = [host for host in provided if inventory.is_site(host)] if isinstance(provided, (list, tuple)) else []
    versions = sorted({inventory.variable(host, "version", "v2") for host in providers})
    for version in versions:
        allowed = PROTOCOLS.get(version, ("tcp",))
        if _protocol(service) not in allowed:
            yield f".protocol: {_protocol(service)!r} is not known to Skupper {version}; it has {', '.join(allowed)}"
    if service.get("selector") and service.get("host"):
        yield ": has both selector and host; give the one that leads to the service"
    selector = service.get("selector")
    if selector and not isinstance(selector, (str, Mapping)):
        yield f".selector: {selector!r} must be a mapping of pod labels"
    named = provided if isinstance(provided, (list, tuple)) else ()
    gateways = [host for host in named if host in inventory.hosts and host not in providers]
    if selector and gateways:
        yield f".selector: there are no pods at {', '.join(gateways)}, on bare metal; give host in the place of it"
    annotated = [host for host in providers if inventory.variable(host, "expose", DEFINITIONS) == ANNOTATIONS]
    if annotated and not _is_reference(service.get("service")):
        yield ".service: is missing; skupper_network_expose: annotations wants a workload (apiVersion, kind, metadata)"
    if set(providers) - set(annotated) and not selector and not service.get("host"):
        yield ": has neither selector (labels of its pods) nor host (where it is reached from the site)"


def _is_reference(workload: Any) -> bool:
    if not isinstance(workload, Mapping) or not isinstance(workload.get("metadata"), Mapping):
        return False
    return bool(workload.get("apiVersion") and workload.get("kind") and workload["metadata"].get("name"))
