# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation: what is generated can be generated, the changelog is in order, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.quality.gates import TOOLS, fail_with, read_yaml, run, text
from tests.tree import CHECKOUT, COLLECTION, files

MARKDOWN_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def test_plugin_and_role_docs_and_guides_render(tree: Path) -> None:
    options = ["--plugin-docs", "--check-extra-docs-refs", "--validate-collection-refs=dependent"]
    path = {"ANSIBLE_COLLECTIONS_PATH": str(tree)}
    run(TOOLS / "antsibull-docs", "lint-collection-docs", *options, ".", cwd=tree / COLLECTION, env=path)


def test_changelog_fragments_are_valid(tree: Path) -> None:
    run(TOOLS / "antsibull-changelog", "lint", cwd=tree / COLLECTION)
    run(TOOLS / "antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml", cwd=tree / COLLECTION)


def test_changelog_page_is_made_from_its_data(tree: Path) -> None:
    run(TOOLS / "antsibull-changelog", "generate", "--output", tree / "CHANGELOG.rst", cwd=tree / COLLECTION)
    assert text(Path("CHANGELOG.rst")) == (tree / "CHANGELOG.rst").read_text(encoding="utf-8")


def test_changelog_tells_of_the_version_in_galaxy_yml() -> None:
    version = read_yaml("galaxy.yml")["version"]
    assert version in read_yaml("changelogs/changelog.yaml")["releases"]


def test_links_between_documents_lead_to_files() -> None:
    broken = [
        f"{path}: {target}"
        for path in files(".md")
        for target in MARKDOWN_LINK.findall(text(path))
        if not (CHECKOUT / path.parent / target).exists()
    ]
    fail_with(broken, "These links lead nowhere:")
