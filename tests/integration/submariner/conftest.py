# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control planes of these tests' own: the modules for Submariner need API servers, and no hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.integration.audited import audited
from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run, Step
from tests.lab import Lab
from tests.lab.audit import AuditLog
from tests.lab.bare import Bare
from tests.lab.layout import Layout

NAMES = ("aws-sub1", "aws-sub2")


@dataclass(frozen=True)
class Planes:
    """API servers without controllers, by name."""

    each: Mapping[str, Bare]

    @property
    def clusters(self) -> tuple[str, ...]:
        return tuple(self.each)

    def __getitem__(self, name: str) -> Bare:
        return self.each[name]

    def audit(self, name: str) -> AuditLog:
        """What reached an API server."""
        return self.each[name].audit

    def auth(self, name: str) -> dict[str, Any]:
        """Options of a module that lead there."""
        return {"kubeconfig": str(self.each[name].kubeconfig), "context": name}


@dataclass(frozen=True)
class Runner:
    """Runs tasks against a plane."""

    planes: Planes
    ansible: Ansible

    def steps(self, *steps: Step, cluster: str = NAMES[0], **auth: Any) -> Run:
        """Run tasks one after the other, whether they fail or not."""
        return self.ansible.steps(*steps, auth={**self.planes.auth(cluster), **auth})


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> None:
    """In place of the check of the lab, which these tests do not use; the planes are thrown away."""


@pytest.fixture(scope="session")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planes]:
    """Two API servers, without any CustomResourceDefinition."""
    folder = tmp_path_factory.mktemp("planes")
    with ExitStack() as stack:
        yield Planes({name: stack.enter_context(Lab.bare(name, folder / name, with_crds=False)) for name in NAMES})


@pytest.fixture
def runner(planes: Planes, tmp_path: Path) -> Runner:
    """Runs tasks, with modules in the controller's process."""
    return Runner(planes, Ansible(_no_lab(tmp_path), tmp_path))


@pytest.fixture
def as_module(planes: Planes, tmp_path: Path) -> Runner:
    """Runs tasks as ordinary modules."""
    return Runner(planes, Ansible(_no_lab(tmp_path), tmp_path, as_module=True))


def _no_lab(folder: Path) -> Lab:
    """As much of a lab as is needed to run Ansible: a place."""
    return cast(Lab, SimpleNamespace(layout=Layout(folder)))


@pytest.fixture
def audit(planes: Planes) -> Audit:
    """Notes what the collection asks of the planes while a block runs."""
    return lambda *clusters: audited(cast(Lab, planes), *clusters)
