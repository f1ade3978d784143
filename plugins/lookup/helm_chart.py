# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that Helm renders of a chart."""

from __future__ import annotations

DOCUMENTATION = r"""
name: helm_chart
short_description: The objects of a Helm chart, as M(multicluster.interconnect.resource_apply) takes them
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Has C(helm template) render a chart on the machine that runs Ansible, and returns the objects, lists unpacked, with
    the chart's custom resource definitions.
  - Hooks, such as a chart's tests, are left out; they are jobs of Helm's own life cycle.
  - The values reach Helm by its standard input. Neither they nor what is rendered are written to a file, or stand in a
    command line or in the result of a task, so both may hold secrets.
  - Works in a check run, too.
requirements:
  - helm >= 3.2 on the machine that runs Ansible
options:
  _terms:
    description: Charts, each a folder, an archive, or whatever else Helm takes for a chart.
    type: list
    elements: str
    required: true
  name:
    description: Name of the release.
    type: str
    required: true
  namespace:
    description:
      - Namespace of the release. Most charts leave it out of their objects; option O(ignore:namespace) of
        M(multicluster.interconnect.resource_apply) puts it there.
    type: str
    default: default
  values:
    description: Values of the chart.
    type: dict
    default: {}
  binary:
    description: The program C(helm).
    type: str
    default: helm
  timeout:
    description: Seconds that Helm may take.
    type: int
    default: 120
"""

EXAMPLES = r"""
- name: Apply what a chart renders, and nothing that an earlier version of it had
  multicluster.interconnect.resource_apply:
    context: ca-toronto
    namespace: online-boutique
    apply_set:
      name: shop
      namespace: online-boutique
    resources: >-
      {{
        query('multicluster.interconnect.helm_chart', 'charts/shop', name='shop', namespace='online-boutique',
              values={'replicas': 2})
      }}
"""

RETURN = r"""
_list:
  description: The objects of all charts, in the order of Helm's output.
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._helm import HelmFailure, chart_objects


class LookupModule(LookupBase):
    """See DOCUMENTATION."""

    def run(
        self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """The objects of the charts `terms`."""
        untyped: Any = self
        untyped.set_options(var_options=variables, direct=kwargs)
        options = {key: untyped.get_option(key) for key in ("name", "namespace", "values", "binary", "timeout")}
        try:
            return [obj for term in terms for obj in chart_objects(str(term), **options)]
        except HelmFailure as error:
            raise AnsibleError(str(error)) from error
