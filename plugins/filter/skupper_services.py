# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that go over the network, as objects for one site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._skupper_services import (
    DEFINITIONS,
    manifests,
)

DOCUMENTATION = r"""
name: skupper_services
short_description: Services between Skupper sites, as objects for one site
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Turns C(skupper_services) into what the site of one host needs for them.
  - Of Skupper v2 these are a Connector where the host is among C(provided_by), and a Listener where it is among
    C(consumed_by).
  - Of Skupper v1 it is the ConfigMap C(skupper-services) with a key for each service that the host provides, or the
    annotations of its workload; v1 itself makes the service known at all linked sites.
positional: _input, host, sites, version, namespace
options:
  _input:
    description:
      - The services. Each has C(name), C(port) and C(provided_by) (inventory hosts), either C(selector) (labels of its
        pods) or C(host) (where it is reached from the site), and may have C(target_port) (by default C(port)),
        C(protocol) (by default V(tcp)), C(consumed_by) (by default all sites) and C(service) (the workload that bears
        the annotations of v1, with C(apiVersion), C(kind) and C(metadata)).
    type: list
    elements: dict
    required: true
  host:
    description: The inventory host whose site is meant.
    type: str
    required: true
  sites:
    description: The inventory hosts that have a site.
    type: list
    elements: str
    required: true
  version:
    description: Version of Skupper at that site.
    type: str
    choices: [v1, v2]
    required: true
  namespace:
    description: Namespace of the site.
    type: str
    required: true
  expose:
    description: How v1 is told of a service.
    type: str
    choices: [definitions, annotations]
    default: definitions
"""

EXAMPLES = r"""
- name: Have Redis, which runs beside ca-central, reached from all sites
  vars:
    services:
      - name: redis-cart
        port: 6379
        host: 192.0.2.249
        provided_by: [ca-central]
  multicluster.interconnect.resource_apply:
    context: us-philly
    resources: >-
      {{
        services | multicluster.interconnect.skupper_services(
          'us-philly', groups['clusters'], 'v2', 'online-boutique'
        )
      }}
"""

RETURN = r"""
_value:
  description: The objects.
  type: list
  elements: dict
  sample:
    - apiVersion: skupper.io/v2alpha1
      kind: Listener
      metadata:
        name: redis-cart
        namespace: online-boutique
        labels:
          multicluster.interconnect/service: redis-cart
      spec:
        routingKey: redis-cart
        host: redis-cart
        port: 6379
        type: tcp
"""


def skupper_services(
    services: Sequence[Mapping[str, Any]],
    host: str,
    sites: Sequence[str],
    version: str,
    namespace: str,
    expose: str = DEFINITIONS,
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return manifests(services, host, sites, version, namespace, expose)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names and functions."""
        return {"skupper_services": skupper_services}
