# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a site controller is there that looks after a namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._client.client import Client, Object
from ..._client.errors import Forbidden, ObjectRef
from .vocabulary import SITE_CONTROLLER


def has_controller(client: Client, namespace: str) -> bool | None:
    """Whether a site controller watches the namespace, as far as can be seen.

    It runs in the namespace itself, in one of its own, or where OLM has put it: then only a list over all namespaces
    finds it, which few may read, so that it is not asked for without need.
    """
    if any(_is_ready(each) and watches(each, namespace) for each in _near(client, namespace)):
        return True
    try:  # by name: upstream's manifests label the pods only
        found = client.list("apps/v1", "Deployment", field_selector=f"metadata.name={SITE_CONTROLLER}")
    except Forbidden:
        return None
    return any(_is_ready(each) and watches(each, namespace) for each in found)


def _near(client: Client, namespace: str) -> list[Object]:
    """Site controllers where upstream's manifests put them, as far as they may be read."""

    def controller(place: str) -> Object | None:
        try:
            return client.get(ObjectRef("apps/v1", "Deployment", SITE_CONTROLLER, place))
        except Forbidden:
            return None

    return [found for found in map(controller, (namespace, SITE_CONTROLLER)) if found]


def watches(controller: Mapping[str, Any], namespace: str) -> bool:
    """Whether a site controller (its Deployment) looks after a namespace.

    WATCH_NAMESPACE is missing or empty (all namespaces), its own namespace, or what OLM says in an annotation.
    """
    if controller["metadata"]["namespace"] == namespace:
        return True
    template = (controller.get("spec") or {}).get("template") or {}
    containers = (template.get("spec") or {}).get("containers") or []
    variables = {entry["name"]: entry for container in containers for entry in container.get("env") or []}
    entry = variables.get("WATCH_NAMESPACE", {})
    field = ((entry.get("valueFrom") or {}).get("fieldRef") or {}).get("fieldPath", "")
    if field == "metadata.namespace":
        return False
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    watched = annotations.get("olm.targetNamespaces", "") if "olm.targetNamespaces" in field else entry.get("value", "")
    return watched in ("", None) or namespace in str(watched).split(",")


def _is_ready(deployment: Mapping[str, Any]) -> bool:
    return bool((deployment.get("status") or {}).get("readyReplicas"))
