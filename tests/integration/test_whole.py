# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shop over three sites, and what happens to it: one more site, and a site that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.cart import NAMESPACE, cart_page, redis
from tests.integration.conftest import Audit
from tests.integration.inventories import LAB, REFERENCE
from tests.integration.regina import ACCOUNT, NAME, Regina
from tests.integration.reports import failed, report
from tests.integration.runs import Ansible
from tests.integration.scratch import CLUSTER_V1, wait_until
from tests.lab import Lab, difference
from tests.lab.api import path
from tests.lab.objects import condition
from tests.lab.podman import host
from tests.tree import CHECKOUT

HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"
ALL = (*Lab.clusters, NAME)
ENTRY = f"{HUB}: patch applicationsets openshift-gitops/{NAMESPACE}"
OF_REGINA = ("adservice", "cartservice")
STANDS_IN = {
    "adservice": [TORONTO],
    "cartservice": [TORONTO],
    "checkoutservice": [TORONTO],
    "currencyservice": [TORONTO],
    "emailservice": [TORONTO],
    "paymentservice": [HUB],
    "shippingservice": [TORONTO],
}
"""Services of us-philly, and who else has them."""
# Routers remember each other for a minute. Leases of the lab are 5 s; the hub gives a cluster up after five times that.
FORGOTTEN_SECONDS = 150.0


@pytest.fixture(scope="module", autouse=True)
def deployed(lab: Lab, nothing_is_left: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The reference inventory is deployed before the first test, and taken out after the last. Each leaves it so."""
    del nothing_is_left  # looks at the lab before and after this
    if not host.is_there(lab.layout):
        pytest.skip("NOT TESTED, no bare-metal host here, and no shop without its Redis")
    ansible = Ansible(lab, tmp_path_factory.mktemp("whole"))
    ansible.playbook("deploy.yml").succeeded()
    yield
    ansible.playbook("teardown.yml").succeeded()


@pytest.fixture
def regina(lab: Lab, tmp_path: Path) -> Iterator[Regina]:
    """The cluster that the hub does not manage, with Skupper's controller."""
    lab.add(NAME, "skupper")
    made = Regina(lab)
    yield made
    if made.managed():
        Ansible(lab, tmp_path / "end").playbook(
            "teardown.yml", "--limit", NAME, inventories=with_regina(tmp_path)
        ).succeeded()
    made.clean()
    lab.remove(NAME)


def with_regina(folder: Path) -> tuple[str | Path, ...]:
    """The reference inventory with a fourth site, that runs a part of the shop as well."""
    services = yaml.safe_load((CHECKOUT / REFERENCE / "group_vars" / "all.yml").read_text())["skupper_services"]
    for service in services:
        service["provided_by"] += [NAME] if service["name"] in OF_REGINA else []
    mine: dict[str, Any] = {"cluster_membership_import": True, "boutique_services": list(OF_REGINA)}
    hosts = {"hosts": {NAME: mine}}
    added = folder / "regina"
    (added / "group_vars").mkdir(parents=True, exist_ok=True)
    (added / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": {"spokes": hosts, "site_ca_regina": hosts}}}))
    (added / "group_vars" / "all.yml").write_text(yaml.safe_dump({"skupper_services": services}))
    return (REFERENCE, LAB, added)


def test_a_fourth_site_joins_and_leaves_without_a_write_to_the_others(
    ansible: Ansible, lab: Lab, regina: Regina, audit: Audit, tmp_path: Path
) -> None:
    inventories = with_regina(tmp_path)
    before = lab.inventory(*ALL)
    cart_page(lab, "emily", "a typewriter")
    with audit(*ALL) as log:
        ansible.playbook("deploy.yml", inventories=inventories).succeeded()
    assert [line for line in log.writes if not line.startswith((HUB, NAME))] == [], "its neighbours find it themselves"
    of_all = [line for line in log.writes if NAME not in line]
    assert of_all == [f"{HUB}: create serviceaccounts/token {'/'.join(ACCOUNT)}", ENTRY], "it is imported, and joins"
    found = report(tmp_path)
    assert (found["ok"], failed(found)) == (True, [])
    by = {each["name"]: each["by"] for each in found["serving"] if each["name"] in OF_REGINA}
    assert by == {name: [TORONTO, PHILLY, NAME] for name in OF_REGINA}
    assert redis(lab, NAME, "GET", "cart:emily") == "a typewriter"

    with audit(*ALL) as log:
        ansible.playbook("teardown.yml", "--limit", NAME, inventories=inventories).succeeded()
    assert log.clusters() == {HUB, NAME}, "no other cluster was even asked"
    assert [line for line in log.writes if NAME not in line] == [ENTRY]
    assert regina.managed() is None
    # What is in the records of Skupper's network follows the routers.
    left = [line for line in difference(before, lab.inventory(*ALL)) if ": changed: configmaps" not in line]
    assert left == []


def is_forgotten(lab: Lab, cluster: str) -> bool:
    """Whether the hub has given a cluster up, and its site has left the network."""
    hub = lab.api(HUB)
    site = hub.get(path("skupper.io/v2alpha1", "sites", HUB, NAMESPACE))
    sites = [each["name"] for each in site["status"]["network"]]
    managed = hub.get(path(CLUSTER_V1, "managedclusters", cluster))
    return cluster not in sites and condition(managed, "ManagedClusterConditionAvailable") != "True"


@pytest.fixture
def all_is_back(lab: Lab) -> Iterator[None]:
    """Whatever a test stops runs again afterwards, and the hub has seen it."""
    yield
    lab.start("all")
    lab.wait_available()


@pytest.mark.usefixtures("all_is_back")
def test_a_lost_site_is_named_while_the_rest_serves_and_it_heals_by_itself(
    ansible: Ansible, lab: Lab, audit: Audit, tmp_path: Path
) -> None:
    cart_page(lab, "anna", "a barn owl")
    lab.stop(PHILLY, now=True)
    assert cart_page(lab, "anna") == "a barn owl", "its neighbour takes over at once"
    cart_page(lab, "anna", "two barn owls")
    assert redis(lab, TORONTO, "GET", "cart:anna") == "two barn owls"

    with audit(HUB, TORONTO) as log:
        refused = ansible.playbook("deploy.yml")
    assert refused.returncode != 0
    (failure,) = refused.failures
    assert (failure.host, "does not answer" in failure.message) == (PHILLY, True), failure.message

    wait_until(f"{PHILLY} is forgotten", lambda: is_forgotten(lab, PHILLY), FORGOTTEN_SECONDS)
    with audit(HUB, TORONTO) as during:
        broken = ansible.playbook("verify.yml", variables={"verify_timeout": 1})
    assert log.writes + during.writes == []
    (failure,) = broken.failures
    words = [f"api {PHILLY}: ", "does not answer", f"link {PHILLY}-to-{HUB}: "]
    assert [word for word in words if word not in failure.message] == [], failure.message
    found = report(tmp_path)
    assert failed(found) == [("api", PHILLY), ("link", PHILLY)]
    assert {each["host"] for each in found["checks"] if each["state"] != "ok"} == {PHILLY}
    lost = {each["name"]: each["by"] for each in found["serving"] if each["lost"] == [PHILLY]}
    assert lost == STANDS_IN
    assert [each for each in found["serving"] if not each["serves"] or each["reached_from"] != [HUB, TORONTO]] == []
    assert cart_page(lab, "anna") == "two barn owls"

    lab.start(PHILLY)
    lab.wait_available()
    with audit() as log:
        healed = ansible.playbook("verify.yml").succeeded()
    assert (log.writes, healed.changed, failed(report(tmp_path))) == ([], [], [])
    assert redis(lab, PHILLY, "GET", "cart:anna") == "two barn owls"
