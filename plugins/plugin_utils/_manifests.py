# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the text of a manifest to the objects in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import yaml


class NoManifest(ValueError):
    """The text is no manifest; the message says why."""


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]  # chosen at run time
    """YAML as Kubernetes reads it, which knows neither dates nor the value `=`: both are text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def objects_of(text: str) -> list[dict[str, Any]]:
    """The objects of a manifest (YAML or JSON, any number of documents) in its order, lists unpacked.

    :raises NoManifest: it is none.
    """
    try:
        documents = [entry for entry in yaml.load_all(str(text), Loader=_Loader) if entry is not None]
    except yaml.YAMLError as error:
        raise NoManifest(f"this is no manifest: {' '.join(str(error).split())}") from error
    return [obj for document in documents for obj in _unpacked(document)]


def _unpacked(document: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(document, Mapping) or "kind" not in document or "apiVersion" not in document:
        raise NoManifest("this is no manifest: a document in it is no Kubernetes object")
    if document["kind"] == "List" or (document["kind"].endswith("List") and "items" in document):
        for item in document.get("items") or []:
            yield from _unpacked(item)
    else:
        yield dict(document)
