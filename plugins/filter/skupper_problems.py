# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is wrong with links and services of an inventory, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils import _skupper_services
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_links import Inventory, problems

DOCUMENTATION = r"""
name: skupper_problems
short_description: What is wrong with links and services between Skupper sites
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Checks C(skupper_links) and C(skupper_services) against the inventory, without a request to any cluster, and returns
    a line for each problem, with the place, what is wrong and what to do.
  - Found are unknown sites, links that are there twice, links of a site to itself, names that are no DNS labels, ends
    with different versions of Skupper, distribution by Policy from a site that is not the hub's, ports out of range and
    services that nobody provides.
positional: _input, hostvars, groups
options:
  _input:
    description: The links, as for P(multicluster.interconnect.skupper_links#filter).
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
  services:
    description: The services, as for P(multicluster.interconnect.skupper_services#filter).
    type: list
    elements: dict
    default: []
  host:
    description:
      - Look at the variables of the hosts that this inventory host links with only. By default at those of all hosts,
        which is for one look at a whole inventory, and not for each host of a large one.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Refuse links that can not be
  vars:
    problems: "{{ skupper_links | multicluster.interconnect.skupper_problems(hostvars, groups, skupper_services) }}"
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join('\n') }}"
"""

RETURN = r"""
_value:
  description: The problems; empty where there are none.
  type: list
  elements: str
  sample:
    - "skupper_links[1].to: 'ca-torronto' is no site of the inventory; did you mean ca-toronto?"
"""


def skupper_problems(
    links: Any,
    hostvars: Mapping[str, Any],
    groups: Mapping[str, Sequence[str]],
    services: Any = (),
    host: str = "",
) -> list[str]:
    """See DOCUMENTATION."""
    inventory = Inventory(hostvars, groups)
    return problems(links, inventory, host) + _skupper_services.problems(services, inventory)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_problems": skupper_problems}
