# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab that all integration tests share, and the ways in which they use it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import MEASURED
from tests.integration.audited import Audited, audited
from tests.integration.measured import figures
from tests.integration.regina import NAME, Regina
from tests.integration.runs import Ansible, Run
from tests.integration.scratch import Scratch
from tests.lab import Lab, difference
from tests.tree import CHECKOUT

GONE_SECONDS = 30.0
EXTENSIONS = ("policy", "skupper", "argocd", "bare_metal")
"""What of the lab is not started by default, and is used by some test."""

POLICY_V1 = {"argocd_import": "native", "skupper_version": "v1", "skupper_distribution": "policy"}
"""Everything but what the reference inventory has, where that can be chosen."""

Audit = Callable[..., AbstractContextManager[Audited]]
Measured = Callable[[str, Run, Audited], None]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The tests' own lab, started where it is not running. `make test` wipes it afterwards.

    Without LAB_DIR it is the one that `make` uses, never the user's, whose clusters these tests would take apart. Each
    worker of pytest-xdist has one of its own.
    """
    folder, worker = os.environ.get("LAB_DIR") or str(CHECKOUT / ".lab-test"), os.environ.get("PYTEST_XDIST_WORKER")
    os.environ["LAB_DIR"] = f"{folder}-{worker}" if worker else folder
    # One after the other: a lab takes the ports that nobody listens at yet.
    with open(tmp_path_factory.getbasetemp().parent / "labs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = Lab.up(with_=EXTENSIONS)
    running.wait_available()
    return running


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left(lab: Lab) -> Iterator[None]:
    """Every file of tests leaves all clusters as it has found them: same objects, same content."""
    before = lab.inventory()
    yield
    left = difference(before, lab.inventory())
    deadline = time.monotonic() + GONE_SECONDS  # namespaces take a while
    while left and time.monotonic() < deadline:
        time.sleep(0.2)
        left = difference(before, lab.inventory())
    assert left == []


@pytest.fixture
def ansible(lab: Lab, tmp_path: Path) -> Ansible:
    """Runs playbooks; modules work in the controller's process."""
    return Ansible(lab, tmp_path)


@pytest.fixture(params=[False, True], ids=["in-process", "as-module"])
def either_way(request: pytest.FixtureRequest, lab: Lab, tmp_path: Path) -> Ansible:
    """Runs playbooks, in one test with modules in the controller's process, in another with ordinary modules."""
    return Ansible(lab, tmp_path, as_module=request.param)


@pytest.fixture
def scratch(lab: Lab) -> Iterator[Scratch]:
    """Makes what a test needs in the lab, and takes it out again whatever happens."""
    made = Scratch(lab)
    yield made
    made.clean()


@pytest.fixture
def audit(lab: Lab) -> Audit:
    """Notes what the collection asks of some clusters (default: all) while a block runs."""
    return lambda *clusters: audited(lab, *clusters)


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """Notes under a name what a run has taken, as `make test` prints it in the end."""
    return lambda name, run, log: record_property(f"{MEASURED}{name}", figures(run, log))


@pytest.fixture
def emptied(lab: Lab, tmp_path: Path) -> Iterator[None]:
    """For tests that deploy: whatever they leave deployed is taken out again."""
    before = lab.inventory()
    yield
    native = {"argocd_import": "native"}
    for number, variables in enumerate(({}, native, {**native, "skupper_version": "v1"}, POLICY_V1)):
        if difference(before, lab.inventory()):
            Ansible(lab, tmp_path / f"emptied-{number}").playbook("teardown.yml", variables=variables)


@pytest.fixture(scope="module")
def added(lab: Lab) -> Iterator[Regina]:
    """The cluster that the hub does not manage, as long as a file of tests runs."""
    lab.add(NAME)
    yield Regina(lab)
    lab.remove(NAME)


@pytest.fixture
def regina(added: Regina) -> Iterator[Regina]:
    """That cluster, unmanaged again after each test."""
    yield added
    added.clean()
