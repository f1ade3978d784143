# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the lab that are built and started only where they are asked for: ``up --with policy,skupper``.

A lab remembers what it was asked for until it is wiped, so that a later plain ``up`` starts the same parts again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from tests.lab.controlplane import ControlPlane
from tests.lab.errors import LabError
from tests.lab.layout import Layout, write_private
from tests.lab.part import Part


class Contents(Protocol):
    """What the module of an extension has."""

    def prepare(self, plane: ControlPlane) -> None:
        """Make identities and files that the parts read, in one cluster; again as often as one likes."""

    def parts(self, planes: Mapping[str, ControlPlane], hub: ControlPlane) -> list[Part]:
        """The parts in all clusters."""


@dataclass(frozen=True)
class Extension:
    """What an extension brings."""

    home: str
    """Python module with `Contents`."""
    programs: tuple[str, ...]
    """Of `tests.lab.build`."""
    modules: Mapping[str, str]
    """Go modules that bring CRDs, and the folder below ``go/`` whose lock names the version."""
    in_optional: bool = False
    """Whether an optional cluster may have it as well (`Lab.add`)."""

    @property
    def contents(self) -> Contents:
        return cast(Contents, import_module(self.home))


_POLICY = ("governance-policy-propagator", "config-policy-controller", "governance-policy-framework-addon")
EXTENSIONS = {
    "policy": Extension(
        "tests.lab.policy", _POLICY, {f"open-cluster-management.io/{name}": "policy" for name in _POLICY[:2]}
    ),
    "skupper": Extension(
        "tests.lab.skupper.controller",
        ("skupper-controller", "skupper"),
        {"github.com/skupperproject/skupper": "control"},
        in_optional=True,
    ),
    "argocd": Extension(
        "tests.lab.argocd.controllers", ("argocd", "helm"), {"github.com/argoproj/argo-cd/v3": "control"}
    ),
    "bare_metal": Extension("tests.lab.podman.host", (), {}),
}


def checked(names: Iterable[str]) -> tuple[str, ...]:
    """The names without repetition, in a fixed order. Raise LabError for one that there is not."""
    wanted = set(names)
    unknown = wanted - set(EXTENSIONS)
    if unknown:
        raise LabError(f"the lab has no extension {', '.join(sorted(unknown))}; it has: {', '.join(EXTENSIONS)}")
    return tuple(name for name in EXTENSIONS if name in wanted)


def chosen(layout: Layout) -> tuple[str, ...]:
    """Extensions of the lab in this folder."""
    return checked(json.loads(layout.extensions.read_text())) if layout.extensions.exists() else ()


def choose(layout: Layout, names: Iterable[str]) -> None:
    """Remember the lab's extensions."""
    write_private(layout.extensions, json.dumps(list(checked(names))))


def programs(names: Iterable[str]) -> tuple[str, ...]:
    """All programs that the extensions need."""
    return tuple(program for name in names for program in EXTENSIONS[name].programs)


def modules(names: Iterable[str]) -> dict[str, str]:
    """All Go modules whose CRDs the extensions need."""
    return {module: folder for name in names for module, folder in EXTENSIONS[name].modules.items()}
