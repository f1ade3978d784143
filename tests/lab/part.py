# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the lab: one process, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

READY_FD_VARIABLE = "LAB_READY_FD"
"""Names the file descriptor to which a process with a `Notice` writes a byte once it is ready."""


@dataclass(frozen=True)
class Probe:
    """Ready when this URL answers 200; for https the server's certificate is verified. ``tcp://`` needs no answer."""

    url: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Notice:
    """Ready when the process says so itself, on the descriptor that ``$LAB_READY_FD`` names."""


@dataclass(frozen=True)
class Finish:
    """Not a server: ready when it has ended with exit code 0."""


@dataclass(frozen=True)
class Part:
    """How to run one process, and when it counts as ready."""

    cluster: str
    name: str
    argv: tuple[str, ...]
    ready: Probe | Notice | Finish
    needs: tuple[str, ...] = ()
    """Keys of the parts that must be ready before this one is started."""
    env: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    """What `status` shows."""
    grace_seconds: float = 5.0
    """Between SIGTERM and SIGKILL."""
    started_with: Literal["all", "cluster", "nothing"] = "all"
    """The widest word that starts it: ``all``, the name of its cluster, or none but its own key."""

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.name}"


def in_order(parts: Mapping[str, Part]) -> list[str]:
    """Keys of the parts, each after all that it needs. ValueError for an unknown need or a circle."""
    ordered: list[str] = []
    visiting: set[str] = set()

    def visit(key: str, wanted_by: str) -> None:
        if key in ordered:
            return
        if key not in parts:
            raise ValueError(f"{wanted_by} needs {key}, which does not exist")
        if key in visiting:
            raise ValueError(f"{wanted_by} and {key} need each other")
        visiting.add(key)
        for need in parts[key].needs:
            visit(need, key)
        ordered.append(key)

    for key in parts:
        visit(key, "the lab")
    return ordered


def matching(parts: Mapping[str, Part], target: str, *, to_start: bool = False) -> list[str]:
    """Keys that a user's word stands for: a part (``cluster/name``), a whole cluster, or ``all``. KeyError for none.

    ``to_start``: leave out what such a word does not start.
    """
    if target == "all":
        return [key for key, part in parts.items() if not to_start or part.started_with == "all"]
    if target in parts:
        return [target]
    cluster = {key: part for key, part in parts.items() if part.cluster == target}
    found = [key for key, part in cluster.items() if not to_start or part.started_with != "nothing"]
    if not found:
        known = sorted({part.cluster for part in parts.values()} | set(parts))
        raise KeyError(f"the lab has no part {target!r}; it has: {', '.join(known)}")
    return found
