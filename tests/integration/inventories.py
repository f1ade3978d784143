# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants of the reference inventory."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.integration.runs import BOTH
from tests.tree import CHECKOUT

REFERENCE, LAB = BOTH


def without_network(folder: Path) -> tuple[str | Path, ...]:
    """The reference inventory without its Skupper network and what needs it, as for somebody who only wants the hub."""
    return without(folder, "network", "skupper_sites", "skupper_gateways", "redis_hosts", "boutique_sites")


def without(folder: Path, name: str, *groups: str) -> tuple[str | Path, ...]:
    """The reference inventory without some of its groups."""
    copy = folder / f"without-{name}"
    copy.mkdir(exist_ok=True)
    hosts = yaml.safe_load((CHECKOUT / REFERENCE / "hosts.yml").read_text())
    for group in groups:
        del hosts["all"]["children"][group]
    (copy / "hosts.yml").write_text(yaml.safe_dump(hosts))
    if not (copy / "group_vars").exists():
        (copy / "group_vars").symlink_to(CHECKOUT / REFERENCE / "group_vars")
    return (copy, LAB)
