# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_site: both versions, made, changed, given a new CA and removed, write by write."""

from __future__ import annotations

import pytest
from cryptography import x509

from tests.integration.conftest import Audit
from tests.integration.lab.sites import Sites
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step, triple
from tests.integration.scratch import Scratch, wait_until
from tests.integration.skupper.site_objects import (
    HUB,
    MODULE,
    PHILLY,
    SKUPPER,
    VERSIONS,
    Place,
    makes,
    now,
    removes,
    revokes,
)
from tests.lab import Lab
from tests.lab.api import path

CHANGES = {"v1": {"settings": {"router-logging": "debug"}}, "v2": {"settings": {"router-logging": "debug"}}}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_site_is_made_changed_revoked_and_removed(
    version: str, lab: Lab, either_way: Ansible, scratch: Scratch, audit: Audit
) -> None:
    place = Place(lab, scratch)
    wanted = place.args(version)
    with audit(HUB) as log:
        run = either_way.steps(
            *triple("make", MODULE, **wanted), *triple("change", MODULE, **wanted, **CHANGES[version])
        )
    log.expect_triple(run, "make", makes(place, version))
    log.expect_triple(run, "change", makes(place, version), ("site",))
    made = run.task("make")["site"]
    live = place.site(version) or {}
    assert made["id"] == live["metadata"]["uid"]
    assert (made["name"], made["ingress"], made["endpoints"][0]["port"]) == (HUB, "loadbalancer", "55671")
    assert made["endpoints"][0]["host"].startswith("127.20.1.")
    old = {name: place.certificate(name) for name in ("skupper-site-ca", "skupper-site-server")}
    moment = now()
    with audit(HUB) as log:
        run = either_way.steps(*triple("revoke", MODULE, **wanted, state="revoked", revoke_before=moment))
    log.expect_triple(run, "revoke", revokes(place, version))
    ca, server = place.certificate("skupper-site-ca"), place.certificate("skupper-site-server")
    server.verify_directly_issued_by(ca)
    assert ca.serial_number != old["skupper-site-ca"].serial_number
    assert run.task("revoke")["site"]["ca"]["serial"] == format(ca.serial_number, "x")
    assert names(server) >= names(old["skupper-site-server"]) - {""}
    with audit(HUB) as log:
        run = either_way.steps(*triple("remove", MODULE, **wanted, state="absent"))
    log.expect_triple(run, "remove", removes(place, version))
    assert place.left() == []


def names(certificate: x509.Certificate) -> set[str]:
    """The DNS names of a certificate."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName))


def test_a_site_changes_its_way_in_loses_it_and_gets_it_back(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    place = Place(lab, scratch)
    with audit(HUB) as log:
        run = ansible.steps(
            step("make", MODULE, **place.args("v2")),
            *triple("turn inwards", MODULE, **place.args("v2", ingress="local")),
            step("close", MODULE, **place.args("v2", ingress="none")),
            *triple("open", MODULE, **place.args("v2")),
            step("remove", MODULE, **place.args("v2", state="absent")),
        )
    assert not any(each.failed for each in run.tasks), run.output
    log.expect_triple(
        run, "turn inwards", [*makes(place, "v2"), place.line("patch", "securedaccesses", "skupper-router")]
    )
    assert (run.task("close")["site"]["ingress"], run.task("close")["site"]["endpoints"]) == ("none", [])
    assert {each["host"] for each in run.task("turn inwards")["site"]["endpoints"]} == {
        f"skupper-router.{place.namespace}"
    }
    assert {each["host"][:9] for each in run.task("open")["site"]["endpoints"]} == {"127.20.1."}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_edge_site_needs_no_way_in(version: str, lab: Lab, ansible: Ansible, scratch: Scratch) -> None:
    place = Place(lab, scratch)
    wanted = {**place.args(version, edge=True), "ingress": "none"}
    run = ansible.steps(
        *triple("make", MODULE, **wanted),
        step("revoke", MODULE, **wanted, state="revoked"),
        step("remove", MODULE, **wanted, state="absent"),
    )
    assert [each.name for each in run.tasks if each.failed] == ["revoke"], run.output
    assert run.task("make")["site"]["endpoints"] == []
    assert "is an edge site" in run.task("revoke").message


def test_a_revoked_token_no_longer_links_and_a_new_one_does(lab: Lab, ansible: Ansible, scratch: Scratch) -> None:
    sites = Sites(lab, scratch.id)
    try:
        place = Place(lab, scratch, HUB, scratch.id)
        other = {**place.args("v2", ingress="none"), "name": PHILLY}
        assert not ansible.steps(step("issuer", MODULE, **place.args("v2"))).failures
        assert not ansible.steps(step("linker", MODULE, **other), cluster=PHILLY).failures
        old = sites.issue(HUB, "old")
        before = sites.router_pid(HUB)
        run = ansible.steps(step("revoke", MODULE, **place.args("v2", state="revoked")))
        assert not run.task("revoke").failed, run.output
        assert sites.router_pid(HUB) != before
        sites.link(PHILLY, "old", old, sites.endpoints(HUB))
        until(lambda: "old to " in sites.router_log(PHILLY), "the old token is tried")
        sites.link(PHILLY, "new", sites.issue(HUB, "new"), sites.endpoints(HUB))
        sites.wait(PHILLY, "Link", "new", "Operational")
        assert sites.status(PHILLY, "Link", "old")["status"] == "Pending"
        assert "CERTIFICATE_VERIFY_FAILED" in sites.router_log(PHILLY)
    finally:
        sites.clean()


def test_a_site_of_others_is_neither_taken_over_nor_removed(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    place = Place(lab, scratch)
    theirs = {"apiVersion": SKUPPER, "kind": "Site", "metadata": {"name": HUB}, "spec": {"linkAccess": "local"}}
    scratch.make(HUB, path(SKUPPER, "sites", namespace=place.namespace), theirs, manager="somebody")
    way_in = path(SKUPPER, "securedaccesses", "skupper-router", place.namespace)
    wait_until("its way in is there", lambda: place.api.find(way_in) is not None)
    with audit(HUB) as log:
        run = ansible.steps(
            step("change", MODULE, **place.args("v2")),
            step("remove", MODULE, **place.args("v2", state="absent")),
            step("take over", MODULE, **place.args("v2", force_conflicts=True)),
        )
    assert "somebody" in run.task("change").message
    assert [each["action"] for each in run.task("remove")["resources"]] == ["kept"]
    assert not run.task("take over").failed, run.output
    assert log.writes == [*makes(place, "v2"), place.line("patch", "securedaccesses", "skupper-router")]
    place.api.delete(path(SKUPPER, "sites", HUB, place.namespace))
    wait_until("the site is gone", lambda: place.left() == [])
