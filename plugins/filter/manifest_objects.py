# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the text of a manifest to the objects in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._manifests import NoManifest, objects_of

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
        return [_placed(obj, namespace) for obj in objects_of(text)]
    except NoManifest as error:
        raise AnsibleFilterError(str(error)) from error


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
