# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``policy``: the real controllers bring a Secret of the hub to the clusters that a Placement selects."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import pytest

from tests.integration.lab.waiting import until
from tests.integration.scratch import Scratch
from tests.lab import Lab
from tests.lab.api import Object, path

HUB, TORONTO = "ca-central", "ca-toronto"
POLICY_V1 = "policy.open-cluster-management.io/v1"
NAME = "link-to-central"
COMPLIANT_SECONDS = 120.0
DATA = {"ca.crt": "an authority", "tls.crt": "a certificate", "tls.key": "a key"}


def policy(name: str, source: str, target: str) -> Object:
    """Copy Secret `NAME`: keys by fromSecret, which encrypts them on their way, and the host by lookup."""
    annotations = f'(lookup "v1" "Secret" "{source}" "{NAME}").metadata.annotations'
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": NAME,
            "namespace": target,
            "labels": {"skupper.io/type": "connection-token"},
            "annotations": {"edge-host": f'{{{{hub index {annotations} "edge-host" hub}}}}'},
        },
        "data": {key: f'{{{{hub fromSecret "{source}" "{NAME}" "{key}" hub}}}}' for key in DATA},
    }
    template: dict[str, Any] = {
        "apiVersion": POLICY_V1,
        "kind": "ConfigurationPolicy",
        "metadata": {"name": name},
        "spec": {
            "remediationAction": "enforce",
            "severity": "low",
            "pruneObjectBehavior": "DeleteIfCreated",
            "object-templates": [{"complianceType": "musthave", "objectDefinition": secret}],
        },
    }
    spec = {"disabled": False, "remediationAction": "enforce", "policy-templates": [{"objectDefinition": template}]}
    return {"apiVersion": POLICY_V1, "kind": "Policy", "metadata": {"name": name, "namespace": source}, "spec": spec}


def binding(name: str, namespace: str) -> Object:
    return {
        "apiVersion": POLICY_V1,
        "kind": "PlacementBinding",
        "metadata": {"name": name, "namespace": namespace},
        "placementRef": {"apiGroup": "cluster.open-cluster-management.io", "kind": "Placement", "name": name},
        "subjects": [{"apiGroup": "policy.open-cluster-management.io", "kind": "Policy", "name": name}],
    }


@pytest.fixture
def bound(scratch: Scratch) -> tuple[str, str]:
    """A Secret on the hub, and a Policy that is bound to all clusters with a label; returns both namespaces."""
    source, target = scratch.namespace(HUB), scratch.namespace(TORONTO, "-copy")
    secret = {
        "metadata": {"name": NAME, "annotations": {"edge-host": "127.20.1.100"}},
        "data": {key: b64encode(value.encode()).decode() for key, value in DATA.items()},
    }
    scratch.make(HUB, path("v1", "secrets", namespace=source), secret)
    scratch.bind(source, "global")
    matching = {"matchLabels": {NAME: "True"}}
    scratch.placement(
        source, NAME, predicates=[{"requiredClusterSelector": {"labelSelector": matching}}], clusterSets=["global"]
    )
    scratch.make(HUB, path(POLICY_V1, "policies", namespace=source), policy(NAME, source, target))
    scratch.make(HUB, path(POLICY_V1, "placementbindings", namespace=source), binding(NAME, source))
    # The key with which values are encrypted on their way: made with the first policy that needs it, and kept.
    for cluster in (HUB, TORONTO):
        scratch.owns(cluster, path("v1", "secrets", "policy-encryption-key", TORONTO))
    return source, target


def test_policy_copies_a_secret_and_takes_it_back(lab: Lab, scratch: Scratch, bound: tuple[str, str]) -> None:
    source, target = bound
    hub, spoke = lab.api(HUB), lab.api(TORONTO)
    copied = path("v1", "secrets", NAME, target)
    scratch.label(TORONTO, **{NAME: "True"})

    def status() -> Object:
        found: Object = hub.get(path(POLICY_V1, "policies", NAME, source)).get("status", {})
        return found

    until(lambda: status().get("compliant") == "Compliant", "Policy is compliant", COMPLIANT_SECONDS)
    assert [each["clustername"] for each in status()["status"]] == [TORONTO]

    secret = spoke.get(copied)
    assert secret["data"] == {key: b64encode(value.encode()).decode() for key, value in DATA.items()}
    assert secret["metadata"]["annotations"]["edge-host"] == "127.20.1.100"
    assert secret["metadata"]["labels"]["skupper.io/type"] == "connection-token"

    replicated = hub.get(path(POLICY_V1, "policies", f"{source}.{NAME}", TORONTO))
    values = replicated["spec"]["policy-templates"][0]["objectDefinition"]["spec"]["object-templates"]
    assert re.match(r"\$ocm_encrypted:", values[0]["objectDefinition"]["data"]["tls.key"])

    scratch.label(TORONTO, **{NAME: None})
    until(lambda: spoke.find(copied) is None, "the copy is gone", COMPLIANT_SECONDS)
    policies = path(POLICY_V1, "configurationpolicies", namespace=TORONTO)
    until(lambda: not spoke.items(policies), "the ConfigurationPolicy is gone", COMPLIANT_SECONDS)
