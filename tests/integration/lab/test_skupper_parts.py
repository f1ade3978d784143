# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``skupper``: the real controller with the lab's router double and load balancers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.integration.lab.echo import echo, exchange
from tests.integration.lab.executing import skmanage
from tests.integration.lab.sites import Sites, expired
from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.build import Binaries

HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"
REFUSED_SECONDS = 1.5
"""After the first refusal: another attempt or two."""


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[Sites]:
    """Three sites without links; only the hub's can be dialled."""
    made = Sites(lab, "skupper-parts")
    try:
        for cluster in lab.clusters:
            made.make(cluster, "Site", cluster, **({"linkAccess": "loadbalancer"} if cluster == HUB else {}))
        for cluster in lab.clusters:
            made.wait(cluster, "Site", cluster, "Ready")
        yield made
    finally:
        made.clean()


@pytest.fixture(scope="module")
def linked(sites: Sites) -> Sites:
    """Both spokes linked with the hub: Philly with a copied certificate, Toronto with a token that it has redeemed."""
    sites.link(PHILLY, "to-central", sites.issue(HUB, "philly"), sites.endpoints(HUB))
    sites.make(HUB, "AccessGrant", "toronto", redemptionsAllowed=1, expirationWindow="10m")
    grant = sites.wait(HUB, "AccessGrant", "toronto", "Ready")
    sites.make(TORONTO, "AccessToken", "to-central", url=grant["url"], code=grant["code"], ca=grant["ca"])
    sites.wait(TORONTO, "AccessToken", "to-central", "Redeemed")
    for cluster in (PHILLY, TORONTO):
        sites.wait(cluster, "Link", "to-central", "Operational")
    return sites


@pytest.fixture(scope="module")
def served(linked: Sites) -> Iterator[Sites]:
    """An echo server beside Toronto's site, offered to Philly's."""
    with echo("127.20.2.60") as port:
        linked.make(TORONTO, "Connector", "echo", routingKey="echo", host="127.20.2.60", port=port)
        linked.make(PHILLY, "Listener", "echo", routingKey="echo", host="echo", port=7)
        linked.wait(PHILLY, "Listener", "echo", "Matched")
        yield linked


def test_controller_says_which_release_it_is(sites: Sites) -> None:
    network = until(lambda: sites.status(HUB, "Site", HUB).get("network"), "the site's own record")
    assert network[0]["version"] == "2.0.0"


def test_site_has_the_load_balancer_s_address(sites: Sites) -> None:
    endpoints = {each["name"]: each["host"] for each in sites.endpoints(HUB)}
    assert set(endpoints) == {"inter-router", "edge"}
    assert all(each.startswith("127.20.1.1") for each in endpoints.values())


def test_link_is_up_seen_from_the_linking_site(linked: Sites) -> None:
    for cluster in (PHILLY, TORONTO):
        status = linked.status(cluster, "Link", "to-central")
        assert status["remoteSiteName"] == HUB
        assert status["status"] == "Ready"


def test_router_tells_of_its_links_by_skmanage(linked: Sites) -> None:
    pod = linked.router_pod(PHILLY)
    connector = skmanage(linked.lab, PHILLY, linked.namespace, pod, "connector")["to-central"]
    assert connector["connectionStatus"] == "SUCCESS"


def test_every_site_knows_the_whole_network(linked: Sites) -> None:
    def known(cluster: str) -> bool:
        status = linked.status(cluster, "Site", cluster)
        return status["sitesInNetwork"] == 3 and {each["name"] for each in status["network"]} == {HUB, TORONTO, PHILLY}

    for cluster in (HUB, PHILLY, TORONTO):
        until(partial(known, cluster), f"{cluster} knows three sites")


def test_bytes_flow_between_spokes_through_the_hub(served: Sites) -> None:
    served.wait(TORONTO, "Connector", "echo", "Matched")
    with served.connected(PHILLY, "echo") as connection:
        assert exchange(connection)
        assert exchange(connection, 3_000_000)


def test_client_that_ends_its_side_still_gets_its_answer(served: Sites) -> None:
    with served.connected(PHILLY, "echo") as connection:
        connection.sendall(b"last words")
        connection.shutdown(1)
        assert connection.makefile("rb").read() == b"last words"


def test_new_certificate_counts_for_the_next_handshake_and_cuts_nothing(served: Sites) -> None:
    old, new = served.secret(PHILLY, "to-central"), served.issue(HUB, "philly-2")
    foreign = served.issue(TORONTO, "foreign")
    with served.connected(PHILLY, "echo") as connection:
        assert exchange(connection)
        for data in (new, foreign):  # a live link does not care, whatever the certificate is
            served.put_secret(PHILLY, "to-central", data)
            time.sleep(2)
            assert exchange(connection)
            assert served.status(PHILLY, "Link", "to-central")["status"] == "Ready"
    served.delete_router(HUB)  # now all links are dialled anew
    served.wait(PHILLY, "Link", "to-central", "Operational", "False")
    served.wait(TORONTO, "Link", "to-central", "Operational")
    served.put_secret(PHILLY, "to-central", new)
    served.wait(PHILLY, "Link", "to-central", "Operational")
    assert new["tls.crt"] != old["tls.crt"]
    with served.connected(PHILLY, "echo") as connection:
        assert exchange(connection)


@pytest.mark.parametrize(
    ("fault", "judge", "said"),
    [
        ("authority", TORONTO, ":55671 is down: [SSL: CERTIFICATE_VERIFY_FAILED]"),
        ("host", TORONTO, "is down: the certificate does not name"),
        ("date", HUB, "certificate has expired"),
    ],
)
def test_link_with_a_faulty_token_does_not_come_up(linked: Sites, fault: str, judge: str, said: str) -> None:
    data, endpoints = linked.issue(HUB, f"faulty-{fault}"), linked.endpoints(HUB)
    if fault == "authority":
        data = linked.issue(PHILLY, "of-philly")
    elif fault == "host":  # the same router, by an address that its certificate does not name
        endpoints = [each | {"host": linked.router_address(HUB)} for each in endpoints]
    else:
        data = expired(linked.secret(HUB, "skupper-site-ca"))
    linked.link(TORONTO, f"faulty-{fault}", data, endpoints)
    try:
        linked.wait(TORONTO, "Link", f"faulty-{fault}", "Configured")
        until(lambda: said in linked.router_log(judge), said)
        time.sleep(REFUSED_SECONDS)
        assert linked.status(TORONTO, "Link", f"faulty-{fault}")["status"] == "Pending"
        assert linked.status(TORONTO, "Link", "to-central")["status"] == "Ready"
    finally:
        linked.remove(TORONTO, "Link", f"faulty-{fault}")


def test_router_that_dies_comes_back_with_its_links(served: Sites) -> None:
    ups = served.router_log(PHILLY).count("is up")
    os.kill(served.router_pid(PHILLY), signal.SIGKILL)
    until(lambda: served.router_log(PHILLY).count("is up") > ups, "the link is up again")
    with served.connected(PHILLY, "echo") as connection:
        assert exchange(connection)


def test_listener_refuses_connections_once_nothing_is_behind_it(served: Sites) -> None:
    served.make(HUB, "Listener", "nothing", routingKey="nothing", host="nothing", port=7)
    served.wait(HUB, "Listener", "nothing", "Configured")
    with pytest.raises(ConnectionRefusedError):
        served.connect(HUB, "nothing")


def test_cli_of_the_release_issues_and_redeems_tokens(linked: Sites, tmp_path: Path) -> None:
    skupper(linked, HUB, tmp_path, "token", "issue", "token.yaml")
    name = yaml.safe_load((tmp_path / "token.yaml").read_text())["metadata"]["name"]
    skupper(linked, PHILLY, tmp_path, "token", "redeem", "token.yaml")
    linked.wait(PHILLY, "Link", name, "Operational")
    assert name in skupper(linked, PHILLY, tmp_path, "link", "status")
    linked.remove(PHILLY, "Link", name)
    linked.remove(HUB, "AccessGrant", name)


def skupper(sites: Sites, cluster: str, folder: Path, *arguments: str) -> str:
    """Run upstream's CLI for one site, in a folder (it takes no path with an underscore); return what it says."""
    lab = sites.lab
    where = ("--kubeconfig", str(lab.kubeconfig), "--context", cluster, "--namespace", sites.namespace)
    program = Binaries.load(lab.layout.binaries)["skupper"]
    command = [program, *arguments, *where]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_edge_site_serves_through_the_site_that_it_is_linked_with(lab: Lab) -> None:
    sites = Sites(lab, "skupper-edge")
    try:
        sites.make(HUB, "Site", HUB, linkAccess="loadbalancer")
        sites.make(PHILLY, "Site", PHILLY, edge=True)
        sites.wait(HUB, "Site", HUB, "Ready")
        sites.link(PHILLY, "to-central", sites.issue(HUB, "philly"), sites.endpoints(HUB))
        with echo("127.20.3.60") as port:
            sites.make(PHILLY, "Connector", "echo", routingKey="echo", host="127.20.3.60", port=port)
            sites.make(HUB, "Listener", "echo", routingKey="echo", host="echo", port=7)
            sites.wait(PHILLY, "Link", "to-central", "Operational")
            with sites.connected(HUB, "echo") as connection:
                assert exchange(connection)
    finally:
        sites.clean()


def test_routers_of_one_site_link_with_each_other(lab: Lab) -> None:
    sites = Sites(lab, "skupper-ha")
    try:
        sites.make(HUB, "Site", HUB, linkAccess="loadbalancer", ha=True)
        sites.wait(HUB, "Site", HUB, "Ready")
        # Both want port 55671, so that each has an address of its own.
        until(lambda: len({each["host"] for each in sites.endpoints(HUB)}) == 2, "two addresses")

        def both_up() -> bool:
            routers = sites.network_status(HUB)["siteStatus"][0]["routerStatus"]
            return len(routers) == 2 and [link["status"] for each in routers for link in each["links"]] == ["up"]

        until(both_up, "both routers and their link are in the status")
    finally:
        sites.clean()


def test_site_waits_for_a_load_balancer_that_comes_late(lab: Lab) -> None:
    lab.hold_load_balancers(True, TORONTO)
    sites = Sites(lab, "skupper-pending")
    try:
        sites.make(TORONTO, "Site", TORONTO, linkAccess="loadbalancer")
        sites.wait(TORONTO, "Site", TORONTO, "Configured")
        time.sleep(3)
        assert not sites.status(TORONTO, "Site", TORONTO).get("endpoints")
        lab.hold_load_balancers(False, TORONTO)
        sites.wait(TORONTO, "Site", TORONTO, "Ready")
        assert sites.endpoints(TORONTO)
    finally:
        with suppress(OSError):
            lab.hold_load_balancers(False, TORONTO)
        sites.clean()
