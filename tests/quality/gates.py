# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the quality gates run programs and read files."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tree import CHECKOUT, COLLECTION

TOOLS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "NO_COLOR": "1"}


def run(
    *command: str | Path,
    cwd: Path = CHECKOUT,
    env: Mapping[str, str] | None = None,
    timeout: float = 540,
) -> str:
    """Run a gate to its end and return what it printed; the test fails with those words unless it exits with 0."""
    return _complete(command, cwd, env, timeout, stderr=subprocess.STDOUT).stdout


def run_for_json(*command: str | Path, cwd: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """Run a program that prints one JSON object, and return that; a warning about this collection fails the test."""
    result = _complete(command, cwd, env, timeout=300, stderr=subprocess.PIPE)
    if str(COLLECTION) in result.stderr:
        pytest.fail(f"`{shlex.join(result.args)}` warns its user:\n{result.stderr}", pytrace=False)
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def _complete(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None, timeout: float, stderr: int
) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    result = subprocess.run(
        ["nice", "-n", "10", *words],  # the lab's control planes, which other tests wait for, come first
        cwd=cwd,
        env={**ENVIRONMENT, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=timeout,
        check=False,
    )
    if result.returncode:
        printed = result.stdout + (result.stderr or "")
        pytest.fail(f"`{shlex.join(words)}` ended with {result.returncode}:\n{printed}", pytrace=False)
    return result


def text(path: Path) -> str:
    """The text of a file of the checkout; empty for a file that is not text."""
    try:
        return (CHECKOUT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def read_yaml(path: str | Path) -> Any:
    """The data of one YAML file of the checkout."""
    return yaml.safe_load((CHECKOUT / path).read_text(encoding="utf-8"))


def plugin_names(kind: str) -> list[str]:
    """The names of the plugins of one kind: the folder's Python files, private ones left out."""
    return sorted(path.stem for path in (CHECKOUT / "plugins" / kind).glob("[!_]*.py"))


def role_names() -> list[str]:
    """The names of the collection's roles."""
    return sorted(path.name for path in (CHECKOUT / "roles").glob("*") if path.is_dir())


def fail_with(findings: list[str], rule: str) -> None:
    """Fail the calling test with all findings at once, if there are any."""
    if findings:
        pytest.fail("\n".join([rule, *findings]), pytrace=False)
