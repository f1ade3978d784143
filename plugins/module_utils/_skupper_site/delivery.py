# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who writes the object that a site is made from: this collection, or Argo CD; and how one hands it to the other.

The object is never deleted for that: its uid is the identity of the site. Server-side apply keeps an account of who
wants which field, and what nobody wants any more goes. So he who takes over applies first, and only then the other's
account is closed, by an apply in his name that wants nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._apply.absent import ABSENT, KEPT
from .._apply.ownership import covers, made_by, owned_fields
from .._apply.present import UNCHANGED, UPDATED, Outcome, labelled
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import InterconnectError, ObjectRef
from .ground import NOTHING
from .job import SiteJob, identity

ARGO_CD = "argocd-controller"
"""Field manager of Argo CD's applies (argo-cd common/common.go, `ArgoCDSSAManager`)."""
TRACKING = "argocd.argoproj.io/tracking-id"
"""Annotation in which Argo CD notes what it delivers, as `APPLICATION:GROUP/KIND:NAMESPACE/NAME`."""


def provide(job: SiteJob, wanted: Object, live: Object | None) -> Outcome:
    """Bring the object to its desired state, or see that Argo CD has, and note it.

    :param live: the object as it is.
    """
    job.wanted = wanted
    if job.params["delivery"] == "gitops":
        return job.note(_delivered(job, wanted, live))
    refuse_delivered(job, live)
    if live is not None and _is_delivered(live):
        return job.note(_taken_over(job, wanted, live))
    return job.apply(wanted)


def refuse_delivered(job: SiteJob, live: Object | None) -> None:
    """Leave to Argo CD what it delivers: it would write it again.

    :raises InterconnectError: with the Application as `delivered_by` in its details.
    """
    if live is not None and _is_delivered(live) and not job.params["take_over"]:
        application = _application(live)
        raise InterconnectError(
            f"the site {job.name} in {job.place} is delivered by Argo CD ({application or 'by some Application'}), "
            "which would write it again: take it out there, then set take_over: true, or leave it there (delivery: "
            f"gitops). {NOTHING}",
            delivered_by=application,
        )


def _is_delivered(live: Object) -> bool:
    """Whether Argo CD has applied one of our sites. One of others is adopted, or kept, as any other object."""
    return made_by(live, FIELD_MANAGER) and owned_fields(live, ARGO_CD) is not None


def _application(live: Object) -> str:
    """The Application that delivers a site; empty where it does not say."""
    return str((live["metadata"].get("annotations") or {}).get(TRACKING) or "").partition(":")[0]


def _delivered(job: SiteJob, wanted: Object, live: Object | None) -> Outcome:
    """The object as Argo CD has delivered it; what we wanted of it once is no longer wanted.

    :raises InterconnectError: Argo CD must not have it, or has not delivered it.
    """
    ref = ObjectRef.of(wanted)
    if live is None:
        return _if_yet_to_come(job, Outcome(ref, ABSENT, None, None, "is not there yet"))
    if not made_by(live, FIELD_MANAGER):
        raise InterconnectError(
            f"{ref} in {job.place} was made by others: Argo CD would take it over, and a teardown would remove it. "
            f"Remove it, or leave it to them (delivery: direct). {NOTHING}"
        )
    if owned_fields(live, FIELD_MANAGER) is not None:
        return _handed_over(job, wanted, live)
    if not _has(live, wanted):
        return _if_yet_to_come(job, Outcome(ref, KEPT, live, live, "is not as it is to be"))
    return Outcome(ref, UNCHANGED, live, live)


def _if_yet_to_come(job: SiteJob, outcome: Outcome) -> Outcome:
    """What Argo CD has not done, in a check run.

    :raises InterconnectError: this is not one.
    """
    if job.task.check_mode:
        return outcome
    raise InterconnectError(f"{outcome.ref} in {job.place} is left to Argo CD (delivery: gitops), and {outcome.note}")


def _handed_over(job: SiteJob, wanted: Object, live: Object) -> Outcome:
    """Want nothing of the object any more, once Argo CD wants all that we do.

    :raises InterconnectError: it does not.
    """
    ref, nothing, check = ObjectRef.of(wanted), identity(ObjectRef.of(wanted)), job.task.check_mode
    after = job.client.apply(nothing, dry_run=True)
    complete = _has(after, wanted)
    if not complete and not check:
        raise InterconnectError(
            f"{ref} in {job.place} is left to Argo CD (delivery: gitops), which has not applied it as it is to be: it "
            f"would lose fields. {NOTHING}"
        )
    if not check:
        after = job.client.apply(nothing)
    # In a check run, Argo CD may be about to apply it.
    return Outcome(ref, UPDATED, live, after if complete else live, "handed over to Argo CD")


def _taken_over(job: SiteJob, wanted: Object, live: Object) -> Outcome:
    """Want what Argo CD does no longer, by force: it has had its own way with the object so far."""
    ref, check = ObjectRef.of(wanted), job.task.check_mode
    after = job.client.apply(labelled(wanted, live), force=True, dry_run=check)
    if not check:
        after = job.client.apply(identity(ref), manager=ARGO_CD)
    return Outcome(ref, UPDATED, live, after, "taken over from Argo CD")


def _has(live: Mapping[str, Any], wanted: Object) -> bool:
    """Whether the object has all that is wanted; lists name no kind for each item."""
    return covers(live, {key: value for key, value in wanted.items() if key not in ("apiVersion", "kind")})
