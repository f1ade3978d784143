# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that are exported to the other clusters of a set."""

from __future__ import annotations

DOCUMENTATION = r"""
module: serviceexport
short_description: Export Services to the other clusters of a cluster set, or take exports back
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes a ServiceExport of the Multi-Cluster Services API for each of many Services, and waits until the other
    clusters can have them. With Submariner, C(<service>.<namespace>.svc.clusterset.local) leads there then.
  - An export comes through stages. C(valid) - it can be exported. C(ready) - it is at the broker. C(imported) - the
    ServiceImport of an importing cluster lists the exporting one. C(endpoints) - the addresses are there, too. A wait
    that ends in vain names the stage that each export has not reached, with the words of the implementation and the
    likely cause.
  - Understands the conditions of every Submariner since 0.8 and both versions of the API. Conflicts with the exports of
    other clusters are returned and warned of.
  - Refuses, before any write, Services that are not there or of a type that can not be exported. All of them are named.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.importers
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  namespace:
    description:
      - Namespace of the Services. Required with O(names) and O(label_selector).
    type: str
  names:
    description:
      - Names of Services. Exactly one of O(names), O(label_selector) and O(exports) is required. With an empty list,
        nothing is done.
    type: list
    elements: str
  label_selector:
    description:
      - Selects Services by their labels, such as V(app=guestbook). With O(state=present), one at least must be there.
        With O(state=absent), exports of Services that are gone already are not found; name them.
    type: str
  exports:
    description:
      - Services of several namespaces.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of a Service.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
  state:
    description:
      - V(present) exports the Services.
      - V(absent) takes the exports back, and waits until nothing is imported of them any more. The Services stay.
    type: str
    choices: [present, absent]
    default: present
  clusterset_ip:
    description:
      - Whether Submariner gives the Services an address of the cluster set. By default, what is usual in the set.
        Clusters that export the same Service have to agree. Headless Services never have one.
    type: bool
  source_cluster:
    description:
      - Name of the exporting cluster in the cluster set, by which imports are told from those of other clusters. By
        default the cluster id of its Submariner, or its ClusterProperty C(cluster.clusterset.k8s.io).
    type: str
  api_version:
    description:
      - Version of ServiceExport and ServiceImport. By default V(multicluster.x-k8s.io/v1beta1) where that is served,
        else V(multicluster.x-k8s.io/v1alpha1).
    type: str
  service_types:
    description:
      - Types of Services that the implementation exports. Submariner exports no others than the default, headless ones
        included. V(ExternalName) can not be exported by any implementation.
    type: list
    elements: str
    default: [ClusterIP]
  ready_conditions:
    description:
      - Types of conditions that tell, besides C(Valid), that an export is ready. Where there are several of them, the
        one that changed last counts.
    type: list
    elements: str
    default: [Ready, Synced]
  minimum_condition:
    description:
      - V(Valid) takes an export as ready where C(Valid) is true and none of O(ready_conditions) is reported, as by
        Submariner until 0.13, and by some other implementations.
    type: str
    choices: [Ready, Valid]
    default: Ready
  only_own:
    description:
      - With O(state=absent), leave exports alone that this collection did not make.
    type: bool
    default: false
  force_conflicts:
    description:
      - Take over fields of the exports that another field manager owns.
    type: bool
    default: false
  wait:
    description:
      - Wait until all stages are reached, or with O(state=absent) until nothing is left. Without, the state is looked
        at once and returned. A check run never waits.
seealso:
  - module: multicluster.interconnect.resource_apply
  - name: KEP-1645
    description: The Multi-Cluster Services API.
    link: https://github.com/kubernetes/enhancements/tree/master/keps/sig-multicluster/1645-multi-cluster-services-api
  - name: Service discovery of Submariner
    description: How Submariner exports and imports Services.
    link: https://submariner.io/operations/usage/
"""

EXAMPLES = r"""
- name: Export the masters of the guestbook from aws-sub1, and see them arrive at aws-sub2
  multicluster.interconnect.serviceexport:
    context: aws-sub1
    namespace: guestbook
    names:
      - redis-master
    importers:
      - context: aws-sub2

- name: Export all Services of an application
  multicluster.interconnect.serviceexport:
    context: aws-sub1
    namespace: guestbook
    label_selector: app.kubernetes.io/part-of=guestbook

- name: Export Services of several namespaces, with an address of the cluster set
  multicluster.interconnect.serviceexport:
    context: aws-sub1
    exports:
      - name: redis-master
        namespace: guestbook
      - name: metrics
        namespace: observability
    clusterset_ip: true

- name: Export with an implementation that reports nothing but Valid, and takes Services of every type
  multicluster.interconnect.serviceexport:
    context: aws-sub1
    namespace: guestbook
    names: [frontend]
    service_types: [ClusterIP, NodePort, LoadBalancer]
    minimum_condition: Valid

- name: Take an export back, and wait until aws-sub2 has nothing of it any more
  multicluster.interconnect.serviceexport:
    context: aws-sub1
    namespace: guestbook
    names: [redis-master]
    importers:
      - context: aws-sub2
    state: absent
"""

RETURN = r"""
api_version:
  description: Version of the API that is, or would be, used.
  returned: success
  type: str
  sample: multicluster.x-k8s.io/v1alpha1
source_cluster:
  description: Name of the exporting cluster in the set. Null where it is not known, or was not needed.
  returned: success
  type: str
  sample: aws-sub1
exports:
  description: How each export stands at the end.
  returned: success, and failure after the exports were written
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace of the Service.
      type: str
    name:
      description: Name of the Service.
      type: str
    dns_name:
      description: Name by which the clusters of the set find the Service.
      type: str
      sample: redis-master.guestbook.svc.clusterset.local
    type:
      description: C(ClusterSetIP) or C(Headless). Null with O(state=absent).
      type: str
    exported:
      description: Whether the exporting cluster has done its part (stages C(valid) and C(ready)).
      type: bool
    state:
      description: What was seen last on the exporting cluster.
      type: str
      sample: Ready=True Exported
    conditions:
      description: The condition of each type that holds; of a history, the last one.
      type: list
      elements: dict
    conflict:
      description:
        - In what the export differs from those of other clusters - C(reasons), C(messages), and the C(clusters) that
          export the same Service. Null where there is no conflict.
      type: dict
    imports:
      description:
        - For each of O(importers), in that order, its name as C(cluster), whether the Service is C(imported) from the
          exporting cluster, from which C(clusters) it is, and how many C(slices), C(endpoints) and C(ready_endpoints)
          there are of the exporting cluster. Importing clusters are not asked before some export is ready.
      type: list
      elements: dict
resources:
  description: What was, or would be, done to each ServiceExport, as in M(multicluster.interconnect.resource_apply).
  returned: success, and failure after something was written
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._mcs.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "namespace": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
        "label_selector": {"type": "str"},
        "exports": {
            "type": "list",
            "elements": "dict",
            "options": {"name": {"type": "str", "required": True}, "namespace": {"type": "str", "required": True}},
        },
        "importers": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": auth_args(environment=False),
            "required_one_of": [("context", "kubeconfig", "host")],
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "clusterset_ip": {"type": "bool"},
        "source_cluster": {"type": "str"},
        "api_version": {"type": "str"},
        "service_types": {"type": "list", "elements": "str", "default": ["ClusterIP"]},
        "ready_conditions": {"type": "list", "elements": "str", "default": ["Ready", "Synced"]},
        "minimum_condition": {"type": "str", "choices": ["Ready", "Valid"], "default": "Ready"},
        "only_own": {"type": "bool", "default": False},
        "force_conflicts": {"type": "bool", "default": False},
    },
    run=run,
    required_one_of=[("names", "label_selector", "exports")],
    mutually_exclusive=[("names", "label_selector", "exports"), ("namespace", "exports")],
    required_by={"names": ["namespace"], "label_selector": ["namespace"]},
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
