# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module skupper_site: a site of the Service network is made, changed, removed, or given a new CA."""

from __future__ import annotations

from typing import Any

from .._client.errors import InterconnectError
from .._task.task import Task
from . import v1, v1_revoke, v2, v2_revoke
from .ground import refuse_missing_ingress, refuse_other_version
from .job import SiteJob
from .vocabulary import check_options, secret_settings

_STATES = {
    "v1": {"present": v1.present, "absent": v1.absent, "revoked": v1_revoke.revoked},
    "v2": {"present": v2.present, "absent": v2.absent, "revoked": v2_revoke.revoked},
}


def run(task: Task) -> dict[str, Any]:
    """Make, change, remove or revoke; see the module's documentation."""
    check_options(task.params)
    task.secrets |= secret_settings(task.params["settings"])
    job = SiteJob.of(task)
    state = task.params["state"]
    if state != "absent":
        refuse_other_version(job)
    if state == "present":
        refuse_missing_ingress(job)
    try:
        return job.result(_STATES[job.version][state](job))
    except InterconnectError as error:
        raise job.fail_with_what_was_done(error) from error
