# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of image ``lab-redis``: the machine's Redis, which keeps nothing beyond its pod."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from tests.lab.argocd.controllers import redis_server
from tests.lab.process import die_with_parent, say_ready

PORT = 6379


def main() -> int:
    address, port = os.environ["POD_IP"], int(os.environ.get("PORT") or PORT)
    argv = ["redis-server", "--bind", address, "--port", str(port), "--protected-mode", "no", "--save", ""]
    folder = ("--dir", os.environ["POD_VOLUMES"])
    server = subprocess.Popen(
        [*argv, *folder],
        executable=redis_server(),
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one call into the C library, loaded beforehand
    )
    while server.poll() is None and not _answers(address, port):
        time.sleep(0.05)
    say_ready()
    return server.wait()


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), 1):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
