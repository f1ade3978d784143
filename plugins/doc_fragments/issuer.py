# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that lead to the issuing site, for modules that work on both ends of a link."""

from __future__ import annotations


class ModuleDocFragment:
    """The options `issuer` and `issuer_namespace` of skupper_token."""

    DOCUMENTATION = r"""
options:
  issuer:
    description:
      - How to reach the cluster of the issuing site. The options have the meaning of those of this module, but do not
        fall back to the environment variables C(K8S_AUTH_*). One of O(issuer.context), O(issuer.kubeconfig) and
        O(issuer.host) is required.
      - Required unless O(state=issued).
    type: dict
    suboptions:
      kubeconfig:
        description: Path to a kubeconfig file. By default O(kubeconfig), unless O(issuer.host) is given.
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
  issuer_namespace:
    description:
      - Namespace of the issuing site. By default O(namespace).
    type: str
"""
