# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what the modules support."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes that hold for every module of the collection."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the changed status that a real run would have, without any write.
    support: full
  diff_mode:
    description: Returns what has changed or would change. Data of Secrets is never shown.
    support: full
  idempotent:
    description: When run again with the same options on an unchanged cluster, nothing is written.
    support: full
  action_group:
    description: Use C(group/multicluster.interconnect.all) in C(module_defaults) to set options of all modules.
    support: full
    membership:
      - multicluster.interconnect.all
  in_process:
    description:
      - Runs in the controller's process where the connection is C(local) and neither C(become) nor C(async) is used.
        That needs the Python package kubernetes in Ansible's own environment.
      - Otherwise it runs on the target as any module, with the same result.
    support: full
"""
