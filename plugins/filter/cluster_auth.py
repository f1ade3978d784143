# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a cluster host's inventory variables to the connection options of the modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: cluster_auth
short_description: Connection options of the modules from a cluster host's inventory variables
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Takes what the inventory says of a cluster host and returns the options by which the modules of this collection
    reach that cluster, for C(module_defaults) or a task's own options.
  - Read are C(kubeconfig), C(context) (by default the host's name), C(cluster_id), C(cluster_api_url) and
    C(cluster_auth), a dictionary with any other connection option. Where C(cluster_auth) has C(host), there is no
    default context.
positional: _input
options:
  _input:
    description: Variables of the host, such as C(hostvars['ca-toronto']).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Look at the hub from a task of another host
  multicluster.interconnect.cluster_info:
  vars:
    hub_connection: "{{ hostvars[groups['hub'] | first] | multicluster.interconnect.cluster_auth }}"
  module_defaults:
    group/multicluster.interconnect.all: "{{ hub_connection }}"
"""

RETURN = r"""
_value:
  description: Connection options; those that the inventory does not state are left out.
  type: dict
  sample:
    kubeconfig: ~/.kube/config
    context: ca-toronto
"""

_PLAIN = ("kubeconfig", "context", "cluster_id", "cluster_api_url")


def cluster_auth(variables: Mapping[str, Any]) -> dict[str, Any]:
    """See DOCUMENTATION.

    :raises AnsibleFilterError: no mapping, or `cluster_auth` is none.
    """
    if not isinstance(variables, Mapping):
        raise AnsibleFilterError("cluster_auth needs a host's variables, such as hostvars[inventory_hostname]")
    options = {key: variables[key] for key in _PLAIN if variables.get(key)}
    more = variables.get("cluster_auth") or {}
    if not isinstance(more, Mapping):
        raise AnsibleFilterError(
            f"cluster_auth of host {variables.get('inventory_hostname')} must be a mapping of connection options"
        )
    options.update(more)
    if "host" not in options and variables.get("inventory_hostname"):
        options.setdefault("context", variables["inventory_hostname"])
    return options


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"cluster_auth": cluster_auth}
