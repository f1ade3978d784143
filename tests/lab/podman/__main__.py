# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the images, and print what has to be set for podman here, for: ``eval "$(python -m tests.lab.podman)"``."""

from __future__ import annotations

import os
import shlex
import sys

from tests.lab.errors import LabError
from tests.lab.podman.engine import environment
from tests.lab.podman.images import ensure_images


def main() -> int:
    try:
        ensure_images()
    except LabError as error:
        print(f"lab: no bare-metal host: {error}", file=sys.stderr)
        return 1
    for name, value in environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
