# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the text of a manifest to the objects in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: manifest_objects
short_description: The objects of a manifest, as M(multicluster.interconnect.resource_apply) takes them
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Reads a manifest (YAML or JSON, any number of documents), unpacks objects of kind C(List), and, like
    C(kubectl -n), puts what has no namespace into one.
  - Kinds that are known to have no namespace are left alone, as are custom resources, which state theirs.
positional: _input
options:
  _input:
    description: Text of the manifest.
    type: str
    required: true
  namespace:
    description: Namespace of what states none.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Apply a manifest in a namespace
  multicluster.interconnect.resource_apply:
    resources: >-
      {{
        lookup('ansible.builtin.file', 'deploy-watch-current-ns.yaml')
        | multicluster.interconnect.manifest_objects(namespace='online-boutique')
      }}
"""

RETURN = r"""
_value:
  description: The objects, in the order of the manifest.
  type: list
  elements: dict
"""

_NAMESPACED = frozenset(
    {
        "ConfigMap",
        "DaemonSet",
        "Deployment",
        "Ingress",
        "Job",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "StatefulSet",
    }
)


def manifest_objects(text: str, namespace: str = "") -> list[dict[str, Any]]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: no manifest.
    """
    if not isinstance(text, str):
        raise AnsibleFilterError("manifest_objects needs the text of a manifest")
    try:
        documents = [entry for entry in yaml.safe_load_all(str(text)) if entry is not None]
    except yaml.YAMLError as error:
        raise AnsibleFilterError(f"this is no manifest: {' '.join(str(error).split())}") from error
    return [_placed(obj, namespace) for document in documents for obj in _unpacked(document)]


def _unpacked(document: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(document, Mapping) or "kind" not in document or "apiVersion" not in document:
        raise AnsibleFilterError("this is no manifest: a document in it is no Kubernetes object")
    if document["kind"] == "List" or (document["kind"].endswith("List") and "items" in document):
        for item in document.get("items") or []:
            yield from _unpacked(item)
    else:
        yield dict(document)


def _placed(obj: dict[str, Any], namespace: str) -> dict[str, Any]:
    metadata = dict(obj.get("metadata") or {})
    if namespace and obj["kind"] in _NAMESPACED and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    return {**obj, "metadata": metadata}


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"manifest_objects": manifest_objects}
