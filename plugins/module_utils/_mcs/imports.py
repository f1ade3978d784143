# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has come of an export at a cluster that imports it. Pure.

Upstream: kubernetes-sigs/mcs-api pkg/apis/v1beta1/serviceimport.go; the objects of Submariner since 0.15:
submariner-io/lighthouse pkg/agent/controller/service_import.go, endpoint_slice.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .conditions import ENDPOINTS, GONE, IMPORTED, Standing
from .names import CLUSTER_LABEL, SERVICE_LABEL, Key

Object = Mapping[str, Any]


class Seen(NamedTuple):
    """One Service as a cluster imports it."""

    clusters: tuple[str, ...] | None
    """The exporting clusters that the ServiceImport lists; None where there is no ServiceImport."""
    slices: int
    """EndpointSlices of the exporting cluster in question."""
    endpoints: int
    ready: int
    """Endpoints in them, and how many of these are ready."""

    def as_result(self, source: str | None) -> dict[str, Any]:
        """The part of a module's result."""
        return {
            "imported": self.clusters is not None and source in self.clusters,
            "clusters": list(self.clusters or ()),
            "slices": self.slices,
            "endpoints": self.endpoints,
            "ready_endpoints": self.ready,
        }


NOTHING = Seen(None, 0, 0, 0)


def seen(service_imports: Sequence[Object], slices: Sequence[Object], source: str | None) -> dict[Key, Seen]:
    """What a cluster imports, by Service.

    :param slices: EndpointSlices; those of other clusters than `source` are left out.
    """
    listed = {Key.of(each): _clusters(each) for each in service_imports}
    own: dict[Key, list[Object]] = {}
    for each in slices:
        labels = each["metadata"].get("labels") or {}
        if source is not None and labels.get(CLUSTER_LABEL) == source and labels.get(SERVICE_LABEL):
            own.setdefault(Key(each["metadata"]["namespace"], labels[SERVICE_LABEL]), []).append(each)
    return {key: _seen(listed.get(key), own.get(key, [])) for key in {*listed, *own}}


def arrived(found: Seen, source: str) -> Standing:
    """Whether the export of `source` has arrived: ServiceImport, then EndpointSlices."""
    if found.clusters is None:
        return Standing(IMPORTED, "the ServiceImport is not there")
    if source not in found.clusters:
        listed = ", ".join(found.clusters) or "no cluster"
        return Standing(IMPORTED, f"the ServiceImport lists {listed}, not {source}")
    if not found.slices:
        return Standing(ENDPOINTS, f"the ServiceImport lists {source}, but there is no EndpointSlice of it")
    return Standing("", f"{found.ready} of {found.endpoints} endpoints of {source} are ready")


def left(found: Seen, source: str) -> Standing:
    """Whether something of `source` is still imported."""
    rest = [f"the ServiceImport still lists {source}"] if source in (found.clusters or ()) else []
    if found.slices:
        rest.append(f"{found.slices} EndpointSlice{'s' if found.slices > 1 else ''} of {source} still there")
    return Standing(GONE if rest else "", "; ".join(rest))


def _clusters(service_import: Object) -> tuple[str, ...]:
    entries = (service_import.get("status") or {}).get("clusters") or []
    return tuple(str(each["cluster"]) for each in entries if each.get("cluster"))


def _seen(clusters: tuple[str, ...] | None, slices: Sequence[Object]) -> Seen:
    endpoints = [endpoint for each in slices for endpoint in each.get("endpoints") or []]
    # An endpoint whose readiness nobody has stated counts as ready (k8s.io/api discovery/v1/types.go).
    ready = [each for each in endpoints if (each.get("conditions") or {}).get("ready") is not False]
    return Seen(clusters, len(slices), len(endpoints), len(ready))
