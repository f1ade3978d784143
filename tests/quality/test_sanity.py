# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-test sanity`, all its tests, on every supported ansible-core and with every Python of the machine."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

import pytest

from tests.environments import CORES, Core
from tests.quality.gates import run, text
from tests.setup.bootstrap import find_python
from tests.tree import COLLECTION, files

# From the oldest Python of a target (tests/config.yml) to the newest that a supported ansible-core knows.
PYTHONS = [(3, minor) for minor in range(9, 15)]
# ansible-test makes virtual environments without pip and would download get-pip.py, which needs more than a package
# index. It takes a script of that name from its cache instead: this one uses the pip that comes with each Python.
GET_PIP = "import ensurepip\n\nensurepip.bootstrap()\n"
ASK_FOR_PIP = """
from ansible_test._internal.host_configs import VirtualPythonConfig
from ansible_test._internal.python_requirements import get_venv_packages

for minor in range(9, 15):
    print(get_venv_packages(VirtualPythonConfig(version=f"3.{minor}"))["pip"])
"""
SECONDS = 1200
"""It takes two or three minutes, and several times as long beside two labs on two cores, which go first."""


def pip_settings() -> configparser.ConfigParser:
    """The user's settings of pip, from file and environment: ansible-test hides both from the pip that it runs."""
    settings = configparser.ConfigParser(interpolation=None)
    configuration = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    settings.read([Path.home() / ".pip" / "pip.conf", configuration / "pip" / "pip.conf"])
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings["global"][name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return settings


def prepare_home(core: Core) -> Path:
    """A home folder for ansible-test: it keeps its virtual environments there, one for each set of requirements."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = cache / "multicluster-interconnect" / "ansible-test" / core.version
    for version in set(run(core.bin() / "python", "-c", ASK_FOR_PIP).split()):
        script = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(GET_PIP, encoding="utf-8")
    configuration = home / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    with configuration.open("w", encoding="utf-8") as stream:
        pip_settings().write(stream)
    return home


def search_path() -> str:
    """PATH with the folders of all Pythons in front, so that ansible-test finds those that pyenv keeps off it."""
    found = [python for version in PYTHONS if (python := find_python([version]))]
    folders = dict.fromkeys(str(Path(python).parent) for python in found)
    return os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("core", CORES, ids=lambda core: f"ansible-core-{core.version}")
def test_sanity(core: Core, tree: Path) -> None:
    environment = {"HOME": str(prepare_home(core)), "PATH": search_path(), "LC_ALL": "C.UTF-8"}
    words = (core.bin() / "ansible-test", "sanity", "--local", "--color=no")
    run(*words, cwd=tree / COLLECTION, env=environment, timeout=SECONDS)


def test_every_ignored_sanity_error_has_its_reason() -> None:
    unexplained = [
        f"{path}: {line}"
        for path in files(".txt")
        if path.is_relative_to("tests/sanity")
        for line in text(path).splitlines()
        if " # " not in line
    ]
    assert unexplained == []
