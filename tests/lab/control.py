# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talking to the supervisor, and starting it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.lab.errors import LabError
from tests.lab.layout import CHECKOUT, Layout, private_dir
from tests.lab.process import last_lines
from tests.lab.supervisor import socket_path

Answer = dict[str, Any]
START_SECONDS = 15.0
END_SECONDS = 30.0


def is_running(layout: Layout) -> bool:
    """Whether a supervisor lives: it holds its lock, which the kernel takes from it when it dies."""
    try:
        lock = os.open(layout.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def start_supervisor(layout: Layout) -> None:
    """Start the supervisor in the background and wait until it answers."""
    private_dir(layout.root)
    environment = os.environ | {"LAB_DIR": str(layout.root), "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    with open(layout.supervisor_log, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=CHECKOUT,
            env=environment,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            next(ask(layout, "status"))
            return
        time.sleep(0.05)
    raise LabError(
        f"the supervisor did not start; end of {layout.supervisor_log}:\n{last_lines(layout.supervisor_log)}"
    )


def ask(layout: Layout, what: str, *parts: str, **more: Any) -> Iterator[Answer]:
    """Send one request; yield the answers, of which the last has ``done``.

    Raise LabError for an ``error`` in it, OSError when no supervisor listens.
    """
    directory = os.open(layout.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(socket_path(directory))
            connection.sendall(json.dumps({"do": what, "parts": parts, **more}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                for line in stream:
                    answer: Answer = json.loads(line)
                    if answer.get("error"):
                        raise LabError(answer["error"])
                    yield answer
                    if answer.get("done"):
                        return
        raise LabError(f"the supervisor ended meanwhile; end of its log:\n{last_lines(layout.supervisor_log)}")
    finally:
        os.close(directory)


def end_supervisor(layout: Layout) -> None:
    """End all parts and the supervisor; return when it is gone."""
    for _line in ask(layout, "down"):
        pass
    deadline = time.monotonic() + END_SECONDS
    while is_running(layout):
        if time.monotonic() > deadline:
            raise LabError(f"the supervisor did not end; see {layout.supervisor_log}")
        time.sleep(0.05)
