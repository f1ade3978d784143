# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels of ManagedClusters on the hub."""

from __future__ import annotations

DOCUMENTATION = r"""
module: managedcluster_label
short_description: Set or remove labels of managed clusters on an ACM or Open Cluster Management hub
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Sets, removes or replaces labels of any number of C(ManagedCluster) objects in one task, with one LIST and one JSON
    merge patch of C(metadata.labels) for each cluster that changes. Labels that other writers add at the same time
    survive.
  - Waits until Placements that depend on the labels do, or do not any more, select the clusters.
  - Everything that is wrong with the options (unknown clusters, values that are no strings, protected keys) is found
    before the first write.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  names:
    description:
      - Names of the managed clusters. Mutually exclusive with O(label_selector).
    type: list
    elements: str
  label_selector:
    description:
      - Selects the managed clusters by their labels, such as V(local-cluster=true) for the hub itself.
    type: str
  labels:
    description:
      - Keys and values. Values must be strings; quote V("true"), V("1") and the like.
      - With O(state=absent) a value may be null, which stands for any value; a label with another value than the given
        one stays, as somebody else has set it since.
    type: dict
    required: true
  state:
    description:
      - V(present) sets the labels and leaves all others.
      - V(absent) removes them.
      - V(exact) removes all other labels, too, but for those that O(protected) stands for.
      - The label C(cluster.open-cluster-management.io/clusterset) can not be away, as the hub answers its removal by
        V(default); V(absent) means V(default) here, and a cluster in that set is unchanged.
    type: str
    choices: [present, absent, exact]
    default: present
  protected:
    description:
      - Patterns (C(*) matches anything) of keys that the hub's own controllers write. The task fails if it would change
        one, and V(exact) leaves them.
    type: list
    elements: str
    default: [name, clusterID, cloud, vendor, local-cluster, openshiftVersion*, feature.open-cluster-management.io/*]
  move_clusterset:
    description:
      - Allow O(state=present) and O(state=exact) to move a cluster out of a ManagedClusterSet other than C(default).
        That takes it from all Placements of that set.
    type: bool
    default: false
  ignore_missing:
    description:
      - Leave out managed clusters that are not there instead of failing, as a teardown that is repeated must.
    type: bool
    default: false
  placements:
    description:
      - Placements to wait on, until their decisions list (or do not list) all of the clusters.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the Placement.
        type: str
        required: true
      namespace:
        description: Namespace of the Placement.
        type: str
        required: true
      selects:
        description:
          - Whether the clusters must be selected (V(true)) or must not be (V(false)). By default they must not with
            O(state=absent), and must otherwise.
        type: bool
  report_placements:
    description:
      - Return in RV(clusters[].selected_by) the Placements of all namespaces that select each cluster. Needs permission
        to list C(placementdecisions) everywhere. Without it, those of the namespaces in O(placements) are returned.
    type: bool
    default: false
seealso:
  - module: multicluster.interconnect.resource_wait
  - name: Placement
    description: How a hub selects clusters by labels.
    link: https://open-cluster-management.io/docs/concepts/content-placement/placement/
"""

EXAMPLES = r"""
- name: Put two clusters into the set and let the Placement select them
  multicluster.interconnect.managedcluster_label:
    context: ca-central
    names: [ca-toronto, us-philly]
    labels:
      cluster.open-cluster-management.io/clusterset: online-boutique
      online-boutique: "True"
    placements:
      - name: online-boutique-clusters
        namespace: openshift-gitops

- name: Label the hub's own managed cluster, whatever its name is
  multicluster.interconnect.managedcluster_label:
    context: ca-central
    label_selector: local-cluster=true
    labels:
      local-argo: "True"

- name: Take a cluster out and wait until the Placement has let it go
  multicluster.interconnect.managedcluster_label:
    context: ca-central
    names: [us-philly]
    labels:
      online-boutique:
    state: absent
    placements:
      - name: online-boutique-clusters
        namespace: openshift-gitops
"""

RETURN = r"""
clusters:
  description: Each managed cluster that was meant, in the order of O(names), or as the hub lists them.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the managed cluster.
      type: str
      sample: ca-toronto
    changed:
      description: Whether its labels were, or would be, changed.
      type: bool
    before:
      description: All its labels before.
      type: dict
    after:
      description: All its labels then, as the hub answered; in a check run as predicted.
      type: dict
    selected_by:
      description: Placements (C(namespace/name)) that select it at the end. Empty where none was looked at.
      type: list
      elements: str
      sample: [openshift-gitops/online-boutique-clusters]
written:
  description: Clusters that were written before others were refused.
  returned: failure while writing
  type: list
  elements: str
failed_clusters:
  description: Clusters that were refused.
  returned: failure while writing
  type: list
  elements: str
missing:
  description: The O(names) that the hub does not have.
  returned: failure because of them
  type: list
  elements: str
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.label_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.labels import PROTECTED
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "names": {"type": "list", "elements": "str"},
        "label_selector": {"type": "str"},
        "labels": {"type": "dict", "required": True},
        "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
        "protected": {"type": "list", "elements": "str", "default": list(PROTECTED)},
        "move_clusterset": {"type": "bool", "default": False},
        "ignore_missing": {"type": "bool", "default": False},
        "placements": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "namespace": {"type": "str", "required": True},
                "selects": {"type": "bool"},
            },
        },
        "report_placements": {"type": "bool", "default": False},
    },
    run=run,
    mutually_exclusive=[("names", "label_selector")],
    required_one_of=[("names", "label_selector")],
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
