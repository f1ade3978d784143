# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module skupper_gateway."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Callable

from .._client.errors import InputError, InterconnectError
from .._skupper.certificates import require_cryptography
from .._skupper.job import Place
from .._skupper.names import check_namespace
from .._task.task import Task
from .bindings import Binding, bindings, check_name
from .job import GatewayJob
from .v1 import V1
from .v1_removal import Removal
from .v2 import V2
from .v2_removal import RemovalV2

_State = Callable[[GatewayJob, Sequence[Binding]], dict[str, Any]]
_STATES: dict[str, dict[str, _State]] = {
    "v1": {
        "present": lambda job, wanted: V1(job).present(wanted),
        "restarted": lambda job, wanted: V1(job).restarted(),
        "absent": lambda job, wanted: Removal(job).absent(),
    },
    "v2": {
        "present": lambda job, wanted: V2(job).present(wanted),
        "restarted": lambda job, wanted: V2(job).restarted(),
        "absent": lambda job, wanted: RemovalV2(job).absent(),
    },
}


def run(task: Task) -> dict[str, Any]:
    """Make, change, restart or remove; see the module's documentation."""
    params = task.params
    _check(params)
    require_cryptography()
    wanted = bindings(params) if params["state"] == "present" else []
    place = Place(task.connect(params["cluster"]), params["namespace"])
    deadline = time.monotonic() + params["wait_timeout"]
    job = GatewayJob(task, str(params["name"] or ""), issuer=place, linking=None, deadline=deadline)
    try:
        return job.result(**_STATES[params["version"]][params["state"]](job, wanted))
    except InterconnectError as error:
        error.details["changed"] = bool(error.details.get("changed")) or job.changed
        error.details.setdefault("resources", [outcome.as_result() for outcome in job.outcomes])
        error.details.setdefault("actions", job.actions)
        raise


def _check(params: dict[str, Any]) -> None:
    """What can be wrong in the parameters, before the first request."""
    check_namespace(params["namespace"], "namespace")
    if params["name"]:
        check_name(params["name"])
    if params["renew_before"] < 0:
        raise InputError("renew_before", f"is {params['renew_before']}: give days, 0 or more")
