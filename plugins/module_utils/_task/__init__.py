# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private: how a module's work is written once and run as a module or in the controller's process."""

from __future__ import annotations

from .argspec import ArgumentSpec, auth_args, wait_args
from .task import Task, TaskSpec, perform, run_as_module

__all__ = ["ArgumentSpec", "Task", "TaskSpec", "auth_args", "perform", "run_as_module", "wait_args"]
