# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects of former services are to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_services import stale

DOCUMENTATION = r"""
name: skupper_stale_services
short_description: Select objects of services that are no longer wanted
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Takes the objects that P(multicluster.interconnect.skupper_services#filter) wants, and returns what selects all
    others that it has ever made in the namespace, for O(multicluster.interconnect.resource_apply#module:matching).
positional: _input, namespace, kinds
options:
  _input:
    description: The wanted objects; empty to select all that were ever made.
    type: list
    elements: dict
    required: true
  namespace:
    description: Namespace of the site.
    type: str
    required: true
  kinds:
    description: The kinds to look for, each a list of API version and kind.
    type: list
    elements: list
    required: true
"""

EXAMPLES = r"""
- name: Remove all Listeners that the role has made
  multicluster.interconnect.resource_apply:
    state: absent
    matching: >-
      {{
        [] | multicluster.interconnect.skupper_stale_services('online-boutique', [['skupper.io/v2alpha1', 'Listener']])
      }}
"""

RETURN = r"""
_value:
  description: Selections, one a kind.
  type: list
  elements: dict
  sample:
    - api_version: skupper.io/v2alpha1
      kind: Listener
      namespace: online-boutique
      label_selector: multicluster.interconnect/service,multicluster.interconnect/service notin (redis-cart)
"""


def skupper_stale_services(
    objects: Sequence[Mapping[str, Any]], namespace: str, kinds: Sequence[Sequence[str]]
) -> list[dict[str, str]]:
    """See DOCUMENTATION."""
    return stale(objects, namespace, [(kind[0], kind[1]) for kind in kinds])


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_stale_services": skupper_stale_services}
