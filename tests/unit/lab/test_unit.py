# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one part, with small real processes."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.lab import unit as unit_module
from tests.lab.part import Finish, Notice, Part
from tests.lab.unit import State, Unit

SERVER = """
    import os, time
    os.write(int(os.environ["LAB_READY_FD"]), b"1")
    time.sleep(60)
"""


def run(tmp_path: Path, script: str, ready: Finish | Notice, test: Callable[[Unit], Awaitable[None]]) -> list[State]:
    """Run a test around one part that executes a script; return the states that the part went through."""
    part = Part("here", "it", (sys.executable, "-c", textwrap.dedent(script)), ready, env={"HERE": str(tmp_path)})
    states: list[State] = []

    async def no_needs(_part: Part) -> None:
        pass

    async def main() -> None:
        unit = Unit(part, tmp_path / "it.log", no_needs, lambda each: states.append(each.state))
        unit.start()
        try:
            await asyncio.wait_for(test(unit), 20)
        finally:
            await unit.stop()

    asyncio.run(main())
    return states


async def until(unit: Unit, *states: State) -> None:
    while unit.state not in states:
        await asyncio.sleep(0.01)


def test_a_server_is_ready_when_it_says_so_and_stops_when_told(tmp_path: Path) -> None:
    pids: list[int] = []

    async def test(unit: Unit) -> None:
        await unit.ready.wait()
        pids.append(unit.snapshot()["pid"])

    states = run(tmp_path, SERVER, Notice(), test)

    assert states == [State.WAITING, State.STARTING, State.READY, State.STOPPED]
    assert not Path(f"/proc/{pids[0]}").exists()


def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    async def test(unit: Unit) -> None:
        await unit.ready.wait()
        first = unit.snapshot()["pid"]
        os.kill(first, 9)
        await until(unit, State.WAITING)
        assert "signal SIGKILL" in unit.error
        await unit.ready.wait()
        assert unit.snapshot()["pid"] != first
        assert unit.restarts == 1

    assert run(tmp_path, SERVER, Notice(), test).count(State.READY) == 2


def test_a_part_that_never_gets_ready_fails_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(unit: Unit) -> None:
        await until(unit, State.FAILED)
        assert f"{unit_module.MAX_FAILED_STARTS} times before it was ready" in unit.error
        assert "port is taken" in unit.error

    monkeypatch.setattr(unit_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(unit_module, "LONGEST_PAUSE_SECONDS", 0.01)
    states = run(tmp_path, "import sys; sys.exit('port is taken')", Notice(), test)

    assert states.count(State.STARTING) == unit_module.MAX_FAILED_STARTS


def test_a_one_shot_is_done_once_and_not_run_again(tmp_path: Path) -> None:
    async def test(unit: Unit) -> None:
        await until(unit, State.DONE)
        unit.start()
        await asyncio.sleep(0.2)

    states = run(tmp_path, "import os; open(os.environ['HERE'] + '/ran', 'a').write('x')", Finish(), test)

    assert states == [State.WAITING, State.STARTING, State.DONE, State.STOPPED]
    assert (tmp_path / "ran").read_text() == "x"
