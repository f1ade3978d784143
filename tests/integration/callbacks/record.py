# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback plugin that writes each task's result to a file as it comes, one JSON object a line.

The text on the terminal stays what a user sees, so that tests can look at both; and what a killed run has done is
known.
"""

from __future__ import annotations

import datetime
import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: Record results for the integration tests
description: Writes to the file that the environment variable RECORD_FILE names.
"""


def _now() -> str:
    """The time in the form of the audit log."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _of(result: Any, name: str) -> Any:
    """An attribute that bears an underscore before ansible-core 2.19."""
    return getattr(result, name) if hasattr(type(result), name) else getattr(result, f"_{name}")


class CallbackModule(CallbackBase):
    """Records the end of every task on every host, with the time of its beginning."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[tuple[str, str], str] = {}
        self._phase = ""
        # Open for as long as the process lives: every line is on the way as soon as it is written.
        self._file = open(os.environ["RECORD_FILE"], "a", encoding="utf-8", buffering=1)  # noqa: SIM115

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play begins; its tag is its phase."""
        self._phase = ",".join(sorted({*play.tags} - {"always", "never"}))

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host begins a task."""
        self._began[host.name, task._uuid] = _now()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A host has done a task."""
        self._record(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A host has failed."""
        self._record(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A host has nothing to do."""
        self._record(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host can not be reached."""
        self._record(result, "unreachable")

    def _record(self, result: Any, status: str) -> None:
        host, task = _of(result, "host").name, _of(result, "task")
        record = {
            "host": host,
            "name": task.get_name(),
            "action": task.action,
            "status": status,
            "began": self._began.get((host, task._uuid), ""),
            "ended": _now(),
            "result": _of(result, "result"),
            "phase": self._phase,
        }
        self._file.write(json.dumps(record, default=str) + "\n")
