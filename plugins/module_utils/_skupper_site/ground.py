# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the way of a site: another version's site, another site, a cluster that lacks what the ingress needs.

All of it is read before the first write.
"""

from __future__ import annotations

from .._client.client import Object
from .._client.errors import Forbidden, InputError, InterconnectError, MissingKind
from .._skupper.v1.vocabulary import SITE_CONFIG
from .job import SKUPPER_API, SiteJob
from .vocabulary import NEEDED_KINDS, NEEDS_INGRESS_CLASS, V1, V2

NOTHING = "Nothing was written"


def v1_site(job: SiteJob) -> Object | None:
    """The ConfigMap that is the namespace's v1 site."""
    return job.client.get(job.ref("v1", "ConfigMap", SITE_CONFIG))


def v2_sites(job: SiteJob) -> list[Object]:
    """The namespace's v2 Sites; none where the cluster does not have the kind."""
    try:
        return job.client.list(SKUPPER_API, "Site", job.namespace)
    except MissingKind:
        return []


def refuse_other_version(job: SiteJob) -> None:
    """Both versions use the same names (skupper-router, skupper-site-ca, …): never both in one namespace."""
    if job.version == V2:
        other = v1_site(job)
        what = f"the v1 site {(other.get('data') or {}).get('name') or SITE_CONFIG}" if other else ""
    else:
        sites = v2_sites(job)
        what = f"the v2 Site {sites[0]['metadata']['name']}" if sites else ""
    if what:
        wanted, found = (V2, V1) if job.version == V2 else (V1, V2)
        raise InterconnectError(
            f"{job.place} has {what}: a {wanted} site in the same namespace would fight with it over the same objects. "
            f"Use another namespace, or remove the {found} site first (state: absent with version: {found}). {NOTHING}"
        )


def refuse_missing_ingress(job: SiteJob) -> None:
    """Whether the cluster has what the way in needs."""
    needed = NEEDED_KINDS.get(job.ingress)
    if needed:
        api_version, kind, remedy = needed
        if not job.client.has_kind(api_version, kind):
            raise InputError(
                "ingress",
                f"{job.ingress} needs the kind {kind} of {api_version}, which {job.client.server} does not serve "
                f"({remedy}): choose another ingress. {NOTHING}",
            )
    if job.ingress in NEEDS_INGRESS_CLASS and not _has_ingress_class(job):
        raise InputError(
            "ingress",
            f"{job.ingress} needs an ingress controller, but {job.client.server} has no IngressClass: install one, "
            f"or choose another ingress. {NOTHING}",
        )


def _has_ingress_class(job: SiteJob) -> bool:
    try:
        return bool(job.client.list("networking.k8s.io/v1", "IngressClass"))
    except Forbidden:  # who may not see that much is not stopped by it
        return True
