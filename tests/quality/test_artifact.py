# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built collection: what is in it, and that its content is usable where nothing but it is installed."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from tests.environments import CORES, Core
from tests.quality.gates import fail_with, plugin_names, read_yaml, role_names, run, run_for_json
from tests.tree import CHECKOUT, COLLECTION

FQCN = "multicluster.interconnect"
# Everything that belongs into the archive. A new file of another kind is either added here or to galaxy.yml's
# build_ignore, on purpose.
BELONGS = re.compile(
    r"""
      (MANIFEST|FILES)\.json
    | README\.md | CONTRIBUTING\.md | CODE_OF_CONDUCT\.md | CHANGELOG\.rst | LICENSE | LICENSES/[\w.-]+\.txt
    | requirements\.txt | bindep\.txt
    | meta/(runtime|execution-environment)\.yml
    | changelogs/(config|changelog)\.yaml
    | docs/[\w-]+\.md | docs/rbac/[\w-]+\.yml | docs/docsite/([\w-]+\.yml|rst/[\w-]+\.rst) | docs/rbac/[\w-]+\.yml
    | plugins/[a-z_]+/([\w/]+)\.(py|yml)
    | playbooks/[\w/-]+\.yml
    | roles/[a-z_]+/((tasks|defaults|vars|meta|handlers)/[\w/-]+\.yml | templates/[\w/.-]+\.j2 | README\.md)
    | roles/[a-z_]+/files/chart/[\w/.-]+\.(yaml|tpl|json)
    | inventories/boutique/[\w/.-]+\.yml
    | tests/config\.yml | tests/sanity/ignore-[\d.]+\.txt
    """,
    re.VERBOSE,
)


def test_archive_holds_only_what_belongs(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        members = [member.name for member in archive.getmembers() if not member.isdir()]
    fail_with([name for name in members if not BELONGS.fullmatch(name)], "These files do not belong into the archive:")


def test_archive_holds_every_plugin_role_and_playbook(artifact: Path) -> None:
    wanted = [
        str(path.relative_to(CHECKOUT))
        for folder in ("plugins", "roles", "playbooks")
        for path in (CHECKOUT / folder).rglob("*.*")
        if path.suffix in {".py", ".yml", ".j2"}
    ]
    assert wanted
    with tarfile.open(artifact) as archive:
        held = archive.getnames()
    fail_with([name for name in wanted if name not in held], "These files are missing from the archive:")


def test_archive_holds_what_an_execution_environment_is_told_to_read(artifact: Path) -> None:
    told = read_yaml(Path("meta", "execution-environment.yml"))["dependencies"]
    assert set(told) == {"python", "system"}
    with tarfile.open(artifact) as archive:
        assert set(told.values()) <= set(archive.getnames())


@pytest.mark.parametrize("core", CORES, ids=lambda core: f"ansible-core-{core.version}")
def test_ansible_doc_shows_everything_that_is_installed(core: Core, installed: Path) -> None:
    path = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    kinds = ("module", "filter", "lookup", "inventory")
    content = {kind: plugin_names("modules" if kind == "module" else kind) for kind in kinds} | {"role": role_names()}
    for kind, names in content.items():
        doc: list[str | Path] = [core.bin() / "ansible-doc", "--type", kind, "--json"]
        listed = run_for_json(*doc, "--list", FQCN, cwd=installed, env=path)
        assert sorted(listed) == [f"{FQCN}.{name}" for name in names]
        shown = run_for_json(*doc, *listed, cwd=installed, env=path) if listed else {}
        assert sorted(shown) == sorted(listed)
        if kind != "role":
            parts = {"examples"} if kind == "inventory" else {"examples", "return"}
            assert [name for name, page in shown.items() if not all(page[part] for part in parts)] == []


@pytest.mark.parametrize("core", CORES, ids=lambda core: f"ansible-core-{core.version}")
def test_installed_playbooks_are_valid_by_their_full_name(core: Core, installed: Path) -> None:
    playbooks = sorted(path.stem for path in (CHECKOUT / "playbooks").glob("*.yml"))
    names = [f"{FQCN}.{name}" for name in playbooks]
    inventory = installed / COLLECTION / "inventories" / "boutique"
    path = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    assert names
    run(core.bin() / "ansible-playbook", "--syntax-check", "-i", inventory, *names, cwd=installed, env=path)
