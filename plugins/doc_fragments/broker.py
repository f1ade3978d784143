# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that lead to the cluster of a Submariner broker, for modules that join it."""

from __future__ import annotations


class ModuleDocFragment:
    """The options `broker` and `broker_namespace` of submariner_join."""

    DOCUMENTATION = r"""
options:
  broker:
    description:
      - How to reach the cluster of the broker. The options have the meaning of those of this module, but do not fall
        back to the environment variables C(K8S_AUTH_*). One of O(broker.context), O(broker.kubeconfig) and
        O(broker.host) is required.
      - Or give O(broker_info_path).
    type: dict
    suboptions:
      kubeconfig:
        description: Path to a kubeconfig file. By default O(kubeconfig), unless O(broker.host) is given.
        type: path
      context:
        description: Context of the kubeconfig.
        type: str
      host:
        description: HTTPS URL of the API server.
        type: str
      api_key:
        description: Bearer token.
        type: str
      username:
        description: User for HTTP basic authentication.
        type: str
      password:
        description: Password of the user.
        type: str
      ca_cert:
        description: Path to the CA certificate of the API server.
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
        description: Name that the server's certificate is verified against.
        type: str
      proxy:
        description: URL of an HTTP proxy on the way.
        type: str
      no_proxy:
        description: Hosts that are reached without the proxy.
        type: str
      persist_config:
        description: Write refreshed OIDC tokens back to the kubeconfig.
        type: bool
      impersonate_user:
        description: User to act as.
        type: str
      impersonate_groups:
        description: Groups to act as.
        type: list
        elements: str
      cluster_id:
        description: Expected id of the cluster.
        type: str
      cluster_api_url:
        description: Expected URL of the API server.
        type: str
  broker_namespace:
    description:
      - Namespace of the broker, with O(broker).
    type: str
    default: submariner-k8s-broker
"""
