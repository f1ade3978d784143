# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-core versions that the tests can run here: one virtual environment each, made by `make env`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tree import CHECKOUT


class Core(NamedTuple):
    """One supported ansible-core version and the folder of its environment."""

    version: str
    folder: str

    def bin(self) -> Path:
        """The folder of its programs. Skips the calling test where the machine has no Python for this version."""
        folder = CHECKOUT / self.folder / "bin"
        if self.folder == ".venv":  # also where the tests were started from another environment of that kind
            folder = Path(sys.executable).parent
        if not (folder / "ansible-playbook").exists():
            pytest.skip(f"NOT TESTED on ansible-core {self.version}: this machine has no Python for {self.folder}")
        return folder


FLOOR = Core("2.16", ".venv-floor")
DEVELOPMENT = Core("2.19", ".venv")
NEWEST = Core("2.21", ".venv-new")
CORES = (FLOOR, DEVELOPMENT, NEWEST)
