# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two clusters in memory with what stands for a set's agents, and runs of serviceexport on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.discovery import Resource
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    ObjectRef,
    missing_kind,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from tests.unit.apply.fake_cluster import FakeCluster, Object
from tests.unit.mcs.objects import ALPHA, condition, endpoint_slice, service_import

EXPORTER, IMPORTER = "aws-sub1", "aws-sub2"
PARAMS: dict[str, Any] = {
    "context": EXPORTER,
    "kubeconfig": "kubeconfig",
    "namespace": "guestbook",
    "names": None,
    "label_selector": None,
    "exports": None,
    "importers": [],
    "state": "present",
    "clusterset_ip": None,
    "source_cluster": None,
    "api_version": None,
    "service_types": ["ClusterIP"],
    "ready_conditions": ["Ready", "Synced"],
    "minimum_condition": "Ready",
    "only_own": False,
    "force_conflicts": False,
    "wait": True,
    "wait_timeout": 0,
    "wait_sleep": 1,
}
NAMED: dict[str, Any] = {"names": ["redis-master"]}
SEEN: dict[str, Any] = {**NAMED, "importers": [{"context": IMPORTER}]}


class SetMember(FakeCluster):
    """A cluster that serves some versions of the API, and knows its name in the set."""

    def __init__(self, name: str, *objects: Object, versions: Sequence[str] = (ALPHA,)) -> None:
        super().__init__(namespace("guestbook"), *objects, server=f"https://{name}.example.com:6443")
        self.served = versions
        self.closed_namespaces = False
        """Whether objects may only be listed namespace by namespace."""

    def resource(self, api_version: str, kind: str) -> Resource:
        if kind in ("ServiceExport", "ServiceImport") and api_version not in self.served:
            raise missing_kind(self.server, api_version, kind)
        if kind == "ClusterProperty":
            return Resource(api_version, kind, "clusterproperties", False, frozenset())
        return super().resource(api_version, kind)

    def has_kind(self, api_version: str, kind: str) -> bool:
        if kind in ("ServiceExport", "ServiceImport"):
            self._answer(f"discover {kind} of {api_version}")
            return api_version in self.served
        return super().has_kind(api_version, kind)

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
    ) -> list[Object]:
        if namespace is None and self.closed_namespaces:
            raise Forbidden(f"may not list {kind}")
        return super().list(api_version, kind, namespace, label_selector, field_selector)


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def lists(reads: Sequence[str]) -> list[str]:
    """The LISTs among the requests."""
    return sorted(each for each in reads if each.startswith("list "))


def submariner(cluster: str) -> Object:
    return {
        "apiVersion": "submariner.io/v1alpha1",
        "kind": "Submariner",
        "metadata": {"name": "submariner", "namespace": "submariner-operator"},
        "spec": {"clusterID": cluster},
    }


@dataclass
class TaskOnFakes(Task):
    """A task that reaches the clusters of a set by their contexts."""

    clusters: Mapping[str, SetMember] | None = None

    def connect(self, options: Mapping[str, Any]) -> Client:
        assert self.clusters is not None
        assert options["kubeconfig"] == "kubeconfig", "another context of the same kubeconfig"
        return self.clusters[options["context"]].as_client()


class Set:
    """An exporting and an importing cluster."""

    def __init__(self, *objects: Object, versions: Sequence[str] = (ALPHA,)) -> None:
        self.exporter = SetMember(EXPORTER, submariner(EXPORTER), *objects, versions=versions)
        self.importer = SetMember(IMPORTER, submariner(IMPORTER), versions=versions)
        self.warnings: list[str] = []
        self.progress: list[str] = []

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        task = TaskOnFakes(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            progress=self.progress.append,
            warn=self.warnings.append,
            _own=self.exporter.as_client(),
            clusters={EXPORTER: self.exporter, IMPORTER: self.importer},
        )
        return run(task)

    def exported(self, name: str = "redis-master") -> Object:
        """The export, as it is now."""
        version = self.exporter.served[0]
        return self.exporter.objects[ObjectRef(version, "ServiceExport", name, "guestbook")]

    def work(self, *conditions: Object, arrives: bool = True) -> None:
        """Have agents do their work with each export that is made or taken back, as fast as can be.

        :param conditions: what they write on an export.
        :param arrives: whether the importing cluster gets it.
        """
        written = list(conditions) or [condition("Valid"), condition("Ready")]

        def after(write: str) -> None:
            verb, _kind, place = write.split()
            name = place.partition("/")[2]
            if verb == "apply":
                self.exported(name)["status"] = {"conditions": written}
                for member in (self.exporter, self.importer) if arrives else ():
                    member.put(service_import(EXPORTER, name=name, api_version=member.served[0]))
                    member.put(endpoint_slice(EXPORTER, True, name=name))
            else:
                for member in (self.exporter, self.importer):
                    self._forget(member, name)

        self.exporter.after_write = after

    @staticmethod
    def _forget(member: SetMember, name: str) -> None:
        gone = [
            ref
            for ref in member.objects
            if ref.kind in ("ServiceImport", "EndpointSlice") and (ref.name == name or ref.name.startswith(f"{name}-"))
        ]
        for ref in gone:
            del member.objects[ref]
