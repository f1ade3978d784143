# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of this project that no common tool knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.quality.gates import fail_with, plugin_names, read_yaml, role_names, text
from tests.tree import CHECKOUT, files

LICENCE = """\
# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
# Put together here, so that this file does not hold what it looks for.
LEFT_OVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.)}\]*-])/(work|root|home)/")
REGISTRIES = [
    ".".join(words)
    for words in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("npmjs", "org"),
        ("deb", "debian", "org"),
        ("repo", "maven", "apache", "org"),
    )
]
# Lines of a file that one can still read as one thing. A module is documentation, argument spec and glue.
LONGEST_FILE = 400
LONGEST_MODULE_CODE = 120
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
# Modules whose target is no cluster: what connects to one is a group of options there, or nothing. The action group is
# for the options of the connection, which they would refuse.
HOST_SIDE = {"interconnect_info", "skupper_gateway", "skupper_router"}
# A role that makes something can take it out again.
READ_ONLY_ROLES = {"preflight", "verify"}


def test_python_files_state_their_licence() -> None:
    missing = [str(path) for path in files(".py") if text(path) and not text(path).startswith(LICENCE)]
    fail_with(missing, "These files do not begin with the licence header:")


@pytest.mark.parametrize("pattern", [LEFT_OVER, MACHINE_PATH], ids=["left-over", "machine-path"])
def test_nothing_unfinished_or_local_is_committed(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in files()
        if path.name not in {"go.sum", "LICENSE"}
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    fail_with(found, f"These lines match {pattern.pattern}:")


def test_no_package_registry_is_named() -> None:
    found = [f"{path}: {host}" for path in files() for host in REGISTRIES if host in text(path)]
    fail_with(found, "Package registries are the user's own setting; these files name one:")


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path: len(text(path).splitlines()) for path in files(".py")}
    long = [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST_FILE]
    fail_with(long, f"These files are longer than {LONGEST_FILE} lines:")


@pytest.mark.parametrize("module", plugin_names("modules"))
def test_module_is_documentation_argument_spec_and_glue(module: str) -> None:
    source = text(Path("plugins", "modules", f"{module}.py"))
    documentation = sum(
        1 + (statement.end_lineno or statement.lineno) - statement.lineno
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") in DOCUMENTATION
    )
    assert len(source.splitlines()) - documentation <= LONGEST_MODULE_CODE


def test_every_module_that_connects_to_a_cluster_is_in_the_action_group() -> None:
    connecting = [name for name in plugin_names("modules") if name not in HOST_SIDE]
    assert sorted(read_yaml("meta/runtime.yml")["action_groups"]["all"]) == connecting


def test_every_module_runs_in_process_by_an_action_plugin_of_its_name() -> None:
    assert plugin_names("action") == plugin_names("modules")


@pytest.mark.parametrize("role", role_names())
def test_role_documents_its_entry_points_and_variables(role: str) -> None:
    folder = CHECKOUT / "roles" / role
    specs = read_yaml(folder / "meta" / "argument_specs.yml")["argument_specs"]
    entry_points = {"main"} if role in READ_ONLY_ROLES else {"main", "absent"}
    entry_points |= {path.stem for path in (folder / "tasks").glob("verify.yml")}
    assert entry_points <= set(specs)
    assert [name for name in specs if not (folder / "tasks" / f"{name}.yml").is_file()] == []

    options = specs["main"].get("options", {})
    defaults = read_yaml(folder / "defaults" / "main.yml") or {}
    assert set(defaults) <= set(options), "defaults that meta/argument_specs.yml does not document"
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    assert documented == {name: defaults.get(name) for name in documented}, "documented defaults that do not hold"


@pytest.mark.parametrize("role", role_names())
def test_variables_of_a_role_bear_its_name(role: str) -> None:
    folder = CHECKOUT / "roles" / role
    names = set(read_yaml(folder / "defaults" / "main.yml") or {})
    names |= set(read_yaml(folder / "vars" / "main.yml") or {}) if (folder / "vars" / "main.yml").is_file() else set()
    assert [name for name in names if not name.startswith((f"{role}_", f"__{role}_"))] == []
