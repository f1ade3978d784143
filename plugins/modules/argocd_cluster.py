# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster imported into Argo CD."""

from __future__ import annotations

DOCUMENTATION = r"""
module: argocd_cluster
short_description: Give Argo CD access to a cluster, renew it, or take it away
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes a service account with its permissions and a token on the cluster, and the cluster Secret beside Argo CD on
    the hub, as C(argocd cluster add) does, without that program and without a token in any variable, file or output.
  - A token is proved against the cluster before Argo CD gets it, and an old one is removed after; a run that is
    interrupted anywhere is completed by the next one.
  - Where ACM's C(GitOpsCluster) does this work, use that instead.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.hub
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  name:
    description:
      - Name of the cluster in Argo CD. ApplicationSets that take it from Placement decisions need the name of the
        ManagedCluster.
    type: str
    required: true
  namespace:
    description:
      - Namespace of Argo CD on the hub.
    type: str
    default: openshift-gitops
  server:
    description:
      - URL by which Argo CD reaches the cluster. By default the one by which Ansible does.
    type: str
  labels:
    description:
      - Labels of the cluster Secret, for ApplicationSets that select by them.
    type: dict
    default: {}
  annotations:
    description:
      - Annotations of the cluster Secret.
    type: dict
    default: {}
  service_account:
    description:
      - Argo CD's account on the cluster. The default is the one that C(argocd cluster add) makes.
    type: str
    default: argocd-manager
  service_account_namespace:
    description:
      - Namespace of the account.
    type: str
    default: kube-system
  rules:
    description:
      - What the account may do, as rules of a C(ClusterRole). The default is everything, as Argo CD's own; a list of
        just what the applications consist of is better.
    type: list
    elements: dict
    default:
      - apiGroups: ["*"]
        resources: ["*"]
        verbs: ["*"]
      - nonResourceURLs: ["*"]
        verbs: ["*"]
  state:
    description:
      - V(present) gives access, V(rotated) renews the token, V(absent) takes all of it away.
      - V(absent) goes on where the cluster does not answer, and returns what is left there in RV(remaining).
    type: str
    choices: [present, rotated, absent]
    default: present
  wait:
    description:
      - With O(state=absent), wait until everything is gone. A new token is always waited for.
seealso:
  - name: Argo CD declarative set-up
    description: The format of the cluster Secret.
    link: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters
"""

EXAMPLES = r"""
- name: Let Argo CD on the hub deploy to ca-toronto
  multicluster.interconnect.argocd_cluster:
    context: ca-toronto
    name: ca-toronto
    hub:
      context: ca-central

- name: Renew its token
  multicluster.interconnect.argocd_cluster:
    context: ca-toronto
    name: ca-toronto
    hub:
      context: ca-central
    state: rotated
"""

RETURN = r"""
secret:
  description: The cluster Secret on the hub.
  returned: success
  type: str
  sample: Secret openshift-gitops/ca-toronto-cluster-secret
server:
  description: URL by which Argo CD reaches the cluster.
  returned: success
  type: str
service_account:
  description: Argo CD's account on the cluster.
  returned: unless O(state=absent)
  type: str
  sample: kube-system/argocd-manager
token_secret:
  description: The Secret on the cluster that holds the token in use.
  returned: unless O(state=absent)
  type: str
  sample: Secret kube-system/argocd-manager-token-1
remaining:
  description: Objects that could not be removed, as the cluster did not answer.
  returned: with O(state=absent)
  type: list
  elements: str
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success, and failure after something was written
  type: list
  elements: dict
others:
  description: Other cluster Secrets for the same cluster.
  returned: failure because of them
  type: list
  elements: str
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.objects import ALL_RULES
from ansible_collections.multicluster.interconnect.plugins.module_utils._argocd.task import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import (
    auth_args,
    hub_args,
    wait_args,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **hub_args(),
        **wait_args(),
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "default": "openshift-gitops"},
        "server": {"type": "str"},
        "labels": {"type": "dict", "default": {}},
        "annotations": {"type": "dict", "default": {}},
        "service_account": {"type": "str", "default": "argocd-manager"},
        "service_account_namespace": {"type": "str", "default": "kube-system"},
        "rules": {"type": "list", "elements": "dict", "default": [dict(rule) for rule in ALL_RULES]},
        "state": {"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
