# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Git repository that the lab's Argo CD reads."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.lab.argocd.repository import CONTENT, Repository
from tests.lab.layout import CHECKOUT, Layout


def git(tmp_path: Path, *arguments: str) -> list[str]:
    folder = json.loads(Layout(tmp_path).git.read_text())["url"].removeprefix("file://")
    done = subprocess.run(["git", "--git-dir", folder, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def checkout() -> set[str]:
    files = (file for folder in CONTENT for file in (CHECKOUT / folder).rglob("*") if file.is_file())
    return {str(file.relative_to(CHECKOUT)) for file in files}


def test_it_holds_the_checkout_and_a_second_push_commits_nothing(tmp_path: Path) -> None:
    repository = Repository(Layout(tmp_path))

    commit = repository.push()

    assert repository.push() == commit
    assert git(tmp_path, "rev-list", "main") == [commit]
    assert set(git(tmp_path, "ls-tree", "-r", "--name-only", "main")) == checkout()


def test_files_are_changed_and_removed_on_top_of_what_is_there(tmp_path: Path) -> None:
    repository = Repository(Layout(tmp_path))
    repository.push()

    commits = [repository.push({"charts/a.yaml": "a: 1\n", "charts/b.yaml": "b: 1\n"})]
    commits.append(repository.push({"charts/a.yaml": "a: 2\n", "charts/b.yaml": None}))

    assert len(set(commits)) == 2
    assert git(tmp_path, "show", f"{commits[0]}:charts/a.yaml", f"{commits[1]}:charts/a.yaml") == ["a: 1", "a: 2"]
    assert set(git(tmp_path, "ls-tree", "-r", "--name-only", "main")) == {*checkout(), "charts/a.yaml"}


def test_the_checkout_is_taken_over_again_without_what_a_test_has_added(tmp_path: Path) -> None:
    repository = Repository(Layout(tmp_path))
    repository.push({"charts/a.yaml": "a: 1\n"})

    repository.push()

    assert set(git(tmp_path, "ls-tree", "-r", "--name-only", "main")) == checkout()
