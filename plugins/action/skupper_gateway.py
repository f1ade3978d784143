# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""skupper_gateway: the cluster's half in the controller's process, the host's half by a module on the host.

So the host needs neither a kubeconfig nor Skupper's CLI, and the cluster is reached from where the credentials are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.job import (
    GatewayTask,
    HostUnreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules import skupper_gateway
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._in_process import (
    CAN_RUN_IN_PROCESS,
    InProcessAction,
)

HOST_MODULE = "multicluster.interconnect.skupper_router"


class ActionModule(InProcessAction):
    """See plugins/modules/skupper_gateway.py."""

    SPEC = skupper_gateway.SPEC
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Keep the variables, which the host's half is run with."""
        self._variables = task_vars or {}
        return super().run(tmp, task_vars)

    def _same_as_on_target(self) -> bool:
        """Whatever the connection: what belongs on the target is sent there."""
        return CAN_RUN_IN_PROCESS

    def _variables_here(self) -> dict[str, str]:
        """The task's `environment` is the host's: a proxy there is no way to the cluster from here."""
        return {}

    def _task_of(self, **given: Any) -> Task:
        return GatewayTask(**given, ask_host=self._ask_host)

    def _ask_host(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run the module of the host's half there, by the task's connection and as its user."""
        try:
            result: dict[str, Any] = self._execute_module(
                module_name=HOST_MODULE, module_args=dict(arguments), task_vars=self._variables
            )
        except AnsibleConnectionFailure as error:
            if arguments.get("state") != "absent" and self._task.args.get("state") != "absent":
                raise  # Ansible tells of the host as of any that can not be reached
            raise HostUnreachable(str(error)) from error
        return result
