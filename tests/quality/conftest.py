# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the collection for the gates that need it in its place below `ansible_collections/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.quality.gates import TOOLS, run
from tests.tree import export


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's files at `<tree>/ansible_collections/multicluster/interconnect`; gives `<tree>`."""
    root = tmp_path_factory.mktemp("tree")
    export(root)
    return root


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built collection. Built in the checkout itself, as its users do, with all that may lie around there."""
    folder = tmp_path_factory.mktemp("artifact")
    run(TOOLS / "ansible-galaxy", "collection", "build", "--output-path", folder)
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="session")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with nothing but the built collection, installed from its archive."""
    folder = tmp_path_factory.mktemp("installed")
    galaxy = TOOLS / "ansible-galaxy"
    run(galaxy, "collection", "install", artifact, "--offline", "--collections-path", folder, cwd=folder)
    return folder
