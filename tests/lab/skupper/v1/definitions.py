# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions of services: entries of the ConfigMap ``skupper-services``, and what annotations ask for.

Follows S1 api/types/types.go (ServiceInterface), cmd/service-controller/definition_monitor.go and service_sync.go.
Every entry has one owner, its origin: none for who writes the ConfigMap, ``annotation``, or the id of another site.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.lab.api import Object

Definition = dict[str, Any]
Definitions = dict[str, Definition]
"""By address."""
ANNOTATION = "annotation"
LOCAL = ("", ANNOTATION)
PROXY = "skupper.io/proxy"
ORIGINAL_SELECTOR = "internal.skupper.io/originalSelector"
ORIGINAL_TARGET_PORT = "internal.skupper.io/originalTargetPort"
ORIGINAL_ASSIGNED_PORT = "internal.skupper.io/originalAssignedPort"


def parse(data: Mapping[str, str]) -> Definitions:
    """Entries of the ConfigMap; what can not be read is left out."""
    found: Definitions = {}
    for address, text in data.items():
        try:
            entry = json.loads(text)
            found[address] = entry | {"ports": [int(each) for each in entry["ports"]]}
        except (ValueError, KeyError, TypeError) as error:
            print(f"service {address}: {error!r}", flush=True)
    return found


def text(entry: Definition) -> str:
    return json.dumps(entry, separators=(",", ":"))


def origin(entry: Definition) -> str:
    return str(entry.get("origin") or "")


def offered(entries: Definitions) -> Definitions:
    """What the site tells others: entries of its own, without their targets."""
    return {
        address: {key: each for key, each in entry.items() if key not in ("targets", "origin")} | {"targets": None}
        for address, entry in entries.items()
        if origin(entry) in LOCAL
    }


def merged(entries: Definitions, owned: Mapping[str, Definitions]) -> Definitions:
    """The entries, with those of some origins replaced. An address belongs to who has had it first."""
    result = {address: entry for address, entry in entries.items() if origin(entry) not in owned}
    for keeps in (True, False):  # those who have an address keep it, then newcomers get what is left
        for owner, wanted in owned.items():
            for address, entry in wanted.items():
                is_owner = address in entries and origin(entries[address]) == owner
                if address not in result and (is_owner or not keeps):
                    result[address] = entry | {"origin": owner}
    return result


def annotated(things: Iterable[Object], services: Iterable[Object]) -> Definitions:
    """What annotations of workloads and Services ask for."""
    found: Definitions = {}
    for thing in things:
        template = thing["spec"]["template"]["spec"]
        own = [each["containerPort"] for container in template["containers"] for each in container.get("ports") or []]
        selector = thing["spec"]["selector"].get("matchLabels") or {}
        _add(found, thing, {each: each for each in own[:1]}, {"selector": joined(selector)})
    for service in services:
        annotations = service["metadata"].get("annotations") or {}
        selector = annotations.get(ORIGINAL_SELECTOR) or joined(service["spec"].get("selector") or {})
        ports = {each["port"]: _port(each) for each in service["spec"].get("ports") or []}
        ports |= port_map(annotations.get(ORIGINAL_TARGET_PORT, ""))
        target = {"selector": selector} if selector else {"service": service["metadata"]["name"]}
        _add(found, service, ports, target)
    return found


def _add(found: Definitions, thing: Object, ports: dict[int, int], target: dict[str, str]) -> None:
    metadata = thing["metadata"]
    annotations = metadata.get("annotations") or {}
    protocol = annotations.get(PROXY)
    if not protocol:
        return
    asked = port_map(annotations.get("skupper.io/port", "")) or ports
    address = annotations.get("skupper.io/address") or metadata["name"]
    if not asked:
        print(f"{metadata['name']}: {PROXY} without a port", flush=True)
        return
    numbers = {str(port): number for port, number in asked.items()}
    entry = found.setdefault(
        address,
        {
            "address": address,
            "protocol": protocol,
            "ports": list(asked),
            "exposeIngress": annotations.get("skupper.io/ingress", ""),
            "targets": [],
        },
    )
    entry["targets"].append({"name": metadata["name"], "targetPorts": numbers, **target})


def port_map(text: str) -> dict[int, int]:
    """``8080:80,9090`` as a dict."""
    found = {}
    for each in filter(None, text.split(",")):
        port, _colon, target = each.partition(":")
        found[int(port)] = int(target or port)
    return found


def port_text(ports: Mapping[int, int]) -> str:
    return ",".join(f"{port}:{target}" for port, target in sorted(ports.items()))


def joined(selector: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))


def split(selector: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in filter(None, selector.split(",")))
    return {key: value for key, _equals, value in pairs}


def _port(port: Object) -> int:
    target = port.get("targetPort")
    return target if isinstance(target, int) else int(port["port"])
