# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the option that leads to importing clusters, for modules that look at what comes of an export."""

from __future__ import annotations


class ModuleDocFragment:
    """The option `importers` of serviceexport."""

    DOCUMENTATION = r"""
options:
  importers:
    description:
      - How to reach clusters that import the Services, one entry a cluster. The options have the meaning of those of
        this module for the exporting cluster, but do not fall back to the environment variables C(K8S_AUTH_*). One of
        O(importers[].context), O(importers[].kubeconfig) and O(importers[].host) is required.
      - The ServiceImport with the Service's name and namespace has to list the exporting cluster there, and an
        EndpointSlice of the exporting cluster has to be there (Submariner 0.15 or later), before the task has done its
        work; with O(state=absent), neither may be left.
    type: list
    elements: dict
    default: []
    suboptions:
      kubeconfig:
        description: Path to a kubeconfig file. By default O(kubeconfig), unless O(importers[].host) is given.
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
"""
