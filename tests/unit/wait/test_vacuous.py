# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Placement that is not there selects nothing: a teardown that is repeated must not wait for it."""

from __future__ import annotations

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.goal import Outcome
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.wait import Wait

PLACEMENT = "cluster.open-cluster-management.io/v1beta1"


@pytest.mark.parametrize(("until", "outcome"), [("deselected", Outcome.SATISFIED), ("selected", Outcome.PENDING)])
def test_missing_placement_is_deselected_and_not_selected(until: str, outcome: Outcome) -> None:
    wait = Wait(PLACEMENT, "Placement", name="clusters", namespace="argocd", until=until, clusters=["ca-toronto"])
    assert wait.goal.judge(None, wait, {}).outcome is outcome
