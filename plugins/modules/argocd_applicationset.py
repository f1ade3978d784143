# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Applications of a chart on some clusters, by one ApplicationSet."""

from __future__ import annotations

DOCUMENTATION = r"""
module: argocd_applicationset
short_description: Have Argo CD deploy a chart to clusters that a Placement selects, each with its own values
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Keeps one ApplicationSet on the hub that merges the decisions of a Placement with a list of clusters and their
    values. A cluster gets an Application where it is in both.
  - With O(source) the ApplicationSet is made, or brought to the wanted state; the clusters that it has are kept.
    Without it, O(clusters) alone join, change or leave. So each site can be deployed by itself, at the same time as
    others and without touching them. An ApplicationSet that is not there yet is waited for, four minutes at most, as
    the hub may be in another run.
  - Waits until Argo CD has deployed what was asked for, and not just until it says that what was there before is
    deployed. Ends early, with Argo CD's own words, where it can not. Before that, Argo CD is asked once to look again,
    and to try a sync again that had failed before this run.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  name:
    description:
      - Name of the ApplicationSet. Applications are named C(NAME-CLUSTER).
    type: str
    required: true
  namespace:
    description:
      - Namespace of Argo CD on the hub.
    type: str
    default: openshift-gitops
  source:
    description:
      - The chart. Needs O(destination_namespace) and O(placement).
    type: dict
    suboptions:
      repo_url:
        description: Git repository.
        type: str
        required: true
      target_revision:
        description: Branch, tag or commit.
        type: str
        default: HEAD
      path:
        description: Folder of the chart in the repository.
        type: str
        required: true
  project:
    description:
      - Project of the Applications.
    type: str
    default: default
  destination_namespace:
    description:
      - Namespace on the clusters. It has to be there, unless O(sync_options) say otherwise.
    type: str
  placement:
    description:
      - Placement in O(namespace) that has to select the clusters.
    type: str
  placement_config_map:
    description:
      - ConfigMap in O(namespace) that tells Argo CD where decisions stand. The default is the one that ACM's
        C(GitOpsCluster) makes.
    type: str
    default: acm-placement
  sync_options:
    description:
      - Options of each sync.
    type: list
    elements: str
    default: [ServerSideApply=true]
  prune:
    description:
      - Have Argo CD remove what the chart no longer has, and what it deployed on clusters that leave. Without, it never
        removes anything, whatever happens on the hub - for what must not go by accident. With O(state=absent), what it
        deployed stays, too.
      - Counts with O(source).
    type: bool
    default: true
  requeue_after:
    description:
      - Seconds after which Argo CD looks at the decisions again.
    type: int
    default: 20
  clusters:
    description:
      - Clusters that are to have the application, or with O(state=absent) no longer. Others are left alone.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the cluster in Argo CD, which is that of the ManagedCluster.
        type: str
      selector:
        description:
          - Label selector of the ManagedCluster, where its name is not known, such as V(local-cluster=true).
        type: str
      values:
        description: Values of the chart for this cluster.
        type: dict
        default: {}
  refresh:
    description:
      - Have Argo CD look at the repository now, for revisions that move, such as branches.
    type: bool
    default: false
  state:
    description:
      - V(absent) lets O(clusters) leave and waits until Argo CD has removed what it deployed there. Without
        O(clusters) it removes the ApplicationSet after all its Applications.
      - An ApplicationSet that this collection has not made is never changed or removed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: multicluster.interconnect.argocd_cluster
  - name: Argo CD, cluster decision resource generator
    description: How Placements decide where Argo CD deploys.
    link: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Cluster-Decision-Resource/
"""

EXAMPLES = r"""
- name: Prepare an application
  multicluster.interconnect.argocd_applicationset:
    context: ca-central
    name: online-boutique
    source:
      repo_url: https://git.example.com/boutique.git
      target_revision: v1
      path: chart
    destination_namespace: online-boutique
    placement: online-boutique-clusters

- name: Deploy it to ca-toronto
  multicluster.interconnect.argocd_applicationset:
    context: ca-central
    name: online-boutique
    clusters:
      - name: ca-toronto
        values:
          services:
            cartservice:
              enabled: true

- name: Take it off the hub's own cluster
  multicluster.interconnect.argocd_applicationset:
    context: ca-central
    name: online-boutique
    clusters:
      - selector: local-cluster=true
    state: absent
"""

RETURN = r"""
name:
  description: Name of the ApplicationSet.
  returned: success
  type: str
clusters:
  description: The clusters that were asked for.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the cluster.
      type: str
    application:
      description: Name of its Application.
      type: str
    changed:
      description: Whether it has joined or left, or got other values.
      type: bool
    sync:
      description: Argo CD's sync status.
      returned: after a wait
      type: str
      sample: Synced
    health:
      description: Argo CD's health status.
      returned: after a wait
      type: str
      sample: Healthy
    revision:
      description: The commit that is deployed.
      returned: after a wait
      type: str
workloads:
  description: What runs pods in the Applications that were not deployed in time; C(api_version), C(kind), C(namespace)
    and C(name) of each.
  returned: failure as time was up
  type: list
  elements: dict
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success, and failure after something was written
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.applicationset_task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "default": "openshift-gitops"},
        "source": {
            "type": "dict",
            "options": {
                "repo_url": {"type": "str", "required": True},
                "target_revision": {"type": "str", "default": "HEAD"},
                "path": {"type": "str", "required": True},
            },
        },
        "project": {"type": "str", "default": "default"},
        "destination_namespace": {"type": "str"},
        "placement": {"type": "str"},
        "placement_config_map": {"type": "str", "default": "acm-placement"},
        "sync_options": {"type": "list", "elements": "str", "default": ["ServerSideApply=true"]},
        "prune": {"type": "bool", "default": True},
        "requeue_after": {"type": "int", "default": 20},
        "clusters": {
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"type": "str"},
                "selector": {"type": "str"},
                "values": {"type": "dict", "default": {}},
            },
            "required_one_of": [("name", "selector")],
            "mutually_exclusive": [("name", "selector")],
        },
        "refresh": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    required_by={"source": ["destination_namespace", "placement"]},
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
