# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run for some exports: where they are, how they stand, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._apply.present import Outcome
from .._apply.task import as_result
from .._client.client import Client, Object
from .._client.errors import ApiError, InputError
from .._task.argspec import other_options
from .._task.task import Task
from .cluster import Cluster
from .conditions import GONE, Rule, Standing, conflict_of, current, standing
from .diagnosis import likely_causes
from .imports import NOTHING, Seen, arrived, left
from .names import EXPORT, IMPORT, Key
from .waiting import Pending, Waiting


@dataclass
class Job:
    """What is given, what was seen last, and what has been done."""

    task: Task
    exporter: Cluster
    importers: list[Cluster]
    rule: Rule
    keys: list[Key] = field(default_factory=list)
    types: dict[Key, str] = field(default_factory=dict)
    """Of the imports that the Services make."""
    source: str | None = None
    """The exporting cluster's name in the set, where it is known."""
    exports: dict[Key, Object] = field(default_factory=dict)
    imports: list[dict[Key, Seen]] = field(default_factory=list)
    """What each of the importers had when it was last looked at."""
    outcomes: list[Outcome] = field(default_factory=list)
    _others: dict[Key, list[str]] | None = None

    @classmethod
    def opened(cls, task: Task) -> Job:
        """The job of a task, with its clusters; nothing is asked yet."""
        params = task.params
        version = params["api_version"]
        rule = Rule(tuple(params["ready_conditions"]), params["minimum_condition"] == "Valid")
        clusters = [Cluster(task.client, _name_of(params, task.client, ()), version)]
        for entry in params["importers"]:
            client = task.connect(other_options({**params, "importer": entry}, "importer"))
            clusters.append(Cluster(client, _name_of(entry, client, [each.name for each in clusters]), version))
        return cls(task, clusters[0], clusters[1:], rule, imports=[{} for each in clusters[1:]])

    # -- before anything is written ----------------------------------------------------------------------------------

    def check_clusters(self) -> None:
        """Ask every cluster for the kinds that the task is about, and the exporting one for its name in the set.

        :raises MissingKind: the API is not there. In a check run an earlier task may be meant to bring it, and what is
            to be removed need not be there.
        :raises InputError: see `require_source`.
        """
        lenient = self.task.check_mode or self.task.params["state"] == "absent"
        if not lenient:
            self.exporter.version(EXPORT)
        for importer in self.importers:
            if not importer.serves(IMPORT) and not lenient:
                importer.version(IMPORT)
        self.source = self.task.params["source_cluster"]
        if self.source is None and (self.importers or self.task.params["state"] == "absent"):
            self.source = self.exporter.id_in_set()
        if self.task.params["state"] == "present":
            self.require_source()

    def require_source(self) -> None:
        """Refuse to go on where imports are to be told from those of other clusters, and can not be.

        :raises InputError: says so.
        """
        if self.source is None and self.importers and not self.task.check_mode:
            raise InputError(
                "source_cluster",
                f"the name of {self.exporter.name} in its cluster set is not found, and imports could not be told from "
                "those of other clusters: there is no Submariner to read (in namespace submariner-operator), and no "
                "ClusterProperty. Give it here, or leave importers out",
            )

    # -- looking -----------------------------------------------------------------------------------------------------

    def look(self) -> list[Pending]:
        """Look at the exports, and at their imports as soon as there can be some."""
        self._see()
        pending, ready = [], []
        for key in self.keys:
            found = standing(self.exports.get(key), self.rule)
            if found.stage:
                pending.append(Pending(key, self.exporter.name, found))
            else:
                ready.append(key)
        if self.source is not None and ready:
            pending += self._look_at_imports(self.importers, ready, self.source)
        return pending

    def look_for_rest(self, places: Sequence[Cluster]) -> list[Pending]:
        """Look for what is left of exports that were taken back.

        :param places: where to look for imports.
        """
        self._see()
        pending = [Pending(key, self.exporter.name, _still_there(obj)) for key, obj in self.exports.items()]
        if self.source is not None:
            pending += self._look_at_imports(places, self.keys, self.source, absent=True)
        return pending

    def _see(self) -> None:
        self.exports, self._others = self.exporter.exports(self.keys), None

    def _look_at_imports(
        self, places: Sequence[Cluster], keys: Sequence[Key], source: str, absent: bool = False
    ) -> list[Pending]:
        found = self.exporter.client.each(lambda place: place.imports(self.keys, source), places)
        self.imports = [seen for place, seen in zip(places, found) if place is not self.exporter]
        judge = left if absent else arrived
        every = (
            Pending(key, place.name, judge(seen.get(key, NOTHING), source))
            for place, seen in zip(places, found)
            for key in keys
        )
        return [each for each in every if each.standing.stage]

    def waiting(self, places: Sequence[Cluster]) -> Waiting:
        """A wait at these clusters and the exporting one."""
        clusters = list(dict.fromkeys([self.exporter, *places]))

        def hints(pending: Sequence[Pending]) -> list[str]:
            return list(likely_causes(pending, self.exporter, clusters, self.exports, self.rule))

        return Waiting(self.task, [each.client for each in clusters], hints)

    # -- the end -----------------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        return any(outcome.changed for outcome in self.outcomes)

    def result(self) -> dict[str, Any]:
        """The module's result."""
        return {
            **as_result(self.task, self.outcomes),
            "api_version": self.exporter.predicted_version(),
            "source_cluster": self.source,
            "exports": self.report(),
        }

    def report(self) -> list[dict[str, Any]]:
        """How each export stands, as it was seen last."""
        others = self._other_exporters()
        return [self._report(key, others.get(key, [])) for key in self.keys]

    def _report(self, key: Key, others: list[str]) -> dict[str, Any]:
        live = self.exports.get(key)
        found = standing(live, self.rule)
        conflict = conflict_of(live)
        return {
            "namespace": key.namespace,
            "name": key.name,
            "dns_name": key.dns_name,
            "type": self.types.get(key),
            "exported": not found.stage,
            "state": found.state,
            "conditions": [dict(each) for each in current(live).values()] if live else [],
            "conflict": {**conflict._asdict(), "clusters": others} if conflict else None,
            "imports": [
                {"cluster": place.name, **seen.get(key, NOTHING).as_result(self.source)}
                for place, seen in zip(self.importers, self.imports)
            ],
        }

    def warn_of_conflicts(self) -> None:
        """Tell of exports that differ from those of other clusters. Most are exported all the same."""
        others = self._other_exporters()
        for key in self.keys:
            conflict = conflict_of(self.exports.get(key))
            if conflict:
                who = f"cluster {', '.join(others[key])}" if others.get(key) else "another cluster"
                self.task.warn(f"The export of Service {key} conflicts with that of {who}: {conflict}")

    def _other_exporters(self) -> dict[Key, list[str]]:
        """For each export in conflict, the other clusters that its ServiceImport lists on the exporting cluster.

        Only tells more of a conflict: without the permission to read it goes without.
        """
        if self._others is None:
            keys = [key for key in self.keys if conflict_of(self.exports.get(key))]
            try:
                self._others = self._read_other_exporters(keys) if keys else {}
            except ApiError:
                self._others = {}
        return self._others

    def _read_other_exporters(self, keys: Sequence[Key]) -> dict[Key, list[str]]:
        own = self.source or self.exporter.id_in_set()
        imported = self.exporter.imports(keys, own)
        return {key: [each for each in imported.get(key, NOTHING).clusters or () if each != own] for key in keys}


def _name_of(options: Mapping[str, Any], client: Client, taken: Sequence[str]) -> str:
    name = str(options.get("context") or client.server)
    return f"{name} ({client.server})" if name in taken else name


def _still_there(export: Object) -> Standing:
    metadata = export["metadata"]
    held = f", held by finalizers {', '.join(metadata['finalizers'])}" if metadata.get("finalizers") else ""
    return Standing(GONE, f"the ServiceExport is still there{held}")
