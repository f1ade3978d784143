# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which site links to which, with all that the inventory says of each link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_links import (
    Inventory,
    normalised,
    of_host,
    problems,
)

DOCUMENTATION = r"""
name: skupper_links
short_description: Links between Skupper sites, completed from the inventory
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Fills in what a link of C(skupper_links) leaves out from the inventory variables of its two hosts.
  - Fails where the links are wrong; P(multicluster.interconnect.skupper_problems#filter) says all that is, as text.
positional: _input, hostvars, groups
options:
  _input:
    description:
      - The links. Each has C(from) (the inventory host of the linking site) and C(to) (of the issuing one), and may
        have C(name) (by default C(FROM-to-TO)), C(cost) (by default 1) and C(distribution) (by default
        C(skupper_distribution) of the linking host).
    type: list
    elements: dict
    required: true
  hostvars:
    description: The magic variable C(hostvars).
    type: dict
    required: true
  groups:
    description: The magic variable C(groups).
    type: dict
    required: true
  host:
    description: Return only the links that begin or end at this inventory host. By default all.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show which links a host has
  ansible.builtin.debug:
    msg: >-
      {{
        skupper_links | multicluster.interconnect.skupper_links(hostvars, groups, inventory_hostname)
        | selectattr('from', 'equalto', inventory_hostname) | map(attribute='name')
      }}
"""

RETURN = r"""
_value:
  description: The links, each complete.
  type: list
  elements: dict
  sample:
    - name: us-philly-to-ca-central
      from: us-philly
      to: ca-central
      cost: 1
      distribution: direct
      version: v2
      namespace: online-boutique
      issuer_namespace: online-boutique
      cluster: us-philly
"""


def skupper_links(
    links: Sequence[Mapping[str, Any]], hostvars: Mapping[str, Any], groups: Mapping[str, Sequence[str]], host: str = ""
) -> list[dict[str, Any]]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: the links are wrong.
    """
    inventory = Inventory(hostvars, groups)
    wrong = problems(links, inventory, host)
    if wrong:
        raise AnsibleFilterError("\n".join(wrong))
    return normalised(of_host(links, host), inventory)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_links": skupper_links}
