# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to find a gateway as it is to be: `python -m tests.bench.gateways`, on a lab with podman that is up.

Each run looks at the host and compares it, by a module each; so the floor is what two modules cost that do nothing. The
rest is what podman, the router and the cluster are asked.
"""

from __future__ import annotations

import statistics
import tempfile
from datetime import datetime
from pathlib import Path

from tests.integration.bare_metal.gateways import MODULE, gateways
from tests.integration.runs import Ansible, Run, step
from tests.lab import Lab

TASKS = 10


def main() -> None:
    """Measure, and print."""
    lab = Lab.running()
    with tempfile.TemporaryDirectory() as folder, gateways(lab, Path(folder)) as sites:
        ansible = Ansible(lab, Path(folder) / "ansible")
        sites.task(ansible)
        floor = [step(f"ping {number}", "ansible.builtin.ping") for number in range(TASKS)]
        own = [step(f"gateway {number}", MODULE, **sites.args()) for number in range(TASKS)]
        nothing, found = _median(ansible.steps(*floor)), _median(ansible.steps(*own))
        ansible.steps(step("absent", MODULE, **sites.whole(state="absent")))
    print(f"gateways: median of {TASKS} runs that find a gateway as it is to be, on this machine")
    print(f"  two modules that do nothing {2 * nothing:10.3f} s    1.0")
    print(f"  skupper_gateway             {found:10.3f} s  {found / (2 * nothing):5.1f} x")


def _median(run: Run) -> float:
    """Seconds of a task; the first one, which everything is read for, is left out."""
    tasks = run.succeeded().tasks
    assert not any(task.failed or task.changed for task in tasks), run.output
    taken = [datetime.fromisoformat(task.ended) - datetime.fromisoformat(task.began) for task in tasks[1:]]
    return statistics.median(each.total_seconds() for each in taken)


if __name__ == "__main__":
    main()
