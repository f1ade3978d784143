# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that several sites of Skupper v1 provide: the network has brought it to some of them before they say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible
from tests.integration.skupper.networks import HUB, PHILLY, TORONTO, Network, network
from tests.lab import Lab
from tests.lab.api import path

SHOP: dict[str, Any] = {"name": "shop", "port": 80, "selector": {"app": "shop"}, "provided_by": [TORONTO]}
BOTH = {**SHOP, "provided_by": [TORONTO, PHILLY]}


class Definitions:
    """What the sites of a network know of services."""

    def __init__(self, sites: Network, lab: Lab) -> None:
        self.sites, self._lab = sites, lab
        self._path = path("v1", "configmaps", "skupper-services", sites.namespace)

    def get(self, cluster: str, address: str) -> dict[str, Any]:
        text = (self._lab.api(cluster).get(self._path).get("data") or {}).get(address)
        return dict(json.loads(text)) if text else {}

    def define(self, cluster: str, address: str, entry: dict[str, Any] | None) -> None:
        value = json.dumps({"address": address, **entry}) if entry else None
        self._lab.api(cluster).merge(self._path, {"data": {address: value}})


@pytest.fixture(scope="module")
def definitions(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Definitions]:
    """Linked sites, one of which provides the shop; all know it."""
    folder = tmp_path_factory.mktemp("network")
    with network(lab, "it-net-several", folder, "v1") as sites:
        made = Definitions(sites, lab)
        sites.run(Ansible(lab, folder / "begin"), "main", skupper_services=[SHOP]).succeeded()
        until(lambda: made.get(PHILLY, "shop").get("origin"), "the network has brought the shop")
        yield made
        sites.run(Ansible(lab, folder / "end"), "absent").succeeded()


def test_a_site_takes_over_what_the_network_has_brought(
    definitions: Definitions, ansible: Ansible, audit: Audit
) -> None:
    here: dict[str, Any] = {"skupper_services": [BOTH]}
    with audit() as log:
        predicted = definitions.sites.run(ansible, "main", "--check", "--limit", PHILLY, **here).succeeded()
    assert log.writes == []
    done = definitions.sites.run(ansible, "main", "--limit", PHILLY, **here).succeeded()
    assert done.changed == predicted.changed != []
    with audit() as log:
        again = definitions.sites.run(ansible, "main", "--limit", PHILLY, **here).succeeded()
    assert (log.writes, again.changed) == ([], [])
    for provider in (TORONTO, PHILLY):
        entry = definitions.get(provider, "shop")
        assert "origin" not in entry
        assert [target["selector"] for target in entry["targets"]] == ["app=shop"]


def test_a_site_leaves_to_others_what_they_have_defined(definitions: Definitions, ansible: Ansible) -> None:
    theirs = {"protocol": "tcp", "ports": [81], "exposeIngress": "", "targets": None}
    service = {**SHOP, "name": "theirs", "provided_by": [HUB]}
    definitions.define(HUB, "theirs", theirs)
    try:
        run = definitions.sites.run(ansible, "main", "--limit", HUB, skupper_services=[BOTH, service])
        (failure,) = run.failures
        assert (failure.host, ".data.theirs is owned by" in failure.message) == (HUB, True)
        assert definitions.get(HUB, "theirs")["ports"] == [81]
    finally:
        definitions.define(HUB, "theirs", None)
