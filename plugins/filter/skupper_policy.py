# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of a hub that bring the tokens of its site to other clusters by an ACM Policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_policy import hub_objects

DOCUMENTATION = r"""
name: skupper_policy
short_description: Policy that distributes link tokens of the hub's Skupper site
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes the ManagedClusterSetBinding, the Placement, the PlacementBinding and the Policy by which Red Hat ACM copies
    the link tokens of the hub's site to each cluster that bears the label C(link-to-HOST=True).
  - Private keys are encrypted on their way, by hub templates with C(fromSecret).
positional: _input, namespace, version, cluster_set
options:
  _input:
    description: The inventory host of the hub.
    type: str
    required: true
  namespace:
    description: Namespace of the hub's site.
    type: str
    required: true
  version:
    description: Version of Skupper.
    type: str
    choices: [v1, v2]
    required: true
  cluster_set:
    description: ManagedClusterSet of the clusters.
    type: str
    required: true
  tolerate:
    description: Taints of ManagedClusters that stay selected.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Prepare the hub for links to its site
  multicluster.interconnect.resource_apply:
    context: ca-central
    resources: >-
      {{ 'ca-central' | multicluster.interconnect.skupper_policy('online-boutique', 'v2', 'online-boutique') }}
"""

RETURN = r"""
_value:
  description: The objects.
  type: list
  elements: dict
"""


def skupper_policy(
    issuer: str, namespace: str, version: str, cluster_set: str, tolerate: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return hub_objects(issuer, namespace, version, cluster_set, tolerate)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_policy": skupper_policy}
