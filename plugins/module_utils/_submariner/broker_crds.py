# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds that a broker stores, for a cluster where Submariner's operator has not brought them.

Written from the fields that submariner pkg/apis/submariner.io/v1/types.go, submariner-operator
api/v1alpha1/broker_types.go and mcs-api pkg/apis/v1alpha1/serviceimport.go have. Other fields are kept, and few are
required: a broker carries what gateways of several versions write for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._client.client import Object

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "integer"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_TEXT_MAP: Schema = {"type": "object", "additionalProperties": _TEXT}


def _open(properties: Mapping[str, Schema] | None = None, required: Iterable[str] = ()) -> Schema:
    """A mapping of which some keys are known."""
    schema: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    if properties:
        schema["properties"] = dict(properties)
    names = list(required)
    return {**schema, "required": names} if names else schema


def _list_of(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    return {"type": "array", "items": _open(properties, required)}


_CLUSTER = _open(
    {
        "cluster_id": _TEXT,
        "color_codes": _TEXTS,
        "service_cidr": _TEXTS,
        "cluster_cidr": _TEXTS,
        "global_cidr": _TEXTS,
    },
    required=["cluster_id"],
)
_ENDPOINT = _open(
    {
        "cluster_id": _TEXT,
        "cable_name": _TEXT,
        "healthCheckIP": _TEXT,
        "hostname": _TEXT,
        "subnets": _TEXTS,
        "private_ip": _TEXT,
        "public_ip": _TEXT,
        "nat_enabled": _FLAG,
        "backend": _TEXT,
        "backend_config": _TEXT_MAP,
    },
    required=["cluster_id", "cable_name"],
)
_BROKER = _open(
    {
        "components": _TEXTS,
        "defaultCustomDomains": _TEXTS,
        "globalnetEnabled": _FLAG,
        "globalnetCIDRRange": _TEXT,
        "defaultGlobalnetClusterSize": _NUMBER,
        "clustersetIPEnabled": _FLAG,
        "clustersetIPCIDRRange": _TEXT,
    }
)
_SERVICE_IMPORT = _open(
    {
        "type": {"type": "string", "enum": ["ClusterSetIP", "Headless"]},
        "ips": _TEXTS,
        "ports": _list_of({"name": _TEXT, "protocol": _TEXT, "port": _NUMBER, "appProtocol": _TEXT}, ["port"]),
        "sessionAffinity": _TEXT,
        "sessionAffinityConfig": _open(),
    }
)
_IMPORT_STATUS = _open({"clusters": _list_of({"cluster": _TEXT}, ["cluster"])})


def broker_crds() -> list[Object]:
    """The definitions."""
    return [
        _crd("submariner.io", "Broker", ("v1alpha1",), _BROKER, _open()),
        _crd("submariner.io", "Cluster", ("v1",), _CLUSTER),
        _crd("submariner.io", "Endpoint", ("v1",), _ENDPOINT),
        # Both versions have the same fields: agents before Submariner 0.25 use the first.
        _crd("multicluster.x-k8s.io", "ServiceImport", ("v1alpha1", "v1beta1"), _SERVICE_IMPORT, _IMPORT_STATUS),
    ]


def _crd(group: str, kind: str, versions: tuple[str, ...], spec: Schema, status: Schema | None = None) -> Object:
    """A definition.

    :param versions: the first is the one that is stored.
    :param status: where the kind has a status, which is a sub-resource then.
    """
    singular = kind.lower()
    plural = f"{singular}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": singular},
            # The server would add it.
            "conversion": {"strategy": "None"},
            "versions": [_version(name, name == versions[0], spec, status) for name in versions],
        },
    }


def _version(name: str, stored: bool, spec: Schema, status: Schema | None) -> dict[str, Any]:
    properties = {"apiVersion": _TEXT, "kind": _TEXT, "metadata": {"type": "object"}, "spec": spec}
    if status is not None:
        properties["status"] = status
    version: dict[str, Any] = {
        "name": name,
        "served": True,
        "storage": stored,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
    }
    return version if status is None else {**version, "subresources": {"status": {}}}
