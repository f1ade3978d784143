# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting processes that can not outlive their parent, and looking at running ones."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from tests.lab.layout import CHECKOUT, private_dir
from tests.lab.part import READY_FD_VARIABLE, Notice, Part

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent's thread that started it ends, however that happens."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(part: Part, log: Path) -> tuple[subprocess.Popen[bytes], int | None]:
    """Start a part, its output appended to ``log``.

    Return the process, and for a `Notice` the descriptor from which to read it.
    """
    private_dir(log.parent)
    read_end, write_end = os.pipe() if isinstance(part.ready, Notice) else (None, None)
    inherited = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    environment = inherited | dict(part.env)
    if write_end is not None:
        environment[READY_FD_VARIABLE] = str(write_end)
    with open(log, "ab") as output:
        process = subprocess.Popen(
            part.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=CHECKOUT,
            env=environment,
            pass_fds=() if write_end is None else (write_end,),
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one call into the C library, loaded beforehand
        )
    if write_end is not None:
        os.close(write_end)
    return process, read_end


def say_ready() -> None:
    """Called by a part with a `Notice`: it is ready now."""
    descriptor = os.environ.pop(READY_FD_VARIABLE, "")
    if descriptor:
        os.write(int(descriptor), b"1")
        os.close(int(descriptor))


def resident_bytes(pid: int) -> int:
    """Memory that the process holds, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def cpu_seconds(pid: int) -> float:
    """Processor time that the process has used, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    except (OSError, IndexError):
        return 0.0


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log file."""
    try:
        with open(log, "rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 64 * 1024))
            return "\n".join(stream.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
