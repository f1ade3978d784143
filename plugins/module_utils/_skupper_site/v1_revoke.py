# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new CA for a v1 site: what `skupper revoke-access` does, step by step.

Source: skupperproject/skupper 1.9.6 client/revoke_all.go: claims go, the CA is made anew in its Secret, then the
router's certificate for all hosts, then the router is started anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._client.client import Object
from .._client.errors import InterconnectError
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import CLAIM_RECORD, SITE_CA, SITE_SERVER, TYPE
from .authority import Authority, hosts_of, new_authority, new_certificate, require_cryptography
from .job import ROUTER, SiteJob
from .restart import restart_routers
from .revocation import is_due, no_site
from .v1 import described, goals
from .v1_state import read_state


def revoked(job: SiteJob) -> Mapping[str, Any]:
    """Renew the site's CA where that is due, then whatever is not of that CA yet."""
    require_cryptography()
    site = read_state(job)
    if site.config is None:
        raise no_site(job, "v1 site")
    if site.is_edge:
        raise InterconnectError(f"the v1 site {site.name} in {job.place} is an edge site: nobody links to it")
    ca, server = _secret(job, SITE_CA, site), _secret(job, SITE_SERVER, site)
    authority = Authority.of_secret(ca)
    renewed = authority is None or is_due(job, authority)
    if renewed:
        _forget_claims(job)
        ca = _renew(job, ca, new_authority(SITE_CA, _now()) if not job.task.check_mode else None)
        authority = None if job.task.check_mode else Authority.of_secret(ca)
    if authority is None or not authority.has_signed(server):
        hosts = _hosts(job, site, server)
        _renew(job, server, new_certificate(ca, _subject(hosts), hosts, _now()) if not job.task.check_mode else None)
    restart_routers(job, [ROUTER], authority, renewed)
    job.wait(*goals(job, site.data))
    live = site if job.task.check_mode else read_state(job)
    return {**described(job, live), "ca": authority.as_result() if authority else None}


def _secret(job: SiteJob, name: str, site: SiteV1) -> Object:
    live = job.client.get(job.ref("v1", "Secret", name))
    if live is None:
        raise InterconnectError(
            f"the v1 site {site.name} in {job.place} is not complete: there is no Secret {name}. Complete it first "
            "(state: present; repair: true where its host came too late)"
        )
    return live


def _forget_claims(job: SiteJob) -> None:
    """Claims that nobody has redeemed yet would be let in by the new CA."""
    for record in job.client.list("v1", "Secret", job.namespace, label_selector=f"{TYPE}={CLAIM_RECORD}"):
        job.delete(record)


def _renew(job: SiteJob, live: Object, data: Mapping[str, str] | None) -> Object:
    """Replace a Secret's certificate and key; `data` is None in a check run, which makes no keys."""
    patch = data if data is not None else dict.fromkeys(live.get("data") or {}, "")
    return job.patch(live, {"data": dict(patch)}).after or live


def _hosts(job: SiteJob, site: SiteV1, server: Object) -> list[str]:
    """What the router is called: the names of its Service, as it was called before, and where it is reached now."""
    service = f"{ROUTER}.{job.namespace}"
    now = [endpoint.host for endpoint in site.access.endpoints.values()]
    return list(dict.fromkeys([service, f"{service}.svc.cluster.local", *hosts_of(server), *now]))


def _subject(hosts: list[str]) -> str:
    """A common name has 64 characters at most."""
    return next((host for host in hosts if len(host) < 64), ROUTER)


def _now() -> datetime:
    return datetime.now(timezone.utc)
