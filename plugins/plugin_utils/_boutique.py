# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of an application: which run at which site, and whether each finds there what it consumes. Pure.

A chart that is described so has in its values `services`, by name, each with `enabled`, `port` (of its Service),
`targetPort` (of its container, where that is another), `consumes` (addresses `name:port` by environment variable) and
`service` (whether the chart itself makes its Service). Of any other chart nothing is known, and nothing said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError

from ._skupper_links import Inventory, suggestion

SERVICES, VALUES, NETWORK = "boutique_services", "boutique_values", "skupper_services"
GROUP = "boutique_sites"
APP = "app"
"""Label of the pods of a part, by which the network finds them."""

Values = Mapping[str, Any]
Part = Mapping[str, Any]


def values_of(services: Any, values: Any) -> dict[str, Any]:
    """The chart's values for a site: its services switched on, and what is particular about them; `values` last.

    :param services: names, or a mapping of names to values of the service (or to nothing).
    Raise InputError where they are something else.
    """
    if not isinstance(values or {}, Mapping):
        raise InputError(VALUES, f"{values!r} must be a dictionary of values for the chart")
    made: dict[str, Any] = {}
    for name, own in _by_name(services).items():
        if not isinstance(own or {}, Mapping):
            raise InputError(f"{SERVICES}.{name}", f"{own!r} must be a dictionary, such as {{replicas: 2}}")
        made.setdefault("services", {})[name] = {"enabled": True, **(own or {})}
    return _merged(made, values or {})


def _by_name(services: Any) -> dict[str, Any]:
    if isinstance(services, Mapping):
        return {str(name): own for name, own in services.items()}
    if isinstance(services, (list, tuple)) and all(isinstance(name, str) for name in services):
        return dict.fromkeys(services)
    if not services:
        return {}
    raise InputError(SERVICES, f"{services!r} must be a list of names, or a dictionary of names and their values")


def _merged(one: Values, other: Values) -> dict[str, Any]:
    """Both, to all depths as Helm does it; `other` counts where they differ."""
    result = dict(one)
    for key, value in other.items():
        mine = result.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(mine, value) if both else value  # type: ignore[arg-type]  # both says so
    return result


class Application:
    """Which parts run where, and what the network offers."""

    def __init__(self, chart: Any, inventory: Inventory, services: Any) -> None:
        self.inventory = inventory
        self.sites = list(inventory.groups.get(GROUP) or ())
        self.connected = list(inventory.groups.get("skupper_sites") or ())
        offered = services if isinstance(services, (list, tuple)) else ()
        self.offered = [(index, each) for index, each in enumerate(offered) if isinstance(each, Mapping)]
        self.chart = chart if isinstance(chart, Mapping) else {}
        described = self.chart.get("services")
        self.known: Mapping[str, Any] = described if isinstance(described, Mapping) else {}
        self.parts: dict[str, dict[str, Part]] = {}
        self.wrong: list[str] = []
        for host in self.sites:
            self._read(host)

    def _read(self, host: str) -> None:
        variables = self.inventory.of(host)
        try:
            values = values_of(variables.get(SERVICES), variables.get(VALUES))
        except InputError as error:
            self.wrong.append(f"{host}: {error}")
            return
        switched = values.get("services")
        parts = _merged(self.known, switched) if isinstance(switched, Mapping) else dict(self.known)
        for name in sorted(set(parts) - set(self.known)):
            self.wrong.append(
                f"{host}: {SERVICES}: {name!r} is no service of the chart; {suggestion(name, [*self.known])}"
            )
        self.parts[host] = {
            name: part
            for name, part in parts.items()
            if name in self.known and isinstance(part, Mapping) and part.get("enabled")
        }

    def problems(self) -> list[str]:
        """Everything that is wrong, a line each: where, what, and what to do."""
        if not self.known:
            return []
        lines = [*self.wrong]
        for index, service in self.offered:
            lines += [f"{NETWORK}[{index}]{line}" for line in self._problems_of_offer(service)]
        for host, parts in self.parts.items():
            for name, part in sorted(parts.items()):
                lines += [f"{host}: {line}" for line in self._problems_of_part(host, name, part)]
        return lines

    def _problems_of_offer(self, service: Part) -> Iterator[str]:
        name = _selected(service)
        if name not in self.known:
            return
        target = _port(service.get("target_port") or service.get("port"))
        for host in self._providers(service):
            if host not in self.connected:
                continue
            part = self.parts.get(host, {}).get(name)
            if part is None:
                yield (
                    f".provided_by: {host} does not run {name}: add it to {SERVICES} of {host}, which has to be in "
                    f"group {GROUP}, or take the host out"
                )
            elif target != _port(part.get("targetPort") or part.get("port")):
                listens = part.get("targetPort") or part.get("port")
                yield f".target_port: is {target}, but {name} listens on {listens} at {host}"

    def _problems_of_part(self, host: str, name: str, part: Part) -> Iterator[str]:
        if part.get("service") and self._offer(name, host):
            yield (
                f"{name} would get its Service from the chart and from {NETWORK}: set service: false, or leave {host} "
                "out of consumed_by"
            )
        consumed = part.get("consumes")
        for variable, address in sorted(consumed.items()) if isinstance(consumed, Mapping) else ():
            server, _colon, port = str(address).partition(":")
            # A name with a domain leads out of the namespace, where others answer for it.
            if "." not in server:
                yield from self._problems_of_address(host, f"{name} consumes {address} ({variable})", server, port)

    def _problems_of_address(self, host: str, what: str, server: str, port: str) -> Iterator[str]:
        own = self.parts[host].get(server, {})
        offer = self._offer(server, host)
        if own.get("service"):
            if _port(port) != _port(own.get("port")):
                yield f"{what}, but the Service {server} has port {own.get('port')} there"
        elif offer is None:
            there = (
                ", although it runs there: set service: true, or" if own else "; run it there with service: true, or"
            )
            yield f"{what}, which nothing provides there{there} offer it to {host} by {NETWORK}"
        elif _port(port) != _port(offer.get("port")):
            yield f"{what}, but {NETWORK} offers {server} at port {offer.get('port')}"

    def _offer(self, name: str, host: str) -> Part | None:
        """The service of the network that a host's site gets under a name."""
        if host not in self.connected:
            return None
        for _index, service in self.offered:
            if service.get("name") == name and host in (service.get("consumed_by") or self.connected):
                return service
        return None

    def _providers(self, service: Part) -> list[str]:
        named = service.get("provided_by")
        return [str(host) for host in named] if isinstance(named, (list, tuple)) else []


def _selected(service: Part) -> str:
    """The part whose pods a service of the network selects; empty where it does not select by that label."""
    selector = service.get("selector")
    if isinstance(selector, str):
        selector = dict(each.partition("=")[::2] for each in selector.split(","))
    return str(selector.get(APP) or "") if isinstance(selector, Mapping) else ""


def _port(port: Any) -> str:
    return str(port or "").strip()
