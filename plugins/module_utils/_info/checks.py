# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is as the inventory wants it, and what is not: one line for each thing. Pure.

A thing that can not be seen, as the API server that knows of it does not answer, is `unknown` and no failure of its
own: the API server is one already. So each trouble is told once, in the layer that it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .model import End

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
LAYERS = ("api", "hub", "site", "link", "certificate", "gateway", "service", "application", "traffic")
"""From the ground up."""


@dataclass(frozen=True)
class Check:
    """One thing that is wanted."""

    layer: str
    host: str
    """The inventory host that it is a matter of."""
    name: str
    state: str
    message: str

    def as_result(self) -> dict[str, Any]:
        """As the module returns it."""
        return {
            "layer": self.layer,
            "host": self.host,
            "name": self.name,
            "ok": self.state != FAILED,
            "state": self.state,
            "message": self.message,
        }


@dataclass(frozen=True)
class Scene:
    """Everything that was seen, and what is wanted."""

    ends: Mapping[str, End]
    document: Mapping[str, Any]
    expected: Mapping[str, Any]
    hosts: frozenset[str] = field(default_factory=frozenset)
    """The hosts that are judged."""

    def end(self, host: str) -> End | None:
        """A cluster that was to be read."""
        return self.ends.get(host)

    def answers(self, host: str) -> bool:
        """Whether a cluster was read."""
        end = self.ends.get(host)
        return end is not None and end.reachable


def judged(layer: str, host: str, name: str, good: bool, message: str) -> Check:
    """A check of something that was seen."""
    return Check(layer, host, name, OK if good else FAILED, message)


def unseen(layer: str, host: str, name: str, message: str) -> Check:
    """A check of something that could not be seen."""
    return Check(layer, host, name, UNKNOWN, message)


def of_clusters(scene: Scene) -> Iterator[Check]:
    """Whether API servers answer, and sites are ready."""
    for end in scene.ends.values():
        if end.name not in scene.hosts:
            continue
        snapshot = end.snapshot
        yield judged("api", end.name, end.name, end.reachable, snapshot.error or f"{snapshot.server} answers")
        if not end.version:
            continue
        site = snapshot.target.site_name
        if not end.reachable:
            yield unseen("site", end.name, site, _far_site(scene, end))
        elif not end.site.is_there and any(kind in snapshot.problems for kind in ("Site", "ConfigMap")):
            # One whose kind is not installed is not there; one that may not be read may well be.
            is_missing = bool({"Site", "ConfigMap"} & snapshot.missing)
            state = FAILED if is_missing else UNKNOWN
            yield Check("site", end.name, site, state, end.site.message)
        else:
            yield judged("site", end.name, site, end.site.ready, end.site.message)


def _far_site(scene: Scene, end: End) -> str:
    """What others tell of a site whose API server does not answer."""
    name = end.snapshot.target.site_name
    witnesses = [
        other.name for other in scene.ends.values() if other.reachable and name in other.site.network.sites.values()
    ]
    if witnesses:
        return f"its API server does not answer; {witnesses[0]} still sees it in the network"
    return "its API server does not answer, and no site sees it in the network"


def of_links(scene: Scene) -> Iterator[Check]:
    """Whether links are up, and their certificates good for long enough."""
    known = {(link["from"], link["name"]): link for link in scene.document["links"]}
    for wanted in scene.expected.get("links") or ():
        link = known.get((wanted["from"], wanted["name"]))
        if link is None or wanted["from"] not in scene.hosts:
            continue
        host, name = wanted["from"], wanted["name"]
        if not link["known"]:
            yield unseen("link", host, name, link["message"])
        else:
            seen = f"up, seen from {' and '.join(link['seen_from'])}" if link["up"] else link["message"]
            yield judged("link", host, name, link["up"], seen)
        if link["certificate"]:
            yield _of_certificate(scene, host, name, link["certificate"])


def _of_certificate(scene: Scene, host: str, name: str, certificate: Mapping[str, Any]) -> Check:
    left, least = certificate["days_left"], int(scene.expected.get("certificate_days") or 0)
    until = f"valid until {certificate['not_after']}, {left} days"
    if left < 0:
        return judged("certificate", host, name, False, f"expired at {certificate['not_after']}")
    more = f", fewer than {least}" if left < least else ""
    return judged("certificate", host, name, not more, f"{until}{more}")


def of_gateways(scene: Scene) -> Iterator[Check]:
    """Whether gateways are connected and offer what they are to offer."""
    for wanted in scene.expected.get("gateways") or ():
        if wanted["host"] not in scene.hosts:
            continue
        gateway = gateway_of(scene, wanted["host"])
        host, name = wanted["host"], gateway["name"]
        if not gateway["found"] and not scene.answers(wanted["cluster"]):
            yield unseen("gateway", host, name, f"{wanted['cluster']}, whose site it connects to, does not answer")
            continue
        yield _of_gateway(wanted, gateway, host, name)
        if gateway["certificate"]:
            yield _of_certificate(scene, host, name, gateway["certificate"])


def _of_gateway(wanted: Mapping[str, Any], gateway: Mapping[str, Any], host: str, name: str) -> Check:
    missing = sorted(set(wanted.get("services") or ()) - set(gateway["provides"]))
    if gateway["up"] and missing:
        return judged("gateway", host, name, False, f"connected, but does not offer {', '.join(missing)}")
    offers = f" to {gateway['cluster']}, offers {', '.join(gateway['provides']) or 'nothing'}"
    return judged("gateway", host, name, gateway["up"], gateway["message"] + (offers if gateway["up"] else ""))


def gateway_of(scene: Scene, host: str) -> Mapping[str, Any]:
    """The gateway that a bare-metal host is to have."""
    found: Mapping[str, Any] = next(each for each in scene.document["gateways"] if each["host"] == host)
    return found


def of_probes(scene: Scene, probes: Sequence[Mapping[str, Any]]) -> Iterator[Check]:
    """Whether something answered through the network."""
    for probe in probes:
        if probe["cluster"] in scene.hosts:
            state = {True: OK, False: FAILED, None: UNKNOWN}[probe["ok"]]
            yield Check("traffic", probe["cluster"], probe["name"], state, probe["message"])


def ordered(checks: Sequence[Check]) -> list[Check]:
    """From the ground up, then by host; what is told of one thing stays together."""
    return sorted(checks, key=lambda check: (LAYERS.index(check.layer), check.host, check.name))
