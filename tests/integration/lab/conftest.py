# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the lab's extensions. They take part where these are asked for: ``LAB_WITH=policy,skupper``."""

from __future__ import annotations

import os

import pytest

from tests.lab import Lab
from tests.tree import CHECKOUT


def wanted() -> tuple[str, ...]:
    return tuple(name for name in os.environ.get("LAB_WITH", "").split(",") if name)


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The tests' own lab, with the extensions that LAB_WITH names; without it, the tests are skipped."""
    if not wanted():
        pytest.skip("extensions of the lab are tested with LAB_WITH=policy,skupper")
    os.environ.setdefault("LAB_DIR", str(CHECKOUT / ".lab-test"))
    running = Lab.up(with_=wanted())
    running.wait_available()
    return running


@pytest.fixture(autouse=True)
def needs_extension(request: pytest.FixtureRequest) -> None:
    """Skip a file whose extension (EXTENSION) the lab does not have."""
    name = request.module.EXTENSION
    if name not in wanted():
        pytest.skip(f"needs LAB_WITH={name}")
