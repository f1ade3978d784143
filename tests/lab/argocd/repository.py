# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Git repository that the lab's Argo CD reads: a bare one in the lab's folder.

It holds what Argo CD takes from this collection's own repository, at the same paths, in its present state, committed or
not. Tests may change it by commits of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.layout import CHECKOUT, Layout, private_dir, write_private

BRANCH = "main"
CONTENT = ("roles/boutique/files", "roles/skupper_site/files")
"""Folders of the checkout that the repository holds."""
NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "lab"), ("EMAIL", "lab@localhost"))
}


class Repository:
    """The repository of one lab."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.root / "git" / "interconnect.git"
        self._description = layout.git

    @property
    def url(self) -> str:
        return f"file://{self._folder}"

    def push(self, files: Mapping[str, str | None] | None = None) -> str:
        """Commit the checkout's state, or else some files on top of what is there; return the commit.

        ``files``: path in the repository to text; None removes. Nothing is committed where nothing differs.
        """
        if not self._folder.exists():
            self._git("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", str(private_dir(self._folder)))
        write_private(self._description, json.dumps({"url": self.url, "revision": BRANCH}, indent=2))
        before = self._git("rev-list", "--max-count=1", "--all")
        tree = self._tree(before, files)
        if before and self._git("rev-parse", f"{before}^{{tree}}") == tree:
            return before
        parent = ["-p", before] if before else []
        commit = self._git("commit-tree", *parent, "-m", "Take over the checkout" if files is None else "Change", tree)
        self._git("update-ref", f"refs/heads/{BRANCH}", commit)
        return commit

    def _tree(self, before: str, files: Mapping[str, str | None] | None) -> str:
        """Write a tree, by an index of its own."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if files is not None and before:
                self._git("read-tree", before, environment=index)
            contents = _checkout() if files is None else files
            lines = [self._line(name, content) for name, content in contents.items()]
            self._git("update-index", "--index-info", text="".join(lines), environment=index)
            return self._git("write-tree", environment=index)

    def _line(self, name: str, content: str | bytes | None) -> str:
        if content is None:
            return f"0 {'0' * 40}\t{name}\n"
        return f"100644 {self._git('hash-object', '-w', '--stdin', text=content)}\t{name}\n"

    def _git(self, *arguments: str, text: str | bytes = "", environment: Mapping[str, str] | None = None) -> str:
        """Run git on the repository, without settings of this machine; return what it says."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": str(self._folder)}
        done = subprocess.run(
            ["git", *arguments],
            input=text.encode() if isinstance(text, str) else text,
            env={**inherited, **alone, **NOBODY, **(environment or {})},
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise LabError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode().strip()


def _checkout() -> dict[str, bytes]:
    """Files of the checkout below `CONTENT`."""
    files = sorted(file for folder in CONTENT for file in (CHECKOUT / folder).rglob("*") if file.is_file())
    return {str(file.relative_to(CHECKOUT)): file.read_bytes() for file in files}
