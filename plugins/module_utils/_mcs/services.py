# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Services can be exported. Pure.

Upstream: submariner-io/lighthouse pkg/agent/controller/agent.go (types), namespace_validator.go (namespaces; since
August 2026, also in patch releases of 0.18 to 0.24); KEP-1645 (ExternalName).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .names import Key

Object = Mapping[str, Any]

HEADLESS, CLUSTER_SET_IP = "Headless", "ClusterSetIP"
_REFUSED_PREFIXES = ("kube-", "openshift-")
_REFUSED_NAMES = frozenset({"openshift"})
_ALLOWED_NAMES = frozenset({"openshift-storage"})


def import_type(service: Object) -> str:
    """`spec.type` of the ServiceImports that an export brings about."""
    return HEADLESS if (service.get("spec") or {}).get("clusterIP") == "None" else CLUSTER_SET_IP


def is_restricted(namespace: str) -> bool:
    """Whether newer Submariners refuse exports from the namespace."""
    if namespace in _ALLOWED_NAMES:
        return False
    return namespace in _REFUSED_NAMES or namespace.startswith(_REFUSED_PREFIXES)


def missing(keys: Sequence[Key], services: Mapping[Key, Object]) -> list[Key]:
    """The Services that are not there, or are about to go."""
    return [key for key in keys if key not in services or services[key]["metadata"].get("deletionTimestamp")]


def refused(keys: Sequence[Key], services: Mapping[Key, Object], types: Sequence[str]) -> list[str]:
    """A line for each Service whose type keeps it from being exported.

    :param types: `spec.type` that the implementation takes. No implementation takes ExternalName: there is nothing in
        the cluster that others could be led to.
    """
    lines = []
    for key in keys:
        found = str((services.get(key, {}).get("spec") or {}).get("type") or "ClusterIP")
        if found not in types or found == "ExternalName":
            lines.append(f"{key} is of type {found}")
    return lines
