# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The object of the hub that says which tokens a cluster gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_policy import assignment

DOCUMENTATION = r"""
name: skupper_assignment
short_description: Which link tokens the Policy of the hub brings to a cluster
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes the ConfigMap of the hub in which the Policy of P(multicluster.interconnect.skupper_policy#filter) reads which
    tokens one cluster is to have. During a rotation these are two.
positional: _input, tokens
options:
  _input:
    description: The link, as P(multicluster.interconnect.skupper_links#filter) has it.
    type: dict
    required: true
  tokens:
    description: Names of the tokens' Secrets on the hub.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Give a cluster the first token of its link
  multicluster.interconnect.resource_apply:
    context: ca-central
    resources:
      - "{{ link | multicluster.interconnect.skupper_assignment([link.name]) }}"
"""

RETURN = r"""
_value:
  description: The ConfigMap.
  type: dict
"""


def skupper_assignment(link: Mapping[str, Any], tokens: Sequence[str] = ()) -> dict[str, Any]:
    """See DOCUMENTATION."""
    return assignment(link, tokens)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_assignment": skupper_assignment}
