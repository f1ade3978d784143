# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of one cluster brought to a desired state."""

from __future__ import annotations

DOCUMENTATION = r"""
module: resource_apply
short_description: Apply or remove Kubernetes objects without a write where nothing changes
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Brings any number of objects to a desired state by server-side apply with the field manager
    C(multicluster.interconnect), several at the same time; namespaces and CRDs come first.
  - An object that is in its desired state already is only read. Whether that is so is decided from the fields that this
    collection owns, and by a dry run of the server where defaults or list types leave a doubt.
  - A check run predicts on an empty cluster, too. What lives in a namespace that does not exist yet is reported as
    created, with a note that the server could not validate it.
  - Objects that this module makes bear the label C(app.kubernetes.io/managed-by=multicluster.interconnect), and
    O(state=absent) deletes what bears it. An object that was there before keeps existing and only loses the fields that
    this collection owns.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  resources:
    description:
      - The objects. With O(state=absent) their identity (C(apiVersion), C(kind), C(metadata.name) and
        C(metadata.namespace)) is enough.
    type: list
    elements: dict
    default: []
  namespace:
    description:
      - Namespace of the namespaced objects in O(resources) that name none, as those that Helm renders.
    type: str
  apply_set:
    description:
      - Take the objects for one set, and remove what is a member of it and is not in O(resources) any more, after
        all of these have been applied. With O(state=absent), remove all members, whatever they are, and the set itself.
      - The format is that of ApplySet (KEP-3659), as C(kubectl apply --prune --applyset) has it. Each member bears the
        label C(applyset.kubernetes.io/part-of). The set's parent, an object without data, tells in which kinds and
        namespaces there are members. It is widened before the first member is written and narrowed at the end, so that
        a run that was killed is completed by the next.
      - A parent of another tool, and an object that is a member of another set, are refused. O(wait) holds for what is
        removed, and O(only_own) for members that were there before.
    type: dict
    suboptions:
      name:
        description: Name of the parent.
        type: str
        required: true
      namespace:
        description: Namespace of the parent. Members may be elsewhere, or in no namespace.
        type: str
        required: true
      kind:
        description: Kind of the parent.
        type: str
        choices: [ConfigMap, Secret]
        default: ConfigMap
  matching:
    description:
      - With O(state=absent), remove all objects that match, too.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: API group and version.
        type: str
        required: true
      kind:
        description: Kind of the objects.
        type: str
        required: true
      namespace:
        description: Namespace of the objects; all namespaces where it is left out.
        type: str
      label_selector:
        description: Selects the objects by their labels.
        type: str
        required: true
  state:
    description:
      - V(present) applies, V(absent) removes in the opposite order.
    type: str
    choices: [present, absent]
    default: present
  force_conflicts:
    description:
      - Take over fields that another manager owns. Without it the task fails and names the owner.
    type: bool
    default: false
  only_own:
    description:
      - With O(state=absent) and O(apply_set), leave objects alone that this collection did not make.
    type: bool
    default: true
  wait:
    description:
      - Wait until objects that are removed are gone; on time-out say what holds them. To wait for other
        effects use M(multicluster.interconnect.resource_wait).
seealso:
  - module: multicluster.interconnect.resource_wait
"""

EXAMPLES = r"""
- name: A cluster set, bound into the namespace of Argo CD
  multicluster.interconnect.resource_apply:
    context: ca-central
    resources:
      - apiVersion: cluster.open-cluster-management.io/v1beta2
        kind: ManagedClusterSet
        metadata:
          name: online-boutique
      - apiVersion: cluster.open-cluster-management.io/v1beta2
        kind: ManagedClusterSetBinding
        metadata:
          name: online-boutique
          namespace: openshift-gitops
        spec:
          clusterSet: online-boutique

- name: Just these objects of an application, and none that an earlier version of it had
  multicluster.interconnect.resource_apply:
    context: ca-toronto
    namespace: online-boutique
    apply_set:
      name: online-boutique
      namespace: online-boutique
    resources: "{{ rendered.stdout | from_yaml_all | select }}"

- name: Take the cluster set and its binding out again
  multicluster.interconnect.resource_apply:
    context: ca-central
    state: absent
    resources:
      - apiVersion: cluster.open-cluster-management.io/v1beta2
        kind: ManagedClusterSet
        metadata:
          name: online-boutique
      - apiVersion: cluster.open-cluster-management.io/v1beta2
        kind: ManagedClusterSetBinding
        metadata:
          name: online-boutique
          namespace: openshift-gitops
"""

RETURN = r"""
resources:
  description: What was, or would be, done to each object.
  returned: success, and failure after something was written
  type: list
  elements: dict
  contains:
    api_version:
      description: API group and version.
      type: str
      sample: cluster.open-cluster-management.io/v1beta2
    kind:
      description: Kind of the object.
      type: str
      sample: ManagedClusterSet
    namespace:
      description: Namespace of the object; null where it has none.
      type: str
    name:
      description: Name of the object.
      type: str
      sample: online-boutique
    uid:
      description: The object's uid; null where it is only predicted.
      type: str
    action:
      description:
        - V(created), V(updated) or V(unchanged); V(deleted), V(deleting) (was being deleted already), V(released) (our
          fields were given up), V(kept) (not made by this collection) or V(absent) (was not there).
      type: str
      sample: created
    note:
      description: What else there is to know, such as why a prediction could not be validated.
      type: str
      returned: where there is something
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._apply.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args, wait_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **wait_args(),
        "resources": {"type": "list", "elements": "dict", "default": []},
        "namespace": {"type": "str"},
        "apply_set": {
            "type": "dict",
            "options": {
                "name": {"type": "str", "required": True},
                "namespace": {"type": "str", "required": True},
                "kind": {"type": "str", "choices": ["ConfigMap", "Secret"], "default": "ConfigMap"},
            },
        },
        "matching": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "api_version": {"type": "str", "required": True},
                "kind": {"type": "str", "required": True},
                "namespace": {"type": "str"},
                "label_selector": {"type": "str", "required": True},
            },
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "force_conflicts": {"type": "bool", "default": False},
        "only_own": {"type": "bool", "default": True},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
