# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python in an image: the interpreter that runs the lab, and some of the lab's modules."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.lab.layout import CHECKOUT
from tests.lab.podman.rootfs import RootFs

PACKAGES = "/usr/local/lib/lab"
LEFT_OUT = {
    "distutils", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "site-packages", "dist-packages", "test", "tkinter",
    "turtledemo", "unittest",
}  # fmt: skip
"""Of the standard library."""


def install(content: RootFs) -> None:
    """Put ``python3`` and its standard library into an image."""
    library = Path(sysconfig.get_path("stdlib"))
    content.copy("usr/bin/python3", Path(sys._base_executable).resolve())  # type: ignore[attr-defined]
    for file in sorted(library.rglob("*")):
        inside = file.relative_to(library)
        wanted = file.suffix == ".py" or f".{sys.implementation.cache_tag}.pyc" in file.name or ".so" in file.suffixes
        if wanted and not LEFT_OUT & set(inside.parts) and not inside.parts[0].startswith("config-"):
            content.copy(f"usr/lib/{library.name}/{inside}", file)


def install_package(content: RootFs, module: str) -> None:
    """Put a module of the checkout into an image, and what of the checkout it imports."""
    for each in sorted(closure(module)):
        file = _file(each)
        content.copy(f"{PACKAGES.lstrip('/')}/{file.relative_to(CHECKOUT)}", file)


def closure(module: str) -> set[str]:
    """A module and the modules of the checkout that it imports, directly or not, with the packages that they are in."""
    found: set[str] = set()
    queue = [module]
    while queue:
        current = queue.pop()
        if current in found or not _file(current).exists():
            continue
        found.add(current)
        queue += _imported(current)
    return found


def _file(module: str) -> Path:
    path = CHECKOUT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(module: str) -> Iterator[str]:
    yield module.rpartition(".")[0]
    queue: list[ast.AST] = [ast.parse(_file(module).read_bytes())]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        queue += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.startswith("tests."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            yield str(node.module)
            yield from (f"{node.module}.{each.name}" for each in node.names)
