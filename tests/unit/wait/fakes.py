# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of a cluster and of time: objects in memory, and a clock that moves when somebody sleeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.selector import matches

Object = dict[str, Any]


def labels_of_text(selector: str) -> dict[str, Any]:
    """The LabelSelector of `a=b` or `a in (b)`, joined by commas: all that the tests use."""
    terms = (re.split(r"=| in ", term, maxsplit=1) for term in selector.split(",") if term)
    return {"matchLabels": {key: value.strip("()") for key, value in terms}}


class Cluster:
    """The reading half of a client, on objects in memory; keeps a log of the requests."""

    def __init__(self, *objects: Object) -> None:
        self.objects = list(objects)
        self.requests: list[str] = []
        self.failures: dict[str, Exception] = {}
        """Errors by the beginning of the request that they answer; the empty text stands for all."""

    def without_retries(self) -> AbstractContextManager[None]:
        return nullcontext()

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [function(item) for item in items]

    def get(self, ref: ObjectRef) -> Object | None:
        self._log(f"get {ref}")
        found = [
            obj for obj in self._of(ref.api_version, ref.kind, ref.namespace) if obj["metadata"]["name"] == ref.name
        ]
        return found[0] if found else None

    def list(
        self, api_version: str, kind: str, namespace: str | None = None, label_selector: str = ""
    ) -> Sequence[Object]:
        self._log(" ".join(part for part in ("list", kind, namespace, label_selector) if part))
        selector = labels_of_text(label_selector)
        every = self._of(api_version, kind, namespace)
        return [obj for obj in every if matches(selector, obj["metadata"].get("labels") or {})]

    def _of(self, api_version: str, kind: str, namespace: str | None) -> Sequence[Object]:
        return [
            obj
            for obj in self.objects
            if (obj["apiVersion"], obj["kind"]) == (api_version, kind)
            and (namespace is None or obj["metadata"].get("namespace") == namespace)
        ]

    def _log(self, request: str) -> None:
        self.requests.append(request)
        for beginning, failure in self.failures.items():
            if request.startswith(beginning):
                raise failure


class Clock:
    """Time that passes only while somebody sleeps; `at` says what happens meanwhile."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self._events: list[tuple[float, Callable[[], object]]] = []

    def at(self, seconds: float, event: Callable[[], object]) -> None:
        """Have something happen so many seconds after the beginning."""
        self._events.append((1000.0 + seconds, event))
        self._events.sort(key=lambda entry: entry[0])

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a sleep that does not let time pass"
        self.slept.append(seconds)
        self.time += seconds
        while self._events and self._events[0][0] <= self.time:
            self._events.pop(0)[1]()


def an_object(kind: str, name: str, namespace: str | None = None, api_version: str = "v1", **rest: Any) -> Object:
    """An object with the given identity; `labels` go to its metadata."""
    metadata: dict[str, Any] = {"name": name, "generation": 1}
    if namespace:
        metadata["namespace"] = namespace
    for field in ("labels", "annotations", "generation", "deletionTimestamp", "finalizers"):
        if field in rest:
            metadata[field] = rest.pop(field)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def a_condition(type_: str, status: str = "True", reason: str = "Because", message: str = "", **rest: Any) -> Object:
    """A condition of a status."""
    return {"type": type_, "status": status, "reason": reason, "message": message, **rest}
