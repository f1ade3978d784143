# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module `resource_wait`."""

from __future__ import annotations

from typing import Any

from .._task.task import Task
from .params import waits_of
from .poll import evaluate, wait_for


def run(task: Task) -> dict[str, Any]:
    """Wait for `resources`; look once in a check run and with `wait: false`.

    :raises InputError: before any request.
    :raises WaitTimeout, WaitFailed: see `wait_for`.
    """
    waits = waits_of(task.params["resources"])
    if task.check_mode or not task.params["wait"]:
        report = evaluate(task.client, waits)
    else:
        timeout, sleep = task.params["wait_timeout"], task.params["wait_sleep"]
        report = wait_for(task.client, waits, timeout, sleep, task.progress)
    return {"changed": False, **report.as_result()}
