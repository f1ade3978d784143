# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: how they are spread over the workers."""

from __future__ import annotations

from pathlib import Path

import pytest

INTEGRATION = Path(__file__).parent / "integration"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep everything that uses the lab on one worker: there is one lab, and tests change its clusters.

    As each test is found, and not when all are: pytest-xdist reads the groups before any hook of ours could set them.
    """
    if item.path.is_relative_to(INTEGRATION):
        item.add_marker(pytest.mark.xdist_group("lab"))
