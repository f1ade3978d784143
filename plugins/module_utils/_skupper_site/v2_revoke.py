# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new CA for a v2 site, and new certificates for what it had signed for the site itself.

The controller renews a Secret of a Certificate only where the Secret is gone, and only when something happens to the
Certificate: it takes no note of a deletion (skupperproject/skupper internal/kube/certificates/mgr.go, `secretDeleted`).
So each Secret is deleted, and its Certificate touched until the controller has made a new one. It does not compare
signatures either: what the old CA has signed has to be renewed the same way.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._apply.present import Outcome
from .._apply.redact import secret_values
from .._client.client import Object
from .._client.errors import InputError, InterconnectError, ObjectRef
from .._wait.acceptors import Field
from .._wait.path import Path
from .._wait.wait import Wait
from .authority import Authority, require_cryptography
from .job import SKUPPER_API, SiteJob
from .restart import restart_routers
from .revocation import is_due, no_site
from .v2 import described, router_names, site_ref

RENEWED = "renewed"
"""What was done to a Secret: it was replaced by another of the same name."""
TOUCHED = "multicluster.interconnect/renew"
"""Annotation of a Certificate: when it was last asked for a new key."""
TOUCH_AGAIN_SECONDS = 5.0


def revoked(job: SiteJob) -> Mapping[str, Any]:
    """Renew the site's CA where that is due, then whatever is not of that CA yet."""
    require_cryptography()
    if not job.params["wait"]:
        raise InputError("wait", "must be true for state: revoked: each certificate can only follow the one before it")
    site = job.find(site_ref(job))
    if site is None:
        raise no_site(job, f"Site {job.name}")
    if (site.get("spec") or {}).get("edge"):
        raise InterconnectError(f"Site {job.namespace}/{job.name} is an edge site: nobody links to it, it has no CA")
    issuer = str((site.get("status") or {}).get("defaultIssuer") or "skupper-site-ca")
    certificates = job.client.list(SKUPPER_API, "Certificate", job.namespace)
    own = _certificate_of(job, certificates, issuer)
    known = _secret(job, issuer)
    authority = Authority.of_secret(known) if known else None
    renewed = authority is None or is_due(job, authority)
    if renewed:
        _renew(job, own, known)
        authority = None if job.task.check_mode else _authority(job, issuer)
    for certificate in certificates:
        if _is_of_servers(certificate, issuer):
            secret = _secret(job, certificate["metadata"]["name"])
            if authority is None or secret is None or not authority.has_signed(secret):
                _renew(job, certificate, secret)
    restart_routers(job, _routers(site), authority, renewed)
    ref = site_ref(job)
    job.wait(Wait(*ref[:2], name=ref.name, namespace=ref.namespace, until="ready"))
    live = site if job.task.check_mode else job.find(ref) or site
    return {**described(job, live), "ca": authority.as_result() if authority else None}


def _routers(site: Object) -> list[str]:
    return router_names({"ha": (site.get("spec") or {}).get("ha")})


def _authority(job: SiteJob, name: str) -> Authority | None:
    secret = _secret(job, name)
    return Authority.of_secret(secret) if secret else None


def _certificate_of(job: SiteJob, certificates: list[Object], issuer: str) -> Object:
    """The Certificate that the CA is made from.

    :raises InterconnectError: the CA is not Skupper's own.
    """
    for certificate in certificates:
        if certificate["metadata"]["name"] == issuer and (certificate.get("spec") or {}).get("signing"):
            return certificate
    raise InterconnectError(
        f"Secret {job.namespace}/{issuer} is the CA of the Site {job.name}, but was not made by Skupper (there is no "
        "Certificate of that name): renew it where it comes from"
    )


def _is_of_servers(certificate: Object, issuer: str) -> bool:
    """Whether a certificate of the site itself; those of clients are tokens, which end with the CA on purpose."""
    spec = certificate.get("spec") or {}
    return spec.get("ca") == issuer and bool(spec.get("server"))


def _secret(job: SiteJob, name: str) -> Object | None:
    return job.find(job.ref("v1", "Secret", name))


def _renew(job: SiteJob, certificate: Object, old: Object | None) -> None:
    """Take a Certificate's Secret away, and touch the Certificate until the controller has made a new one."""
    ref = job.ref("v1", "Secret", certificate["metadata"]["name"])
    if job.task.check_mode:
        job.note(Outcome(ref, RENEWED, old, _renewed(old)))
        return
    if old is not None:
        job.client.delete(ref, old["metadata"]["uid"])
    planned = job.note(Outcome(ref, RENEWED, old, None))
    touched = _touch(job, certificate, 0.0)

    def touch_again() -> None:
        nonlocal touched
        touched = _touch(job, certificate, touched)

    other = Field(Path.parse("metadata.uid"), "not_equals", old["metadata"]["uid"] if old else "")
    job.wait(Wait("v1", "Secret", name=ref.name, namespace=ref.namespace, success=(other,)), meanwhile=touch_again)
    new = _secret(job, ref.name)
    job.task.secrets |= secret_values(new)
    job.outcomes[job.outcomes.index(planned)] = Outcome(ref, RENEWED, old, new)


def _renewed(old: Object | None) -> Object | None:
    """The Secret as it will be, as far as a check run can know it: nothing of its data stays."""
    return {**old, "data": dict.fromkeys(old.get("data") or {}, "")} if old else None


def _touch(job: SiteJob, certificate: Object, before: float) -> float:
    """Have the controller look at a Certificate, unless that was done just now; returns when it was done."""
    now = time.monotonic()
    if before and now - before < TOUCH_AGAIN_SECONDS:
        return before
    stamp = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    job.client.merge_patch(ObjectRef.of(certificate), {"metadata": {"annotations": {TOUCHED: stamp}}})
    return now
