# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: how they are spread over the workers."""

from __future__ import annotations

from typing import Any

import pytest

LAB_TESTS = "tests/integration/"


@pytest.hookimpl(optionalhook=True)  # not every environment has pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep everything that uses the lab on one worker: there is one lab, and tests change its clusters.

    Not by `--dist loadgroup`: pytest-xdist 3.8 marks the groups in the tests' ids in a way that pytest 9.2 ignores.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # noqa: PLC0415

    class OneLab(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
        def _split_scope(self, nodeid: str) -> str:
            return LAB_TESTS if nodeid.startswith(LAB_TESTS) else nodeid

    return OneLab(config, log)
