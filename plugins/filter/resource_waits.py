# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to wait for after objects were applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.catalog import default_goal, group_of

DOCUMENTATION = r"""
name: resource_waits
short_description: What there is to wait for after objects were applied
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes of the result of M(multicluster.interconnect.resource_apply) what M(multicluster.interconnect.resource_wait)
    takes, so that each object is waited for that has something to become, such as a Deployment that rolls out or a
    custom resource of a kind that this collection knows.
  - Objects that were removed are left out, as are ConfigMaps and Secrets, which are what they are.
positional: _input
options:
  _input:
    description: RV(multicluster.interconnect.resource_apply#module:resources) of the task that applied the objects.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Apply a chart
  multicluster.interconnect.resource_apply:
    context: ca-toronto
    namespace: shop
    resources: "{{ query('multicluster.interconnect.helm_chart', 'charts/shop', name='shop', namespace='shop') }}"
  register: applied

- name: Wait until it runs
  multicluster.interconnect.resource_wait:
    context: ca-toronto
    resources: "{{ applied.resources | multicluster.interconnect.resource_waits }}"
"""

RETURN = r"""
_value:
  description: Entries of option O(multicluster.interconnect.resource_wait#module:resources).
  type: list
  elements: dict
"""

_THERE = ("created", "updated", "unchanged")
# Kinds of the core group whose goals are about what others put into them.
_FILLED_BY_OTHERS = ("ConfigMap", "Secret")


def resource_waits(resources: Any) -> list[dict[str, Any]]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: no result of resource_apply.
    """
    if not isinstance(resources, Sequence) or isinstance(resources, str):
        raise AnsibleFilterError("resource_waits needs the list `resources` of a result of resource_apply")
    keys = ("api_version", "kind", "namespace", "name")
    return [{key: each[key] for key in keys} for each in resources if _becomes_something(each)]


def _becomes_something(entry: Any) -> bool:
    if not isinstance(entry, Mapping) or "action" not in entry:
        raise AnsibleFilterError("resource_waits needs the list `resources` of a result of resource_apply")
    version, kind = entry["api_version"], entry["kind"]
    if entry["action"] not in _THERE or (group_of(version) == "" and kind in _FILLED_BY_OTHERS):
        return False
    return default_goal(version, kind) is not None


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"resource_waits": resource_waits}
