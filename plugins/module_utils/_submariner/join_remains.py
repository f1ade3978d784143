# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cluster leaves behind at its broker, and taking that out.

The gateway and the lighthouse agent remove their own objects when they are taken down in good order; the account, its
token and the addresses given to the cluster stay even then (subctl pkg/uninstall).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._apply.absent import DELETED, remove_all
from .._apply.present import UPDATED, Outcome
from .._client.client import Object
from .._client.errors import ObjectRef
from .broker_pools import CLUSTERSET_IP, GLOBALNET, read_pool
from .broker_survey import Survey, instances_of
from .join_allocation import without_cluster
from .join_broker import Access
from .join_objects import account_refs
from .names import SOURCE_CLUSTER

MCS = "multicluster.x-k8s.io"
_TIMESTAMP = "timestamp.submariner.io/"
"""Prefix of annotations of an import: since when a cluster exports it (lighthouse pkg/agent/controller)."""


def remains(broker: Access, found: Survey, cluster: str) -> list[Object]:
    """All objects at the broker that are of a cluster alone, credentials first."""
    account = [found.live[ref] for ref in reversed(account_refs(cluster, broker.namespace)) if ref in found.live]
    synced = [each for each in [*found.endpoints, *found.clusters] if _is_of(each, cluster)]
    exported = [
        each
        for version, kind in (("discovery.k8s.io/v1", "EndpointSlice"), (_imports_version(broker), "ServiceImport"))
        if version
        for each in instances_of(broker.client, kind, broker.namespace, version, f"{SOURCE_CLUSTER}={cluster}")
    ]
    alone = [each for each in _shared_imports(broker, cluster) if len(_exporters(each)) == 1]
    unique = {ObjectRef.of(each): each for each in [*found.token_secrets, *account, *synced, *exported, *alone]}
    return list(unique.values())


def clean(broker: Access, found: Survey, cluster: str, releases: bool, check_mode: bool) -> Iterator[Outcome]:
    """Remove what a cluster has left behind at the broker.

    :param releases: give the addresses that it has had back.
    """
    leftovers = remains(broker, found, cluster)
    tokens = [each for each in leftovers if each["kind"] == "Secret"]
    rest = [each for each in leftovers if each["kind"] != "Secret"]
    # Tokens first: the cluster's token controller would race us for those of an account that is gone.
    for group in (tokens, rest):
        for outcome in remove_all(broker.client, group, False, check_mode):
            if outcome.action == DELETED:
                yield outcome
    for shared in _shared_imports(broker, cluster):
        if len(_exporters(shared)) > 1:
            yield _without_exporter(broker, shared, cluster, check_mode)
    for kind in (GLOBALNET, CLUSTERSET_IP) if releases else ():
        live = found.live.get(ObjectRef("v1", "ConfigMap", kind.config_map, broker.namespace))
        if live is not None and cluster in read_pool(kind, live).clusters:
            yield broker.update(live, without_cluster(live, cluster), check_mode)


def _is_of(obj: Object, cluster: str) -> bool:
    return bool((obj.get("spec") or {}).get("cluster_id") == cluster)


def _imports_version(broker: Access) -> str:
    """The version in which imports are read; empty where there are none."""
    return next(iter(broker.client.versions(MCS)), "")


def _shared_imports(broker: Access, cluster: str) -> list[Object]:
    """Imports that tell of a cluster as one of those that export them."""
    version = _imports_version(broker)
    found = instances_of(broker.client, "ServiceImport", broker.namespace, version) if version else []
    return [each for each in found if cluster in _exporters(each) and not _is_single(each)]


def _is_single(service_import: Object) -> bool:
    return SOURCE_CLUSTER in (service_import["metadata"].get("labels") or {})


def _exporters(service_import: Object) -> list[str]:
    return [str(each.get("cluster")) for each in (service_import.get("status") or {}).get("clusters") or []]


def _without_exporter(broker: Access, shared: Object, cluster: str, check_mode: bool) -> Outcome:
    """Take a cluster out of an import that others export, too."""
    status = shared.get("status") or {}
    clusters: list[Any] = [each for each in status["clusters"] if each.get("cluster") != cluster]
    wanted = {**shared, "status": {**status, "clusters": clusters}}
    after = broker.client.update(wanted, "status", dry_run=check_mode)
    key = f"{_TIMESTAMP}{cluster}"
    if key in (after["metadata"].get("annotations") or {}) and not check_mode:
        after = broker.client.merge_patch(ObjectRef.of(shared), {"metadata": {"annotations": {key: None}}})
    return Outcome(ObjectRef.of(shared), UPDATED, shared, after)
