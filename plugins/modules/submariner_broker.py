# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Submariner broker."""

from __future__ import annotations

DOCUMENTATION = r"""
module: submariner_broker
short_description: Make, change or remove a Submariner broker
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes on a cluster what the clusters of a Submariner network exchange their addresses by, as C(subctl deploy-broker)
    does, without that program. Clusters join it by subctl, by Helm and by this collection.
  - Nothing is replaced by deletion. A broker that others made is adopted - objects that say what they have to say are
    left alone, and another option than theirs needs O(force_conflicts).
  - The pre-shared key of the tunnels is kept as a Secret in the broker's namespace, so that another run does not make
    another key, and a lost C(broker-info.subm) is written again.
  - subctl keeps none. The key of a broker of its making is taken from O(ipsec_psk_from), or from the file at
    O(broker_info_path) if that is of this broker, or from the broker's own cluster if that has joined. Where clusters
    have joined and the key is not found, the task fails; a new key would keep later clusters from connecting.
  - Submariner's operator is not needed on the cluster of the broker. The kinds that a broker stores are made where they
    are missing.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  namespace:
    description:
      - Namespace of the broker.
    type: str
    default: submariner-k8s-broker
  components:
    description:
      - What clusters use the broker for.
    type: list
    elements: str
    choices: [connectivity, service-discovery]
    default: [connectivity, service-discovery]
  globalnet:
    description:
      - Give each cluster a range of global addresses, for clusters whose own ranges overlap.
      - Can not be switched while clusters are joined.
    type: bool
    default: false
  globalnet_cidr_range:
    description:
      - Range that global addresses are taken from, with O(globalnet).
      - While clusters have addresses of it, it can only grow to a range that contains it.
    type: str
    default: 242.0.0.0/8
  globalnet_cluster_size:
    description:
      - Global addresses for each cluster, rounded up to a power of two; at most half of the range. A change is for
        clusters that join later.
    type: int
    default: 65536
  clusterset_ip:
    description:
      - Give exported services an address of the set of clusters by default.
    type: bool
    default: false
  clusterset_ip_cidr_range:
    description:
      - Range that these addresses are taken from. Clusters are given a part of it even without O(clusterset_ip).
      - While clusters have addresses of it, it can only grow to a range that contains it.
    type: str
    default: 243.0.0.0/8
  custom_domains:
    description:
      - Domains that names of exported services are answered in, beside C(clusterset.local).
    type: list
    elements: str
    default: []
  broker_url:
    description:
      - URL by which the clusters reach the API server of the broker. By default the one by which Ansible does.
    type: str
  broker_info_path:
    description:
      - Absolute path of the C(broker-info.subm) to write, on the machine where the task runs. It is readable for its
        owner only.
      - It is written where what it says differs, in any letter case or encoding that subctl writes. One with other
        content is put aside beside it, with the time in its name.
      - With O(state=absent), it is removed if it is of this broker.
      - It holds credentials that let anybody join the network.
    type: path
  ipsec_psk_from:
    description:
      - Path of a C(broker-info.subm) whose pre-shared key this broker is to have, as for a broker that takes the place
        of a lost one.
      - Refused where clusters are joined with another key.
    type: path
  force_conflicts:
    description:
      - Take over fields of objects that others, such as subctl, have set to something else.
    type: bool
    default: false
  force:
    description:
      - With O(state=absent), remove the broker although clusters are joined.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes what this module has made, and nothing else. Kinds stay where Submariner's operator has taken
        them over, or objects of them are in other namespaces.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - With O(state=absent), wait until everything is gone. The token of a new broker is always waited for.
seealso:
  - name: Submariner - broker
    description: What the broker is for.
    link: https://submariner.io/getting-started/architecture/broker/
"""

EXAMPLES = r"""
- name: Make a broker, and write the file by which clusters join it
  multicluster.interconnect.submariner_broker:
    context: aws-sub1
    broker_info_path: /etc/submariner/broker-info.subm

- name: Make a broker for clusters whose ranges overlap
  multicluster.interconnect.submariner_broker:
    context: aws-sub1
    globalnet: true
    globalnet_cidr_range: 242.0.0.0/12
    globalnet_cluster_size: 8192

- name: Make a broker in the place of a lost one, with the same key
  multicluster.interconnect.submariner_broker:
    context: aws-sub2
    ipsec_psk_from: /etc/submariner/broker-info.subm

- name: Remove the broker once all clusters have left
  multicluster.interconnect.submariner_broker:
    context: aws-sub1
    state: absent
"""

RETURN = r"""
namespace:
  description: Namespace of the broker.
  returned: success
  type: str
clusters:
  description: Ids of the clusters that have joined, before the task.
  returned: success, and failure because of them
  type: list
  elements: str
broker:
  description: The Broker resource.
  returned: unless O(state=absent)
  type: str
  sample: Broker submariner-k8s-broker/submariner-broker
broker_url:
  description: URL by which clusters reach the broker.
  returned: unless O(state=absent)
  type: str
components:
  description: What clusters use the broker for; V(globalnet) is one of them where it is on.
  returned: unless O(state=absent)
  type: list
  elements: str
globalnet:
  description: Global addresses.
  returned: unless O(state=absent)
  type: dict
  contains:
    enabled:
      description: Whether clusters get them.
      type: bool
    cidr_range:
      description: What they are taken from.
      type: str
    cluster_size:
      description: Addresses for each cluster.
      type: int
    clusters:
      description: Id of each cluster that has some, with its ranges. Those of clusters that left stay theirs.
      type: dict
clusterset_ip:
  description: Addresses of exported services, with the same entries.
  returned: unless O(state=absent)
  type: dict
service_account:
  description: The account whose token is in C(broker-info.subm).
  returned: unless O(state=absent)
  type: str
  sample: submariner-k8s-broker/submariner-k8s-broker-admin
token_secret:
  description: The Secret that holds this token.
  returned: unless O(state=absent)
  type: str
  sample: Secret submariner-k8s-broker/submariner-k8s-broker-admin-token
psk_secret:
  description: The Secret that holds the pre-shared key.
  returned: unless O(state=absent)
  type: str
  sample: Secret submariner-k8s-broker/submariner-ipsec-psk
psk_from:
  description:
    - Where the key is from - V(secret) that one, V(generated) just now, V(ipsec_psk_from) or V(broker_info_path) the
      file, V(cluster) the broker's own cluster.
  returned: unless O(state=absent)
  type: str
broker_info:
  description: What was, or would be, done to the file.
  returned: with O(broker_info_path)
  type: dict
  contains:
    path:
      description: Where it is.
      type: str
    action:
      description: V(created), V(updated), V(unchanged), V(deleted), V(absent), or V(kept), as it is of another broker.
      type: str
    backup:
      description: Where the former one was put.
      type: str
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success, and failure after something was written
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.names import BROKER_NAMESPACE
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

COMPONENTS = ["connectivity", "service-discovery"]

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "namespace": {"type": "str", "default": BROKER_NAMESPACE},
        "components": {"type": "list", "elements": "str", "choices": COMPONENTS, "default": COMPONENTS},
        "globalnet": {"type": "bool", "default": False},
        "globalnet_cidr_range": {"type": "str", "default": "242.0.0.0/8"},
        "globalnet_cluster_size": {"type": "int", "default": 65536},
        "clusterset_ip": {"type": "bool", "default": False},
        "clusterset_ip_cidr_range": {"type": "str", "default": "243.0.0.0/8"},
        "custom_domains": {"type": "list", "elements": "str", "default": []},
        "broker_url": {"type": "str"},
        "broker_info_path": {"type": "path"},
        "ipsec_psk_from": {"type": "path"},
        "force_conflicts": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
