# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument spec of interconnect_info; what each means is in the module's documentation."""

from __future__ import annotations

from typing import Any

from .._task.argspec import ArgumentSpec, auth_args
from .checks_hub import AUTO, DIRECT, GITOPS
from .speaking import KINDS, TCP


def _list_of(options: ArgumentSpec) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "options": options, "default": []}


_TEXT: dict[str, Any] = {"type": "str"}
_NAME: dict[str, Any] = {"type": "str", "required": True}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
_FLAG: dict[str, Any] = {"type": "bool", "default": False}

_CLUSTER: ArgumentSpec = {
    "name": _NAME,
    "auth": {"type": "dict", "required": True, "options": auth_args(environment=False)},
    "namespace": _TEXT,
    "skupper_version": {"type": "str", "choices": ["v1", "v2"]},
    "site_name": _TEXT,
    "hub": _FLAG,
    "argocd_namespace": _TEXT,
    "applications": _FLAG,
    "placement_namespaces": _NAMES,
    "selectors": _NAMES,
    "workloads_namespace": _TEXT,
}
_MEMBER: ArgumentSpec = {"host": _NAME, "cluster": _TEXT, "selector": _TEXT, "placements": _NAMES, "argocd": _FLAG}
_LINK: ArgumentSpec = {"name": _NAME, "from": _NAME, "to": _NAME, "cost": {"type": "int", "default": 1}}
_GATEWAY: ArgumentSpec = {"host": _NAME, "cluster": _NAME, "name": _TEXT, "services": _NAMES}
_SERVICE: ArgumentSpec = {
    "name": _NAME,
    "port": {"type": "int"},
    "provided_by": {"type": "list", "elements": "str", "required": True},
    "consumed_by": _NAMES,
}
_APPLICATION: ArgumentSpec = {
    "host": _NAME,
    "name": _NAME,
    "cluster": _TEXT,
    "selector": _TEXT,
    "delivery": {"type": "str", "choices": [AUTO, GITOPS, DIRECT], "default": AUTO},
}
_WORKLOAD: ArgumentSpec = {"host": _NAME, "names": _NAMES}
_PROBE: ArgumentSpec = {
    "cluster": _NAME,
    "service": _NAME,
    "namespace": _TEXT,
    "port": {"type": "int", "required": True},
    "kind": {"type": "str", "choices": list(KINDS), "default": TCP},
    "path": {"type": "str", "default": "/"},
    "timeout": {"type": "int", "default": 5},
}

ARGUMENT_SPEC: ArgumentSpec = {
    "clusters": {"type": "list", "elements": "dict", "options": _CLUSTER, "required": True},
    "expected": {
        "type": "dict",
        "options": {
            "hosts": {"type": "list", "elements": "str"},
            "certificate_days": {"type": "int", "default": 14},
            "members": _list_of(_MEMBER),
            "links": _list_of(_LINK),
            "gateways": _list_of(_GATEWAY),
            "services": _list_of(_SERVICE),
            "applications": _list_of(_APPLICATION),
            "workloads": _list_of(_WORKLOAD),
        },
    },
    "probes": _list_of(_PROBE),
    "until_ok": _FLAG,
    "wait_timeout": {"type": "int", "default": 60},
    "wait_sleep": {"type": "int", "default": 2},
}
