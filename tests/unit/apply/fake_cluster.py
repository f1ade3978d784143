# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory that stands for the facade `Client`, to test what is written, in which order, and after a crash.

Its server-side apply knows mappings with owners and takes lists as a whole. What a real API server makes of an apply is
tested on the lab (tests/integration).
"""

from __future__ import annotations

import base64
import copy
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.merge import merged
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import FIELD_MANAGER, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.discovery import Resource
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    FieldConflict,
    NotFound,
    ObjectRef,
    Unauthorized,
    missing_kind,
)
from tests.unit.apply.fields_v1 import fields_of_object

Object = dict[str, Any]
CLUSTER_WIDE = {
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "ManagedCluster",
    "ManagedClusterSet",
    "SelfSubjectAccessReview",
    "Node",
    "Network",
    "ServiceCIDR",
}
# The version of a cluster without objects: etcd counts from 1, and each write is one more.
EMPTY = "1"


def raise_if_any(error: Exception | None) -> None:
    """Raise what a test has planned, if it has."""
    if error is not None:
        raise error


class Crash(Exception):
    """The end of the process, at a moment that a test chose."""


class FakeCluster:
    """Objects by identity, and a log of the writes."""

    def __init__(self, *objects: Object, server: str = "https://ca-toronto.example.com:6443") -> None:
        self.server = server
        self.tls_server_name: str | None = None
        self.objects: dict[ObjectRef, Object] = {}
        self.missing_kinds: set[str] = set()
        self.writes: list[str] = []
        self.tries: list[str] = []
        """Dry runs."""
        self.reads: list[str] = []
        self.on_write: Callable[[str], None] = lambda write: None
        """Called before each write with its description; may raise."""
        self.after_write: Callable[[str], None] = lambda write: None
        self.down: Exception | None = None
        self._numbers = itertools.count(1)
        for obj in objects:
            self.put(obj)

    def as_client(self) -> Client:
        """Itself, for functions that take the facade."""
        return cast(Client, self)

    def put(self, obj: Object, manager: str | None = "somebody") -> Object:
        """Have an object that somebody else made."""
        entry = {"manager": manager, "operation": "Update", "fieldsV1": fields_of_object(obj)}
        stored = merged(
            obj, {"metadata": {"uid": f"uid-{next(self._numbers)}", "resourceVersion": str(int(EMPTY) + 1)}}
        )
        stored["metadata"]["managedFields"] = [entry] if manager else []
        self.objects[ObjectRef.of(obj)] = stored
        return cast(Object, stored)

    @contextmanager
    def without_retries(self) -> Iterator[None]:
        yield

    # -- reading -----------------------------------------------------------------------------------------------------

    def check_identity(self) -> None:
        self._answer("check identity")

    def resource(self, api_version: str, kind: str) -> Resource:
        self._answer(f"discover {kind}")
        if kind in self.missing_kinds:
            raise missing_kind(self.server, api_version, kind)
        return Resource(api_version, kind, f"{kind.lower()}s", kind not in CLUSTER_WIDE, frozenset())

    def has_kind(self, api_version: str, kind: str) -> bool:
        self._answer(f"discover {kind} of {api_version}")
        return kind not in self.missing_kinds

    def versions(self, group: str) -> list[str]:
        self._answer(f"versions of {group or 'core'}")
        return sorted({ref.api_version for ref in self.objects if ref.api_version.rpartition("/")[0] == group})

    def get(self, ref: ObjectRef) -> Object | None:
        self.resource(ref.api_version, ref.kind).object_path(ref.name, ref.namespace)
        self._answer(f"get {ref}")
        return copy.deepcopy(self.objects.get(ref))

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
    ) -> list[Object]:
        self.resource(api_version, kind)
        self._answer(f"list {kind} {label_selector}{field_selector}".strip())
        return [
            copy.deepcopy(obj)
            for ref, obj in self.objects.items()
            if (ref.api_version, ref.kind) == (api_version, kind)
            and namespace in (None, ref.namespace)
            and _selected(obj, label_selector, field_selector)
        ]

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:  # type: ignore[valid-type]  # list
        return [function(item) for item in items]

    def _answer(self, request: str) -> None:
        raise_if_any(self.down)
        self.reads.append(request)

    # -- writing -----------------------------------------------------------------------------------------------------

    def apply(self, obj: Object, force: bool = False, dry_run: bool = False, manager: str = FIELD_MANAGER) -> Object:
        ref = ObjectRef.of(obj)
        self.resource(ref.api_version, ref.kind)
        namespace = ObjectRef("v1", "Namespace", ref.namespace or "")
        if ref.namespace and namespace not in self.objects:
            raise NotFound(f'can not apply {ref}: namespaces "{ref.namespace}" not found')
        live = self.objects.get(ref)
        result = self._applied(copy.deepcopy(live), copy.deepcopy(obj), force, manager)
        if dry_run:
            self.tries.append(f"apply {ref}")
            return result
        self._write(f"apply {ref}", lambda: self.objects.__setitem__(ref, copy.deepcopy(result)))
        return copy.deepcopy(self.objects[ref])

    def _applied(self, live: Object | None, desired: Object, force: bool, manager: str) -> Object:
        others = [entry for entry in _managers(live) if entry["manager"] != manager]
        before: Any = next((entry["fieldsV1"] for entry in _managers(live) if entry["manager"] == manager), {})
        for entry in others:
            for path in list(_leaves(entry["fieldsV1"])):
                if _has(desired, path) and _at(desired, path) != _at(live, path):
                    if not force:
                        conflict = {"manager": entry["manager"], "field": "." + ".".join(path)}
                        raise FieldConflict(f"{conflict['field']} is owned by {entry['manager']}", conflicts=[conflict])
                    _drop_field(entry["fieldsV1"], path)
        kept = {path for entry in others for path in _leaves(entry["fieldsV1"])}
        result: Object = live or {"metadata": {"uid": f"uid-{next(self._numbers)}", "resourceVersion": EMPTY}}
        for path in _leaves(before):
            if not _has(desired, path) and path not in kept:
                _drop(result, path)
        result = merged(result, desired)
        fields = fields_of_object(desired)
        ours = {"manager": manager, "operation": "Apply", "apiVersion": desired["apiVersion"], "fieldsV1": fields}
        result["metadata"]["managedFields"] = [*others, *([ours] if fields else [])]
        if result != live:
            result["metadata"]["resourceVersion"] = str(int(result["metadata"]["resourceVersion"]) + 1)
        return result

    def merge_patch(self, ref: ObjectRef, patch: Object) -> Object:
        if ref not in self.objects:
            raise NotFound(f"can not patch {ref}: not found")
        self._write(f"patch {ref}", lambda: self.objects.__setitem__(ref, merged(self.objects[ref], patch)))
        return copy.deepcopy(self.objects[ref])

    def delete(self, ref: ObjectRef, uid: str) -> None:
        live = self.objects.get(ref)
        if live is None:
            return
        assert uid == live["metadata"]["uid"]
        if live["metadata"].get("finalizers"):
            self._write(f"delete {ref}", lambda: live["metadata"].update(deletionTimestamp="2026-11-22T00:00:00Z"))
        else:
            self._write(f"delete {ref}", lambda: self.objects.pop(ref))

    def _write(self, write: str, carry_out: Callable[[], Any]) -> None:
        raise_if_any(self.down)
        self.on_write(write)
        self.writes.append(write)
        carry_out()
        self.after_write(write)


class TokenCluster(FakeCluster):
    """A cluster with a token controller, which knows which tokens are valid."""

    def __init__(self, *objects: Object, server: str = "https://ca-toronto.example.com:6443") -> None:
        super().__init__(*objects, server=server)
        self.refused: set[str] = set()
        self.fills = True

    def ca_pem(self) -> bytes:
        return b"-----BEGIN CERTIFICATE-----"

    def options_with_token(self, token: str) -> dict[str, Any]:
        return {"host": self.server, "api_key": token}

    def bearer(self, token: str) -> Bearer:
        """The cluster as one sees it with `token`."""
        return Bearer(self, token)

    def accepts(self, token: str) -> bool:
        """Whether a token Secret with this token is there."""
        encoded = base64.b64encode(token.encode()).decode()
        tokens = [obj.get("data", {}).get("token") for ref, obj in self.objects.items() if ref.kind == "Secret"]
        return encoded in tokens and token not in self.refused

    def _write(self, write: str, carry_out: Callable[[], Any]) -> None:
        def carry_out_and_fill() -> None:
            carry_out()
            self._fill_tokens()

        super()._write(write, carry_out_and_fill)

    def _fill_tokens(self) -> None:
        for ref, obj in self.objects.items():
            if self.fills and obj.get("type") == "kubernetes.io/service-account-token" and "data" not in obj:
                token = f"token-of-{ref.name}-{obj['metadata']['uid']}"
                obj["data"] = {"token": base64.b64encode(token.encode()).decode()}


class Bearer:
    """What a client that has nothing but a token can do."""

    def __init__(self, cluster: TokenCluster, token: str) -> None:
        self._cluster = cluster
        self._token = token

    def read_version(self) -> str:
        if not self._cluster.accepts(self._token):
            raise Unauthorized("the token is not valid")
        return "v1.34.4"

    def close(self) -> None:
        """Nothing to close."""


def _selected(obj: Object, label_selector: str, field_selector: str) -> bool:
    labels = obj["metadata"].get("labels") or {}
    for term in filter(None, label_selector.split(",")):
        key, equals, value = term.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    path, _equals, value = field_selector.partition("=")
    return not field_selector or _at(obj, tuple(path.split("."))) == value


def _managers(live: Object | None) -> list[dict[str, Any]]:
    return (live or {"metadata": {}})["metadata"].get("managedFields") or []


def _leaves(fields: Any, path: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    for key, child in fields.items():
        here = (*path, key.removeprefix("f:"))
        nested = [name for name in child if name.startswith("f:")]
        yield from _leaves(child, here) if nested else [here]


def _at(obj: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _has(obj: Any, path: tuple[str, ...]) -> bool:
    return _at(obj, path) is not None


def _drop(obj: Any, path: tuple[str, ...]) -> None:
    parent = _at(obj, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)


def _drop_field(fields: Any, path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        fields = fields[f"f:{key}"]
    del fields[f"f:{path[-1]}"]
