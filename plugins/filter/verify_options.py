# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the inventory to the options of interconnect_info."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.filter.cluster_auth import cluster_auth
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._verify_plan import Plan

DOCUMENTATION = r"""
name: verify_options
short_description: What to look at, and what should be there, from the inventory
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes the options of M(multicluster.interconnect.interconnect_info) from the variables of an inventory, for those of
    its hosts that are to be verified. Read are inventory variables only, so that a part of the inventory can be
    verified alone.
  - Beside the clusters of these hosts, those are read that know of them, that is the hub, the sites that they link to,
    and the site of a bare-metal host.
positional: _input, groups, hosts
options:
  _input:
    description: The magic variable C(hostvars).
    type: dict
    required: true
  groups:
    description: The magic variable C(groups).
    type: dict
    required: true
  hosts:
    description: The hosts to verify.
    type: list
    elements: str
    required: true
  probes:
    description:
      - V(true) to speak with each service of the network from each site that consumes it, and with the frontend of the
        boutique; V(false) for nothing; or a list of probes as the module takes them, with C(hosts) in the place of
        C(cluster).
    type: raw
    default: true
  certificate_days:
    description: Days that certificates have to be valid at least.
    type: int
    default: 14
"""

EXAMPLES = r"""
- name: Look at everything that the inventory has
  multicluster.interconnect.interconnect_info:
    clusters: "{{ plan.clusters }}"
    expected: "{{ plan.expected }}"
  vars:
    plan: "{{ hostvars | multicluster.interconnect.verify_options(groups, ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value:
  description: The options C(clusters), C(expected) and C(probes).
  type: dict
"""


def verify_options(
    hostvars: Mapping[str, Any],
    groups: Mapping[str, Sequence[str]],
    hosts: Sequence[str],
    probes: Any = True,
    certificate_days: int = 14,
) -> dict[str, Any]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: the links of the inventory are wrong.
    """
    return Plan(hostvars, groups, hosts, cluster_auth).as_options(probes, int(certificate_days))


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"verify_options": verify_options}
