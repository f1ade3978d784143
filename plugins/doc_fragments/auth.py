# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that lead to a cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of `auth_args` (module_utils/_task/argspec.py)."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path to a kubeconfig file, or several joined by C(:).
      - Falls back to the environment variable E(K8S_AUTH_KUBECONFIG), then E(KUBECONFIG), then C(~/.kube/config).
        The credentials of a pod that Ansible happens to run in are never used.
    type: path
  context:
    description:
      - Context of the kubeconfig. Falls back to E(K8S_AUTH_CONTEXT), then to the kubeconfig's current context.
    type: str
  host:
    description:
      - HTTPS URL of the API server, where no kubeconfig is used. Falls back to E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Bearer token. Falls back to E(K8S_AUTH_API_KEY).
    type: str
  username:
    description:
      - User for HTTP basic authentication at a proxy before the API server. Falls back to E(K8S_AUTH_USERNAME).
    type: str
  password:
    description:
      - Password of O(username). Falls back to E(K8S_AUTH_PASSWORD).
    type: str
  ca_cert:
    description:
      - Path to the CA certificate (PEM) of the API server. Falls back to E(K8S_AUTH_SSL_CA_CERT).
      - TLS is always verified; there is no option to switch that off.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description:
      - Path to a client certificate (PEM). Falls back to E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path to the key of O(client_cert). Falls back to E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  tls_server_name:
    description:
      - Name that the server's certificate is verified against, where it is not the one in the URL.
    type: str
  proxy:
    description:
      - URL of an HTTP proxy on the way to the API server. Falls back to E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Comma-separated hosts that are reached without O(proxy). Falls back to E(K8S_AUTH_NO_PROXY).
    type: str
  persist_config:
    description:
      - Write refreshed OIDC tokens back to the kubeconfig. Falls back to E(K8S_AUTH_PERSIST_CONFIG).
    type: bool
  impersonate_user:
    description:
      - User to act as. Falls back to E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups to act as, with O(impersonate_user). Falls back to E(K8S_AUTH_IMPERSONATE_GROUPS).
    type: list
    elements: str
  cluster_id:
    description:
      - Expected id of the cluster, that is the uid of its namespace C(kube-system)
        (C(kubectl get namespace kube-system -o jsonpath={.metadata.uid})).
      - Another cluster ends the task before anything is read or written there.
    type: str
  cluster_api_url:
    description:
      - Expected URL of the API server. Credentials that lead elsewhere end the task before any request.
    type: str
requirements:
  - kubernetes >= 28.1.0 (Python package)
"""
