# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted of services, and which of them still serve when something is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .checks import Check, Scene, gateway_of, judged, unseen


def of_services(scene: Scene) -> Iterator[Check]:
    """Whether each service is provided, and consumed, where it is to be."""
    for wanted in scene.expected.get("services") or ():
        for host in wanted["provided_by"]:
            # What a gateway offers is a matter of the gateway.
            if host in scene.hosts and not _has_gateway(scene, host):
                yield _provided(scene, wanted, host)
        for host in wanted["consumed_by"]:
            if host in scene.hosts:
                yield _consumed(scene, wanted, host)


def _fact(scene: Scene, name: str) -> Mapping[str, Any]:
    found = (service for service in scene.document["services"] if service["name"] == name)
    return next(found, {"providers": [], "consumers": [], "serves": False})


def _has_gateway(scene: Scene, host: str) -> bool:
    return any(each["host"] == host for each in scene.expected.get("gateways") or ())


def _provided(scene: Scene, wanted: Mapping[str, Any], host: str) -> Check:
    name = str(wanted["name"])
    what = f"{name} provided"
    if not scene.answers(host):
        return unseen("service", host, what, "its API server does not answer")
    found = _provider(scene, name, host)
    if found is None:
        return judged("service", host, what, False, "is not offered to the network")
    return judged("service", host, what, found["up"], found["message"])


def _provider(scene: Scene, name: str, host: str) -> Mapping[str, Any] | None:
    providers = _fact(scene, name)["providers"]
    return next((each for each in providers if each["kind"] == "site" and each["name"] == host), None)


def _consumed(scene: Scene, wanted: Mapping[str, Any], host: str) -> Check:
    name = str(wanted["name"])
    what = f"{name} reachable"
    if not scene.answers(host):
        return unseen("service", host, what, "its API server does not answer")
    found = next((each for each in _fact(scene, name)["consumers"] if each["name"] == host), None)
    if found is None:
        return judged("service", host, what, False, "its site does not listen for it")
    return judged("service", host, what, found["up"], found["message"])


def serving(scene: Scene) -> list[dict[str, Any]]:
    """For each wanted service: whether it serves, by whom, and which of its providers are lost.

    A service with one live provider serves.
    """
    found = []
    for wanted in scene.expected.get("services") or ():
        live = [host for host in wanted["provided_by"] if _is_live(scene, str(wanted["name"]), host)]
        reached = [each["name"] for each in _fact(scene, str(wanted["name"]))["consumers"] if each["up"]]
        found.append(
            {
                "name": wanted["name"],
                "serves": bool(live),
                "by": live,
                "lost": [host for host in wanted["provided_by"] if host not in live],
                "reached_from": reached,
            }
        )
    return found


def _is_live(scene: Scene, name: str, host: str) -> bool:
    if _has_gateway(scene, host):
        gateway = gateway_of(scene, host)
        return bool(gateway["up"] and name in gateway["provides"])
    found = _provider(scene, name, host)
    return bool(found and found["up"]) or (host not in scene.ends and _is_in_network(scene, name, host))


def _is_in_network(scene: Scene, name: str, host: str) -> bool:
    """Whether somebody sees a site provide the service whose cluster was not to be read."""
    return any(
        member.name == host and name in member.provides
        for end in scene.ends.values()
        for member in end.site.members.values()
    )


def summary(served: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is lost and what still serves, a line for each service that has lost a provider."""
    lines = []
    for service in served:
        if service["lost"]:
            rest = f"serves by {', '.join(service['by'])}" if service["serves"] else "does not serve"
            lines.append(f"{service['name']}: lost at {', '.join(service['lost'])}; {rest}")
    return lines
