# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""submariner_join in the controller's process."""

from __future__ import annotations

from ansible_collections.multicluster.interconnect.plugins.modules import submariner_join
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """See plugins/modules/submariner_join.py."""

    SPEC = submariner_join.SPEC
