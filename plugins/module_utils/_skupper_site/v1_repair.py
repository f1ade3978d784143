# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dead end of v1 sites: seen, told, and mended where that is asked for.

The site controller waits two minutes for the site's host, with the ConfigMap skupper-internal already made. When the
host comes later, it takes the site for made because of that ConfigMap, and never signs the router's certificate
(skupperproject/skupper#1638). Without the ConfigMap, any change of skupper-site has it make the site again; everything
that is there already is left as it is.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone

from .._apply.merge import merged
from .._apply.present import UPDATED, Outcome
from .._client.client import Object
from .._client.errors import InterconnectError, ObjectRef
from .._skupper.v1.site import SiteV1
from .._skupper.v1.vocabulary import ROUTER_CONFIG, SITE_SERVER
from .._wait.poll import WaitFailed
from .job import SiteJob
from .v1_state import read_state

CONTROLLER_PATIENCE_SECONDS = 120.0
"""api/types/types.go, DefaultTimeoutDuration."""
MARGIN_SECONDS = 30.0
"""For clocks that differ, and the controller's own work."""
SIGNING_SECONDS = 10.0
"""A controller that has not given up signs within a few seconds of the host."""
LOOK_SECONDS = 3.0
REPAIRED = "repaired-at"
"""Key of skupper-site whose change has the controller look at the site again; it knows no such key."""


def refuse_or_repair(job: SiteJob, site: SiteV1) -> None:
    """Deal with a site that is surely in the dead end when the run begins.

    :raises WaitFailed: it is, and repair was not asked for.
    """
    if site.lacks_only_certificate and _seconds_since_made(job) > CONTROLLER_PATIENCE_SECONDS + MARGIN_SECONDS:
        if not job.params["repair"]:
            _give_up(job)
        _repair(job, site)


class DeadEndWatch:
    """Looks, while a run waits, whether the site has come to the dead end."""

    def __init__(self, job: SiteJob) -> None:
        self._job = job
        self._next_look = 0.0
        self._since: float | None = None
        """When the host was first seen without the certificate."""
        self._repaired = any(outcome.ref.name == ROUTER_CONFIG for outcome in job.outcomes)

    def look(self) -> None:
        """Look, if the last look is not too near.

        :raises WaitFailed: the site is in the dead end, and repair was not asked for or has not helped.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        site = read_state(self._job)
        if not site.lacks_only_certificate:
            self._since = None
        elif self._since is None:
            self._since = now
        # One that is away would sign when it is back; the time-out tells of that.
        elif now - self._since >= SIGNING_SECONDS and site.controller is not False:
            if not self._job.params["repair"] or self._repaired:
                _give_up(self._job)
            _repair(self._job, site)
            self._repaired, self._since = True, None


def _give_up(job: SiteJob) -> None:
    raise WaitFailed(
        f"the v1 site {job.name} in {job.place} got its host too late: the site controller had given up waiting for it "
        f"({CONTROLLER_PATIENCE_SECONDS:.0f} s), so Secret {SITE_SERVER} is missing, and it never looks again "
        "(skupperproject/skupper#1638). To mend it, run the task with repair: true, which removes ConfigMap "
        f"{ROUTER_CONFIG} and has the controller complete the site"
    )


def _repair(job: SiteJob, site: SiteV1) -> None:
    """Have the controller make the site again."""
    if site.is_made_by_init:
        raise InterconnectError(
            f"the v1 site {site.name} in {job.place} was made by `skupper init`, which no controller completes: "
            "remove it, and make it anew"
        )
    internal = job.find(job.ref("v1", "ConfigMap", ROUTER_CONFIG))
    if internal:
        job.delete(internal)
        job.wait_gone([ObjectRef.of(internal)])
    config: Object = site.config or {}
    ref = ObjectRef.of(config)
    if not job.task.check_mode:
        stamp = datetime.now(timezone.utc).isoformat(timespec="seconds")
        job.client.merge_patch(ref, {"data": {REPAIRED: stamp}})
    # Check run and real run show the same.
    job.note(Outcome(ref, UPDATED, config, merged(config, {"data": {REPAIRED: "(now)"}})))


def _seconds_since_made(job: SiteJob) -> float:
    """How long ago the controller has made skupper-internal, by this machine's clock."""
    live = job.find(job.ref("v1", "ConfigMap", ROUTER_CONFIG))
    if live is None:
        return 0.0
    made = datetime.strptime(live["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - made).total_seconds()
