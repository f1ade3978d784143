# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the changelog fragments into CHANGELOG.rst, under the version in galaxy.yml (`make changelog`)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.tree import CHECKOUT, export


def main() -> None:
    """Release in a copy, and bring back what it has written; fragments that went in are removed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = export(Path(folder))
        (copy / "changelogs" / "fragments").mkdir(exist_ok=True)
        subprocess.run(["antsibull-changelog", "lint"], cwd=copy, check=True)
        # New modules are named again at each release of one version: those that came since the last are added.
        subprocess.run(["antsibull-changelog", "release", "--update-existing"], cwd=copy, check=True)
        for name in ("CHANGELOG.rst", "changelogs/changelog.yaml"):
            shutil.copy2(copy / name, CHECKOUT / name)
        for fragment in (CHECKOUT / "changelogs" / "fragments").glob("*.y*ml"):
            if not (copy / fragment.relative_to(CHECKOUT)).exists():
                fragment.unlink()


if __name__ == "__main__":
    main()
