# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for the state of any objects of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_wait
short_description: Wait until Kubernetes objects have reached a state, several in one task
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Waits until all O(resources) are as wanted in one and the same look, for kinds that it knows by naming a goal
    (O(resources[].until)), for any other by acceptors, that is tests of conditions and fields.
  - Ends early when a failure acceptor holds in two looks in succession. On failure and on time-out the message lists
    each object that is not as wanted, its last state and conditions, and the likely cause. For a Placement these are
    the bound sets and, for each cluster, the label, claim or taint that keeps it out; for workloads what their pods
    complain of; for an object that should be gone what holds it.
  - A status that is older than the object (C(observedGeneration) below C(generation)) counts for nothing.
  - An API server that stops answering is waited for. One that does not answer from the beginning, missing permissions
    and kinds that are not installed end the task at once. (Where the task also waits for a CustomResourceDefinition, a
    Subscription or a ClusterServiceVersion, the missing kind may be about to come, and is waited for.)
  - In a check run it looks once, never waits and never fails because of what it sees, as the objects may not be there
    yet. Values of Secrets are never shown.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  resources:
    description: What to wait for; all entries are waited for at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      api_version:
        description: API group and version of the objects.
        type: str
        default: v1
      kind:
        description: Kind of the objects.
        type: str
        required: true
      namespace:
        description:
          - Namespace of the objects. Left out for kinds that have none, and with O(resources[].label_selector) to look
            in all namespaces.
        type: str
      name:
        description: Name of the one object. Mutually exclusive with O(resources[].label_selector).
        type: str
      label_selector:
        description: Selects objects by their labels; all of those must reach the state, and one at least must be there.
        type: str
      count:
        description: How many objects exactly O(resources[].label_selector) must find.
        type: int
      until:
        description:
          - A built-in goal. Mutually exclusive with O(resources[].success). Without both, the first one of the kind.
          - "ManagedCluster: V(available), V(joined), V(accepted), V(unavailable), V(imported)."
          - "Placement: V(selected), V(exactly), V(deselected) compare its decisions with O(resources[].clusters);
            V(satisfied)."
          - "ManagedClusterSet: V(populated), V(empty). ManagedClusterSetBinding: V(bound).
            ManagedClusterAddOn: V(available)."
          - "GitOpsCluster: V(imported), that is Argo CD has a Secret for each cluster that the Placement selects."
          - "Policy: V(compliant), that is each cluster that the hub has sent a root Policy to complies, or each
            of O(resources[].clusters); or the one cluster that a replicated Policy is for. A template error ends the
            wait."
          - "MultiClusterHub: V(running). MultiClusterEngine, ArgoCD: V(available). Application of Argo CD: V(healthy)."
          - "Subscription of OLM: V(installed), that is its ClusterServiceVersion has succeeded.
            ClusterServiceVersion: V(succeeded)."
          - "Deployment, StatefulSet, DaemonSet: V(rolled_out). Job: V(complete).
            CustomResourceDefinition: V(established). APIService: V(available). Namespace: V(active)."
          - "Of Skupper v2, Site: V(ready). Certificate, AccessGrant: V(ready). AccessToken: V(redeemed). Link:
            V(operational), V(configured). Listener, Connector: V(matched), V(configured)."
          - "Secret, ConfigMap: V(populated), with O(resources[].keys)."
          - "Any kind: V(present), V(absent)."
        type: str
      clusters:
        description:
          - Names of managed clusters for the goals of a Placement, and V(compliant) of a root Policy.
          - V(selected) wants all of them among the decisions, V(exactly) them and no others, V(deselected) none.
          - Left out, V(selected) wants any cluster and V(deselected) no cluster at all.
          - A Placement that does not exist selects nothing, and so satisfies V(deselected).
        type: list
        elements: str
      keys:
        description: Keys of a Secret or ConfigMap that must have a value; left out, any key will do.
        type: list
        elements: str
      success:
        description: Acceptors that describe the wanted state.
        type: list
        elements: dict
        suboptions: &acceptor
          condition:
            description:
              - Type of an entry of C(status.conditions).
              - An acceptor has one of C(condition), C(field) and C(absent).
            type: str
          status:
            description:
              - Status that the condition must have. By default V("True"); any where C(reason) or C(message_matches)
                is given.
            type: str
            choices: ["True", "False", "Unknown"]
          reason:
            description: Regular expression that the whole reason of the condition must match.
            type: str
          message_matches:
            description: Regular expression that some part of the message of the condition must match.
            type: str
          field:
            description:
              - Path of a field, such as V(status.phase), V(spec.ports[0].port), V(metadata.annotations["a.b/c"]).
              - V([*]) stands for every element of a list; then it is enough that one passes the test.
              - Needs one of the tests C(equals), C(not_equals), C(matches), C(contains), C(at_least), C(at_most) and
                C(exists). A field that is not there passes none but C(exists=false).
            type: str
          equals:
            description: Value that the field must have. A number or truth value may also be given as text.
            type: raw
          not_equals:
            description: Value that the field must not have. With V([*]) no element may have it.
            type: raw
          matches:
            description: Regular expression that some part of the field must match.
            type: str
          contains:
            description: Element of a list, key of a mapping or part of a text that the field must hold.
            type: raw
          at_least:
            description:
              - Number that the field must reach. Of a list or mapping the elements are counted.
              - A number or list that is left out beside other fields counts as 0, as API servers leave out zeros.
            type: float
          at_most:
            description: Number that the field must not exceed; see C(at_least).
            type: float
          exists:
            description: Whether the field must be there.
            type: bool
          absent:
            description: Whether the object itself must be gone (V(true)) or there (V(false)).
            type: bool
      success_if:
        description: Whether V(all) of O(resources[].success) must hold, or V(any) one of them.
        type: str
        choices: [all, any]
        default: all
      failure:
        description:
          - Acceptors of states without a way back; one that holds ends the wait. They are added to those of
            O(resources[].until).
        type: list
        elements: dict
        suboptions: *acceptor
      retry:
        description:
          - Acceptors of passing states; while one holds the wait goes on, whatever O(resources[].failure) and
            O(resources[].success) say.
        type: list
        elements: dict
        suboptions: *acceptor
  wait:
    description:
      - V(false) looks once and returns RV(satisfied) without failing.
seealso:
  - module: multicluster.interconnect.resource_apply
  - module: multicluster.interconnect.managedcluster_label
  - module: kubernetes.core.k8s_info
"""

EXAMPLES = r"""
- name: Both spokes are available, and the Placement selects them
  multicluster.interconnect.resource_wait:
    context: ca-central
    resources:
      - api_version: cluster.open-cluster-management.io/v1
        kind: ManagedCluster
        label_selector: cluster.open-cluster-management.io/clusterset=online-boutique
        count: 2
      - api_version: cluster.open-cluster-management.io/v1beta1
        kind: Placement
        namespace: openshift-gitops
        name: online-boutique-clusters
        clusters: [ca-toronto, us-philly]

- name: The operator is installed; a missing approval or a failed InstallPlan is named
  multicluster.interconnect.resource_wait:
    resources:
      - api_version: operators.coreos.com/v1alpha1
        kind: Subscription
        namespace: openshift-gitops-operator
        name: openshift-gitops-operator
      - api_version: argoproj.io/v1beta1
        kind: ArgoCD
        namespace: openshift-gitops
        name: openshift-gitops
    wait_timeout: 900

- name: Two Deployments have come up, unless one of them exceeds its deadline
  multicluster.interconnect.resource_wait:
    context: ca-toronto
    resources:
      - api_version: apps/v1
        kind: Deployment
        namespace: online-boutique
        label_selector: app.kubernetes.io/part-of=boutique
        count: 2
        success:
          - condition: Available
        failure:
          - condition: Progressing
            reason: ProgressDeadlineExceeded

- name: An address has been given to the gateway
  multicluster.interconnect.resource_wait:
    resources:
      - kind: Service
        namespace: skupper
        name: skupper-router
        success:
          - field: status.loadBalancer.ingress[*].ip
            exists: true
          - field: status.loadBalancer.ingress[*].hostname
            exists: true
        success_if: any

- name: The namespace is gone
  multicluster.interconnect.resource_wait:
    resources:
      - kind: Namespace
        name: online-boutique
        until: absent
"""

RETURN = r"""
satisfied:
  description: Whether everything was as wanted. V(false) without failure in a check run and with O(wait=false) only.
  returned: always
  type: bool
elapsed:
  description: Seconds from the first look to the last.
  returned: always
  type: float
  sample: 12.4
resources:
  description: How each entry of O(resources) was at the last look, in the same order.
  returned: always
  type: list
  elements: dict
  contains:
    api_version:
      description: API group and version.
      type: str
      sample: cluster.open-cluster-management.io/v1beta1
    kind:
      description: Kind of the object.
      type: str
      sample: Placement
    namespace:
      description: Namespace; null where none was given.
      type: str
      sample: openshift-gitops
    name:
      description: Name; null with a label selector.
      type: str
      sample: online-boutique-clusters
    label_selector:
      description: Label selector; null with a name.
      type: str
    satisfied:
      description: Whether the entry was as wanted.
      type: bool
    state:
      description: What was seen last.
      type: str
      sample: selects ca-toronto; not yet us-philly
    elapsed:
      description: Seconds until the entry was as wanted, or until the last look where it was not.
      type: float
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.task import run

ACCEPTOR_ARGS = {
    "condition": {"type": "str"},
    "status": {"type": "str", "choices": ["True", "False", "Unknown"]},
    "reason": {"type": "str"},
    "message_matches": {"type": "str"},
    "field": {"type": "str"},
    "equals": {"type": "raw"},
    "not_equals": {"type": "raw"},
    "matches": {"type": "str"},
    "contains": {"type": "raw"},
    "at_least": {"type": "float"},
    "at_most": {"type": "float"},
    "exists": {"type": "bool"},
    "absent": {"type": "bool"},
}
ACCEPTORS = {"type": "list", "elements": "dict", "options": ACCEPTOR_ARGS}

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "resources": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "api_version": {"type": "str", "default": "v1"},
                "kind": {"type": "str", "required": True},
                "namespace": {"type": "str"},
                "name": {"type": "str"},
                "label_selector": {"type": "str"},
                "count": {"type": "int"},
                "until": {"type": "str"},
                "clusters": {"type": "list", "elements": "str"},
                "keys": {"type": "list", "elements": "str", "no_log": False},
                "success": ACCEPTORS,
                "success_if": {"type": "str", "choices": ["all", "any"], "default": "all"},
                "failure": ACCEPTORS,
                "retry": ACCEPTORS,
            },
        },
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
