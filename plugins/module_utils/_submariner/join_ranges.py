# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ranges of addresses the Services and pods of a cluster have. Pure functions.

Upstream: submariner-operator pkg/discovery/network. Nothing is tried out on the cluster, as upstream does by a Service
that can not be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._client.client import Object
from .._client.errors import InputError
from .cidr import Network, networks_in, overlap

_SERVICE_ARGUMENT = "--service-cluster-ip-range="
_POD_ARGUMENT = "--cluster-cidr="


class Ranges(NamedTuple):
    """Ranges of one cluster."""

    service: tuple[Network, ...]
    cluster: tuple[Network, ...]
    """Of its pods."""

    @property
    def all(self) -> tuple[Network, ...]:
        return (*self.service, *self.cluster)


def ranges_of(given: Ranges, sources: Sequence[Object], nodes: Sequence[Object]) -> Ranges:
    """The ranges of a cluster: given, or found.

    :param sources: objects that may tell them, the best first.
    :raises InputError: some are not given and not found; or those of Services and pods overlap.
    """
    service = given.service or _unique(text for each in sources for text in _of_services(each))
    cluster = given.cluster or _unique(text for each in sources for text in _of_pods(each))
    if not cluster and len(nodes) == 1:
        cluster = _unique([str((nodes[0].get("spec") or {}).get("podCIDR") or "")])
    for option, found in (("service_cidr", service), ("cluster_cidr", cluster)):
        if not found:
            raise InputError(option, "can not be found on this cluster, and is needed to see what overlaps: give it")
    common = overlap(service, cluster)
    if common:
        raise InputError("cluster_cidr", f"{common[1]} of the pods overlaps {common[0]} of the Services")
    return Ranges(service, cluster)


def _unique(texts: Iterable[str]) -> tuple[Network, ...]:
    """IPv4 only: that is what Submariner connects."""
    return tuple(dict.fromkeys(each for each in networks_in(texts) if each.version == 4))


def _of_services(obj: Object) -> Iterator[str]:
    spec: Mapping[str, Any] = obj.get("spec") or {}
    if obj["kind"] == "Submariner":
        yield from _listed((obj.get("status") or {}).get("serviceCIDR"))
    elif obj["kind"] == "Network":
        yield from spec.get("serviceNetwork") or []
    elif obj["kind"] == "ServiceCIDR":
        yield from spec.get("cidrs") or []
    elif obj["kind"] == "Pod":
        yield from _arguments(spec, _SERVICE_ARGUMENT)


def _of_pods(obj: Object) -> Iterator[str]:
    spec: Mapping[str, Any] = obj.get("spec") or {}
    if obj["kind"] == "Submariner":
        yield from _listed((obj.get("status") or {}).get("clusterCIDR"))
    elif obj["kind"] == "Network":
        yield from (str(each.get("cidr")) for each in spec.get("clusterNetwork") or [])
    elif obj["kind"] == "Pod":
        yield from _arguments(spec, _POD_ARGUMENT)


def _arguments(spec: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for container in spec.get("containers") or []:
        for argument in [*(container.get("command") or []), *(container.get("args") or [])]:
            if argument.startswith(prefix):
                yield from _listed(argument[len(prefix) :])


def _listed(text: Any) -> list[str]:
    return [each for each in str(text or "").split(",") if each]
