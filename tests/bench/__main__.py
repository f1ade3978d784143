# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All benchmarks (`make bench`). Figures of one run are to be compared with each other, never with a clock."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import deploy, labels, tasks
from tests.lab import Lab
from tests.lab.layout import Layout
from tests.tree import CHECKOUT

ALL = ("labels", "tasks", "deploy")


def main() -> None:
    """Run them: deployments on a lab of their own, the rest on a control plane without controllers that would join."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"which of them: {', '.join(ALL)} (default all)")
    parser.add_argument("--clusters", type=int, default=1000, help="ManagedClusters to label (default 1000)")
    parser.add_argument("--loop", type=int, default=50, help="how many of them kubernetes.core.k8s labels (default 50)")
    parser.add_argument("--sites", type=int, nargs="+", default=[3, 6, 12], help="sites to deploy to (default 3 6 12)")
    arguments = parser.parse_args()
    what = arguments.what or ALL
    if unknown := set(what) - set(ALL):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if {"labels", "tasks"} & set(what):
            with Lab.bare("bench", folder) as plane:
                if "labels" in what:
                    labels.report(plane, folder, arguments.clusters, arguments.loop)
                if "tasks" in what:
                    tasks.report(plane, folder)
        if "deploy" in what:
            with _lab() as lab:
                deploy.report(lab, folder, arguments.sites)


@contextmanager
def _lab() -> Iterator[Lab]:
    """A lab of the benchmark's own, wiped afterwards."""
    os.environ.setdefault("LAB_DIR", str(CHECKOUT / ".lab-bench"))
    try:
        lab = Lab.up(report=lambda _line: None, with_=deploy.EXTENSIONS)
        lab.wait_available()
        yield lab
    finally:
        Lab.wipe(Layout.find())


if __name__ == "__main__":
    main()
