# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the option for several clusters."""

from __future__ import annotations


class ModuleDocFragment:
    """The option `clusters` of `ARGUMENT_SPEC` (module_utils/_info/options.py)."""

    DOCUMENTATION = r"""
options:
  clusters:
    description:
      - The clusters to look at.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the cluster in the document, such as its inventory host.
        type: str
        required: true
      auth:
        description: How to reach it.
        type: dict
        required: true
        suboptions:
          kubeconfig:
            description: Path to a kubeconfig file.
            type: path
          context:
            description: Context of the kubeconfig.
            type: str
          host:
            description: URL of the API server, in the place of a kubeconfig.
            type: str
          api_key:
            description: Bearer token.
            type: str
          username:
            description: User name for basic authentication, which only proxies before the API server know.
            type: str
          password:
            description: Password of O(clusters[].auth.username).
            type: str
          ca_cert:
            description: Path to the CA certificate that the server's certificate is verified with.
            type: path
            aliases: [ssl_ca_cert]
          client_cert:
            description: Path to a client certificate.
            type: path
            aliases: [cert_file]
          client_key:
            description: Path to the key of the client certificate.
            type: path
            aliases: [key_file]
          tls_server_name:
            description: Name that the server's certificate is verified against, if not the one in the URL.
            type: str
          proxy:
            description: URL of an HTTP proxy.
            type: str
          no_proxy:
            description: Hosts that are not reached by the proxy, with commas between them.
            type: str
          persist_config:
            description: Save refreshed OIDC tokens in the kubeconfig.
            type: bool
          impersonate_user:
            description: User to act as.
            type: str
          impersonate_groups:
            description: Groups to act as.
            type: list
            elements: str
          cluster_id:
            description: Id (uid of namespace C(kube-system)) that the cluster must have.
            type: str
          cluster_api_url:
            description: URL that the credentials must lead to.
            type: str
      namespace:
        description: Namespace of the Skupper site.
        type: str
      skupper_version:
        description: Version of the Skupper site there. Without it, no site is looked for.
        type: str
        choices: [v1, v2]
      site_name:
        description: Name of that site, by which others know it. By default O(clusters[].name).
        type: str
      hub:
        description: Whether it is the hub, which is asked for clusters, Placements and applications.
        type: bool
        default: false
      argocd_namespace:
        description: Namespace of Argo CD on the hub. Without it, Argo CD is not asked.
        type: str
      applications:
        description: Whether the Applications of Argo CD are looked at.
        type: bool
        default: false
      placement_namespaces:
        description: Namespaces on the hub whose Placements are looked at.
        type: list
        elements: str
        default: []
      selectors:
        description: Label selectors by which members of O(expected) name their ManagedClusters.
        type: list
        elements: str
        default: []
      workloads_namespace:
        description:
          - Namespace whose Deployments are looked at, but those of Skupper itself. Without it, none are.
        type: str
"""
