# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploying, finding all of it deployed, and taking it down: this collection, and kubernetes.core by the same steps.

The plain playbook (tests/bench/plain) does what a user would write: each object applied, each effect waited for. What
it leaves out is told by its first lines. Both render the same chart and work on the same lab, one after the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.sites import inventory
from tests.lab import Lab, build, difference
from tests.lab.inventory import Inventory
from tests.tree import CHECKOUT

EXTENSIONS = ("skupper",)
PLAIN = CHECKOUT / "tests" / "bench" / "plain"
ROUNDS = 2
"""Of runs that find nothing to do; the better one counts."""
SAME_STEPS = ("--skip-tags", "preflight,verify")
SETTLE_SECONDS = 60.0
STEPS = ("deploy", "deploy, all is done", "teardown")


@dataclass(frozen=True, order=True)
class Took:
    """A run of ansible-playbook, from its start to its end."""

    seconds: float
    processor: float
    """Seconds of the processor for itself and all that it has started: what a busy machine does not change."""

    def beside(self, other: Took) -> str:
        """Both figures, and how many times those of `other` they are."""
        times = f"{self.seconds / other.seconds:4.1f} x", f"{self.processor / other.processor:4.1f} x"
        return f"{self.seconds:6.1f} s {times[0]}, processor {self.processor:6.1f} s {times[1]}"


class Deployment:
    """Playbooks over so many sites of the lab."""

    def __init__(self, lab: Lab, folder: Path, sites: int) -> None:
        self._folder = folder
        self._inventory = folder / f"{sites}-sites.json"
        self._inventory.write_text(json.dumps(inventory(lab, sites, build.ensure(["helm"])["helm"])))

    def run(self, playbook: Path | str, *arguments: str) -> Took:
        """Run a playbook. Raise RuntimeError with its output when it fails."""
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_"))},
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_HOME": str(self._folder / "home"),
            # The charts' values, which kubernetes.core.helm_template leaves behind in files.
            "TMPDIR": str(self._folder),
        }
        words = [Path(sys.executable).parent / "ansible-playbook", "-i", self._inventory, playbook, *arguments]
        output = self._folder / "output.txt"
        began = time.monotonic()
        with open(output, "wb") as stream:
            process = subprocess.Popen(
                words, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
            )
            _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(output.read_text(encoding="utf-8"))
        return Took(time.monotonic() - began, usage.ru_utime + usage.ru_stime)

    def repeat(self, playbook: Path | str, *arguments: str) -> Took:
        """Run a playbook that finds all of it done."""
        return min(self.run(playbook, *arguments) for _round in range(ROUNDS))


def report(lab: Lab, folder: Path, growth: Sequence[int]) -> None:
    """Measure and print."""
    before = lab.inventory()
    three = Deployment(lab, folder, 3)
    theirs = [three.run(PLAIN / "deploy.yml"), three.repeat(PLAIN / "deploy.yml"), three.run(PLAIN / "teardown.yml")]
    _settle(lab, before)
    ours = [three.run("deploy.yml", *SAME_STEPS), three.repeat("deploy.yml", *SAME_STEPS)]
    checked = three.repeat("deploy.yml")
    ours.append(three.run("teardown.yml"))
    _settle(lab, before)
    print("deploy: three sites; kubernetes.core by the same steps, as times of this collection")
    for what, own, other in zip(STEPS, ours, theirs, strict=True):
        aim = " (aim: at least 5 x)" if what == STEPS[1] else ""
        print(f"  {what:20} this collection {own.beside(own)}")
        print(f"  {'':20} kubernetes.core {other.beside(own)}{aim}")
    print(f"  {STEPS[1]}, with all checks before and after: {checked.beside(ours[1])}")
    _report_growth(lab, folder, growth)
    _settle(lab, before)


def _report_growth(lab: Lab, folder: Path, growth: Sequence[int]) -> None:
    """How the same grows with the sites; all of them share this machine's processors with their control planes."""
    print("deploy: growth with the sites, as times of the first line (aim: no worse than linear)")
    first: list[Took] = []
    for sites in growth:
        deployment = Deployment(lab, folder, sites)
        took = [deployment.run("deploy.yml", *SAME_STEPS), deployment.repeat("deploy.yml", *SAME_STEPS)]
        took.append(deployment.run("teardown.yml"))
        first = first or took
        for what, own, base in zip(STEPS, took, first, strict=True):
            print(f"  {sites:3} sites ({sites / growth[0]:3.1f} x), {what:20} {own.beside(base)}")


def _settle(lab: Lab, before: dict[str, Inventory]) -> None:
    """Wait until the lab is as it was, so that nobody finds what another has made."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while left := difference(before, lab.inventory()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"left behind: {left}")
        time.sleep(1)
