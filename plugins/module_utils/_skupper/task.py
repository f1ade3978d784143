# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module skupper_token."""

from __future__ import annotations

import time
from typing import Any

from .._client.errors import InputError, InterconnectError
from .._task.argspec import other_options
from .._task.task import Task
from . import durations
from .backend import Backend
from .certificates import require_cryptography
from .issuing import make
from .job import Job, Place
from .linking import link, unlink
from .names import check_link_name, check_namespace
from .rotation import rotate
from .v1.backend import V1
from .v2.backend import V2

BACKENDS: dict[str, type[Backend]] = {"v1": V1, "v2": V2}
STATES = {"issued": make, "linked": link, "rotated": rotate, "absent": unlink}


def run(task: Task) -> dict[str, Any]:
    """Issue, link, rotate or remove; see the module's documentation."""
    _check(task.params)
    require_cryptography()
    job = _job(task)
    backend = BACKENDS[task.params["version"]](job)
    try:
        return job.result(**STATES[task.params["state"]](job, backend))
    except InterconnectError as error:
        error.details["changed"] = bool(error.details.get("changed")) or job.changed
        error.details.setdefault("resources", [outcome.as_result() for outcome in job.outcomes])
        raise


def _check(params: dict[str, Any]) -> None:
    """Everything that can be wrong in the parameters, before the first request."""
    check_link_name(params["name"])
    check_namespace(params["namespace"], "namespace")
    check_namespace(params["issuer_namespace"] or params["namespace"], "issuer_namespace")
    state = params["state"]
    if not 1 <= params["cost"] <= 2**31 - 1:
        raise InputError("cost", f"is {params['cost']}: a link's cost is 1 or more")
    if params["redemptions"] < 1:
        raise InputError("redemptions", f"is {params['redemptions']}: a claim is good for 1 redemption or more")
    if params["renew_before"] is not None and params["renew_before"] < 0:
        raise InputError("renew_before", f"is {params['renew_before']}: give days, 0 or more")
    durations.parse(params["expiration"], "expiration")
    for option in ("renew", "retire"):
        if params[option] and state != "issued":
            raise InputError(option, f"goes with state: issued only, not with {state}")
    if params["renew"] and params["retire"]:
        raise InputError(
            "retire", "would cut the link together with renew: bring the new token to the linking site first"
        )
    if params["renew_before"] is not None and state not in ("issued", "rotated"):
        raise InputError("renew_before", f"goes with state: issued or rotated only, not with {state}")
    if params["renew_before"] is not None and state == "rotated" and params["distribution"] == "none":
        raise InputError("renew_before", "does not go with distribution: none, which renews nothing")


def _job(task: Task) -> Job:
    params = task.params
    own = Place(task.client, params["namespace"])
    deadline = time.monotonic() + params["wait_timeout"]
    if params["state"] == "issued":
        return Job(task, params["name"], issuer=own, linking=None, deadline=deadline)
    issuer = Place(task.connect(other_options(params, "issuer")), params["issuer_namespace"] or params["namespace"])
    return Job(task, params["name"], issuer=issuer, linking=own, deadline=deadline)
