# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of Skupper 1.9.6: site-controller, service-controller, config-sync. Upstream is in no module registry.

"S1" in the modules below is skupperproject/skupper at tag 1.9.6.
"""

from __future__ import annotations
