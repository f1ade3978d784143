# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v1 site as its API shows it: there is no status object, so what it is gets read from what its controllers made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..._client.client import Object
from ..job import Place
from ..model import Endpoint, Site
from .ingress import NONE, Access
from .router import RouterConfig
from .vocabulary import (
    EDGE,
    IGNORED_BY_SITE_CONTROLLER,
    ROUTER_CONFIG,
    SITE_CONTROLLER,
    SITE_SERVER,
)


@dataclass(frozen=True)
class SiteV1:
    """What a namespace has of a v1 site."""

    namespace: str
    config: Object | None = None
    """ConfigMap skupper-site."""
    router: RouterConfig | None = None
    access: Access = field(default_factory=lambda: Access(""))
    ca: bytes = b""
    """The site's CA as its router shows it (PEM); empty where it is not there yet, or may not be read."""
    server_certificate: bytes = b""
    has_certificate: bool | None = None
    """Whether the router has its certificate for those that link to it; None where that can not be seen."""
    unreadable: str = ""
    """Why the router's certificate can not be seen."""
    controller: bool | None = None
    """Whether a site controller is there that would sign tokens; None where that can not be seen."""

    @property
    def id(self) -> str:
        return str(((self.config or {}).get("metadata") or {}).get("uid") or "")

    @property
    def name(self) -> str:
        return str(self.data.get("name") or self.namespace)

    @property
    def data(self) -> Mapping[str, str]:
        return (self.config or {}).get("data") or {}

    @property
    def dialled_at(self) -> tuple[Endpoint, ...]:
        """Where the tokens lead to that the site issues now."""
        known = self.access.endpoints
        return tuple(known[role] for role in ("inter-router", "edge") if role in known)

    @property
    def version(self) -> str:
        return self.router.version if self.router else ""

    @property
    def is_edge(self) -> bool:
        """Edge sites link to others, but nobody can link to them."""
        if self.router:
            return self.router.mode == EDGE
        return self.data.get("router-mode") == EDGE or self.data.get("edge") == "true"

    @property
    def is_made_by_init(self) -> bool:
        """Whether `skupper init` has made the site, which needs no site controller, and so has none to sign tokens."""
        return IGNORED_BY_SITE_CONTROLLER in (((self.config or {}).get("metadata") or {}).get("labels") or {})

    @property
    def lacks_only_certificate(self) -> bool:
        """Whether the host is known and the certificate not made: for a moment, or for ever.

        For ever where the site controller has given up on the host (skupperproject/skupper#1638): skupper-internal is
        made before the hosts are known, and once it is there the site counts as made, so the router's certificate is
        never signed.
        """
        return (
            self.has_certificate is False and self.router is not None and not self.is_edge and self.access.is_complete
        )


def why_not_an_issuer(site: SiteV1, place: str) -> str:
    """Why nobody will ever be able to link to the site as it is, and what to do; empty where that can not be said.

    :param place: the namespace and its cluster, for the message.
    """
    if site.is_edge:
        return (
            f"the site {site.name} in {place} is an edge site, to which nobody can link: link it to the other site "
            "instead, or make it an interior one"
        )
    if site.access.kind == NONE:
        return (
            f"the site {site.name} in {place} has the ingress `none`: its tokens lead nowhere but within its own "
            "cluster; set another ingress, or link it to the other site instead"
        )
    return ""


def why_it_does_not_issue(site: SiteV1, place: str, signs: bool = False) -> str:
    """What a token waits for that the site could give, and what to do; empty where it could be issued now.

    :param signs: tokens are signed here, with the site's CA key.
    """
    if site.router is None:
        return (
            f"the site {site.name} in {place} is not made yet (no ConfigMap {ROUTER_CONFIG}): see its site controller"
        ) + _without_controller(site)
    if not site.access.is_complete:
        return f"the site {site.name} in {place} has no host yet: there is none in {site.access.waits_for}"
    if site.lacks_only_certificate:
        return (
            f"the site {site.name} in {place} got its host too late, and its site controller has given up on it (no "
            f"Secret {SITE_SERVER}): mend it by the module skupper_site with repair: true"
        )
    if site.controller or signs:
        return ""
    if site.is_made_by_init:
        return (
            f"the site {site.name} in {place} was made by `skupper init`, and no site controller is to be seen that "
            "would sign tokens: install it, or set sign: true to have them signed here with the site's CA key"
        )
    return _without_controller(site).lstrip("; ")


def _without_controller(site: SiteV1) -> str:
    if site.controller is not False:
        return ""
    return f"; no site controller runs in this cluster (Deployment {SITE_CONTROLLER}): start it"


def as_site(site: SiteV1, place: Place, issues: bool, signs: bool) -> Site:
    """The site in the terms that both versions share.

    :param issues: it is the issuing one.
    :param signs: tokens are signed here, with the site's CA key.
    """
    if site.config is None:
        return Site(name="", id="", namespace=place.namespace, server=place.client.server)
    found = Site(name=site.name, id=site.id, namespace=place.namespace, server=place.client.server)
    if not issues:
        return found
    return replace(
        found,
        refusal=why_not_an_issuer(site, str(place)),
        pending=why_it_does_not_issue(site, str(place), signs),
        endpoints=site.dialled_at,
        ca=site.ca,
        hosts=names_in(site.server_certificate) if site.server_certificate else None,
    )


def names_in(pem: bytes) -> frozenset[str] | None:
    """Names and addresses that the router's certificate is good for; None where it can not be read.

    v1 writes an address as such only, v2 as a name as well (skupperproject/skupper 1.9.6 pkg/certs/certs.go).
    """
    from cryptography import x509

    try:
        extensions = x509.load_pem_x509_certificate(pem).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return None
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return frozenset({name.lower() for name in names.get_values_for_type(x509.DNSName) if name} | addresses)
