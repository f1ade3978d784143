# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of the Multi-Cluster Services API, and which exports a task is about. Pure.

Upstream: kubernetes-sigs/mcs-api pkg/apis/v1alpha1/well_known_labels.go; submariner-io/lighthouse
pkg/constants/constants.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._client.errors import InputError, ObjectRef

GROUP = "multicluster.x-k8s.io"
VERSIONS = (f"{GROUP}/v1beta1", f"{GROUP}/v1alpha1")
"""Preferred first. What a cluster does not serve yet is predicted as the older one, which all releases serve."""
EXPORT, IMPORT = "ServiceExport", "ServiceImport"
SERVICE_LABEL = "multicluster.kubernetes.io/service-name"
CLUSTER_LABEL = "multicluster.kubernetes.io/source-cluster"
"""On EndpointSlices of an import: the Service, and the cluster that exports it."""
CLUSTERSET_IP_ANNOTATION = "lighthouse.submariner.io/use-clusterset-ip"

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Key(NamedTuple):
    """A Service, and its export and imports, which all have its name."""

    namespace: str
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Key:
        """That of an object with the Service's own name."""
        return cls(obj["metadata"]["namespace"], obj["metadata"]["name"])

    def export(self, api_version: str) -> ObjectRef:
        """The ServiceExport."""
        return ObjectRef(api_version, EXPORT, self.name, self.namespace)

    @property
    def dns_name(self) -> str:
        """The name by which every cluster of the set finds the Service."""
        return f"{self.name}.{self.namespace}.svc.clusterset.local"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def named(params: Mapping[str, Any]) -> list[Key] | None:
    """The exports that a task names, each once; None where it selects them by label.

    :raises InputError: a name that no Service or namespace can have, or an empty selector.
    """
    if params["exports"] is not None:
        keys = [_key(each, f"exports[{number}].") for number, each in enumerate(params["exports"])]
    elif params["names"] is not None:
        keys = [_key({"namespace": params["namespace"], "name": name}, "", "names") for name in params["names"]]
    else:
        _check("namespace", params["namespace"])
        if not params["label_selector"].strip():
            raise InputError("label_selector", "is empty: it would select every Service of the namespace")
        return None
    return list(dict.fromkeys(keys))


def _key(entry: Mapping[str, str], prefix: str, name_field: str = "name") -> Key:
    _check(f"{prefix}namespace", entry["namespace"])
    _check(f"{prefix}{name_field}", entry["name"])
    return Key(entry["namespace"], entry["name"])


def _check(field: str, name: str) -> None:
    if not _LABEL.fullmatch(name):
        raise InputError(
            field,
            f"{name!r} can not be a name: use up to 63 lower case letters, digits and hyphens, with a letter or digit "
            "at both ends (DNS label)",
        )
