# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One document of what all clusters have told, and what is to be said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._skupper.certificates import rfc3339
from .checks import FAILED, Scene, of_clusters, of_gateways, of_links, of_probes, ordered
from .checks_hub import of_applications, of_hub
from .checks_services import of_services, serving, summary
from .gateways import gateway_names, gateways_of
from .hub import hub_of
from .links import Wanted, links_of
from .model import End, Snapshot
from .services import services_of
from .sites import site_of
from .workloads import workloads_of


def ends_of(snapshots: Iterable[Snapshot]) -> dict[str, End]:
    """The clusters by name, in the order in which they were given."""
    return {each.target.name: End(each.target.name, each, site_of(each)) for each in snapshots}


def document_of(ends: Mapping[str, End], expected: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The state of everything, without judgement."""
    wanted = [
        Wanted(each["name"], each["from"], each["to"], int(each.get("cost") or 1))
        for each in expected.get("links") or ()
    ]
    hub = next((end.snapshot for end in ends.values() if end.snapshot.target.hub), None)
    return {
        "time": rfc3339(now),
        "clusters": [_cluster(end) for end in ends.values()],
        "hub": hub_of(hub) if hub else None,
        "links": links_of({name: end for name, end in ends.items() if end.version}, wanted, now),
        "gateways": gateways_of(ends, expected.get("gateways") or (), now),
        "services": services_of(ends, expected.get("services") or (), gateway_names(ends)),
    }


def _cluster(end: End) -> dict[str, Any]:
    snapshot = end.snapshot
    return {
        "name": end.name,
        "api": {
            "reachable": snapshot.reachable,
            "server": snapshot.server or None,
            "version": snapshot.version or None,
            "error": snapshot.error or None,
        },
        "skupper_version": end.version or None,
        "namespace": snapshot.target.namespace or None,
        "site": end.site.as_result() if end.version else None,
        "workloads": workloads_of(snapshot) if snapshot.target.workloads else [],
        "problems": [snapshot.problems[kind] for kind in sorted(set(snapshot.problems) - snapshot.missing)],
    }


def judgement_of(
    ends: Mapping[str, End],
    document: Mapping[str, Any],
    expected: Mapping[str, Any],
    probes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What is as it is wanted and what is not, and which services serve."""
    hosts = expected.get("hosts")
    everybody = {*ends, *(gateway["host"] for gateway in expected.get("gateways") or ())}
    scene = Scene(ends, document, expected, frozenset(everybody if hosts is None else hosts))
    checks = ordered(
        [
            *of_clusters(scene),
            *of_hub(scene),
            *of_links(scene),
            *of_gateways(scene),
            *of_services(scene),
            *of_applications(scene),
            *of_probes(scene, probes),
        ]
    )
    served = serving(scene)
    return {
        "ok": not any(check.state == FAILED for check in checks),
        "checks": [check.as_result() for check in checks],
        "serving": served,
        "lost": summary(served),
    }
