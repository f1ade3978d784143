# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private: server-side apply and removal of many objects, with prediction for check mode and redacted diffs."""

from __future__ import annotations

from .absent import remove_all
from .definition import checked
from .merge import merged, patch_between
from .ownership import MANAGED_BY_LABEL
from .present import Outcome, apply_all
from .redact import secret_values, shown

__all__ = [
    "MANAGED_BY_LABEL",
    "Outcome",
    "apply_all",
    "checked",
    "merged",
    "patch_between",
    "remove_all",
    "secret_values",
    "shown",
]
