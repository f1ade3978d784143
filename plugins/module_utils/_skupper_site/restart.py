# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new certificate counts only for handshakes to come: who shall lose access is cut off by new routers."""

from __future__ import annotations

from .._apply.merge import merged
from .._apply.present import UPDATED, Outcome
from .._client.client import Object
from .._client.errors import ObjectRef
from .._wait.wait import Wait
from .authority import Authority
from .job import SiteJob

UNKNOWN = "(the new CA's fingerprint)"
RENEWED = "multicluster.interconnect/site-ca"
"""Annotation of the routers' pods: fingerprint of the CA that they were last started anew for."""


def restart_routers(job: SiteJob, names: list[str], authority: Authority | None, renewed: bool) -> None:
    """Roll the routers that were not yet started anew for this CA, and wait until they are ready again.

    :param authority: the CA; None where a check run can not know it.
    :param renewed: whether the CA is of this very run, and its fingerprint unknown to a check run.
    """
    fingerprint = authority.fingerprint if authority else ""
    shown = UNKNOWN if renewed else fingerprint
    waits = []
    for name in names:
        live = job.find(job.ref("apps/v1", "Deployment", name))
        if live is None:
            continue
        waits.append(Wait("apps/v1", "Deployment", name=name, namespace=job.namespace))
        if fingerprint and mark_of(live) == fingerprint:
            continue
        if not job.task.check_mode:
            job.client.merge_patch(ObjectRef.of(live), _marking(fingerprint))
        # Check run and real run show the same.
        job.note(Outcome(ObjectRef.of(live), UPDATED, live, merged(live, _marking(shown))))
    job.wait(*waits)


def _marking(fingerprint: str) -> Object:
    return {"spec": {"template": {"metadata": {"annotations": {RENEWED: fingerprint}}}}}


def mark_of(deployment: Object) -> str:
    """The CA that the routers of a Deployment were last started anew for; empty where they never were."""
    metadata = deployment["spec"]["template"].get("metadata") or {}
    return str((metadata.get("annotations") or {}).get(RENEWED, ""))
