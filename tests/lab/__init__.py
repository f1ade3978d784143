# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: real control planes as plain processes on loopback. See README.md beside this file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.lab.audit import AuditEvent, AuditLog
    from tests.lab.errors import LabError
    from tests.lab.inventory import difference
    from tests.lab.lab import Lab

__all__ = ["AuditEvent", "AuditLog", "Lab", "LabError", "difference"]
_HOMES = {"AuditEvent": "audit", "AuditLog": "audit", "Lab": "lab", "LabError": "errors", "difference": "inventory"}


def __getattr__(name: str) -> Any:
    """Import on first use: the lab's processes need a part of this package only, and there are many of them."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
