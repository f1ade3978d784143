# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v2 site: the resource Site, from which Skupper's controller makes everything else.

Formats and conditions: skupperproject/skupper pkg/apis/skupper/v2alpha1/types.go, internal/kube/site/site.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._client.client import Object
from .._client.errors import InterconnectError, ObjectRef
from .._wait.acceptors import Condition, Field
from .._wait.path import Path
from .._wait.wait import Wait
from .console import console_url
from .delivery import provide, refuse_delivered
from .ground import NOTHING, v2_sites
from .job import ROUTER, SKUPPER_API, SiteJob, identity, owned_by
from .removal import remove_site
from .v2_drain import wait_until_services_are_gone
from .vocabulary import SPEC_FIELDS, setting_texts

# What the garbage collector takes with a Site and what tells, once gone, that its name can be used again.
_GENERATED = (
    ("apps/v1", "Deployment", ROUTER),
    ("apps/v1", "Deployment", f"{ROUTER}-2"),
    ("v1", "ConfigMap", ROUTER),
    ("v1", "ConfigMap", "skupper-network-status"),
    (SKUPPER_API, "RouterAccess", ROUTER),
    (SKUPPER_API, "SecuredAccess", ROUTER),
    (SKUPPER_API, "Certificate", "skupper-site-ca"),
    (SKUPPER_API, "Certificate", "skupper-local-ca"),
)
# What goes with those, in a second step.
_GENERATED_LATER = (
    ("v1", "Service", ROUTER),
    ("v1", "Secret", "skupper-site-ca"),
    ("v1", "Secret", "skupper-site-server"),
    ("v1", "Secret", "skupper-local-ca"),
    ("v1", "Secret", "skupper-local-server"),
)


def present(job: SiteJob) -> Mapping[str, Any]:
    """Bring the Site to its desired state, and wait until it runs and can be reached."""
    wanted = manifest(job)
    outcome = provide(job, wanted, _refuse_second_site(job))
    _bring_access_along(job, outcome.before)
    # Again while it waits: a controller that is behind may only now make the old way in.
    job.wait(*_goals(job), meanwhile=lambda: _bring_access_along(job, outcome.before))
    job.wait(*_endpoint_goals(job))
    live = outcome.after if job.task.check_mode else job.find(site_ref(job))
    return described(job, live or outcome.after or {})


def absent(job: SiteJob) -> Mapping[str, Any] | None:
    """Remove the Site, where we have made it, and wait until what was made from it is gone."""
    ref = site_ref(job)
    live = job.find(ref)
    refuse_delivered(job, live)
    if live:
        wait_until_services_are_gone(job)
    remove_site(job, ref, live, (_GENERATED, _GENERATED_LATER))
    return described(job, live) if live else None


def site_ref(job: SiteJob) -> ObjectRef:
    """The Site that the task is about."""
    return job.ref(SKUPPER_API, "Site", job.name)


def manifest(job: SiteJob) -> Object:
    """The Site as it is wanted."""
    settings = setting_texts(job.params["settings"])
    spec: Object = {key: settings.pop(key) for key in SPEC_FIELDS if key in settings}
    if job.ingress != "none":
        spec["linkAccess"] = job.ingress
    for option in ("edge", "ha"):
        if job.params[option]:
            spec[option] = True
    if settings:
        spec["settings"] = settings
    return {**identity(site_ref(job)), "spec": spec}


def described(job: SiteJob, live: Object) -> Mapping[str, Any]:
    """The site as the module returns it."""
    status = live.get("status") or {}
    uid = (live.get("metadata") or {}).get("uid")
    own: Mapping[str, Any] = next((record for record in status.get("network") or [] if record.get("id") == uid), {})
    controller = status.get("controller") or {}
    return {
        "id": uid,
        "name": job.name,
        "namespace": job.namespace,
        "version": controller.get("version") or own.get("version"),
        "ingress": (live.get("spec") or {}).get("linkAccess") or "none",
        "endpoints": [
            {key: endpoint.get(key, "") for key in ("name", "host", "port", "group")}
            for endpoint in sorted(status.get("endpoints") or [], key=_place_of_endpoint)
        ],
        "controller": f"{controller.get('namespace')}/{controller.get('name')}" if controller else None,
        "console": console_url(job, job.params["console"] or ""),
    }


def _place_of_endpoint(endpoint: Mapping[str, Any]) -> tuple[str, bool]:
    """The controller has no order of its own: by router, and what other routers link to first."""
    return str(endpoint.get("group") or ""), endpoint.get("name") != "inter-router"


def _refuse_second_site(job: SiteJob) -> Object | None:
    """The controller would leave the second one inactive; the Site itself is returned where it is there.

    :raises MissingKind: names what brings the kind; in a check run an earlier task may be meant to install it.
    """
    if not job.task.check_mode:
        job.client.resource(SKUPPER_API, "Site")
    sites = {site["metadata"]["name"]: site for site in v2_sites(job)}
    others = [name for name in sites if name != job.name]
    if others:
        raise InterconnectError(
            f"name: {job.place} has the Site {others[0]} already, and Skupper runs one Site a namespace: call this one "
            f"{others[0]}, use another namespace, or remove {others[0]} first. {NOTHING}"
        )
    return sites.get(job.name)


def _bring_access_along(job: SiteJob, site: Object | None) -> None:
    """Change the way in to a site that exists, which the controller does by half.

    It leaves the way in open when there shall be none any more, and changes RouterAccess, but not SecuredAccess, when
    it shall be another (2.0.0; internal/kube/site/site.go, checkDefaultRouterAccess).
    """
    if site is None:
        return
    uid = site["metadata"]["uid"]
    for name in (ROUTER, f"{ROUTER}-2"):
        for kind in ("RouterAccess", "SecuredAccess"):
            access = job.find(job.ref(SKUPPER_API, kind, name))
            if access is None or not owned_by(access, uid):
                continue
            if job.ingress == "none":
                job.delete(access)
            elif kind == "SecuredAccess" and (access["spec"].get("accessType") or "") != _access_type(job):
                job.patch(access, {"spec": {"accessType": _access_type(job) or None}})


def _access_type(job: SiteJob) -> str:
    """As RouterAccess and SecuredAccess have it: empty for the controller's choice."""
    return "" if job.ingress == "default" else job.ingress


def _goals(job: SiteJob) -> list[Wait]:
    ref = site_ref(job)
    waits = [Wait(*ref[:2], name=ref.name, namespace=ref.namespace, until="ready")]
    # The Site runs as soon as one router does, be it the one from before a change.
    waits += [Wait("apps/v1", "Deployment", name=name, namespace=job.namespace) for name in router_names(job.params)]
    if job.ingress != "none":
        # After a change of the way in the Site's status still tells of the old one for a while.
        path, wanted = Path.parse("spec.accessType"), _access_type(job)
        asked = Field(path, "equals", wanted) if wanted else Field(path, "exists", False)
        waits += [
            Wait(SKUPPER_API, kind, name=ROUTER, namespace=job.namespace, success=(asked, *more))
            for kind, more in (("RouterAccess", ()), ("SecuredAccess", (Condition("Resolved"),)))
        ]
    return waits


def _endpoint_goals(job: SiteJob) -> list[Wait]:
    """The Site tells of where it is reached now."""
    access = job.find(job.ref(SKUPPER_API, "SecuredAccess", ROUTER)) if job.waits and job.ingress != "none" else None
    hosts = {str(endpoint.get("host")) for endpoint in ((access or {}).get("status") or {}).get("endpoints") or []}
    if not hosts:
        return []
    told = tuple(Field(Path.parse("status.endpoints[*].host"), "equals", host) for host in sorted(hosts))
    ref = site_ref(job)
    return [Wait(*ref[:2], name=ref.name, namespace=ref.namespace, success=told)]


def router_names(params: Mapping[str, Any]) -> list[str]:
    """The Deployments of the site's routers."""
    return [ROUTER, f"{ROUTER}-2"] if params["ha"] else [ROUTER]
