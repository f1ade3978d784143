# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of an application's chart for one site."""

from __future__ import annotations

from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._boutique import values_of

DOCUMENTATION = r"""
name: boutique_values
short_description: The values of an application's chart for one site
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes of the services that a site runs what the chart in C(roles/boutique/files/chart) wants as its values.
positional: _input, values
options:
  _input:
    description:
      - The services, a list of names, or a dictionary of names and what is particular about each, such as C(replicas),
        C(image) and C(resources). Empty for a chart that is told by O(values) alone.
    type: raw
    required: true
  values:
    description: Further values of the chart. They count where both say something.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what a site's chart is told
  ansible.builtin.debug:
    msg: "{{ ['cartservice', 'emailservice'] | multicluster.interconnect.boutique_values(more) }}"
  vars:
    more: {global: {tag: v0.10.5}}
"""

RETURN = r"""
_value:
  description: The values.
  type: dict
  sample:
    global: {tag: v0.10.5}
    services:
      cartservice: {enabled: true}
      emailservice: {enabled: true}
"""


def boutique_values(services: Any, values: Any = None) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return values_of(services, values)
    except InputError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"boutique_values": boutique_values}
