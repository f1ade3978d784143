# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the objects that a user gives, before any request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.client import Client, Object
from .._client.errors import InputError, MissingKind

CRD = "CustomResourceDefinition"

# Parts of metadata and of a Secret whose values are strings, which YAML easily takes for something else.
_TEXTS_OF_METADATA = ("labels", "annotations")
_TEXTS_OF_SECRETS = ("data", "stringData")


def checked(definition: Any, field: str) -> Object:
    """`definition` as an object that can be sent.

    :param field: where it stands in the user's parameters, such as `resources[2]`.
    :raises InputError: no object, no identity, or a label or annotation that is no string.
    """
    if not isinstance(definition, Mapping):
        raise InputError(field, "must be a Kubernetes object (a mapping)")
    for key in ("apiVersion", "kind"):
        _require_text(definition.get(key), f"{field}.{key}")
    metadata = definition.get("metadata")
    if not isinstance(metadata, Mapping):
        raise InputError(f"{field}.metadata", "is missing" if metadata is None else "must be a mapping")
    _require_text(metadata.get("name"), f"{field}.metadata.name")
    if metadata.get("namespace") is not None:
        _require_text(metadata["namespace"], f"{field}.metadata.namespace")
    for part in _TEXTS_OF_METADATA:
        require_texts(metadata.get(part), f"{field}.metadata.{part}")
    if definition["kind"] == "Secret":
        for part in _TEXTS_OF_SECRETS:
            require_texts(definition.get(part), f"{field}.{part}")
    result: Object = without_nulls(definition)
    return result


def require_texts(values: Any, field: str) -> None:
    """Refuse a mapping with a value that is no string; None is no mapping at all.

    :raises InputError: names the key, never the value, which may be secret.
    """
    if values is not None and not isinstance(values, Mapping):
        raise InputError(field, "must be a mapping")
    for key, value in (values or {}).items():
        if not isinstance(value, str):
            kind = "null" if value is None else type(value).__name__
            raise InputError(f"{field}.{key}", f"must be a string, not {kind}: quote it")


def without_nulls(value: Any) -> Any:
    """A copy without null fields: server-side apply would take them for values."""
    if isinstance(value, Mapping):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [without_nulls(entry) for entry in value]
    return value


def _require_text(value: Any, field: str) -> None:
    if not isinstance(value, str) or not value:
        raise InputError(field, "is missing" if value is None else "must be a non-empty string")


def placed(client: Client, objects: list[Object], namespace: str) -> list[Object]:
    """`objects` with `namespace` where they are of a namespaced kind and name none."""
    brought: dict[tuple[str, str], bool] = {
        (obj["spec"]["group"], obj["spec"]["names"]["kind"]): obj["spec"].get("scope") == "Namespaced"
        for obj in objects
        if obj["kind"] == CRD and "spec" in obj
    }

    def is_namespaced(obj: Object) -> bool:
        kind = (obj["apiVersion"].rpartition("/")[0], obj["kind"])
        if kind in brought:
            return brought[kind]
        try:
            return client.resource(obj["apiVersion"], obj["kind"]).namespaced
        except MissingKind:  # what becomes of it is the same wherever it is
            return False

    return [
        obj
        if obj["metadata"].get("namespace") or not is_namespaced(obj)
        else {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}
        for obj in objects
    ]


def stages(objects: list[Object]) -> list[list[Object]]:
    """The objects in groups that must be written one after the other: what others live in comes first."""
    first = [obj for obj in objects if obj["kind"] == "Namespace"]
    second = [obj for obj in objects if obj["kind"] == CRD]
    rest = [obj for obj in objects if obj["kind"] not in ("Namespace", CRD)]
    return [group for group in (first, second, rest) if group]
