# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as its own cluster shows it, whatever its version. Pure."""

from __future__ import annotations

from .._client.client import Object
from .._client.errors import InterconnectError
from .._skupper import network_members, network_status
from .._skupper.sites import V1, V2, active_site
from .._skupper.v1.router import RouterConfig, read_router_config
from .._skupper.v1.vocabulary import (
    NETWORK_STATUS,
    ROUTER_CONFIG,
    ROUTER_DEPLOYMENT,
    SERVICE_CONTROLLER,
    SITE_CONFIG,
)
from .._skupper.v2.reading import condition, name_of, status_of
from .model import SiteView, Snapshot

ROUTERS = (ROUTER_DEPLOYMENT, SERVICE_CONTROLLER)
"""Deployments of v1 without whose pods a site does not work."""


def site_of(snapshot: Snapshot) -> SiteView:
    """The site; one that is not there where the cluster could not be asked."""
    if not snapshot.reachable:
        return SiteView(message=snapshot.error)
    if snapshot.target.skupper_version == V2:
        return _site_v2(snapshot)
    if snapshot.target.skupper_version == V1:
        return _site_v1(snapshot)
    return SiteView()


def _site_v2(snapshot: Snapshot) -> SiteView:
    site = active_site(snapshot.of("Site"))
    if site is None:
        return SiteView(message=snapshot.problems.get("Site") or _nothing_there(snapshot, "Site"))
    records = status_of(site).get("network")
    identity, members = str(site["metadata"]["uid"]), network_members.of_v2(records)
    (ready, said), (configured, fault) = condition(site, "Ready"), condition(site, "Configured")
    is_ready = ready == "True" and configured != "False"
    why = (fault if configured == "False" else said) or "no controller has taken it up"
    return SiteView(
        name=name_of(site),
        id=identity,
        version=members[identity].version if identity in members else "",
        ready=is_ready,
        message="ready" if is_ready else why,
        network=network_status.of_v2(records),
        members=members,
    )


def _site_v1(snapshot: Snapshot) -> SiteView:
    config = snapshot.one("ConfigMap", SITE_CONFIG)
    if config is None:
        return SiteView(message=snapshot.problems.get("ConfigMap") or _nothing_there(snapshot, SITE_CONFIG))
    status = snapshot.one("ConfigMap", NETWORK_STATUS)
    text = ((status or {}).get("data") or {}).get("NetworkStatus")
    router, damage = router_of(snapshot)
    lacks = damage or _lacks_v1(snapshot, router)
    return SiteView(
        name=str((config.get("data") or {}).get("name") or snapshot.target.namespace),
        id=str(config["metadata"]["uid"]),
        version=router.version if router else "",
        ready=not lacks,
        message=lacks or "ready",
        network=network_status.of_v1(text),
        members=network_members.of_v1(text),
    )


def router_of(snapshot: Snapshot) -> tuple[RouterConfig | None, str]:
    """v1: what the site's router is told, and what is wrong with that."""
    try:
        return read_router_config(snapshot.one("ConfigMap", ROUTER_CONFIG)), ""
    except InterconnectError as error:
        return None, error.message


def _lacks_v1(snapshot: Snapshot, router: RouterConfig | None) -> str:
    if router is None:
        return f"the site controller has not made it yet (no ConfigMap {ROUTER_CONFIG})"
    if "Deployment" not in snapshot.objects:
        return ""  # may not be read; whatever does not work shows in links and services
    waiting = [name for name in ROUTERS if not is_available(snapshot.one("Deployment", name))]
    return f"no ready pod of Deployment {' and '.join(waiting)}" if waiting else ""


def is_available(deployment: Object | None) -> bool:
    """Whether a pod at least is ready."""
    return int(((deployment or {}).get("status") or {}).get("availableReplicas") or 0) > 0


def _nothing_there(snapshot: Snapshot, what: str) -> str:
    return f"namespace {snapshot.target.namespace} has no Skupper site ({what})"
