# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options for waiting."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of `wait_args` (module_utils/_task/argspec.py)."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Wait for the effect, not only for the write. A check run never waits.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait at most. On time-out the task fails and says what was seen last.
    type: int
    default: 300
  wait_sleep:
    description:
      - Seconds between two looks.
    type: int
    default: 2
"""
