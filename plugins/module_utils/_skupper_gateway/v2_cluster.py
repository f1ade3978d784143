# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster's half of a gateway of v2: its site, and a Certificate of that site, whose Secret the gateway links by.

The Certificate names the loopback address as well: the same credentials guard the listener by which the router is
managed, so that the host need not have an authority of its own (docs/decisions/0011).
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .._client.client import Object
from .._client.errors import Forbidden, InterconnectError, MissingKind
from .._skupper import certificates, sites
from .._skupper.model import Endpoint, Material, Site
from .._skupper.v2 import objects, reading
from .ground import NOTHING
from .job import GatewayJob

GATEWAY_LABEL = "multicluster.interconnect/gateway"
"""On the Certificate: the gateway's name. By it, it is found where the host does not tell its own."""
LOCAL_HOSTS = ["127.0.0.1", "localhost"]


def read_site(job: GatewayJob) -> tuple[Object | None, Site]:
    """The site that the gateway is to be linked to.

    :raises InterconnectError: there is none, it is of another version, or accepts no links.
    """
    place = job.place
    config_map = job.find("ConfigMap", sites.SITE_CONFIG_MAP)
    try:
        there = job.list(place, objects.API, "Site")
    except MissingKind:
        if config_map is None and not job.check_mode:
            raise
        there = []
    standing = sites.standing(config_map, there)
    if not (job.check_mode and standing == sites.NONE):
        sites.refuse_other_version(sites.V2, standing, str(place))
    live = sites.active_site(there)
    site = reading.site_of(live, place.namespace, place.client.server, _server_secret(job) if live else None)
    if site.refusal:
        raise InterconnectError(f"{site.refusal}. {NOTHING}")
    return dict(live) if live else None, site


def settled_site(job: GatewayJob) -> tuple[Object | None, Site]:
    """The same, once it can be dialled."""
    found = [read_site(job)]

    def missing() -> str:
        found[0] = read_site(job)
        return found[0][1].pending

    if found[0][1].is_there and found[0][1].pending:
        job.wait_for(f"the site {found[0][1].name} to let gateways in", missing)
    return found[0]


def edge_of(site: Site) -> Endpoint | None:
    """Where gateways dial the site; None where that is not known yet."""
    found = sorted(each for each in site.endpoints if each.role == "edge")
    return found[0] if found else None


def provide_material(job: GatewayJob, live: Object | None, site: Site, name: str, resource: str) -> Material | None:
    """The gateway's credentials, issued anew where they are not good any more; None where a check run would have some.

    :raises WaitTimeout: the controller does not issue them.
    """
    material = _material(job, resource)
    trouble = _trouble(material, site, int(job.params["renew_before"]))
    if material is not None and trouble:
        job.task.progress(f"gateway {name}: credentials are issued anew, as {trouble}")
        remove_credentials(job, resource)
    issuer = str(reading.status_of(live).get("defaultIssuer") or "")
    job.apply(job.place, _certificate(name, resource, issuer))
    if job.check_mode and trouble:
        return None
    found = [_material(job, resource)]

    def missing() -> str:
        found[0] = _material(job, resource)
        trouble = _trouble(found[0], site)
        said = reading.condition(job.find("Certificate", resource, objects.API), "Ready")[1] if trouble else ""
        return f"{trouble}{f' ({said})' if said else ''}"

    if _trouble(found[0], site):
        job.wait_for(f"the site {site.name} to issue Certificate {resource}", missing)
    if found[0] is None:
        raise InterconnectError(
            f"{job.place} has not issued Certificate {resource} yet: see that Skupper's controller runs, and run this "
            "again, with wait: true"
        )
    return found[0]


def remove_credentials(job: GatewayJob, resource: str) -> None:
    """Take the Certificate back, and its Secret. The link by it stands for as long as its router runs."""
    job.remove(job.place, objects.API, "Certificate", resource)
    job.remove(job.place, "v1", "Secret", resource)
    job.await_gone()


def named(job: GatewayJob, name: str) -> list[str]:
    """Certificates of gateways of a name, of whatever host."""
    found = job.list(job.place, objects.API, "Certificate", f"{GATEWAY_LABEL}={name}")
    return sorted(reading.name_of(each) for each in found)


def _certificate(name: str, resource: str, issuer: str) -> Object:
    wanted = objects.certificate(resource, issuer)
    metadata = {**wanted["metadata"], "labels": {GATEWAY_LABEL: name}}
    return {**wanted, "metadata": metadata, "spec": {**wanted["spec"], "server": True, "hosts": LOCAL_HOSTS}}


def _material(job: GatewayJob, resource: str) -> Material | None:
    return reading.material_of(job.find("Secret", resource))


def _trouble(material: Material | None, site: Site, days: int = 0) -> str:
    """Why there must be other credentials; empty where these are good.

    :param days: that they have to be good for; new ones are as good as the site makes them.
    """
    if material is None:
        return "there are none"
    now = datetime.now(timezone.utc)
    found = certificates.problems(material, site.ca, now)
    if found:
        return found[0]
    if not set(LOCAL_HOSTS) <= (certificates.hosts_of(material.certificate) or frozenset()):
        return "they do not name the loopback address"
    if certificates.read(material.certificate).not_after - now < timedelta(days=days):
        return f"they expire within {days} days"
    return ""


def _server_secret(job: GatewayJob) -> Object | None:
    try:
        return job.find("Secret", objects.SITE_SERVER)
    except Forbidden as error:
        job.task.warn(f"credentials are not compared with the site's present authority: {error.message}")
        return None
