# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private: waits as data. What to wait for (`Wait`), and the one loop that waits (`wait_for`)."""

from __future__ import annotations

from .goal import Outcome
from .params import waits_of
from .poll import Clock, WaitFailed, WaitTimeout, evaluate, wait_for
from .report import WaitReport, WaitResult
from .wait import Wait

__all__ = [
    "Clock",
    "Outcome",
    "Wait",
    "WaitFailed",
    "WaitReport",
    "WaitResult",
    "WaitTimeout",
    "evaluate",
    "wait_for",
    "waits_of",
]
