# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cluster of a set, as a task about exports looks at it: one LIST a kind, whatever the number of exports."""

from __future__ import annotations

from collections.abc import Sequence

from .._client.client import Client, Object
from .._client.errors import Forbidden, MissingKind, ObjectRef, missing_kind
from .imports import Seen, seen
from .names import CLUSTER_LABEL, EXPORT, IMPORT, SERVICE_LABEL, VERSIONS, Key

SLICES = "discovery.k8s.io/v1"
LIST_ALL_FROM = 4
"""From so many namespaces on, one LIST of all is cheaper than one of each."""

SUBMARINER = ObjectRef("submariner.io/v1alpha1", "Submariner", "submariner", "submariner-operator")
ABOUT_GROUP = "about.k8s.io"
CLUSTER_ID = "cluster.clusterset.k8s.io"
"""The ClusterProperty with a cluster's name in its set: kubernetes-sigs/about-api."""


class Cluster:
    """A cluster, and the Services of a task there.

    :param name: for messages and results.
    :param api_version: that of its ServiceExports and ServiceImports; by default the best that it serves.
    """

    def __init__(self, client: Client, name: str, api_version: str | None = None) -> None:
        self.client = client
        self.name = name
        self._wanted = api_version
        self._versions: dict[str, str] = {}
        self._all_forbidden: set[str] = set()

    def version(self, kind: str) -> str:
        """In which version the kind is served.

        :raises MissingKind: in none.
        """
        if kind not in self._versions:
            candidates = (self._wanted,) if self._wanted else VERSIONS
            served = next((each for each in candidates if self.client.has_kind(each, kind)), None)
            if served is None:
                raise missing_kind(self.client.server, candidates[-1], kind)
            self._versions[kind] = served
        return self._versions[kind]

    def serves(self, kind: str) -> bool:
        """Whether the kind is served."""
        try:
            self.version(kind)
        except MissingKind:
            return False
        return True

    def predicted_version(self) -> str:
        """The version of ServiceExport that is served, or would be, as far as one can tell."""
        return self.version(EXPORT) if self.serves(EXPORT) else self._wanted or VERSIONS[-1]

    def exports(self, keys: Sequence[Key]) -> dict[Key, Object]:
        """The ServiceExports; none where the kind is not there."""
        if not self.serves(EXPORT):
            return {}
        return _by_key(self._list(self.version(EXPORT), EXPORT, keys), keys)

    def services(self, keys: Sequence[Key]) -> dict[Key, Object]:
        """The Services."""
        return _by_key(self._list("v1", "Service", keys), keys)

    def selected(self, namespace: str, label_selector: str) -> dict[Key, Object]:
        """The Services of a namespace that a selector finds."""
        return {Key.of(each): each for each in self.client.list("v1", "Service", namespace, label_selector)}

    def imports(self, keys: Sequence[Key], source: str | None) -> dict[Key, Seen]:
        """What there is of the exports of `source`; nothing where ServiceImport is not served."""
        if not keys or not self.serves(IMPORT):
            return {}
        imports = self._list(self.version(IMPORT), IMPORT, keys)
        selector = f"{SERVICE_LABEL}={keys[0].name}" if len(keys) == 1 else SERVICE_LABEL
        if source is not None:
            selector += f",{CLUSTER_LABEL}={source}"
        return seen(imports, self._list(SLICES, "EndpointSlice", keys, selector), source)

    def _list(self, api_version: str, kind: str, keys: Sequence[Key], label_selector: str = "") -> list[Object]:
        one = f"metadata.name={keys[0].name}" if len(keys) == 1 and not label_selector else ""
        namespaces = list(dict.fromkeys(key.namespace for key in keys))
        if len(namespaces) >= LIST_ALL_FROM and kind not in self._all_forbidden:
            try:
                return self.client.list(api_version, kind, None, label_selector, one)
            except Forbidden:  # in all namespaces; in each of ours it may be allowed
                self._all_forbidden.add(kind)
        parts = self.client.each(
            lambda namespace: self.client.list(api_version, kind, namespace, label_selector, one), namespaces
        )
        return [obj for part in parts for obj in part]

    def id_in_set(self) -> str | None:
        """The cluster's name in its set, where one can read it: of Submariner, or of the standard ClusterProperty."""
        found = self._read(SUBMARINER)
        if found and (found.get("spec") or {}).get("clusterID"):
            return str(found["spec"]["clusterID"])
        for api_version in self.client.versions(ABOUT_GROUP):
            found = self._read(ObjectRef(api_version, "ClusterProperty", CLUSTER_ID))
            if found and (found.get("spec") or {}).get("value"):
                return str(found["spec"]["value"])
        return None

    def _read(self, ref: ObjectRef) -> Object | None:
        try:
            return self.client.get(ref)
        except (MissingKind, Forbidden):
            return None


def _by_key(objects: Sequence[Object], keys: Sequence[Key]) -> dict[Key, Object]:
    wanted = set(keys)
    return {Key.of(each): each for each in objects if Key.of(each) in wanted}
