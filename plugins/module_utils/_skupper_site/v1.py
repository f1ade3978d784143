# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v1 site: the ConfigMap skupper-site, from which the site controller makes everything else, once.

There is no status object; what is waited for is what the controllers make. Keys: skupperproject/skupper 1.9.6
pkg/site/site.go; what the controller does with a site that exists: cmd/site-controller/controller.go (checkSite).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.client import Object
from .._client.errors import InterconnectError, ObjectRef
from .._skupper.v1.ingress import kind_of_ingress
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import (
    EDGE,
    INTERIOR,
    NETWORK_STATUS,
    ROUTER_CONFIG,
    ROUTER_CONFIG_KEY,
    SERVICE_CONTROLLER,
    SITE_CONFIG,
    SITE_SERVER,
)
from .._wait.poll import WaitTimeout
from .._wait.wait import Wait
from .console import V1_SERVICE, console_url
from .delivery import TRACKING, provide, refuse_delivered
from .ground import NOTHING
from .job import ROUTER, SiteJob, identity
from .removal import remove_site
from .v1_repair import DeadEndWatch, refuse_or_repair
from .v1_state import has_routes, read_state, why_incomplete
from .vocabulary import setting_texts

# Objects that the site would hand its label down to are not ours, and must not look as if they were; nor as if Argo CD
# had delivered them, which tells what it delivers by the annotation, or by the label before version 3.
_NOT_HANDED_DOWN = {
    "skupper.io/exclude-labels": "app.kubernetes.io/managed-by,app.kubernetes.io/instance",
    "skupper.io/exclude-annotations": f"skupper.io/exclude-labels,skupper.io/exclude-annotations,{TRACKING}",
}
# What the controller does apply to a site that exists.
_APPLIED_LATER = ("router-logging", "router-debug-mode")

_GENERATED = (
    ("apps/v1", "Deployment", ROUTER),
    ("apps/v1", "Deployment", SERVICE_CONTROLLER),
    ("apps/v1", "Deployment", "skupper-prometheus"),
    ("v1", "ConfigMap", ROUTER_CONFIG),
    ("v1", "ConfigMap", "skupper-services"),
    ("v1", "Service", ROUTER),
    ("v1", "Service", "skupper"),
    ("v1", "Secret", "skupper-site-ca"),
    ("v1", "Secret", "skupper-local-ca"),
    ("v1", "Secret", SITE_SERVER),
)
_GENERATED_LATER = (("v1", "ConfigMap", NETWORK_STATUS), ("v1", "ConfigMap", "skupper-site-leader"))


def present(job: SiteJob) -> Mapping[str, Any]:
    """Bring the ConfigMap to its desired state, and wait until the controllers have made the site."""
    site = read_state(job)
    wanted = manifest(job)
    if site.router is not None:
        _refuse_frozen_changes(job, site, wanted["data"])
        refuse_or_repair(job, site)
    before = site.config or {}
    provide(job, wanted, site.config)
    _warn_of_idle_settings(job, before.get("data") or {}, wanted["data"], made=site.router is not None)
    _await_site(job, wanted["data"])
    live = site if job.task.check_mode else read_state(job)
    return described(job, live)


def absent(job: SiteJob) -> Mapping[str, Any] | None:
    """Remove the ConfigMap, where we have made it, and wait until what was made from it is gone."""
    site = read_state(job)
    refuse_delivered(job, site.config)
    remove_site(job, config_ref(job), site.config, (_GENERATED, _GENERATED_LATER))
    return described(job, site) if site.config else None


def config_ref(job: SiteJob) -> ObjectRef:
    """The ConfigMap that is the site."""
    return job.ref("v1", "ConfigMap", SITE_CONFIG)


def manifest(job: SiteJob) -> Object:
    """The ConfigMap as it is wanted; what is left out is the site controller's choice."""
    data = {**setting_texts(job.params["settings"]), "name": job.name}
    if job.params["edge"]:
        data["router-mode"] = EDGE
    elif job.ingress != "default":
        data["ingress"] = job.ingress
    if job.params["ha"]:
        data["routers"] = "2"
    obj = identity(config_ref(job))
    return {**obj, "metadata": {**obj["metadata"], "annotations": dict(_NOT_HANDED_DOWN)}, "data": data}


def described(job: SiteJob, site: SiteV1) -> Mapping[str, Any]:
    """The site as the module returns it."""
    return {
        "id": site.id or None,
        "name": site.name if site.config else job.name,
        "namespace": job.namespace,
        "version": site.router.version if site.router else None,
        "ingress": "none" if site.is_edge else site.access.kind or job.ingress,
        "endpoints": [
            {"name": endpoint.role, "host": endpoint.host, "port": endpoint.port, "group": ""}
            for endpoint in ([] if site.is_edge else site.access.endpoints.values())
        ],
        "controller": None,
        "console": console_url(job, _console_service(job, site)),
    }


def _console_service(job: SiteJob, site: SiteV1) -> str:
    """The console is there where both of these are asked for (since 1.3)."""
    asked = all(site.data.get(key) == "true" for key in ("console", "flow-collector"))
    return str(job.params["console"] or (V1_SERVICE if asked else ""))


def _await_site(job: SiteJob, data: Mapping[str, str]) -> None:
    """Wait for what a complete site has.

    :raises WaitTimeout: with what the site lacks.
    :raises WaitFailed: the site controller has given up on the site.
    """
    watch = DeadEndWatch(job)
    try:
        job.wait(*goals(job, data), meanwhile=watch.look)
    except WaitTimeout as error:
        why = why_incomplete(job, read_state(job))
        if why:
            raise WaitTimeout(f"{error.message}\n    likely cause: {why}", **error.details) from error
        raise


def goals(job: SiteJob, data: Mapping[str, str]) -> list[Wait]:
    """What a complete site has, by the data of its ConfigMap."""
    place = job.namespace
    waits = [
        Wait("v1", "ConfigMap", name=ROUTER_CONFIG, namespace=place, keys=(ROUTER_CONFIG_KEY,)),
        Wait("apps/v1", "Deployment", name=ROUTER, namespace=place),
        Wait("v1", "ConfigMap", name=NETWORK_STATUS, namespace=place, keys=("NetworkStatus",)),
    ]
    if data.get("router-mode") != EDGE:
        keys = ("ca.crt", "tls.crt", "tls.key")
        waits.append(Wait("v1", "Secret", name=SITE_SERVER, namespace=place, keys=keys))
    if data.get("service-controller", "true") == "true":
        waits.append(Wait("apps/v1", "Deployment", name=SERVICE_CONTROLLER, namespace=place))
    return waits


def _refuse_frozen_changes(job: SiteJob, site: SiteV1, wanted: Mapping[str, str]) -> None:
    """A v1 site is made once: the controller would take no note of another name or way in.

    :raises InterconnectError: naming what differs.
    """
    routes = has_routes(job)
    pairs = {
        "name": (site.name, wanted["name"]),
        "edge": (EDGE if site.is_edge else INTERIOR, wanted.get("router-mode", INTERIOR)),
        "ingress": (kind_of_ingress(site.data, routes), kind_of_ingress(wanted, routes)),
        "ha": (site.data.get("routers", "1"), wanted.get("routers", "1")),
    }
    if site.is_edge:
        del pairs["ingress"]
    for option, (found, asked) in pairs.items():
        if found != asked:
            raise InterconnectError(
                f"{option}: the v1 site {site.name} in {job.place} was made with {found}, and is to have {asked}. "
                "Skupper v1 does not change that of a site that exists: remove the site (state: absent) and make it "
                f"anew; it will have a new identity, and all its links have to be made anew. {NOTHING}"
            )


def _warn_of_idle_settings(job: SiteJob, live: Mapping[str, str], wanted: Mapping[str, str], made: bool) -> None:
    """Tell of settings that the controller reads only when it makes a site."""
    idle = sorted(key for key in wanted if made and live.get(key) != wanted[key] and key not in _APPLIED_LATER)
    if idle:
        job.task.warn(
            f"the v1 site {job.name} in {job.place} exists, and Skupper v1 reads {', '.join(idle)} only when it makes "
            "one: the change takes effect when the site is removed and made anew"
        )
