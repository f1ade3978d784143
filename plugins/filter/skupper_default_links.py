# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links between sites that an inventory has where it does not say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_links import default_links

DOCUMENTATION = r"""
name: skupper_default_links
short_description: Links of every spoke to the hub
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Takes the groups of an inventory and returns the links that are meant where C(skupper_links) is not set, that is
    one from each host of group C(spokes) to the host of group C(hub), of those that are in group C(skupper_sites).
positional: _input
options:
  _input:
    description: The magic variable C(groups).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Link all spokes to the hub, and two of them to each other
  ansible.builtin.include_role:
    name: multicluster.interconnect.skupper_network
  vars:
    skupper_network_links: >-
      {{
        groups | multicluster.interconnect.skupper_default_links
        + [{'from': 'us-philly', 'to': 'ca-toronto', 'cost': 10}]
      }}
"""

RETURN = r"""
_value:
  description: The links.
  type: list
  elements: dict
  sample:
    - from: us-philly
      to: ca-central
"""


def skupper_default_links(groups: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return default_links(groups)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_default_links": skupper_default_links}
