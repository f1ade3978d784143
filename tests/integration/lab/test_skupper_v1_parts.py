# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extension ``skupper``: doubles of Skupper v1's controllers, sites and tokens."""

from __future__ import annotations

import datetime
import itertools
import time
from base64 import b64decode
from collections.abc import Iterator
from functools import partial

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.integration.lab.executing import execute, skmanage
from tests.integration.lab.sites_v1 import TYPE, Object, SitesV1
from tests.integration.lab.waiting import until
from tests.lab import Lab
from tests.lab.api import path
from tests.lab.skupper.v1 import certificates

EXTENSION = "skupper"
HUB, TORONTO, PHILLY = "ca-central", "ca-toronto", "us-philly"
NUMBERS = itertools.count(1)
SETTLED_SECONDS = 1.5
"""After something that must not have an effect."""


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[SitesV1]:
    """Three sites without links; only the hub's can be dialled."""
    made = SitesV1(lab, "skupper-v1-parts")
    try:
        for cluster in lab.clusters:
            made.make(cluster, ingress="loadbalancer" if cluster == HUB else "none")
        for cluster in lab.clusters:
            made.ready(cluster)
        yield made
    finally:
        made.clean()


@pytest.fixture(scope="module")
def linked(sites: SitesV1) -> SitesV1:
    """Philly linked with the hub."""
    sites.apply(PHILLY, sites.issue(HUB, "to-central"))
    sites.linked(PHILLY, HUB)
    return sites


@pytest.fixture
def scratch(lab: Lab) -> Iterator[SitesV1]:
    """A namespace without a site in Toronto, of another name each time, for it takes a while until one is gone."""
    made = SitesV1(lab, f"skupper-v1-{next(NUMBERS)}", TORONTO)
    yield made
    made.clean(wait=False)


def certificate(token: Object) -> x509.Certificate:
    return x509.load_pem_x509_certificate(b64decode(token["data"]["tls.crt"]))


def common_name(found: x509.Certificate) -> object:
    return found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_site_controller_stands_where_upstream_s_manifest_puts_it(lab: Lab) -> None:
    for cluster in lab.clusters:
        target = path("apps/v1", "deployments", "skupper-site-controller", "skupper-site-controller")
        assert lab.api(cluster).get(target)["status"]["readyReplicas"] == 1


def test_site_has_all_its_objects_and_owns_them(sites: SitesV1) -> None:
    wanted = {
        "configmaps": ("skupper-internal", "skupper-services"),
        "secrets": (
            "skupper-local-ca",
            "skupper-site-ca",
            "skupper-service-ca",
            "skupper-local-server",
            "skupper-local-client",
            "skupper-service-client",
            "skupper-site-server",
        ),
        "services": ("skupper-router", "skupper-router-local"),
        "serviceaccounts": ("skupper-router", "skupper-service-controller"),
    }
    for resource, names in wanted.items():
        for name in names:
            owners = sites.get(HUB, resource, name)["metadata"]["ownerReferences"]
            assert [each["uid"] for each in owners] == [sites.site_id(HUB)], name
    assert common_name(certificate(sites.get(HUB, "secrets", "skupper-site-ca"))) == "skupper-site-ca"


def test_server_certificate_names_the_load_balancer(sites: SitesV1) -> None:
    found = certificate(sites.get(HUB, "secrets", "skupper-site-server"))
    host = sites.get(HUB, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == [host]
    assert "skupper-router.skupper-v1-parts" in names.get_values_for_type(x509.DNSName)
    assert common_name(found) == host


def test_request_becomes_a_token(sites: SitesV1) -> None:
    sites.request(HUB, "asked", **{"skupper.io/cost": "2"})
    token = sites.issued(HUB, "asked")
    host = sites.get(HUB, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
    assert token["metadata"]["annotations"] == {
        "inter-router-host": host,
        "inter-router-port": "55671",
        "edge-host": host,
        "edge-port": "45671",
        "skupper.io/site-version": "1.9.6",
        "skupper.io/generated-by": sites.site_id(HUB),
        "skupper.io/cost": "2",
    }
    assert token["metadata"]["labels"]["kept"] == "yes"
    assert token["type"] == "Opaque"
    assert set(token["data"]) == {"ca.crt", "tls.crt", "tls.key"}
    assert token["data"]["ca.crt"] == sites.get(HUB, "secrets", "skupper-site-ca")["data"]["tls.crt"]
    found = certificate(token)
    ca = certificate(sites.get(HUB, "secrets", "skupper-site-ca"))
    found.verify_directly_issued_by(ca)
    assert common_name(found) == "asked"
    assert found.not_valid_after_utc - found.not_valid_before_utc == datetime.timedelta(days=5 * 365)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [""]
    usages = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}


def test_a_token_that_is_called_a_request_again_gets_a_new_key(sites: SitesV1) -> None:
    before = sites.issue(HUB, "again")
    sites.merge(HUB, "secrets", "again", {"data": {"tls.crt": "", "tls.key": ""}})
    time.sleep(SETTLED_SECONDS)
    assert sites.get(HUB, "secrets", "again")["data"]["tls.key"] == ""  # an emptied token is left alone
    sites.merge(HUB, "secrets", "again", {"metadata": {"labels": {TYPE: "connection-token-request"}}})
    after = sites.issued(HUB, "again")
    assert after["data"]["tls.key"] not in ("", before["data"]["tls.key"])


def test_controller_that_was_away_looks_at_requests_when_it_starts(sites: SitesV1) -> None:
    sites.lab.stop(f"{TORONTO}/skupper-site-controller")
    try:
        sites.request(TORONTO, "patient")
        time.sleep(SETTLED_SECONDS)
        assert "data" not in sites.get(TORONTO, "secrets", "patient")
    finally:
        sites.lab.start(f"{TORONTO}/skupper-site-controller")
    sites.issued(TORONTO, "patient")


def test_request_without_a_site_is_dropped_until_there_is_one(scratch: SitesV1) -> None:
    scratch.request(TORONTO, "early")
    time.sleep(SETTLED_SECONDS)
    live = scratch.get(TORONTO, "secrets", "early")
    assert live["metadata"]["labels"][TYPE] == "connection-token-request"
    assert "data" not in live
    scratch.make(TORONTO, ingress="none")
    token = scratch.issued(TORONTO, "early")
    assert token["metadata"]["annotations"]["inter-router-host"] == f"skupper-router.{scratch.namespace}"


def test_site_that_is_to_be_ignored_is_not_made(scratch: SitesV1) -> None:
    scratch.make(TORONTO, {"internal.skupper.io/site-controller-ignore": "false"}, ingress="none")
    time.sleep(SETTLED_SECONDS)
    assert not scratch.get(TORONTO, "configmaps", "skupper-internal")


def test_authority_that_is_there_is_adopted_and_edge_sites_issue_nothing(scratch: SitesV1) -> None:
    own = certificates.authority("skupper-service-ca")
    scratch.create(TORONTO, "secrets", {"metadata": {"name": "skupper-service-ca"}, "data": own})
    scratch.make(TORONTO, router_mode="edge")
    scratch.ready(TORONTO)
    assert scratch.get(TORONTO, "secrets", "skupper-service-client")["data"] == {"ca.crt": own["tls.crt"]}
    assert not scratch.get(TORONTO, "services", "skupper-router")
    scratch.request(TORONTO, "edge")
    until(
        lambda: f"{scratch.namespace}/edge: Edge configuration" in scratch.controller_log(TORONTO), "the request fails"
    )
    assert "data" not in scratch.get(TORONTO, "secrets", "edge")


def test_site_whose_load_balancer_comes_too_late_is_a_dead_end(lab: Lab, scratch: SitesV1) -> None:
    lab.hold_load_balancers(True, TORONTO)
    lab.shorten_skupper_wait(1, TORONTO)
    try:
        scratch.make(TORONTO, ingress="loadbalancer")
        until(
            lambda: f"{scratch.namespace}/skupper-site: Failed to get LoadBalancer" in scratch.controller_log(TORONTO),
            "it gives up",
        )
        hostless = scratch.issue(TORONTO, "hostless")
        assert hostless["metadata"]["annotations"]["inter-router-host"] == ""
        lab.hold_load_balancers(False, TORONTO)
        service = partial(scratch.get, TORONTO, "services", "skupper-router")
        until(lambda: service()["status"]["loadBalancer"].get("ingress"), "an address")
        scratch.merge(TORONTO, "configmaps", "skupper-site", {"metadata": {"annotations": {"touched": "1"}}})
        time.sleep(SETTLED_SECONDS)
        assert not scratch.get(TORONTO, "secrets", "skupper-site-server")
        assert not scratch.get(TORONTO, "deployments", "skupper-service-controller", "apps/v1")
        assert scratch.router(TORONTO)["status"]["phase"] == "Pending"
        scratch.delete(TORONTO, "configmaps", "skupper-internal")  # what mends it
        scratch.merge(TORONTO, "configmaps", "skupper-site", {"metadata": {"annotations": {"touched": "2"}}})
        scratch.ready(TORONTO)
        assert scratch.get(TORONTO, "secrets", "skupper-site-server")
    finally:
        lab.hold_load_balancers(False, TORONTO)
        lab.shorten_skupper_wait(None, TORONTO)


def test_removing_the_site_removes_what_it_owns(scratch: SitesV1) -> None:
    scratch.make(TORONTO, ingress="none")
    scratch.ready(TORONTO)
    until(lambda: scratch.status(TORONTO), "a network status")
    scratch.delete(TORONTO, "configmaps", "skupper-site")
    for resource, name in (
        ("secrets", "skupper-site-ca"),
        ("configmaps", "skupper-network-status"),
        ("services", "skupper-router"),
    ):
        until(lambda: not scratch.get(TORONTO, resource, name), f"{name} is gone")  # noqa: B023 - called at once


def test_token_of_the_own_site_does_nothing(sites: SitesV1) -> None:
    sites.issue(HUB, "own")
    time.sleep(SETTLED_SECONDS)
    assert sites.connectors(HUB) == {}


def test_token_links_two_sites(linked: SitesV1) -> None:
    connector = linked.connectors(PHILLY)["to-central"]
    assert connector["role"] == "inter-router"
    assert connector["sslProfile"] == "to-central-profile"
    for cluster in (HUB, PHILLY):
        sites = until(partial(both_sites, linked, cluster), f"{cluster} knows both sites")
        assert sites[HUB][0]["links"][0] | {"name": ""} == {
            "mode": "interior",
            "name": "",
            "linkCost": 1,
            "direction": "incoming",
        }
        assert sites[PHILLY][0]["links"][0]["direction"] == "outgoing"
        assert sites[HUB][0]["listeners"] is None


def test_routers_tell_of_their_connections_by_skmanage(linked: SitesV1) -> None:
    pod = linked.router(PHILLY)["metadata"]["name"]
    ask = partial(skmanage, linked.lab, PHILLY, linked.namespace, pod)
    connector = ask("io.skupper.router.connector")["to-central"]
    assert (connector["connectionStatus"], connector["connectionMsg"]) == ("SUCCESS", "")
    dialled = f"{connector['host']}:{connector['port']}"
    connection = next(each for each in ask("connection").values() if each["host"] == dialled)
    assert (connection["role"], connection["dir"], connection["active"]) == ("inter-router", "out", True)
    linked.apply(PHILLY, linked.issue(TORONTO, "faulty"))
    failed = until(lambda: ask("connector").get("faulty", {}).get("connectionMsg"), "a link that fails says why")
    assert ask("connector")["faulty"]["connectionStatus"] == "FAILED", failed
    linked.delete(PHILLY, "secrets", "faulty")
    until(lambda: "faulty" not in ask("connector"), "it is gone with its token")


def test_only_what_is_in_a_container_can_be_run_in_it(linked: SitesV1) -> None:
    run = partial(execute, linked.lab, HUB, linked.namespace, linked.router(HUB)["metadata"]["name"])
    assert run("skmanage", "query", "--type", "nonsense")[0] == 1
    assert run("skmanage", "query")[0] == 2


def test_changed_cost_stands_in_the_configuration_and_nowhere_else(linked: SitesV1) -> None:
    linked.merge(PHILLY, "secrets", "to-central", {"metadata": {"annotations": {"skupper.io/cost": "9"}}})
    until(lambda: linked.connectors(PHILLY)["to-central"].get("cost") == 9, "the configuration has it")
    time.sleep(SETTLED_SECONDS)
    assert [each["linkCost"] for each in both_sites(linked, PHILLY)[PHILLY][0]["links"]] == [1]
    linked.merge(PHILLY, "secrets", "to-central", {"metadata": {"annotations": {"skupper.io/cost": None}}})


def both_sites(sites: SitesV1, cluster: str) -> dict[str, list[Object]]:
    """Routers of both sites, as the status of a cluster has them; empty while one is not known."""
    found = {each["site"]["name"]: each["routerStatus"] for each in sites.status(cluster)["siteStatus"]}
    return found if {HUB, PHILLY} <= set(found) and all(each[0]["links"] for each in found.values()) else {}


def test_second_token_to_the_same_site_shows_as_the_same_link_and_may_replace_the_first(linked: SitesV1) -> None:
    linked.apply(TORONTO, linked.issue(HUB, "toronto"))
    linked.linked(TORONTO, HUB)
    linked.apply(TORONTO, linked.issue(HUB, "toronto-2"))
    until(lambda: "link toronto-2 " in linked.router_log(TORONTO), "the second link is dialled")
    assert len(linked.links(TORONTO)) == 1
    linked.delete(TORONTO, "secrets", "toronto")
    until(lambda: set(linked.connectors(TORONTO)) == {"toronto-2"}, "the first connector is gone")
    profiles = [each["name"] for kind, each in linked.router_config(TORONTO) if kind == "sslProfile"]
    assert "toronto-profile" not in profiles
    time.sleep(SETTLED_SECONDS)
    linked.linked(TORONTO, HUB)
    linked.delete(TORONTO, "secrets", "toronto-2")
    linked.unlinked(TORONTO)


def test_changed_token_does_nothing_until_the_router_is_replaced(linked: SitesV1) -> None:
    good = linked.get(PHILLY, "secrets", "to-central")
    foreign = linked.issue(TORONTO, "foreign")
    linked.merge(PHILLY, "secrets", "to-central", {"data": foreign["data"]})
    linked.restart_router(HUB)  # all links are dialled anew
    linked.linked(PHILLY, HUB)
    linked.restart_router(PHILLY)
    until(lambda: "CERTIFICATE_VERIFY_FAILED" in linked.router_log(PHILLY), "the changed token is refused")
    linked.merge(PHILLY, "secrets", "to-central", {"data": good["data"]})
    linked.restart_router(PHILLY)
    linked.linked(PHILLY, HUB)


def test_token_that_is_removed_and_made_again_at_once_has_not_changed(linked: SitesV1) -> None:
    good, foreign = linked.get(PHILLY, "secrets", "to-central"), linked.issue(TORONTO, "foreign-2")
    linked.delete(PHILLY, "secrets", "to-central")
    linked.apply(PHILLY, good | {"data": foreign["data"]})
    time.sleep(SETTLED_SECONDS)
    linked.restart_router(HUB)
    linked.linked(PHILLY, HUB)
    linked.delete(PHILLY, "secrets", "to-central")
    until(lambda: not linked.connectors(PHILLY), "the connector is gone")
    linked.apply(PHILLY, good)
    linked.linked(PHILLY, HUB)


def test_claim_is_redeemed_once(linked: SitesV1) -> None:
    claim = linked.claim(HUB, "claimed")
    linked.create(TORONTO, "secrets", claim)
    token = linked.issued(TORONTO, "claimed")
    assert common_name(certificate(token)) == linked.site_id(TORONTO)
    linked.linked(TORONTO, HUB)
    record = linked.get(HUB, "secrets", "claimed")["metadata"]["annotations"]
    assert record == {"skupper.io/claims-remaining": "0", "skupper.io/claims-made": "1"}
    linked.create(TORONTO, "secrets", claim | {"metadata": claim["metadata"] | {"name": "again"}})
    until(partial(annotation, linked, "again", "internal.skupper.io/last-failed"), "the second is refused for good")
    assert annotation(linked, "again", "internal.skupper.io/status") == "No such claim"
    linked.delete(TORONTO, "secrets", "claimed")
    linked.unlinked(TORONTO)


@pytest.mark.parametrize(
    ("name", "record", "password", "said"),
    [
        ("expired", {"skupper.io/claim-expiration": "2020-01-01T00:00:00Z"}, "secret", "No such claim"),
        ("mistaken", {}, "guess", "Claim refused"),
    ],
)
def test_claim_that_is_not_good_is_refused(
    linked: SitesV1, name: str, record: dict[str, str], password: str, said: str
) -> None:
    claim = linked.claim(HUB, name, **record)
    if password != "secret":
        linked.delete(HUB, "secrets", name)
        linked.claim(HUB, name, password)
    linked.create(TORONTO, "secrets", claim)
    until(lambda: annotation(linked, name, "internal.skupper.io/status") == said, said)


def annotation(sites: SitesV1, secret: str, name: str) -> str:
    found: str = (sites.get(TORONTO, "secrets", secret)["metadata"].get("annotations") or {}).get(name, "")
    return found


def test_new_authority_breaks_all_links_until_they_get_new_tokens(linked: SitesV1) -> None:
    host = linked.get(HUB, "services", "skupper-router")["status"]["loadBalancer"]["ingress"][0]["ip"]
    ca = certificates.authority("skupper-site-ca")
    linked.merge(HUB, "secrets", "skupper-site-ca", {"data": ca})
    linked.merge(HUB, "secrets", "skupper-site-server", {"data": certificates.issue(ca, host, (host,))})
    time.sleep(SETTLED_SECONDS)
    linked.linked(PHILLY, HUB)
    linked.restart_router(HUB)
    linked.unlinked(PHILLY)
    until(lambda: "CERTIFICATE_VERIFY_FAILED" in linked.router_log(PHILLY), "the old token is refused")
    linked.apply(PHILLY, linked.issue(HUB, "to-central-2"))
    linked.linked(PHILLY, HUB)
    linked.delete(PHILLY, "secrets", "to-central")
    linked.delete(HUB, "secrets", "to-central")
