# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a kind to its path on the API server, read from the server's own discovery documents.

Format: `APIResourceList` and `APIGroup`, k8s.io/apimachinery pkg/apis/meta/v1/types.go. One GET a group and version,
kept for the life of the client; a kind that is not found is looked up anew, as a CRD may have been installed since.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .errors import InputError, NotFound, missing_kind
from .transport import Transport


@dataclass(frozen=True)
class Resource:
    """How the API server serves one kind."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """Path of the collection (no `name`) or of one object; all namespaces where `namespace` is None."""
        root = "/api/v1" if self.api_version == "v1" else f"/apis/{self.api_version}"
        scope = f"/namespaces/{_segment(namespace, 'namespace')}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{_segment(name, 'name')}" if name else "")

    def object_path(self, name: str, namespace: str | None) -> str:
        """Path of one object.

        :raises InputError: a namespaced kind without a namespace.
        """
        if self.namespaced and not namespace:
            raise InputError("namespace", f"{self.kind} {name} is namespaced: give metadata.namespace")
        return self.path(namespace, name)


def _segment(name: str, field: str) -> str:
    """A name as one segment of a path.

    :raises InputError: it would lead to another object (k8s.io/apimachinery pkg/api/validation/path/name.go).
    """
    if name in (".", "..") or "/" in name or "%" in name:
        raise InputError(field, f"{name!r} is no name of an object")
    return quote(name, safe=":")  # RBAC names hold colons, which stay as they are


class Discovery:
    """The kinds of one API server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[str, dict[str, Resource]] = {}
        self._lock = threading.Lock()

    def resource(self, api_version: str, kind: str) -> Resource:
        """How `kind` of `api_version` is served.

        :raises MissingKind: it is not.
        """
        with self._lock:
            known = self._known.get(api_version, {})
            if kind not in known:
                known = self._known[api_version] = self._read(api_version)
        if kind not in known:
            raise missing_kind(self._transport.server, api_version, kind)
        return known[kind]

    def versions(self, group: str) -> list[str]:
        """The API versions (`apps/v1`) in which a group is served, the preferred one first; none: no such group."""
        if not group:
            return ["v1"]
        try:
            document = self._transport.request("GET", f"/apis/{_segment(group, 'group')}", f"discover {group}")
        except NotFound:
            return []
        preferred = (document.get("preferredVersion") or {}).get("groupVersion")
        served = [str(entry["groupVersion"]) for entry in document.get("versions") or []]
        return sorted(served, key=lambda version: version != preferred)

    def _read(self, api_version: str) -> dict[str, Resource]:
        path = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
        try:
            document = self._transport.request("GET", path, f"discover {api_version}")
        except NotFound:
            return {}
        return {entry.kind: entry for entry in resources_of(api_version, document)}


def resources_of(api_version: str, document: dict[str, Any]) -> list[Resource]:
    """The kinds in an `APIResourceList`; sub-resources (`pods/log`) are left out."""
    return [
        Resource(
            api_version=api_version,
            kind=entry["kind"],
            plural=entry["name"],
            namespaced=bool(entry["namespaced"]),
            verbs=frozenset(entry.get("verbs") or ()),
        )
        for entry in document.get("resources") or []
        if "/" not in entry["name"]
    ]
