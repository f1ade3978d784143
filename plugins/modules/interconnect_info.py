# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of sites, links, gateways, services and applications of several clusters."""

from __future__ import annotations

DOCUMENTATION = r"""
module: interconnect_info
short_description: Report the state of a multi-cluster application and of its networks as one document
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Reads several clusters at the same time, with one request for each kind of object, and returns what they tell as one
    document, that is whether their API servers answer, Skupper sites, links as both ends see them with the days that
    their certificates are left, gateways of bare-metal hosts, services of the network, what the hub knows of clusters
    and applications, and workloads.
  - With O(expected), compares that with what is wanted, and says which services still serve where something is lost.
  - With O(probes), speaks with services through the network, from within a cluster.
  - Nothing is written. A cluster that does not answer, or an object that may not be read, is part of the document and
    does not fail the task.
extends_documentation_fragment:
  - multicluster.interconnect.clusters
  - multicluster.interconnect.attributes
attributes:
  action_group:
    description:
      - The options of the connection are those of each of the O(clusters), so that the group of the modules that take
        them as their own is not for this one.
    support: none
requirements:
  - cryptography >= 3.3 (Python package, for the dates of certificates)
  - kubernetes >= 28.1.0 (Python package)
options:
  expected:
    description:
      - What is wanted. Without it, only API servers and sites are judged.
    type: dict
    suboptions:
      hosts:
        description:
          - Names of clusters and bare-metal hosts that are judged. The others are read for what they know of these. By
            default all.
        type: list
        elements: str
      certificate_days:
        description: Days that a certificate has to be valid at least.
        type: int
        default: 14
      members:
        description: Clusters that the hub manages.
        type: list
        elements: dict
        default: []
        suboptions:
          host:
            description: Name of the cluster.
            type: str
            required: true
          cluster:
            description: Name of the ManagedCluster. By default O(expected.members[].host).
            type: str
          selector:
            description: Label selector of the ManagedCluster, in the place of its name.
            type: str
          placements:
            description: Placements that select it, each as V(namespace/name).
            type: list
            elements: str
            default: []
          argocd:
            description: Whether Argo CD knows it.
            type: bool
            default: false
      links:
        description: Links between sites.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the link.
            type: str
            required: true
          from:
            description: Name of the cluster whose site links to another.
            type: str
            required: true
          to:
            description: Name of the cluster whose site is linked to.
            type: str
            required: true
          cost:
            description: Cost of the link.
            type: int
            default: 1
      gateways:
        description: Gateways of bare-metal hosts.
        type: list
        elements: dict
        default: []
        suboptions:
          host:
            description: Name of the bare-metal host.
            type: str
            required: true
          cluster:
            description: Name of the cluster whose site it connects to.
            type: str
            required: true
          name:
            description: Name of the gateway. Without it, the one is meant that offers O(expected.gateways[].services).
            type: str
          services:
            description: Names of the services that it offers.
            type: list
            elements: str
            default: []
      services:
        description: Services of the network.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the service.
            type: str
            required: true
          port:
            description: Its port.
            type: int
          provided_by:
            description: Names of the clusters and bare-metal hosts that provide it.
            type: list
            elements: str
            required: true
          consumed_by:
            description: Names of the clusters that reach it.
            type: list
            elements: str
            default: []
      applications:
        description: Applications of Argo CD.
        type: list
        elements: dict
        default: []
        suboptions:
          host:
            description: Name of the cluster that it is delivered to.
            type: str
            required: true
          name:
            description: Name of the application, which the name of the ManagedCluster follows after a hyphen.
            type: str
            required: true
          cluster:
            description: Name of the ManagedCluster. By default O(expected.applications[].host).
            type: str
          selector:
            description: Label selector of the ManagedCluster, in the place of its name.
            type: str
          delivery:
            description:
              - Whether Argo CD delivers it (V(gitops)), or not (V(direct)). With V(auto) it does where the hub knows
                Applications.
            type: str
            choices: [auto, gitops, direct]
            default: auto
      workloads:
        description: Deployments that have to be ready.
        type: list
        elements: dict
        default: []
        suboptions:
          host:
            description: Name of the cluster.
            type: str
            required: true
          names:
            description: Names of the Deployments. Without any, all that there are, and one at least.
            type: list
            elements: str
            default: []
  probes:
    description:
      - What to speak with, as proof of traffic. The API server forwards a connection to a pod behind a Service, which
        takes the right to get and create C(pods/portforward) there; where it is missing, the probe is not tried, and
        its result says so.
    type: list
    elements: dict
    default: []
    suboptions:
      cluster:
        description: Name of the cluster from within which the service is reached.
        type: str
        required: true
      service:
        description: Name of the Service there.
        type: str
        required: true
      namespace:
        description: Its namespace. By default that of the cluster in O(clusters).
        type: str
      port:
        description: Port of the Service.
        type: int
        required: true
      kind:
        description:
          - V(redis) sends C(PING) and takes any answer of Redis, V(http) gets O(probes[].path) and takes status codes
            below 400, V(tcp) takes a connection that stays open.
        type: str
        choices: [redis, http, tcp]
        default: tcp
      path:
        description: Path of the request, with V(http).
        type: str
        default: /
      timeout:
        description: Seconds for question and answer.
        type: int
        default: 5
  until_ok:
    description:
      - Look again until all checks are good, or O(wait_timeout) is over. A check run looks once.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to go on looking, with O(until_ok). The task does not fail when they are over.
    type: int
    default: 60
  wait_sleep:
    description:
      - Seconds between two looks.
    type: int
    default: 2
seealso:
  - ref: ansible_collections.multicluster.interconnect.verify_role
    description: The role that makes the options from the inventory, writes reports and fails where checks do.
"""

EXAMPLES = r"""
- name: Look at two sites and what is between them
  multicluster.interconnect.interconnect_info:
    clusters:
      - name: ca-central
        auth:
          context: ca-central
        namespace: online-boutique
        skupper_version: v2
      - name: us-philly
        auth:
          context: us-philly
        namespace: online-boutique
        skupper_version: v2
    expected:
      links:
        - name: us-philly-to-ca-central
          from: us-philly
          to: ca-central
      services:
        - name: redis-cart
          port: 6379
          provided_by: [redis-ca-central]
          consumed_by: [ca-central, us-philly]
    probes:
      - cluster: us-philly
        service: redis-cart
        port: 6379
        kind: redis
  register: interconnect

- name: Say what is not as it should be
  ansible.builtin.debug:
    msg: "{{ interconnect.checks | rejectattr('ok') | map(attribute='message') }}"
"""

RETURN = r"""
ok:
  description: Whether no check has failed.
  returned: success
  type: bool
checks:
  description: One entry for each thing that is wanted, from the ground up.
  returned: success
  type: list
  elements: dict
  contains:
    layer:
      description:
        - V(api), V(hub), V(site), V(link), V(certificate), V(gateway), V(service), V(application) or V(traffic).
      type: str
    host:
      description: The cluster or bare-metal host that it is a matter of.
      type: str
    name:
      description: What it is about.
      type: str
    state:
      description:
        - V(ok), V(failed), or V(unknown) where it could not be seen, as when its API server does not answer, which is a
          failed check of its own.
      type: str
    ok:
      description: Whether it has not failed.
      type: bool
    message:
      description: What was seen.
      type: str
serving:
  description: For each wanted service, whether it serves. One live provider is enough.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the service.
      type: str
    serves:
      description: Whether anybody provides it.
      type: bool
    by:
      description: Those who do.
      type: list
      elements: str
    lost:
      description: Those who should and do not.
      type: list
      elements: str
    reached_from:
      description: Clusters whose sites have found a provider.
      type: list
      elements: str
lost:
  description: A line for each service that has lost a provider, with who still serves.
  returned: success
  type: list
  elements: str
document:
  description: Everything that was seen.
  returned: success
  type: dict
  contains:
    time:
      description: When, in UTC.
      type: str
    clusters:
      description: The clusters, each with C(api), C(site), C(workloads), and C(problems) with what may not be read.
      type: list
      elements: dict
    hub:
      description: Managed clusters, Placements with what they select, clusters and Applications of Argo CD.
      type: dict
    links:
      description: Links with C(from), C(to), C(up), C(seen_from), C(cost), C(message) and C(certificate).
      type: list
      elements: dict
    gateways:
      description:
        - Gateways with C(host), C(cluster), C(up), C(provides), C(consumes), C(message) and C(certificate).
      type: list
      elements: dict
    services:
      description: Services with C(providers) and C(consumers), and whether each of them works.
      type: list
      elements: dict
    probes:
      description: Results of the probes, with C(connect_seconds) and C(answer_seconds).
      type: list
      elements: dict
elapsed:
  description: Seconds that were spent looking.
  returned: success
  type: float
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._info.options import ARGUMENT_SPEC
from ansible_collections.multicluster.interconnect.plugins.module_utils._info.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(argument_spec=ARGUMENT_SPEC, run=run)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
