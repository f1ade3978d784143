# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's work, written once and run two ways: as an ordinary module, or in the controller's process.

A module states a `TaskSpec`: its argument spec and a function of a `Task`. `run_as_module` is the ordinary way; the
base class of the action plugins (plugin_utils/_in_process.py) is the other. Neither the argument spec nor the
function knows which way it is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from .._apply.redact import secret_values
from .._client.client import Client
from .._client.errors import InterconnectError
from .argspec import ArgumentSpec, check_wait_args

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


@dataclass
class Task:
    """What a run function is given."""

    params: dict[str, Any]
    check_mode: bool = False
    diff_mode: bool = False
    progress: Callable[[str], None] = lambda line: None
    """Takes a line for the user while he waits; shown in process, dropped as a module."""
    warn: Callable[[str], None] = lambda line: None
    secrets: set[str] = field(default_factory=set)
    """Values that must not be shown; they are masked wherever they stand in the result. Filled with the values of all
    Secrets among the parameters."""
    _own: Client | None = None
    _clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets |= secret_values(self.params)

    @property
    def client(self) -> Client:
        """The cluster that the task's own authentication options lead to."""
        if self._own is None:
            self._own = self.connect(self.params)
        return self._own

    def connect(self, options: Mapping[str, Any]) -> Client:
        """A further cluster, by options of the same names; closed with the task."""
        client = Client(options)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        self._own = None


@dataclass(frozen=True)
class TaskSpec:
    """What a module takes and does."""

    argument_spec: ArgumentSpec
    run: Callable[[Task], dict[str, Any]]
    mutually_exclusive: Sequence[Sequence[str]] = ()
    required_together: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    required_if: Sequence[Sequence[Any]] = ()
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def rules(self) -> dict[str, Any]:
        """The rules between arguments, as keywords of AnsibleModule and ArgumentSpecValidator."""
        return {
            "mutually_exclusive": [list(rule) for rule in self.mutually_exclusive],
            "required_together": [list(rule) for rule in self.required_together],
            "required_one_of": [list(rule) for rule in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
            "required_by": dict(self.required_by),
        }


def perform(spec: TaskSpec, task: Task) -> dict[str, Any]:
    """Run a task and turn every expected error into a failed result.

    An unexpected error (a bug) is left to Ansible, which reports it with its traceback.
    """
    try:
        check_wait_args(task.params)
        return spec.run(task)
    except InterconnectError as error:
        return {**error.details, "failed": True, "changed": bool(error.details.get("changed")), "msg": error.message}
    finally:
        task.close()


def run_as_module(spec: TaskSpec) -> NoReturn:
    """The body of a module's `main`."""
    module = _module_type()(argument_spec=spec.argument_spec, supports_check_mode=True, **spec.rules())
    task = Task(
        params=module.params,
        check_mode=module.check_mode,
        diff_mode=bool(module._diff),
        warn=module.warn,
    )
    result = perform(spec, task)
    _leave(module, result, task.secrets)


def _module_type() -> type[AnsibleModule]:
    from ansible.module_utils.basic import AnsibleModule

    class Module(AnsibleModule):
        """Hides Secrets in what it says of wrong arguments, too: that shows all arguments."""

        def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
            self.no_log_values.update(secret_values(self.params))
            super().fail_json(msg, **kwargs)

    return Module


def _leave(module: AnsibleModule, result: dict[str, Any], secrets: set[str]) -> NoReturn:
    module.no_log_values.update(secrets)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
