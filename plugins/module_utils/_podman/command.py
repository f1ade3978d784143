# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a program on the host: arguments as a list, never through a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Callable, NamedTuple

from .._client.errors import InterconnectError

NOT_FOUND = 127


class Outcome(NamedTuple):
    """What a program left behind. `status` is 127 where there is no such program."""

    status: int
    stdout: str = ""
    stderr: str = ""

    @property
    def said(self) -> str:
        """Its words for a message to the user: of an error the last line, which is the cause."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].strip() if lines else f"exit status {self.status}"


Command = Callable[[Sequence[str], float], Outcome]
"""Runs words within so many seconds."""


class CommandError(InterconnectError):
    """A program on the host failed."""


def execute(words: Sequence[str], seconds: float) -> Outcome:
    """Run a program of the host.

    :raises CommandError: it did not end in time.
    """
    try:
        # A program must end in time, and AnsibleModule.run_command knows no time-out.
        ended = subprocess.run(  # pylint: disable=ansible-bad-function
            list(words),
            cwd="/",  # after a change of user, podman fails in a folder that the new user may not enter
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        return Outcome(NOT_FOUND, stderr=f"{words[0]}: not found in PATH")
    except PermissionError as error:
        return Outcome(NOT_FOUND, stderr=f"{words[0]}: {error.strerror}")
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"`{words[0]} {words[1]}` has not ended within {seconds:.0f} s") from error
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


def environment() -> dict[str, str]:
    """The environment for podman and systemctl.

    Ansible's `become` opens no session, so that a user's programs do not learn where his systemd and the state of his
    containers are.
    """
    variables = {**os.environ, "LC_ALL": "C"}
    runtime = f"/run/user/{os.geteuid()}"
    if os.geteuid() and os.path.isdir(runtime):
        variables["XDG_RUNTIME_DIR"] = runtime
    return variables
