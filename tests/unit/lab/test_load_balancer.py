# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which address a Service gets, and what is reached there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab import load_balancer as lb

SERVICE: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 443, "targetPort": 8443}]},
    "status": {"loadBalancer": {"ingress": [{"ip": "127.20.1.100"}]}},
}
POD: dict[str, Any] = {
    "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web", "tier": "front"}},
    "status": {"podIP": "127.20.1.150", "conditions": [{"type": "Ready", "status": "True"}]},
}


def test_services_share_an_address_until_their_ports_clash() -> None:
    pool, taken = ["127.20.1.100", "127.20.1.101"], {("127.20.1.100", 443)}

    assert lb.free_address(pool, [9090], taken) == "127.20.1.100"
    assert lb.free_address(pool, [9090, 443], taken) == "127.20.1.101"
    with pytest.raises(LookupError):
        lb.free_address(pool[:1], [443], taken)


def test_connections_go_to_the_ready_pods_that_the_service_selects() -> None:
    second = POD | {"metadata": {"name": "web-1", **{k: POD["metadata"][k] for k in ("namespace", "labels")}}}
    second |= {"status": POD["status"] | {"podIP": "127.20.1.151"}}

    found = lb.frontends(SERVICE, [second, POD])

    assert found == [lb.Frontend("127.20.1.100", 443, (("127.20.1.150", 8443), ("127.20.1.151", 8443)))]


@pytest.mark.parametrize(
    "other",
    [
        {"metadata": POD["metadata"] | {"namespace": "elsewhere"}},
        {"metadata": POD["metadata"] | {"labels": {"app": "db"}}},
        {"metadata": POD["metadata"] | {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {"status": POD["status"] | {"conditions": [{"type": "Ready", "status": "False"}]}},
        {"status": POD["status"] | {"podIP": "10.201.0.2"}},
    ],
    ids=["other namespace", "other labels", "being deleted", "not ready", "pretended"],
)
def test_nothing_listens_for_a_service_without_such_a_pod(other: dict[str, Any]) -> None:
    assert lb.frontends(SERVICE, [POD | other]) == []


def test_a_pending_service_is_not_reached() -> None:
    assert lb.frontends(SERVICE | {"status": {"loadBalancer": {}}}, [POD]) == []
