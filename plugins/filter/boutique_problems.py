# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that an application would lack at the sites of an inventory, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._boutique import Application
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_links import Inventory

DOCUMENTATION = r"""
name: boutique_problems
short_description: What an application would lack at the sites of an inventory
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Checks C(boutique_services) and C(boutique_values) of all hosts in group C(boutique_sites), and the services that go
    over the network, without a request to any cluster. Returns a line for each problem, with the place, what is wrong
    and what to do.
  - Found are services that the chart does not have, addresses that a service consumes at a site and nothing provides
    there, ports that differ, sites that would provide what they do not run, and Services that both the chart and the
    network would make.
positional: _input, hostvars, groups
options:
  _input:
    description:
      - The chart's own values, as in its file C(values.yaml). Of a chart whose values have no C(services) with
        C(consumes) nothing is checked.
    type: dict
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
    description: The services of the network, as for P(multicluster.interconnect.skupper_services#filter).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Refuse an application that could not work
  vars:
    chart: "{{ lookup('ansible.builtin.file', 'chart/values.yaml') | from_yaml }}"
    problems: "{{ chart | multicluster.interconnect.boutique_problems(hostvars, groups, skupper_services) }}"
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
    - "us-philly: boutique_services: 'cartservce' is no service of the chart; did you mean cartservice?"
"""


def boutique_problems(
    chart: Any, hostvars: Mapping[str, Any], groups: Mapping[str, Sequence[str]], services: Any = ()
) -> list[str]:
    """See DOCUMENTATION."""
    return Application(chart, Inventory(hostvars, groups), services).problems()


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"boutique_problems": boutique_problems}
