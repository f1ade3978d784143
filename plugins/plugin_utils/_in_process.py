# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's work in the controller's process instead of in a new one.

A module task starts a Python, unpacks itself and imports the Kubernetes client before it sends one request: about
1.5 s, of which the work is a hundredth. An action plugin is imported once, in the parent process that forks the
workers. See docs/decisions/0002-in-process-actions.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.auth import (
    MissingLibrary,
    kubernetes_package,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, TaskSpec, perform
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._plain import plain
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._preload import preload

display = Display()

try:  # imported here, in the parent, so that no worker pays for it
    kubernetes_package()
    CAN_RUN_IN_PROCESS = True
except MissingLibrary:
    CAN_RUN_IN_PROCESS = False
preload()


class InProcessAction(ActionBase):
    """Base of the collection's action plugins; a subclass names the module's `SPEC`."""

    SPEC: TaskSpec
    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task here where that means the same as on the target, else as a module on the target."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if result.get("skipped") or result.get("failed"):
            return result
        if not self._same_as_on_target():
            result.update(self._execute_module(task_vars=task_vars, wrap_async=bool(self._task.async_val)))
            return result
        with _environment(self._variables_here()):
            result.update(self._run_here(plain(self._task.args), str((task_vars or {}).get("inventory_hostname", ""))))
        return result

    def _same_as_on_target(self) -> bool:
        """Whether the target is this machine, this user and this process's time."""
        forced = os.environ.get("MULTICLUSTER_INTERCONNECT_AS_MODULE", "")
        return (
            CAN_RUN_IN_PROCESS
            and forced not in ("1", "true", "yes")
            and self._connection.transport == "local"
            and not self._connection.become
            and not self._task.async_val
        )

    def _variables_here(self) -> dict[str, str]:
        """The task's `environment`, as a module would have it."""
        variables: dict[str, Any] = {}
        self._compute_environment_string(variables)  # type: ignore[no-untyped-call]
        return {name: str(value) for name, value in variables.items()}

    def _task_of(self, **given: Any) -> Task:
        """The task that is to be performed."""
        return Task(**given)

    def _run_here(self, arguments: dict[str, Any], host: str) -> dict[str, Any]:
        validator = ArgumentSpecValidator(self.SPEC.argument_spec, **self.SPEC.rules())
        validated = validator.validate(arguments)
        warnings = [
            f"Both option {both['option']} and its alias {both['alias']} are set." for both in validated._warnings
        ]

        def progress(line: str) -> None:
            if not self._task.no_log:
                # Not among the results: callbacks write those, as JSON for one, to the standard output.
                display.display(f"  [{host}] {line}", color="cyan", stderr=True)

        task = self._task_of(
            params=plain(validated.validated_parameters),
            check_mode=bool(self._task.check_mode),
            diff_mode=bool(self._task.diff),
            progress=progress,
            warn=warnings.append,
        )
        if validated.error_messages:
            result: dict[str, Any] = {"failed": True, "msg": "; ".join(validated.error_messages)}
        else:
            result = perform(self.SPEC, task)
        if warnings:
            result["warnings"] = warnings
        masked: dict[str, Any] = remove_values(result, validated._no_log_values | task.secrets)
        return masked


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while: the worker process runs one task at a time."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
