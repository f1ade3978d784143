# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted of the hub, and of applications. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .checks import Check, Scene, judged, unseen
from .reading import CLUSTER_SECRETS, WORKLOADS

GITOPS, DIRECT, AUTO = "gitops", "direct", "auto"


def of_hub(scene: Scene) -> Iterator[Check]:
    """Whether clusters are members: available, selected, known to Argo CD."""
    hub = scene.document["hub"]
    for wanted in scene.expected.get("members") or ():
        if wanted["host"] not in scene.hosts:
            continue
        why = _why_unseen(scene, hub, "ManagedCluster")
        if hub is None or why:
            yield unseen("hub", wanted["host"], wanted.get("cluster") or wanted["host"], why)
            continue
        name = managed_name(hub, wanted)
        if name:
            yield _of_member(scene, hub, name, wanted)
        else:
            what = f"no ManagedCluster has {wanted['selector']}"
            yield judged("hub", wanted["host"], wanted["selector"], False, what)


def _of_member(scene: Scene, hub: Mapping[str, Any], name: str, wanted: Mapping[str, Any]) -> Check:
    host, (unavailable, lacks) = wanted["host"], _lacks(hub, name, wanted)
    if lacks or (unavailable and (scene.end(host) is None or scene.answers(host))):
        return judged("hub", host, name, False, "; ".join(filter(None, (unavailable, *lacks))))
    if unavailable:  # as is known from its API server
        return unseen("hub", host, name, unavailable)
    return judged("hub", host, name, True, "available, and selected")


def _why_unseen(scene: Scene, hub: Mapping[str, Any] | None, kind: str) -> str:
    if hub is None:
        return "no hub was asked"
    if not scene.answers(hub["cluster"]):
        return f"the hub {hub['cluster']} does not answer"
    return str(hub["problems"].get(kind) or "")


def managed_name(hub: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The ManagedCluster of a host; empty where a selector finds none, or several."""
    selector = wanted.get("selector")
    if not selector:
        return str(wanted.get("cluster") or wanted["host"])
    found = hub["selected"].get(selector) or []
    return str(found[0]) if len(found) == 1 else ""


def _lacks(hub: Mapping[str, Any], name: str, wanted: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Why a cluster is not available, and what else it lacks to be a member."""
    cluster = next((each for each in hub["managed_clusters"] if each["name"] == name), None)
    if cluster is None:
        return "", [f"there is no ManagedCluster {name}"]
    unavailable = "" if cluster["available"] else f"not available: {cluster['message']}"
    lacks: list[str] = []
    if "PlacementDecision" not in hub["problems"]:
        missing = [each for each in wanted.get("placements") or () if name not in (hub["placements"].get(each) or ())]
        lacks += [f"not selected by Placement {each}" for each in missing]
    if wanted.get("argocd") and CLUSTER_SECRETS not in hub["problems"] and name not in hub["argocd_clusters"]:
        lacks.append("not known to Argo CD")
    return unavailable, lacks


def of_applications(scene: Scene) -> Iterator[Check]:
    """Whether applications are delivered, and their workloads ready."""
    for wanted in scene.expected.get("applications") or ():
        if wanted["host"] in scene.hosts:
            yield from _of_application(scene, wanted)
    for wanted in scene.expected.get("workloads") or ():
        if wanted["host"] in scene.hosts:
            yield from _of_workloads(scene, wanted)


def _of_application(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Check]:
    hub, host, delivery = scene.document["hub"], wanted["host"], wanted["delivery"]
    if delivery == DIRECT or hub is None or (delivery == AUTO and not hub["argocd"]):
        return
    why = _why_unseen(scene, hub, "Application")
    if why:
        yield unseen("application", host, wanted["name"], why)
        return
    name = f"{wanted['name']}-{managed_name(hub, wanted)}"
    found = next((each for each in hub["applications"] if each["name"] == name), None)
    if found is None:
        yield judged("application", host, name, False, f"there is no Application {name} on {hub['cluster']}")
        return
    state = f"{found['sync'] or 'not compared yet'}, {found['health'] or 'health unknown'}"
    good = (found["sync"], found["health"]) == ("Synced", "Healthy") and not found["message"]
    yield judged("application", host, name, good, f"{state}: {found['message']}" if found["message"] else state)


def _of_workloads(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Check]:
    host, names = wanted["host"], list(wanted.get("names") or ())
    end = scene.end(host)
    if end is None or not end.reachable:
        yield unseen("application", host, "workloads", "its API server does not answer")
        return
    if WORKLOADS in end.snapshot.problems:
        yield unseen("application", host, "workloads", end.snapshot.problems[WORKLOADS])
        return
    found: Sequence[Mapping[str, Any]] = next(
        (each["workloads"] for each in scene.document["clusters"] if each["name"] == host), []
    )
    ready = {each["name"]: each for each in found}
    for name in names or sorted(ready):
        yield _of_workload(host, name, ready.get(name))
    if not names and not ready:
        yield judged("application", host, "workloads", False, "there is no Deployment in its namespace")


def _of_workload(host: str, name: str, found: Mapping[str, Any] | None) -> Check:
    if found is None:
        return judged("application", host, name, False, "there is no Deployment of that name")
    good = found["ready"] >= found["desired"]
    tally = f"{found['ready']} of {found['desired']} ready"
    return judged("application", host, name, good, f"{tally}: {found['message']}" if found["message"] else tally)
