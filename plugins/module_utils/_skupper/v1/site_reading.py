# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a v1 site."""

from __future__ import annotations

from collections.abc import Mapping

from ..._client.client import Client, Object
from ..._client.errors import Forbidden, MissingKind
from ..job import Job, Place
from .controller import has_controller
from .ingress import ROUTE_API, Access, access, kind_of_ingress, objects_of
from .router import read_router_config
from .site import SiteV1
from .tokens import part
from .vocabulary import ROUTER_CONFIG, SITE_CONFIG, SITE_SERVER


def read_site(job: Job, place: Place, issues: bool) -> SiteV1:
    """Read what a namespace has of a site.

    What is of use only to explain why a site does not issue tokens is left out where it may not be read.

    :param issues: it is the issuing one; of the other no more is read than its configuration.
    """

    def config_map(name: str) -> Object | None:
        return job.get(place, "v1", "ConfigMap", name)

    config, internal = place.client.each(config_map, [SITE_CONFIG, ROUTER_CONFIG])
    if config is None or not issues:
        return SiteV1(place.namespace, config, read_router_config(internal))
    server, unreadable = _server_secret(job, place)
    return SiteV1(
        namespace=place.namespace,
        config=config,
        router=read_router_config(internal),
        access=_access(place.client, config.get("data") or {}, place.namespace),
        ca=part(server, "ca.crt"),
        server_certificate=part(server, "tls.crt"),
        has_certificate=None if unreadable else server is not None,
        unreadable=unreadable,
        controller=has_controller(place.client, place.namespace),
    )


def _server_secret(job: Job, place: Place) -> tuple[Object | None, str]:
    """The Secret with the router's certificate, and why it may not be read."""
    try:
        return job.get(place, "v1", "Secret", SITE_SERVER), ""
    except Forbidden as error:
        return None, error.message


def _access(client: Client, data: Mapping[str, str], namespace: str) -> Access:
    has_routes = not data.get("ingress") and client.has_kind(ROUTE_API, "Route")
    kind = kind_of_ingress(data, has_routes)
    try:
        objects = {ref: client.get(ref) for ref in objects_of(kind, namespace)}
    except Forbidden:
        return Access(kind)
    except MissingKind as error:
        return Access(kind, waits_for=f"the ingress `{kind}` ({error.message})")
    return access(kind, data, namespace, objects)
