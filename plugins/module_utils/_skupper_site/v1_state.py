# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v1 site as it is. There is no status object: how far it is, is told from what its controllers have made."""

from __future__ import annotations

from collections.abc import Mapping

from .._apply.redact import secret_values
from .._client.errors import Forbidden
from .._skupper.v1.controller import has_controller
from .._skupper.v1.ingress import ROUTE_API, Access, access, kind_of_ingress, objects_of
from .._skupper.v1.router import read_router_config
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import ROUTER_CONFIG, SITE_CONFIG, SITE_CONTROLLER, SITE_SERVER
from .job import SiteJob
from .vocabulary import secret_settings


def read_state(job: SiteJob) -> SiteV1:
    """Read what the namespace has of a v1 site."""
    names = [("ConfigMap", SITE_CONFIG), ("ConfigMap", ROUTER_CONFIG), ("Secret", SITE_SERVER)]
    config, internal, server = job.client.each(lambda name: job.find(job.ref("v1", *name)), names)
    if config is None:
        return SiteV1(job.namespace)
    job.task.secrets |= secret_values(server) | secret_settings(config.get("data") or {})
    return SiteV1(
        namespace=job.namespace,
        config=config,
        router=read_router_config(internal),
        access=_access(job, config.get("data") or {}),
        has_certificate=server is not None,
        controller=has_controller(job.client, job.namespace),
    )


def has_routes(job: SiteJob) -> bool:
    """Whether the cluster is one where sites are reached by Routes, unless they say otherwise."""
    return job.client.has_kind(ROUTE_API, "Route")


def why_incomplete(job: SiteJob, state: SiteV1) -> str:
    """What a site that is not complete lacks, and what to do; empty where that can not be told."""
    if state.controller is False and not state.is_made_by_init:
        return (
            f"no site controller looks after {job.place}: there is no Deployment {SITE_CONTROLLER} with ready pods, in "
            "any namespace, that watches it; install or start one"
        )
    if state.router is None:
        return f"the site controller has not made the site (no ConfigMap {ROUTER_CONFIG}): see its log"
    if not state.is_edge and not state.access.is_complete:
        return (
            f"the site has no host yet, for want of one in {state.access.waits_for}. The site controller waits two "
            "minutes for it, and does not come back later; then repair: true completes the site"
        )
    return ""


def _access(job: SiteJob, data: Mapping[str, str]) -> Access:
    kind = kind_of_ingress(data, not data.get("ingress") and has_routes(job))
    try:
        objects = {ref: job.find(ref) for ref in objects_of(kind, job.namespace)}
    except Forbidden:
        return Access(kind, waits_for="what may not be read here")
    return access(kind, data, job.namespace, objects)
