# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that a bare-metal host offers to the network, as its gateway takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_services import bindings

DOCUMENTATION = r"""
name: skupper_gateway_bindings
short_description: Services between Skupper sites, as the gateway of a bare-metal host takes them
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Turns those of C(skupper_services) that a host provides into C(skupper_gateway_bindings) of role
    R(multicluster.interconnect.skupper_gateway,ansible_collections.multicluster.interconnect.skupper_gateway_role).
  - Without C(host), a service is at 127.0.0.1 of the host.
positional: _input, host
options:
  _input:
    description: The services, as for P(multicluster.interconnect.skupper_services#filter).
    type: list
    elements: dict
    required: true
  host:
    description: The inventory host whose gateway is meant.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Offer what the inventory says that this host provides
  ansible.builtin.import_role:
    name: multicluster.interconnect.skupper_gateway
  vars:
    skupper_gateway_bindings: >-
      {{ skupper_services | multicluster.interconnect.skupper_gateway_bindings(inventory_hostname) }}
"""

RETURN = r"""
_value:
  description: The bindings; empty where the host provides nothing.
  type: list
  elements: dict
  sample:
    - address: redis-cart
      host: 127.0.0.1
      ports: ["6379:6379"]
      protocol: tcp
"""


def skupper_gateway_bindings(services: Sequence[Mapping[str, Any]], host: str) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return bindings(services, host)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_gateway_bindings": skupper_gateway_bindings}
