# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cluster has and allows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Report identity, version, kinds and permissions of a cluster, and all that is wrong at once
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Reads the identity and version of a cluster, and asks which of the given kinds it serves and which of the given
    permissions the user has.
  - Problems, an unreachable cluster among them, are returned and do not fail the task, so that a preflight can report
    all of them.
  - Permissions are asked for by C(SelfSubjectAccessReview), which stores nothing.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.attributes
options:
  kinds:
    description:
      - Kinds that the cluster should serve.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: API group and version, such as V(cluster.open-cluster-management.io/v1).
        type: str
        required: true
      kind:
        description: The kind, such as V(ManagedCluster).
        type: str
        required: true
      required:
        description: Whether it is a problem that the kind is not served.
        type: bool
        default: true
  permissions:
    description:
      - What the user should be allowed to do.
    type: list
    elements: dict
    default: []
    suboptions:
      verbs:
        description: Verbs, such as V(get) and V(patch). Each is asked for.
        type: list
        elements: str
        required: true
      group:
        description: API group; empty for the core group.
        type: str
        default: ""
      resource:
        description: Resource in the plural, such as V(managedclusters).
        type: str
        required: true
      subresource:
        description: Subresource, such as V(join) of C(managedclustersets).
        type: str
      namespace:
        description: Namespace; without it the permission is asked for cluster-wide.
        type: str
      name:
        description: Name of a single object.
        type: str
  min_version:
    description:
      - Oldest Kubernetes version that is no problem, such as V(1.25).
    type: str
seealso:
  - ref: ansible_collections.multicluster.interconnect.preflight_role
    description: The role that asks for all that the playbooks need.
"""

EXAMPLES = r"""
- name: Look at the hub
  multicluster.interconnect.cluster_info:
    context: ca-central
    min_version: "1.25"
    kinds:
      - api_version: cluster.open-cluster-management.io/v1
        kind: ManagedCluster
    permissions:
      - verbs: [list, patch]
        group: cluster.open-cluster-management.io
        resource: managedclusters
  register: hub

- name: Stop with all problems in one message
  ansible.builtin.assert:
    that: hub.problems | length == 0
    fail_msg: "{{ hub.problems | map(attribute='message') | join('\n') }}"
"""

RETURN = r"""
reachable:
  description: Whether the API server answers, accepts the credentials and is the expected cluster.
  returned: always
  type: bool
server:
  description: URL of the API server; null where the credentials could not be read.
  returned: always
  type: str
  sample: https://api.ca-central.example.com:6443
id:
  description: The cluster's id (uid of namespace C(kube-system)), for the option O(cluster_id) of all modules.
  returned: always
  type: str
version:
  description: Version of the API server.
  returned: always
  type: str
  sample: v1.34.4
kinds:
  description: The O(kinds) that were asked for, each with RV(kinds[].served).
  returned: always
  type: list
  elements: dict
  contains:
    api_version:
      description: API group and version.
      type: str
    kind:
      description: The kind.
      type: str
    required:
      description: As asked.
      type: bool
    served:
      description: Whether the cluster serves it.
      type: bool
problems:
  description: All that is wrong, in the order in which it is worth mending.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description: V(connection), V(version), V(kind) or V(permission).
      type: str
    subject:
      description: What it is about.
      type: str
      sample: patch managedclusters.cluster.open-cluster-management.io
    message:
      description: What is wrong and what to do.
      type: str
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._preflight.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        "kinds": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "api_version": {"type": "str", "required": True},
                "kind": {"type": "str", "required": True},
                "required": {"type": "bool", "default": True},
            },
        },
        "permissions": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "verbs": {"type": "list", "elements": "str", "required": True},
                "group": {"type": "str", "default": ""},
                "resource": {"type": "str", "required": True},
                "subresource": {"type": "str"},
                "namespace": {"type": "str"},
                "name": {"type": "str"},
            },
        },
        "min_version": {"type": "str"},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
