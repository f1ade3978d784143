# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster's membership in a Submariner network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: submariner_join
short_description: Have a cluster join a Submariner network, leave it, or be forgotten by it
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Joins a cluster to a broker, as C(subctl join) does, without that program, and waits until the cluster is connected
    with each of the others.
  - Everything that would keep it from connecting is found before anything is written - ranges that overlap those of
    another cluster, an id that is taken, another network that it has joined, a C(broker-info.subm) of an older broker,
    nodes that can not be gateways, a version of Kubernetes that Submariner does not work on.
  - The account of the cluster on the broker is tried out before the cluster is written to.
  - The resource C(Submariner) holds no credentials, and is never deleted and made again to change an option, which
    would cut all connections.
  - Submariner's operator has to be on the cluster, in namespace C(submariner-operator), from OperatorHub or by the Helm
    chart C(submariner-operator).
  - The account on the broker is annotated with the cluster that it was made for, so that two clusters which join at
    the same time by the same id are told from each other.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.broker
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  name:
    description:
      - Id of the cluster in the network, a DNS label. It is part of the names of exported services and can not be
        changed later.
      - By default made from O(context), as subctl does. Required with O(state=forgotten), and without O(context).
    type: str
  broker_info_path:
    description:
      - Path of the C(broker-info.subm) to join by, on the machine where the task runs; in the place of O(broker).
    type: path
  broker_url:
    description:
      - URL by which the cluster reaches the API server of the broker. By default the one in O(broker_info_path), or the
        one by which Ansible does.
    type: str
  service_cidr:
    description:
      - Ranges of the cluster's Services. By default they are found on the cluster.
    type: list
    elements: str
    default: []
  cluster_cidr:
    description:
      - Ranges of the cluster's pods. By default they are found on the cluster.
    type: list
    elements: str
    default: []
  globalnet_cidr:
    description:
      - Global addresses of the cluster, where the broker has globalnet. By default the first free block of the broker's
        range. A cluster that has a block keeps it.
    type: str
  globalnet_cluster_size:
    description:
      - Number of global addresses, if not what the broker says.
    type: int
  gateway_nodes:
    description:
      - Nodes that are to be gateways. One of them is active. Others that are gateways stay so.
    type: list
    elements: str
  gateways:
    description:
      - Number of gateways at least, without O(gateway_nodes). Nodes that are gateways count; others are taken from the
        workers that are ready, in the order of their names.
    type: int
    default: 1
  cable_driver:
    description:
      - How traffic gets from cluster to cluster; the same in all of them.
    type: str
    choices: [libreswan, wireguard, vxlan]
    default: libreswan
  nat:
    description:
      - Whether there is NAT between the clusters.
    type: bool
    default: true
  nat_port:
    description:
      - UDP port of the gateways that is reached through NAT.
    type: int
    default: 4500
  force_udp_encaps:
    description:
      - Wrap IPsec in UDP even without NAT.
    type: bool
    default: false
  preferred_server:
    description:
      - Let the gateways of the others dial this cluster, as where it has a public address and they have none.
    type: bool
    default: false
  air_gapped:
    description:
      - The gateways ask nobody in the internet for their public address.
    type: bool
    default: false
  load_balancer:
    description:
      - Reach the gateway by a Service of type C(LoadBalancer).
    type: bool
    default: false
  health_check:
    description:
      - Have gateways ping each other.
    type: bool
    default: true
  health_check_interval:
    description:
      - Seconds between two pings.
    type: int
    default: 1
  health_check_max_packet_loss:
    description:
      - Lost pings after which a connection counts as broken.
    type: int
    default: 5
  custom_domains:
    description:
      - Domains that names of exported services are answered in, beside C(clusterset.local). By default those of the
        broker.
    type: list
    elements: str
    default: []
  version:
    description:
      - Version of Submariner's images, by default that of the operator. Kubernetes 1.33 and later needs 0.21.1.
    type: str
  repository:
    description:
      - Repository that the images are pulled from, by default that of the operator.
    type: str
  expected_clusters:
    description:
      - Ids of the clusters to wait for a connection to. By default all that have an endpoint at the broker when the
        task begins.
    type: list
    elements: str
  release_cidrs:
    description:
      - With O(state=absent) and O(state=forgotten), give the addresses that the broker has given the cluster to others.
        Otherwise the cluster has the same when it joins again.
    type: bool
    default: false
  force_conflicts:
    description:
      - Take over fields of objects that others, such as subctl, have set to something else.
    type: bool
    default: false
  force:
    description:
      - With O(state=absent), remove the C(Submariner) resource although the operator, which has to take the gateway
        down, does not run.
    type: bool
    default: false
  state:
    description:
      - V(absent) has the cluster leave. The operator takes the gateway down, which is always waited for; then what that
        leaves behind is removed, on the cluster and at the broker, the cluster's credentials among it. The operator
        stays, as do exports, and labels of nodes that others set. A broker that does not answer is no error; what
        remains there is returned and warned of.
      - V(forgotten) removes a cluster that is lost from the broker. The cluster itself is not asked for anything. One
        that is not lost would lose its connection to the broker.
    type: str
    choices: [present, absent, forgotten]
    default: present
seealso:
  - module: multicluster.interconnect.submariner_broker
  - module: multicluster.interconnect.serviceexport
  - name: Submariner - architecture
    description: What gateways, route agents and the broker are for.
    link: https://submariner.io/getting-started/architecture/
"""

EXAMPLES = r"""
- name: Have a cluster join by the file that submariner_broker, or subctl, has written
  multicluster.interconnect.submariner_join:
    context: aws-sub1
    broker_info_path: /etc/submariner/broker-info.subm

- name: Have a cluster join that Ansible reaches the broker of, with two gateways
  multicluster.interconnect.submariner_join:
    context: aws-sub2
    broker:
      context: aws-sub1
    cable_driver: wireguard
    gateway_nodes: [worker-1, worker-2]
    expected_clusters: [aws-sub1]

- name: Have the cluster leave, and give its global addresses back
  multicluster.interconnect.submariner_join:
    context: aws-sub2
    broker:
      context: aws-sub1
    release_cidrs: true
    state: absent

- name: Forget a cluster that is lost
  multicluster.interconnect.submariner_join:
    name: aws-sub3
    broker:
      context: aws-sub1
    state: forgotten
"""

RETURN = r"""
name:
  description: Id of the cluster.
  returned: success
  type: str
broker_namespace:
  description: Namespace of the broker.
  returned: success
  type: str
broker_url:
  description: URL by which the cluster reaches the broker.
  returned: success
  type: str
service_cidr:
  description: Ranges of the cluster's Services.
  returned: with O(state=present)
  type: list
  elements: str
cluster_cidr:
  description: Ranges of its pods.
  returned: with O(state=present)
  type: list
  elements: str
globalnet_cidr:
  description: Its global addresses, where the broker has globalnet.
  returned: with O(state=present)
  type: str
clusterset_ip_cidr:
  description: What addresses of its exported services are taken from.
  returned: with O(state=present)
  type: str
gateway_nodes:
  description: Nodes that are gateways.
  returned: with O(state=present)
  type: list
  elements: str
leftovers:
  description: Global addresses that clusters have which have not joined, by their ids. O(release_cidrs) frees them.
  returned: with O(state=present)
  type: dict
connections:
  description: Connections of the active gateway.
  returned: with O(state=present)
  type: list
  elements: dict
  contains:
    cluster:
      description: Id of the other cluster.
      type: str
    status:
      description: V(connected), V(connecting), V(error) or V(none).
      type: str
    message:
      description: What the gateway says of it.
      type: str
    remote_ip:
      description: Address of the other gateway.
      type: str
    nat:
      description: Whether it is reached through NAT.
      type: bool
    cable_driver:
      description: How traffic gets there.
      type: str
    rtt:
      description: Time there and back on average, once it has been measured.
      type: str
      sample: 1.2ms
remaining:
  description: What is left at a broker that did not answer.
  returned: with O(state=absent) and O(state=forgotten)
  type: list
  elements: str
resources:
  description:
    - What was, or would be, done to each object at the broker and on the cluster, as in
      M(multicluster.interconnect.resource_apply).
  returned: success, and failure after something was written
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.join_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.names import BROKER_NAMESPACE
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "name": {"type": "str"},
        "broker": {
            "type": "dict",
            "options": auth_args(environment=False),
            "required_one_of": [("context", "kubeconfig", "host")],
        },
        "broker_namespace": {"type": "str", "default": BROKER_NAMESPACE},
        "broker_info_path": {"type": "path"},
        "broker_url": {"type": "str"},
        "service_cidr": {"type": "list", "elements": "str", "default": []},
        "cluster_cidr": {"type": "list", "elements": "str", "default": []},
        "globalnet_cidr": {"type": "str"},
        "globalnet_cluster_size": {"type": "int"},
        "gateway_nodes": {"type": "list", "elements": "str"},
        "gateways": {"type": "int", "default": 1},
        "cable_driver": {"type": "str", "choices": ["libreswan", "wireguard", "vxlan"], "default": "libreswan"},
        "nat": {"type": "bool", "default": True},
        "nat_port": {"type": "int", "default": 4500},
        "force_udp_encaps": {"type": "bool", "default": False},
        "preferred_server": {"type": "bool", "default": False},
        "air_gapped": {"type": "bool", "default": False},
        "load_balancer": {"type": "bool", "default": False},
        "health_check": {"type": "bool", "default": True},
        "health_check_interval": {"type": "int", "default": 1},
        "health_check_max_packet_loss": {"type": "int", "default": 5},
        "custom_domains": {"type": "list", "elements": "str", "default": []},
        "version": {"type": "str"},
        "repository": {"type": "str"},
        "expected_clusters": {"type": "list", "elements": "str"},
        "release_cidrs": {"type": "bool", "default": False},
        "force_conflicts": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent", "forgotten"], "default": "present"},
    },
    run=run,
    mutually_exclusive=[("broker", "broker_info_path")],
    required_one_of=[("broker", "broker_info_path")],
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
