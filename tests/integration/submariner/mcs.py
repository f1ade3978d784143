# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Multi-Cluster Services API on the planes, in each of its generations, and what stands for the agents of a set."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import yaml

from tests.integration.scratch import wait_until
from tests.integration.submariner.conftest import NAMES, Planes
from tests.lab import objects
from tests.lab.api import Api, ApiError, Object, path
from tests.lab.build import SOURCES
from tests.lab.gotool import Go
from tests.unit.mcs.objects import ALPHA, BETA, GENERATIONS, endpoint_slice, service_import

GROUP = "multicluster.x-k8s.io"
PLURALS = {"ServiceExport": "serviceexports", "ServiceImport": "serviceimports"}
CRDS = path("apiextensions.k8s.io/v1", "customresourcedefinitions")
SLICES = "discovery.k8s.io/v1"
EXPORTER, IMPORTER = NAMES
MODULE_CRDS = {"mcs-api 0.4": "dns", "mcs-api 0.5": "mcs"}
"""Real definitions: the folder of the lab whose lock names the version."""
FIRST = "mcs-api 0.1"


@dataclass(frozen=True)
class Generation:
    """One state of the API's history."""

    crds: str
    api_version: str
    conditions: str
    """A key of `GENERATIONS`."""
    minimum: str = "Ready"


HISTORY = {
    "history": Generation(FIRST, ALPHA, "0.12, a history", "Valid"),
    "synced": Generation(FIRST, ALPHA, "0.14, Synced"),
    "ready": Generation(FIRST, ALPHA, "0.20, Ready without reasons"),
    "ready-reason": Generation("mcs-api 0.4", ALPHA, "0.24, Ready with reasons"),
    "v1beta1": Generation("mcs-api 0.5", BETA, "0.24, Ready with reasons"),
}


def definitions(crds: str) -> list[Object]:
    """CustomResourceDefinitions of a version of mcs-api."""
    if crds == FIRST:
        return [_first(kind) for kind in PLURALS]
    folder = Path(Go().module_dir("sigs.k8s.io/mcs-api", SOURCES / MODULE_CRDS[crds]), "config", "crd")
    return [yaml.safe_load(file.read_text()) for file in sorted(folder.glob("*.yaml"))]


def _first(kind: str) -> Object:
    """As far as exports go, mcs-api 0.1: conditions are a plain list, and their reasons may be empty."""
    any_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    text = {"type": "string"}
    condition = {
        "type": "object",
        "required": ["status", "type"],
        "properties": {
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            **dict.fromkeys(("message", "reason", "status", "type"), text),
        },
    }
    conditions = {"type": "object", "properties": {"conditions": {"type": "array", "items": condition}}}
    status = conditions if kind == "ServiceExport" else any_object
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": any_object, "status": status}}},
    }
    plural = PLURALS[kind]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def install(api: Api, crds: str) -> None:
    """Have these definitions in place of any others, and no objects of their kinds."""
    remove(api)
    upgrade(api, crds)


def remove(api: Api) -> None:
    """Have no definitions of the API, and no objects of its kinds."""
    places = [f"{CRDS}/{plural}.{GROUP}" for plural in PLURALS.values()]
    for place in places:
        api.delete(place)
    wait_until("the definitions are gone", lambda: not any(api.find(place) for place in places))


def upgrade(api: Api, crds: str) -> None:
    """Apply definitions over those that are there, and wait until just their versions are served."""
    wanted = definitions(crds)
    objects.apply_crds(api, wanted)
    versions = {each["name"] for each in wanted[0]["spec"]["versions"]}
    wait_until("the definitions are served", lambda: _served(api) == versions)


def _served(api: Api) -> set[str]:
    group = api.find(f"/apis/{GROUP}") or {"versions": []}
    found = {each["version"] for each in group["versions"]}
    documents = [api.find(f"/apis/{GROUP}/{version}") or {"resources": []} for version in found]
    kinds = [{each["name"] for each in document["resources"]} for document in documents]
    return found if all(set(PLURALS.values()) <= each for each in kinds) else set()


def export_path(api_version: str, namespace: str, name: str = "", subresource: str = "") -> str:
    """Of a ServiceExport, or of all in a namespace."""
    return path(api_version, "serviceexports", name, namespace, subresource)


def conditions_now(conditions: Sequence[Object]) -> Object:
    """A status with these conditions, as of now."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"status": {"conditions": [{**each, "lastTransitionTime": now} for each in conditions]}}


@dataclass
class Agents:
    """The agents of a set while a block runs: exports of a namespace come to both planes, and go from there.

    What they write, and in which order: submariner-io/lighthouse pkg/agent/controller/agent.go, service_import.go,
    endpoint_slice.go (v0.20). No broker, one endpoint for each Service.
    """

    planes: Planes
    generation: Generation
    namespace: str
    failures: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _stages: dict[str, int] = field(default_factory=dict)
    """How far each export has been brought, by its uid."""
    _imported: set[str] = field(default_factory=set)

    def __enter__(self) -> Agents:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)
        assert self.failures == []

    def _run(self) -> None:
        try:
            while not self._over.wait(0.1):
                self._round()
        except (ApiError, OSError, AssertionError) as error:
            self.failures.append(error)

    def _round(self) -> None:
        live = self.planes[EXPORTER].api.items(export_path(self.generation.api_version, self.namespace))
        for each in live:
            stage = self._stages.get(each["metadata"]["uid"], 0)
            if stage < 2:
                self._advance(each["metadata"]["name"], stage)
                self._stages[each["metadata"]["uid"]] = stage + 1
        for name in self._imported - {each["metadata"]["name"] for each in live}:
            self._withdraw(name)

    def _advance(self, name: str, stage: int) -> None:
        """First what an export that is on the way bears, a round later its imports, and what a finished one bears."""
        if stage == 1:
            for plane in NAMES:
                self._bring(self.planes[plane].api, name)
            self._imported.add(name)
        status = conditions_now(GENERATIONS[self.generation.conditions][stage])
        place = export_path(self.generation.api_version, self.namespace, name, "status")
        self.planes[EXPORTER].api.merge(place, status)

    def _bring(self, api: Api, name: str) -> None:
        version = self.generation.api_version
        found = service_import(EXPORTER, name=name, api_version=version)
        found["metadata"]["namespace"] = self.namespace
        api.create(path(version, "serviceimports", namespace=self.namespace), found)
        api.merge(path(version, "serviceimports", name, self.namespace, "status"), {"status": found["status"]})
        slice_ = endpoint_slice(EXPORTER, True, name=name)
        slice_["metadata"]["namespace"] = self.namespace
        api.create(path(SLICES, "endpointslices", namespace=self.namespace), slice_)

    def _withdraw(self, name: str) -> None:
        for plane in NAMES:
            api = self.planes[plane].api
            api.delete(path(SLICES, "endpointslices", f"{name}-{EXPORTER}-x7x2k", self.namespace))
            api.delete(path(self.generation.api_version, "serviceimports", name, self.namespace))
        self._imported.discard(name)


def rest(planes: Planes, api_version: str, namespace: str) -> Mapping[str, list[str]]:
    """What is left of exports and imports on each plane."""
    kinds = {"serviceexports": api_version, "serviceimports": api_version, "endpointslices": SLICES}
    return {
        plane: [
            f"{plural} {each['metadata']['name']}"
            for plural, version in kinds.items()
            for each in planes[plane].api.items(path(version, plural, namespace=namespace))
        ]
        for plane in NAMES
    }
