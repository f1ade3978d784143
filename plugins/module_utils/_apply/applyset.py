# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sets of objects that know their members, so that what is not wanted any more can be found: pure functions.

Format: ApplySet of KEP-3659, as `kubectl apply --prune --applyset` writes it (k8s.io/kubectl
pkg/cmd/apply/applyset.go). A parent, which holds no data, bears the set's id as a label, and tells by annotations of
which kinds, and in which namespaces beside its own, there may be members. Members bear the id as another label.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._client.client import FIELD_MANAGER, VERSION, Object
from .._client.errors import InputError, InterconnectError, ObjectRef
from .ownership import owned_fields

ID_LABEL = "applyset.kubernetes.io/id"
PART_OF_LABEL = "applyset.kubernetes.io/part-of"
TOOLING = "applyset.kubernetes.io/tooling"
KINDS = "applyset.kubernetes.io/contains-group-kinds"
NAMESPACES = "applyset.kubernetes.io/additional-namespaces"


class GroupKind(NamedTuple):
    """A kind, whatever its version."""

    group: str
    kind: str

    @classmethod
    def of(cls, api_version: str, kind: str) -> GroupKind:
        return cls(api_version.rpartition("/")[0], kind)

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


class Identity(NamedTuple):
    """An object, by whatever version it was read."""

    kind: GroupKind
    namespace: str | None
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Identity:
        metadata = obj["metadata"]
        return cls(GroupKind.of(obj["apiVersion"], obj["kind"]), metadata.get("namespace") or None, metadata["name"])


@dataclass(frozen=True)
class Scope:
    """Where members of a set are to be looked for."""

    kinds: frozenset[GroupKind] = frozenset()
    namespaces: frozenset[str] = frozenset()

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.kinds | other.kinds, self.namespaces | other.namespaces)


def scope_of(objects: Iterable[Mapping[str, Any]]) -> Scope:
    """The scope that just holds `objects`."""
    members = [Identity.of(obj) for obj in objects]
    return Scope(
        frozenset(member.kind for member in members),
        frozenset(member.namespace for member in members if member.namespace),
    )


@dataclass(frozen=True)
class ApplySet:
    """A set, by the identity of its parent."""

    ref: ObjectRef

    @property
    def id(self) -> str:
        """What labels say of it."""
        group = self.ref.api_version.rpartition("/")[0]
        text = ".".join((self.ref.name, self.ref.namespace or "", self.ref.kind, group))
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        return f"applyset-{digest}-v1"

    @property
    def selector(self) -> str:
        """Selects whatever bears the label of its members."""
        return f"{PART_OF_LABEL}={self.id}"

    def parent(self, scope: Scope, live: Mapping[str, Any] | None) -> Object:
        """The parent that tells of `scope`.

        The version in the annotation is that of the last who changed something: a new release alone writes nothing.
        """
        kept = live is not None and self.scope(live) == self.with_own_namespace(scope)
        tooling = _annotations(live)[TOOLING] if live is not None and kept else f"{FIELD_MANAGER}/{VERSION}"
        return {
            "apiVersion": self.ref.api_version,
            "kind": self.ref.kind,
            "metadata": {
                "name": self.ref.name,
                "namespace": self.ref.namespace,
                "labels": {ID_LABEL: self.id},
                "annotations": {
                    TOOLING: tooling,
                    KINDS: ",".join(sorted(map(str, scope.kinds))),
                    NAMESPACES: ",".join(sorted(scope.namespaces - {self.ref.namespace})),
                },
            },
        }

    def scope(self, live: Mapping[str, Any] | None) -> Scope:
        """The scope that a parent tells of."""
        annotations = _annotations(live)
        kinds = (text.partition(".") for text in _listed(annotations.get(KINDS)))
        found = Scope(
            frozenset(GroupKind(group, kind) for kind, _dot, group in kinds),
            frozenset(_listed(annotations.get(NAMESPACES))),
        )
        return self.with_own_namespace(found)

    def with_own_namespace(self, scope: Scope) -> Scope:
        """`scope` with the parent's namespace, which belongs to it always."""
        return Scope(scope.kinds, scope.namespaces | {self.ref.namespace or ""})

    def check_parent(self, live: Mapping[str, Any]) -> None:
        """Refuse what is no parent of ours.

        :raises InterconnectError: it is an ordinary object, another tool's parent, or a copy of one.
        """
        tooling = _annotations(live).get(TOOLING)
        if tooling is None:
            raise InterconnectError(
                f"{self.ref} is there, and is no parent of an ApplySet (annotation {TOOLING} is missing): choose "
                "another name in apply_set"
            )
        if tooling.rpartition("/")[0] != FIELD_MANAGER:
            raise InterconnectError(
                f"{self.ref} is the parent of an ApplySet of {tooling}: let that tool manage it, or choose another "
                "name in apply_set",
                tooling=tooling,
            )
        label = ((live.get("metadata") or {}).get("labels") or {}).get(ID_LABEL)
        if label != self.id:
            raise InterconnectError(
                f"{self.ref} has label {ID_LABEL}={label}, and {self.id} is this set's id: it is a copy of another "
                "set's parent; delete it, or choose another name in apply_set"
            )

    def member(self, obj: Object, field: str) -> Object:
        """`obj` with the label of a member.

        :param field: where it stands in the user's parameters.
        :raises InputError: it is the parent, or has a label of the format itself.
        """
        if Identity.of(obj) == Identity.of(self.parent(Scope(), None)):
            raise InputError(field, f"is the parent of the set ({self.ref}), which is made by apply_set")
        labels = obj["metadata"].get("labels") or {}
        for label in (PART_OF_LABEL, ID_LABEL):
            if label in labels:
                raise InputError(f"{field}.metadata.labels.{label}", "is set by apply_set: leave it out")
        return {**obj, "metadata": {**obj["metadata"], "labels": {**labels, PART_OF_LABEL: self.id}}}

    def has(self, live: Mapping[str, Any]) -> bool:
        """Whether a live object is a member: we have labelled it, not a controller that copies labels."""
        if ((live.get("metadata") or {}).get("labels") or {}).get(PART_OF_LABEL) != self.id:
            return False
        owned = owned_fields(live, FIELD_MANAGER) or {}
        return f"f:{PART_OF_LABEL}" in ((owned.get("f:metadata") or {}).get("f:labels") or {})

    def check_free(self, live: Mapping[str, Any]) -> None:
        """Refuse an object that is a member of another set: that would prune it.

        :raises InterconnectError: it is.
        """
        label = ((live.get("metadata") or {}).get("labels") or {}).get(PART_OF_LABEL, self.id)
        if label != self.id:
            raise InterconnectError(
                f"{ObjectRef.of(dict(live))} is a member of another ApplySet ({PART_OF_LABEL}={label}): take it out "
                "there first, or take it over with force_conflicts: true"
            )


def _annotations(obj: Mapping[str, Any] | None) -> dict[str, str]:
    return ((obj or {}).get("metadata") or {}).get("annotations") or {}


def _listed(text: str | None) -> list[str]:
    return [entry.strip() for entry in (text or "").split(",") if entry.strip()]
