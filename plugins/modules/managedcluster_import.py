# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster brought to its hub."""

from __future__ import annotations

DOCUMENTATION = r"""
module: managedcluster_import
short_description: Import a cluster into an ACM or Open Cluster Management hub, or detach it
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Makes the cluster that the connection options lead to a managed cluster of a hub, and waits until its agent has
    joined and it is available; or takes it away again.
  - A cluster that has joined is left as it is, and an import that was interrupted anywhere (a lost bootstrap Secret, an
    expired token, a certificate request that nobody has approved) is completed.
  - Refuses, before any write, to take the place of another cluster under its name, or a cluster away from another hub.
    Compared are the hub that the cluster's agent is registered with, the claims C(id.k8s.io) and C(id.openshift.io)
    where they hold an id, and the URL of the API server.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - multicluster.interconnect.hub
  - multicluster.interconnect.wait
  - multicluster.interconnect.attributes
options:
  name:
    description:
      - Name of the ManagedCluster.
    type: str
    required: true
  backend:
    description:
      - V(acm) gives ACM's import controller credentials of the cluster, for a short time, and lets it do the work. They
        are those of this task, and must be those of a cluster administrator.
      - V(ocm) gives the cluster a bootstrap kubeconfig and a Klusterlet, from which the klusterlet operator, which must
        be installed on the cluster, makes the agent.
      - V(auto) is V(acm) where the hub serves C(MultiClusterEngine), else V(ocm).
    type: str
    choices: [auto, acm, ocm]
    default: auto
  server:
    description:
      - URL by which the hub reaches the cluster. By default the one by which Ansible does.
    type: str
  hub_url:
    description:
      - URL by which the cluster's agent reaches the hub, for V(ocm). By default the one by which Ansible does.
    type: str
  hub_ca_cert:
    description:
      - Path to the CA certificate (PEM) by which the agent verifies O(hub_url). By default the one by which Ansible
        verifies the hub.
    type: path
  bootstrap_account:
    description:
      - Service account on the hub whose token the agent registers with, for V(ocm). The default is the one that
        OCM's cluster-manager makes.
    type: str
    default: agent-registration-bootstrap
  bootstrap_account_namespace:
    description:
      - Namespace of the account.
    type: str
    default: open-cluster-management
  token_expiration:
    description:
      - Seconds that the token is good for, 600 or more. The agent needs it until it has a certificate of its own.
    type: int
    default: 3600
  approve:
    description:
      - Approve the agent's certificate requests on the hub, for V(ocm), where the hub does not do it by itself.
      - Approved is only what this cluster's agent asks for. The request must bear the label
        C(open-cluster-management.io/cluster-name) with O(name), be for the signer
        C(kubernetes.io/kube-apiserver-client) and for no other usage than that of a client, be made by
        O(bootstrap_account), with the very token that this cluster was given where the hub notes it (Kubernetes 1.30
        and later), and its subject must be that of the cluster's agent
        (CN C(system:open-cluster-management:<name>:<agent>), O C(system:open-cluster-management:<name>)).
      - The request's signature is not verified here; the API server has done that before it stored it.
    type: bool
    default: true
  agent_namespace:
    description:
      - Namespace of the agent on the cluster.
    type: str
    default: open-cluster-management-agent
  klusterlet:
    description:
      - Fields of the Klusterlet's C(spec), for V(ocm), merged over those that this module sets (C(clusterName),
        C(namespace), C(externalServerURLs)); null takes one out.
    type: dict
    default: {}
  klusterlet_addon_config:
    description:
      - The C(spec) of the cluster's C(KlusterletAddonConfig), for V(acm) where the hub serves that kind. Empty for
        none.
    type: dict
    default:
      applicationManager: {enabled: true}
      certPolicyController: {enabled: true}
      policyController: {enabled: true}
      searchCollector: {enabled: true}
  auto_import_retry:
    description:
      - How often ACM tries the import, for V(acm).
    type: int
    default: 5
  state:
    description:
      - V(present) imports the cluster, V(absent) detaches it.
      - V(absent) removes only what an import by this module has made; a ManagedCluster that others made stays. It goes
        on where the cluster does not answer, and returns what is left there in RV(remaining).
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - Wait until the cluster is available, or until everything is gone.
      - Without, a later run completes the import, and with O(state=absent) the agent may be gone before it has undone
        what the hub has placed on the cluster.
seealso:
  - module: multicluster.interconnect.managedcluster_label
  - name: Register a cluster
    description: What the klusterlet operator needs.
    link: https://open-cluster-management.io/docs/getting-started/installation/register-a-cluster/
"""

EXAMPLES = r"""
- name: Let the hub manage ca-regina
  multicluster.interconnect.managedcluster_import:
    context: ca-regina
    name: ca-regina
    hub:
      context: ca-central

- name: The same, with feature gates for the agent, which reaches the hub by another name
  multicluster.interconnect.managedcluster_import:
    context: ca-regina
    name: ca-regina
    hub:
      context: ca-central
    hub_url: https://api.ca-central.internal:6443
    klusterlet:
      registrationConfiguration:
        featureGates:
          - feature: AddonManagement
            mode: Enable

- name: Detach it
  multicluster.interconnect.managedcluster_import:
    context: ca-regina
    name: ca-regina
    hub:
      context: ca-central
    state: absent
"""

RETURN = r"""
name:
  description: Name of the ManagedCluster.
  returned: success
  type: str
  sample: ca-regina
backend:
  description: The backend that was used.
  returned: success
  type: str
  sample: ocm
server:
  description: URL by which the hub reaches the cluster.
  returned: unless O(state=absent)
  type: str
hub_server:
  description: URL by which the cluster's agent reaches the hub.
  returned: unless O(state=absent)
  type: str
approved:
  description: Certificate requests of the agent that were, or would be, approved.
  returned: unless O(state=absent)
  type: list
  elements: str
remaining:
  description: Objects that could not be removed, as the cluster did not answer.
  returned: with O(state=absent)
  type: list
  elements: str
resources:
  description: What was, or would be, done to each object, as in M(multicluster.interconnect.resource_apply).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import (
    auth_args,
    hub_args,
    wait_args,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import TaskSpec, run_as_module

ADDONS = ("applicationManager", "certPolicyController", "policyController", "searchCollector")

SPEC = TaskSpec(
    argument_spec={
        **auth_args(),
        **hub_args(),
        **wait_args(),
        "name": {"type": "str", "required": True},
        "backend": {"type": "str", "choices": ["auto", "acm", "ocm"], "default": "auto"},
        "server": {"type": "str"},
        "hub_url": {"type": "str"},
        "hub_ca_cert": {"type": "path"},
        "bootstrap_account": {"type": "str", "default": "agent-registration-bootstrap"},
        "bootstrap_account_namespace": {"type": "str", "default": "open-cluster-management"},
        "token_expiration": {"type": "int", "default": 3600, "no_log": False},
        "approve": {"type": "bool", "default": True},
        "agent_namespace": {"type": "str", "default": "open-cluster-management-agent"},
        "klusterlet": {"type": "dict", "default": {}},
        "klusterlet_addon_config": {"type": "dict", "default": {addon: {"enabled": True} for addon in ADDONS}},
        "auto_import_retry": {"type": "int", "default": 5},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    run=run,
)


def main() -> None:
    """Run as a module."""
    run_as_module(SPEC)


if __name__ == "__main__":
    main()
