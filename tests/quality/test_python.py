# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python code: lint, format, types (settings in pyproject.toml), and the unit tests on every supported core."""

from __future__ import annotations

import pytest

from tests.environments import FLOOR, NEWEST, Core
from tests.quality.gates import TOOLS, run
from tests.tree import CHECKOUT, COLLECTION

SECONDS_OF_ALL_UNIT_TESTS = 1200
"""They take three minutes, and several times as long beside two labs on two cores, which go first."""


def test_ruff_finds_nothing() -> None:
    run(TOOLS / "ruff", "check", ".")


def test_format_is_that_of_ruff() -> None:
    run(TOOLS / "ruff", "format", "--check", "--diff", ".")


def test_types_hold() -> None:
    run(TOOLS / "mypy", "collections" / COLLECTION / "plugins", "tests")


@pytest.mark.timeout(SECONDS_OF_ALL_UNIT_TESTS + 60)
@pytest.mark.parametrize("core", [FLOOR, NEWEST], ids=lambda core: f"ansible-core-{core.version}")
def test_unit_tests_pass_on_other_cores(core: Core) -> None:
    assert list((CHECKOUT / "tests" / "unit").rglob("test_*.py"))
    words = (core.bin() / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit")
    run(*words, timeout=SECONDS_OF_ALL_UNIT_TESTS)
