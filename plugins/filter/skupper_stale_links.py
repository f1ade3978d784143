# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects of former links are to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_links import stale

DOCUMENTATION = r"""
name: skupper_stale_links
short_description: Select objects of links that are no longer wanted
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Takes all links of a site, to it as well as from it, and returns what selects the tokens of all others in its
    namespace, for O(multicluster.interconnect.resource_apply#module:matching).
positional: _input, namespace, version
options:
  _input:
    description: The links, as P(multicluster.interconnect.skupper_links#filter) has them.
    type: list
    elements: dict
    required: true
  namespace:
    description: Namespace of the site.
    type: str
    required: true
  version:
    description: Version of Skupper.
    type: str
    choices: [v1, v2]
    required: true
"""

EXAMPLES = r"""
- name: Remove all tokens that are not of these links
  vars:
    links: "{{ skupper_links | multicluster.interconnect.skupper_links(hostvars, groups) }}"
  multicluster.interconnect.resource_apply:
    state: absent
    matching: "{{ links | multicluster.interconnect.skupper_stale_links('online-boutique', 'v2') }}"
"""

RETURN = r"""
_value:
  description: Selections, one a kind.
  type: list
  elements: dict
  sample:
    - api_version: skupper.io/v2alpha1
      kind: Link
      namespace: online-boutique
      label_selector: multicluster.interconnect/link,multicluster.interconnect/link notin (us-philly-to-ca-central)
"""


def skupper_stale_links(links: Sequence[Mapping[str, Any]], namespace: str, version: str) -> list[dict[str, str]]:
    """See DOCUMENTATION."""
    return stale(links, namespace, version)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_stale_links": skupper_stale_links}
