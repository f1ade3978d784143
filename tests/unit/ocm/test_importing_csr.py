# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate requests are approved: that of this cluster's agent, and no other."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm import importing_csr as csr
from tests.unit.ocm.requests_of_agents import ACCOUNT, PREFIX, TOKEN_ID, agent_request, agent_subject

AGENT = csr.Agent("ca-regina", ACCOUNT, TOKEN_ID)
CREDENTIAL = "authentication.kubernetes.io/credential-id"
OWN = f"{PREFIX}ca-regina"


def test_what_the_agent_asks_for_is_approved() -> None:
    assert csr.judge(agent_request(), AGENT) == csr.Judgement(csr.APPROVABLE)


def test_a_subject_without_the_common_group_is_as_good() -> None:
    request = agent_request(subject=[("O", OWN), ("CN", f"{OWN}:agent")])
    assert csr.judge(request, AGENT).outcome == csr.APPROVABLE


@pytest.mark.parametrize("extra", [None, {}, {"other": ["x"]}])
def test_a_hub_that_does_not_note_tokens_goes_by_the_account(extra: dict[str, list[str]] | None) -> None:
    assert csr.judge(agent_request(extra=extra), AGENT).outcome == csr.APPROVABLE
    assert csr.judge(agent_request(extra=extra, username="somebody"), AGENT).outcome == csr.REFUSED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"username": "system:serviceaccount:default:robot"}, "made by system:serviceaccount:default:robot"),
        ({"username": f"{ACCOUNT}x"}, "made by"),
        ({"extra": {CREDENTIAL: ["JTI=of-another-cluster"]}}, "another bootstrap token"),
        ({"signerName": "kubernetes.io/kubelet-serving"}, "signer kubernetes.io/kubelet-serving"),
        ({"usages": ["digital signature", "client auth", "server auth"]}, "usages"),
        ({"usages": ["digital signature", "key encipherment"]}, "usages"),
        ({"usages": None}, "usages"),
        ({"request": "%%%"}, "can not be read"),
        ({"request": base64.b64encode(b"no PEM").decode()}, "can not be read"),
        ({"request": base64.b64encode("ü".encode()).decode()}, "can not be read"),
        ({"request": None}, "can not be read"),
    ],
)
def test_another_request_is_refused_and_says_why(changes: dict[str, Any], reason: str) -> None:
    judgement = csr.judge(agent_request(**changes), AGENT)
    assert (judgement.outcome, reason in judgement.reason) == (csr.REFUSED, True), judgement


@pytest.mark.parametrize(
    "subject",
    [
        agent_subject("ca-toronto"),
        [("O", OWN), ("CN", "system:admin")],
        [("O", OWN), ("O", "system:masters"), ("CN", f"{OWN}:agent")],
        [("O", "system:masters"), ("CN", f"{OWN}:agent")],
        [("O", f"{PREFIX}managed-clusters"), ("CN", f"{OWN}:agent")],
        [("O", OWN), ("CN", f"{OWN}:")],
        [("O", OWN), ("CN", OWN)],
        [("O", OWN), ("CN", f"{OWN}:addon:x")],
        [("O", OWN), ("CN", f"{OWN}-2:agent")],
        [("O", OWN), ("CN", f"{OWN}:agent"), ("CN", "system:admin")],
        [("O", OWN), ("CN", f"{OWN}:agent"), ("L", "Regina")],
        [("O", OWN)],
        [("CN", f"{OWN}:agent")],
    ],
)
def test_a_request_for_somebody_else_is_refused(subject: list[tuple[str, str]]) -> None:
    judgement = csr.judge(agent_request(subject=subject), AGENT)
    assert judgement.outcome == csr.REFUSED
    assert "its subject is" in judgement.reason


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {csr.CLUSTER_LABEL: "ca-toronto"},
        {csr.CLUSTER_LABEL: "ca-regina", csr.ADDON_LABEL: "work-manager"},
    ],
)
def test_a_request_of_other_labels_is_refused(labels: dict[str, str]) -> None:
    request = agent_request()
    request["metadata"]["labels"] = labels
    assert csr.judge(request, AGENT).outcome == csr.REFUSED


def test_what_is_decided_stays_so() -> None:
    request = agent_request()
    request["status"] = {"conditions": [{"type": "Denied", "message": "not today"}]}
    assert csr.judge(request, AGENT) == csr.Judgement(csr.DENIED, "not today")
    request["status"] = {"conditions": [{"type": "Approved"}]}
    assert csr.judge(request, AGENT) == csr.Judgement(csr.APPROVED)


def test_an_approval_changes_nothing_else() -> None:
    request = agent_request()
    approved = csr.approved(request, "ca-regina")
    assert {**approved, "status": {}} == request
    (condition,) = approved["status"]["conditions"]
    assert (condition["type"], condition["status"]) == ("Approved", "True")
    assert csr.judge(approved, AGENT).outcome == csr.APPROVED
