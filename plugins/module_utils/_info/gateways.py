# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gateways of bare-metal hosts: what clusters have of them, and what the network tells of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._client.client import Object
from .._skupper.network_members import Member
from .._skupper.sites import V2
from .._skupper.v1.vocabulary import TYPE
from .._skupper_gateway.v1_cluster import DEFINITION, GATEWAY_NAME
from .._skupper_gateway.v2_cluster import GATEWAY_LABEL
from .links import certificate_in, described
from .model import End


def gateways_of(ends: Mapping[str, End], wanted: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """All gateways that are defined at one of the clusters, or linked to the site of one, and those that should be.

    Each has the bare-metal `host` that is to have it, where the inventory has one for it.
    """
    found = _found(ends, now)
    for entry in wanted:
        gateway = _meant(found, entry, wanted)
        if gateway is None:
            gateway = {**_gateway(str(entry.get("name") or entry["host"]), entry["cluster"], None), "certificate": None}
            gateway["message"] = f"{entry['cluster']} has no gateway that offers what it should"
            gateway["found"] = False
            found.append(gateway)
        gateway["host"] = entry["host"]
    return found


def _meant(
    found: Sequence[dict[str, Any]], entry: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The gateway that a host is to have.

    Where the inventory does not name it, its name is made on the host: then it is known by what it offers, or as the
    only one.
    """
    near = [each for each in found if each["cluster"] == entry["cluster"] and not each["host"]]
    if entry.get("name"):
        return next((each for each in near if each["name"] == entry["name"]), None)
    services = set(entry.get("services") or ())
    offering = [each for each in near if services & set(each["provides"])]
    others = [each for each in wanted if each["cluster"] == entry["cluster"]]
    if not offering and len(near) == len(others) == 1:
        offering = near
    return offering[0] if offering else None


def _found(ends: Mapping[str, End], now: datetime) -> list[dict[str, Any]]:
    seen, found = _seen(ends), []
    for end in ends.values():
        defined = _definitions(end) if end.reachable else {}
        for key in sorted({*defined, *(key for key, cluster in seen if cluster == end.name)}):
            name, resource = defined.get(key, (key, ""))
            certificate = certificate_in(end.snapshot.one("Secret", resource)) if resource else None
            fact = _gateway(name, end.name, seen.get((key, end.name)))
            found.append({**fact, "certificate": described(certificate, now) if certificate else None})
    return sorted(found, key=lambda gateway: (gateway["name"], gateway["cluster"]))


def gateway_names(ends: Mapping[str, End]) -> dict[str, str]:
    """The names that gateways have been given, by those that the network has for them."""
    reachable = (end for end in ends.values() if end.reachable)
    return {key: name for end in reachable for key, (name, _secret) in _definitions(end).items()}


def _seen(ends: Mapping[str, End]) -> dict[tuple[str, str], Member]:
    """The gateways that are linked, by their names in the network and the clusters that they are linked to.

    Each site knows the whole network; the one that the gateway is linked to is asked last, and so counts most.
    """
    clusters = {end.snapshot.target.site_name: end.name for end in ends.values() if end.version}
    found: dict[tuple[str, str], Member] = {}
    own: dict[tuple[str, str], Member] = {}
    for end in ends.values():
        for member in end.site.members.values() if end.reachable else ():
            partner = end.site.partner_of(member) if member.is_gateway else ""
            cluster = clusters.get(end.site.network.sites.get(partner, ""), "")
            if cluster:
                (own if cluster == end.name else found)[member.name, cluster] = member
    asked = {end.name for end in ends.values() if end.reachable}
    return {**{key: member for key, member in found.items() if key[1] not in asked}, **own}


def _gateway(name: str, cluster: str, member: Member | None) -> dict[str, Any]:
    return {
        "name": name,
        "cluster": cluster,
        "host": None,
        "found": True,
        "up": member is not None,
        "version": (member.version if member else "") or None,
        "provides": sorted(member.provides) if member else [],
        "consumes": sorted(member.consumes) if member else [],
        "message": "connected" if member else f"{cluster} sees no link with it: does it run, and can it dial the site?",
    }


def _definitions(end: End) -> dict[str, tuple[str, str]]:
    """Names of gateways, and of their Secrets, by the name that the network has for them."""
    if end.version == V2:
        labelled = ((obj, _labels(obj).get(GATEWAY_LABEL)) for obj in end.snapshot.of("Certificate"))
        return {name: (name, obj["metadata"]["name"]) for obj, name in labelled if name}
    found = {}
    for obj in end.snapshot.of("ConfigMap"):
        if _labels(obj).get(TYPE) == DEFINITION:
            resource = obj["metadata"]["name"]
            name = (obj["metadata"].get("annotations") or {}).get(GATEWAY_NAME) or resource
            found[resource] = (name, resource)
    return found


def _labels(obj: Object) -> Mapping[str, str]:
    return obj["metadata"].get("labels") or {}
