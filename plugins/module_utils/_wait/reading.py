# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of reading: all queries at the same time, and as few requests as serve them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .._client.errors import Forbidden, InputError, InterconnectError, MissingKind, ObjectRef, Unreachable
from .acceptors import Object
from .goal import Query

Item = TypeVar("Item")
Result = TypeVar("Result")

# So many objects of one kind and namespace are read by one LIST instead of a GET each. A LIST reads the others in the
# namespace, too: for fewer, GETs are cheaper.
LIST_FROM = 4


class Reader(Protocol):
    """What is needed of a client."""

    def without_retries(self) -> AbstractContextManager[None]:
        """Have requests fail at once while the block runs."""

    def each(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Sequence[Result]:
        """Call `function` for all items, some at a time."""

    def get(self, ref: ObjectRef) -> dict[str, Any] | None:
        """Read one object."""

    def list(
        self, api_version: str, kind: str, namespace: str | None = None, label_selector: str = ""
    ) -> Sequence[dict[str, Any]]:
        """Read the objects of a kind."""


@dataclass(frozen=True)
class Answer:
    """What a query found, or why it found nothing: the kind is not served, no answer, a namespace is needed."""

    objects: tuple[Object, ...] = ()
    error: InterconnectError | None = None


class Reading:
    """Reads round after round with the same client."""

    def __init__(self, client: Reader) -> None:
        self.client = client
        self.answered = False
        """Whether the API server has ever answered."""
        # Groups whose LIST is not allowed, while a GET of the very object may be (RBAC `resourceNames`).
        self._not_listable: set[tuple[str, str, str | None]] = set()

    def read(self, queries: Iterable[Query]) -> dict[Query, Answer]:
        """Answer every query.

        :raises ApiError: what waiting does not cure, such as Unauthorized or Forbidden.
        """
        answers = self.client.each(self._run, self._jobs(queries))
        return {query: answer for part in answers for query, answer in part.items()}

    def _jobs(self, queries: Iterable[Query]) -> list[list[Query]]:
        """Queries that one request answers, together."""
        jobs: list[list[Query]] = []
        groups: dict[tuple[str, str, str | None], list[Query]] = {}
        for query in dict.fromkeys(queries):
            if query.name:
                groups.setdefault(query[:3], []).append(query)
            else:
                jobs.append([query])
        for key, members in groups.items():
            # A LIST of Secrets would bring the contents of others.
            listable = len(members) >= LIST_FROM and key not in self._not_listable and key[1] != "Secret"
            jobs += [members] if listable else [[query] for query in members]
        return jobs

    def _run(self, job: list[Query]) -> dict[Query, Answer]:
        try:
            answers = self._request(job)
        except (MissingKind, Unreachable, InputError) as error:
            # An API server that says itself that it is not ready is there, and will be.
            says_so = not isinstance(error, Unreachable) or bool(error.details.get("reason"))
            self.answered = self.answered or says_so
            return {query: Answer(error=error) for query in job}
        self.answered = True
        return answers

    def _request(self, job: list[Query]) -> dict[Query, Answer]:
        first = job[0]
        if not first.name:
            found = self.client.list(first.api_version, first.kind, first.namespace, first.label_selector)
            return {first: Answer(tuple(found))}
        if len(job) == 1:
            return self._get(first)
        try:
            listed = self.client.list(first.api_version, first.kind, first.namespace)
        except Forbidden:
            self._not_listable.add(first[:3])
            return {query: answer for member in job for query, answer in self._get(member).items()}
        if first.namespace is None and not (listed and _is_cluster_wide(listed[0])):
            self.client.get(first.ref)  # refuses a namespaced kind without namespace, of which a LIST finds all
        by_name = {obj["metadata"]["name"]: obj for obj in listed}
        return {query: Answer((by_name[query.name],) if query.name in by_name else ()) for query in job}

    def _get(self, query: Query) -> dict[Query, Answer]:
        obj = self.client.get(query.ref)
        return {query: Answer((obj,) if obj is not None else ())}


def _is_cluster_wide(obj: Object) -> bool:
    return not obj["metadata"].get("namespace")
