# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: how they are spread over the workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

LAB_TESTS = "tests/integration/"
SECOND_LAB_TESTS = tuple(
    f"tests/integration/{part}" for part in ("skupper/", "lab/test_skupper", "boutique/", "bare_metal/")
)
"""Those that a second lab can have, where there may be two; about half of the time that all take."""
LABLESS_TESTS = ("tests/integration/submariner/", "tests/integration/inventory/")
"""Those with control planes of their own."""

WATCHES = Path("/proc/sys/fs/inotify/max_user_instances")
WATCHES_OF_TWO_LABS = 256
"""The programs of one lab watch files by some 60 inotify instances, with the clusters that tests add by some 90."""

MEASURED = "measured: "
"""Beginning of the names of properties that a test records to be read at the end."""


@pytest.hookimpl(optionalhook=True)  # not every environment has pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a lab on one worker: they change its clusters. There is one lab, or two on a machine for them.

    They wait for most of their time, so that two labs take half of it.

    Not by `--dist loadgroup`: pytest-xdist 3.8 marks the groups in the tests' ids in a way that pytest 9.2 ignores.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # noqa: PLC0415

    has_second = _may_have_two_labs()

    class Labs(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(LABLESS_TESTS):
                return "no lab"
            if has_second and nodeid.startswith(SECOND_LAB_TESTS):
                return "the second lab"
            return LAB_TESTS if nodeid.startswith(LAB_TESTS) else nodeid

    return Labs(config, log)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say why there is one lab only, where that takes longer than it need."""
    if _may_have_two_labs() or not getattr(config.option, "numprocesses", None):
        return None
    return (
        f"one lab for all tests: {WATCHES} is below {WATCHES_OF_TWO_LABS}. With so many (as root: "
        f"sysctl fs.inotify.max_user_instances={WATCHES_OF_TWO_LABS}) two labs take half of the time"
    )


def _may_have_two_labs() -> bool:
    try:
        return int(WATCHES.read_text()) >= WATCHES_OF_TWO_LABS
    except FileNotFoundError:
        return False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured, whichever worker they ran on."""
    # Beside reports there are warnings and what was not chosen to run.
    found = [each for kind in terminalreporter.stats.values() for each in kind if isinstance(each, pytest.TestReport)]
    lines = [
        f"{report.nodeid}: {name.removeprefix(MEASURED)}: {value}"
        for report in found
        if report.when == "call"
        for name, value in report.user_properties
        if name.startswith(MEASURED)
    ]
    if lines:
        terminalreporter.section("measured")
        terminalreporter.write("".join(f"{line}\n" for line in lines))
