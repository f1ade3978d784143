# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task costs in the controller's process, and as a module in a process of its own."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.bench.playbooks import run
from tests.lab.bare import Bare

TASKS = 20


def report(plane: Bare, folder: Path) -> None:
    """Measure tasks that read one object and have nothing to write, and print."""
    options = {"names": ["cluster-0000"], "labels": {"bench": "true"}}
    tasks = [{"multicluster.interconnect.managedcluster_label": options}] * TASKS
    within = statistics.median(run(plane, folder, tasks).seconds)
    apart = statistics.median(run(plane, folder, tasks, as_module=True).seconds)
    nothing = statistics.median(run(plane, folder, [{"ansible.builtin.meta": "noop"}, *_debug()]).seconds)
    print(f"tasks: median of {TASKS} that read one object and find nothing to write")
    print(f"  ansible.builtin.debug, which does nothing {nothing:7.3f} s    1.0")
    print(f"  in the controller's process            {within:10.3f} s  {within / nothing:5.1f} x")
    print(f"  as a module                            {apart:10.3f} s  {apart / within:5.0f} x in process")


def _debug() -> list[dict[str, dict[str, str]]]:
    return [{"ansible.builtin.debug": {"msg": "x"}}] * TASKS
