# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All benchmarks (`make bench`). Figures of one run are to be compared with each other, never with a clock."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench import labels, tasks
from tests.lab import Lab


def main() -> None:
    """Run them on a control plane of their own, without controllers that would join in."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--clusters", type=int, default=1000, help="ManagedClusters to label (default 1000)")
    parser.add_argument("--loop", type=int, default=50, help="how many of them kubernetes.core.k8s labels (default 50)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Lab.bare("bench", Path(folder)) as plane:
        labels.report(plane, Path(folder), arguments.clusters, arguments.loop)
        tasks.report(plane, Path(folder))


if __name__ == "__main__":
    main()
