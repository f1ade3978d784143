# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the project, and copies of them below `ansible_collections/`.

Tools that walk a collection's folder would follow the symlink of a checkout in circles, and meet its environments, labs
and caches. They get a copy of what git tracks, or would track.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
COLLECTION = Path("ansible_collections", "multicluster", "interconnect")


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """The project's files with one of the suffixes (default: all), relative to the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    paths = (Path(name) for name in listing.split("\0") if name)
    # A file that was just deleted is still listed; the symlink of the checkout is a folder.
    return tuple(path for path in paths if (CHECKOUT / path).is_file() and (not suffixes or path.suffix in suffixes))


def export(root: Path) -> Path:
    """Copy the project's files to where Ansible looks for the collection below `root`, and return that folder."""
    for path in files():
        target = root / COLLECTION / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / path, target, follow_symlinks=False)
    return root / COLLECTION
