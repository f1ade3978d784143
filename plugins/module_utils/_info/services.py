# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services of the network: where each is provided, where it is consumed, and whether that works. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .._client.client import Object
from .._skupper.sites import V2
from .._skupper.v2.reading import condition, spec_of
from .._skupper_gateway.v1_services import SERVICES
from .model import End


def services_of(
    ends: Mapping[str, End], wanted: Iterable[Mapping[str, Any]], gateways: Mapping[str, str]
) -> list[dict[str, Any]]:
    """All services: the wanted ones first, then what else goes over the network.

    Each has the clusters and gateways that provide it, and the clusters that consume it.

    :param gateways: their names, by those that the network has for them.
    """
    ports = {str(service["name"]): service.get("port") for service in wanted}
    seen = {name for end in ends.values() for name in _names_at(end)}
    return [_service(name, ports.get(name), ends, gateways) for name in [*ports, *sorted(seen - set(ports))]]


def _names_at(end: End) -> set[str]:
    through = {name for member in end.site.members.values() for name in (*member.provides, *member.consumes)}
    return {*through, *_definitions(end), *_keys(end, "Listener"), *_keys(end, "Connector")}


def _keys(end: End, kind: str) -> set[str]:
    return {str(spec_of(obj).get("routingKey")) for obj in end.snapshot.of(kind)}


def _service(name: str, port: Any, ends: Mapping[str, End], gateways: Mapping[str, str]) -> dict[str, Any]:
    providers = [found for end in ends.values() for found in [_provider(name, end, ends)] if found]
    providers += _gateways(name, ends, gateways)
    consumers = [found for end in ends.values() for found in [_consumer(name, end)] if found]
    return {
        "name": name,
        "port": port,
        "providers": providers,
        "consumers": consumers,
        "serves": any(provider["up"] for provider in providers),
    }


def _provider(name: str, end: End, ends: Mapping[str, End]) -> dict[str, Any] | None:
    """What a cluster gives to a service; None where it has no part in it."""
    if not end.version:
        return None
    if not end.reachable:
        return _far_provider(name, end, ends)
    own = end.site.members.get(end.site.id)
    offers = own is not None and name in own.provides
    if end.version == V2:
        connectors = [obj for obj in end.snapshot.of("Connector") if spec_of(obj).get("routingKey") == name]
        if not connectors and not offers:
            return None
        # Nothing but the network tells of what the controller makes of annotations, or others by hand.
        lacks = "; ".join(filter(None, map(_why_not_connected, connectors)))
    else:
        definition = _definitions(end).get(name)
        if not offers and not _leads_to_something(definition):
            return None
        lacks = "" if offers else "its selector finds no ready pod, or the router does not know it yet"
    return _end(end.name, not lacks, lacks or "provided", "site")


def _why_not_connected(connector: Object) -> str:
    status, said = condition(connector, "Configured")
    if status == "True":
        return ""
    return said or "no controller has taken up the Connector"


def _far_provider(name: str, end: End, ends: Mapping[str, End]) -> dict[str, Any] | None:
    """What others see of a cluster that can not be asked."""
    for other in ends.values():
        for member in other.site.members.values() if other.reachable else ():
            if member.name == end.snapshot.target.site_name and name in member.provides:
                return _end(end.name, True, f"provided as {other.name} sees it", "site")
    return None


def _gateways(name: str, ends: Mapping[str, End], gateways: Mapping[str, str]) -> list[dict[str, Any]]:
    """Gateways that provide the service, as a site sees them."""
    found: dict[str, dict[str, Any]] = {}
    for end in ends.values():
        for member in end.site.members.values():
            if member.is_gateway and name in member.provides and end.site.partner_of(member):
                found.setdefault(
                    member.id,
                    _end(gateways.get(member.name, member.name), True, f"provided as {end.name} sees it", "gateway"),
                )
    return list(found.values())


def _consumer(name: str, end: End) -> dict[str, Any] | None:
    """How a cluster reaches a service; None where it does not listen for it."""
    if not end.version or not end.reachable:
        return None
    if end.version == V2:
        listeners = [obj for obj in end.snapshot.of("Listener") if spec_of(obj).get("routingKey") == name]
        if not listeners:
            return None
        lacks = "; ".join(filter(None, map(_why_not_matched, listeners)))
        return _end(end.name, not lacks, lacks or "matched", "site")
    if name not in _definitions(end):
        return None
    own = end.site.members.get(end.site.id)
    if own is None or name not in own.consumes:
        return _end(end.name, False, "its router does not listen for it yet", "site")
    provided = any(name in member.provides for member in end.site.members.values())
    return _end(end.name, provided, "matched" if provided else "nobody in the network provides it", "site")


def _why_not_matched(listener: Object) -> str:
    (configured, fault), (matched, said) = condition(listener, "Configured"), condition(listener, "Matched")
    if configured != "True":
        return fault or "no controller has taken up the Listener"
    return "" if matched == "True" else said or "nobody in the network provides it"


def _definitions(end: End) -> dict[str, Mapping[str, Any]]:
    """v1: the services that the site knows, by name."""
    found = {}
    for name, text in (((end.snapshot.one("ConfigMap", SERVICES)) or {}).get("data") or {}).items():
        try:
            definition = json.loads(text)
        except ValueError:
            continue
        if isinstance(definition, Mapping):
            found[str(name)] = definition
    return found


def _leads_to_something(definition: Mapping[str, Any] | None) -> bool:
    return bool((definition or {}).get("targets")) and not (definition or {}).get("origin")


def _end(name: str, up: bool, message: str, kind: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "up": up, "message": message}
