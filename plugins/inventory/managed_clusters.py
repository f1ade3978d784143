# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters as inventory hosts, from the hub that manages them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: managed_clusters
short_description: Clusters that a hub manages, as inventory hosts
version_added: 0.1.0
author:
  - multicluster.interconnect contributors (@multicluster)
description:
  - Every ManagedCluster of a hub (Red Hat Advanced Cluster Management or Open Cluster Management) becomes a host. The
    hub is asked by one LIST, page by page.
  - The source is a YAML file whose name ends with C(.managed_clusters.yml) or C(.managed_clusters.yaml).
  - Clusters that are not available stay in the inventory, and their variables say so.
  - A host has the variables below, and none that leads to the cluster. Set the rest by O(compose), or in group_vars.
  - V(managed_cluster_name) (string) - name of the ManagedCluster.
  - V(managed_cluster_hub) (boolean) - whether it is the hub itself, by its label C(local-cluster=true).
  - V(managed_cluster_labels) (dictionary) - its labels.
  - V(managed_cluster_claims) (dictionary) - values of its ClusterClaims by their names.
  - V(managed_cluster_set) (string) - its ManagedClusterSet; V(default) where nobody has put it into another.
  - V(managed_cluster_accepted) (boolean) - whether the hub accepts it (C(spec.hubAcceptsClient)).
  - V(managed_cluster_joined) (boolean) - whether its agent has joined the hub.
  - V(managed_cluster_available) (boolean) - whether its condition C(ManagedClusterConditionAvailable) is true.
  - V(managed_cluster_availability) (string) - V(available), V(unavailable) where its agent says that its API server is
    not well, V(unreachable) where nothing is heard of its agent, or nothing yet.
  - V(managed_cluster_message) (string) - the hub's words for that.
  - V(managed_cluster_api_url) (string) - URL of its API server, as the hub knows it; null where it does not.
  - V(managed_cluster_version) (string) - its Kubernetes version; null before it has joined.
  - What clusters report of themselves is text, and is not evaluated as a template.
extends_documentation_fragment:
  - multicluster.interconnect.auth
  - constructed
  - inventory_cache
options:
  plugin:
    description: Has to be V(multicluster.interconnect.managed_clusters).
    type: str
    required: true
    choices: [multicluster.interconnect.managed_clusters]
  label_selector:
    description:
      - Takes only ManagedClusters with these labels, such as V(cluster.open-cluster-management.io/clusterset=shop).
    type: str
    default: ""
  hostname:
    description:
      - Jinja expression for the name of a cluster's host; it may use the variables above. Two clusters must not get the
        same name.
      - With another name than the ManagedCluster's, set C(cluster_membership_name) to V(managed_cluster_name) by
        O(compose), as the role P(multicluster.interconnect.cluster_membership#role) takes the host's otherwise.
    type: str
    default: managed_cluster_name
  kubeconfig:
    type: pathspec
    env: [{name: K8S_AUTH_KUBECONFIG}]
  context:
    env: [{name: K8S_AUTH_CONTEXT}]
  host:
    env: [{name: K8S_AUTH_HOST}]
  api_key:
    env: [{name: K8S_AUTH_API_KEY}]
  username:
    env: [{name: K8S_AUTH_USERNAME}]
  password:
    env: [{name: K8S_AUTH_PASSWORD}]
  ca_cert:
    env: [{name: K8S_AUTH_SSL_CA_CERT}]
  client_cert:
    env: [{name: K8S_AUTH_CERT_FILE}]
  client_key:
    env: [{name: K8S_AUTH_KEY_FILE}]
  proxy:
    env: [{name: K8S_AUTH_PROXY}]
  no_proxy:
    env: [{name: K8S_AUTH_NO_PROXY}]
  persist_config:
    env: [{name: K8S_AUTH_PERSIST_CONFIG}]
  impersonate_user:
    env: [{name: K8S_AUTH_IMPERSONATE_USER}]
  impersonate_groups:
    env: [{name: K8S_AUTH_IMPERSONATE_GROUPS}]
notes:
  - The option O(cache) keeps what the hub has said. Options that lead elsewhere or select other clusters have an entry
    of their own there; what changes inside a kubeconfig is noticed when the entry expires. No credentials are kept.
  - Without O(cluster_id), the account needs to list ManagedClusters and nothing else (C(docs/rbac/inventory.yml)).
  - Ansible goes on without the clusters when this source fails, unless C(any_unparsed_is_failed) is set in section
    C([inventory]) of its configuration.
  - The groups V(hub) and V(spokes) of the reference inventory are in the examples.
"""

EXAMPLES = r"""
# hub.managed_clusters.yml: the hosts and groups that the playbooks of this collection work on, more groups by set,
# vendor and state, and a cache between runs
---
plugin: multicluster.interconnect.managed_clusters
context: hub
label_selector: site
hostname: managed_cluster_labels.site
keyed_groups:
  - {key: "'hub' if managed_cluster_hub else 'spokes'", separator: "", parent_group: clusters}
  - {key: managed_cluster_labels.site, prefix: site}
  - {key: managed_cluster_set, prefix: set}
  - {key: managed_cluster_labels.vendor | default('unknown'), prefix: vendor}
groups:
  skupper_sites: true
  unavailable: not managed_cluster_available
compose:
  cluster_membership_name: managed_cluster_name
strict: true
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/managed-clusters
cache_timeout: 600
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import VERSION, Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.managed_clusters import (
    PREFIX,
    read_variables,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import auth_args
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._plain import plain

SUFFIXES = (".managed_clusters.yml", ".managed_clusters.yaml")
_NAME = f"{PREFIX}name"


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """See DOCUMENTATION."""

    NAME = "multicluster.interconnect.managed_clusters"

    @property
    def _core(self) -> Any:
        """What this plugin inherits, which ansible-core has no types for."""
        return self

    def verify_file(self, path: str) -> bool:
        """Whether a source is for this plugin."""
        inherited: Any = super()
        return path.endswith(SUFFIXES) and bool(inherited.verify_file(path))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Add the clusters to the inventory.

        :param cache: whether what is cached may be used; it is renewed otherwise.
        :raises AnsibleParserError: with the whole reason.
        """
        super().parse(inventory, loader, path, cache)
        self._core._read_config_data(path)
        try:
            clusters = self._clusters(path, cache)
        except InterconnectError as error:
            raise AnsibleParserError(error.message) from None
        for host, variables in self._hosts(clusters).items():
            self._add(host, variables)

    def _clusters(self, path: str, cache: bool) -> list[dict[str, Any]]:
        """The variables of all clusters, from the cache where it has them."""
        options = self._connection_options()
        selector = str(self._core.get_option("label_selector"))
        if not self._core.get_option("cache"):
            return _read(options, selector)
        key = f"{self.get_cache_key(path)}_{_digest(options, selector)}"
        if cache:
            try:
                cached: list[dict[str, Any]] = self._cache[key]
            except KeyError:
                pass
            else:
                return cached
        clusters = self._cache[key] = _read(options, selector)
        return clusters

    def _connection_options(self) -> dict[str, Any]:
        """The options of the fragment `auth`, as a module would have them."""
        options: dict[str, Any] = plain({name: self._core.get_option(name) for name in auth_args(environment=False)})
        if options["kubeconfig"]:
            options["kubeconfig"] = os.pathsep.join(options["kubeconfig"])
        return options

    def _hosts(self, clusters: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The variables of all hosts, by host."""
        hosts: dict[str, dict[str, Any]] = {}
        for variables in map(as_text, clusters):
            name, host = variables[_NAME], self._hostname(variables)
            if host in hosts:
                raise AnsibleParserError(
                    f"hostname: ManagedClusters {hosts[host][_NAME]} and {name} both become host {host}"
                )
            hosts[host] = variables
        return hosts

    def _hostname(self, variables: Mapping[str, Any]) -> str:
        name = variables[_NAME]
        try:
            host = self._core._compose(self._core.get_option("hostname"), variables)
        except AnsibleError as error:
            raise AnsibleParserError(f"hostname: has no value for ManagedCluster {name}: {error}") from None
        if not host or not isinstance(host, str):
            raise AnsibleParserError(f"hostname: is {host!r} for ManagedCluster {name}, not a name")
        return host

    def _add(self, host: str, variables: dict[str, Any]) -> None:
        core, strict = self._core, self._core.get_option("strict")
        core.inventory.add_host(host)
        for key, value in variables.items():
            core.inventory.set_variable(host, key, value)
        core._set_composite_vars(core.get_option("compose"), variables, host, strict)
        core._add_host_to_composed_groups(core.get_option("groups"), variables, host, strict)
        core._add_host_to_keyed_groups(core.get_option("keyed_groups"), variables, host, strict)


def _read(options: Mapping[str, Any], selector: str) -> list[dict[str, Any]]:
    with closing(Client(options)) as hub:
        return read_variables(hub, selector)


def _digest(options: Mapping[str, Any], selector: str) -> str:
    """Stands for all that decides what is read, so that the cache never answers for another hub."""
    public = {name: options[name] for name, rule in auth_args(environment=False).items() if not rule.get("no_log")}
    seen = [VERSION, public, os.environ.get("KUBECONFIG"), selector]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def as_text(value: Any) -> Any:
    """Keep ansible-core before 2.19 from evaluating what a cluster says of itself as a template.

    Only text that could be one is marked: `ansible-inventory` of those versions prints marked text in a form of its
    own, which not every reader of its output knows.
    """
    if isinstance(value, Mapping):
        return {as_text(key): as_text(entry) for key, entry in value.items()}
    return wrap_var(value) if isinstance(value, str) and "{" in value else value
