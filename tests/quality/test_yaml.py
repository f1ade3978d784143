# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML: its form, and ansible-lint's strictest profile over playbooks, roles, inventories and metadata."""

from __future__ import annotations

from pathlib import Path

from tests.quality.gates import TOOLS, run
from tests.tree import COLLECTION


def test_yamllint_finds_nothing(tree: Path) -> None:
    run(TOOLS / "yamllint", "--strict", ".", cwd=tree / COLLECTION)


def test_ansible_lint_finds_nothing(tree: Path) -> None:
    path = {"ANSIBLE_COLLECTIONS_PATH": str(tree), "ANSIBLE_HOME": str(tree / ".ansible")}
    run(TOOLS / "ansible-lint", "--offline", "--strict", "--profile=production", cwd=tree / COLLECTION, env=path)
