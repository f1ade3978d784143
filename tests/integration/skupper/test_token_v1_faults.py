# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token on v1 sites where something is not as it should be."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.integration.conftest import Audit
from tests.integration.lab.sites import GROUP, expired
from tests.integration.lab.sites_v1 import TYPE
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run, step
from tests.integration.skupper.token_links import HUB, LINK, MODULE, PHILLY, done, refused
from tests.integration.skupper.token_links_v1 import REQUEST, SECOND, TOKEN, LinksV1, links_v1
from tests.lab import Lab

SITE_CONTROLLER = f"{HUB}/skupper-site-controller"


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[LinksV1]:
    with links_v1(lab, "token-v1-faults") as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(sites: LinksV1) -> Iterator[None]:
    yield
    sites.forget()


def test_a_request_that_nobody_answers_is_told_and_brought_up_again(
    ansible: Ansible, sites: LinksV1, audit: Audit
) -> None:
    sites.lab.stop(SITE_CONTROLLER)
    try:
        with audit() as log:
            run = sites.run(ansible, step("in vain", MODULE, **sites.args(wait_timeout=13)))
        refused(run, "in vain", "not issued", "the log of the site controller")
        patch = f"{HUB}: patch secrets {sites.namespace}/{LINK}"
        assert log.writes == [patch, patch], "the request, and once more a poke"
        assert sites.secret(HUB)["metadata"]["labels"][TYPE] == REQUEST
        assert sites.tokens(PHILLY) == []
    finally:
        sites.lab.start(SITE_CONTROLLER)
    with audit() as log:
        assert sites.task(ansible)["link"]["up"]
    assert log.writes == sites.writes()[1:]


def test_a_request_that_the_site_controller_has_dropped_is_answered_after_a_poke(
    ansible: Ansible, lab: Lab, audit: Audit
) -> None:
    with links_v1(lab, "token-v1-dropped") as sites:
        # A request that comes while a part of the site is missing is dropped, and never looked at again (skupper#537).
        internal = sites.get(HUB, "configmaps", "skupper-internal")
        sites.delete(HUB, "configmaps", "skupper-internal")
        sites.request(HUB, LINK)
        until(lambda: f"request {sites.namespace}/{LINK}: " in sites.controller_log(HUB), "the request is dropped")
        metadata = {key: internal["metadata"][key] for key in ("name", "ownerReferences")}
        sites.create(HUB, "configmaps", {"metadata": metadata, "data": internal["data"]})
        with audit() as log:
            assert sites.task(ansible)["link"]["up"]
        assert log.writes == sites.writes(), "a poke of the request that is there, and the copy"


def test_a_load_balancer_that_comes_late_leaves_a_site_that_is_named_and_no_token_is_copied(
    ansible: Ansible, lab: Lab, audit: Audit
) -> None:
    lab.hold_load_balancers(True, HUB)
    lab.shorten_skupper_wait(2, HUB)
    sites = LinksV1(lab, "token-v1-late", HUB, PHILLY)
    try:
        sites.make(HUB, ingress="loadbalancer")
        sites.make(PHILLY, ingress="none")
        until(lambda: sites.get(HUB, "configmaps", "skupper-internal"), "the site is begun")
        with audit() as log:
            run = sites.run(ansible, step("pending", MODULE, **sites.args(wait_timeout=5)))
        refused(run, "pending", "has no host yet", "Service skupper-router")
        assert log.writes == []
        sites.request(HUB, LINK)  # somebody else asks all the same
        issued = sites.issued(HUB, LINK)
        assert issued["metadata"]["annotations"]["inter-router-host"] == ""
        with audit() as log:
            run = sites.run(ansible, step("hostless", MODULE, **sites.args(wait_timeout=3)))
        refused(run, "hostless", "leads nowhere")
        assert log.writes == []
        lab.hold_load_balancers(False, HUB)
        until(lambda: sites.get(HUB, "services", "skupper-router")["status"]["loadBalancer"], "an address")
        run = sites.run(ansible, step("dead end", MODULE, **sites.args(wait_timeout=3)))
        refused(run, "dead end", "got its host too late", "repair: true")
        sites.delete(HUB, "configmaps", "skupper-internal")  # what repair does, and the site is looked at again
        sites.merge(HUB, "configmaps", "skupper-site", {"metadata": {"annotations": {"again": "yes"}}})
        until(lambda: sites.secret(HUB, "skupper-site-server"), "the site is complete")
        with audit() as log:
            assert sites.task(ansible)["link"]["up"]
        assert log.writes == sites.writes(), "the hostless token asked for again, and the copy"
    finally:
        lab.hold_load_balancers(False, HUB)
        lab.shorten_skupper_wait(None, HUB)
        sites.clean()


def test_a_token_that_is_gone_at_one_side(ansible: Ansible, sites: LinksV1, audit: Audit) -> None:
    sites.task(ansible)
    sites.delete(HUB, "secrets", LINK)
    with audit() as log:
        kept = sites.task(ansible)
    assert (kept["changed"], kept["link"]["up"], log.writes) == (False, True, [])
    sites.take(PHILLY)
    with audit() as log:
        made = sites.task(ansible)
    assert made["link"]["up"]
    assert log.writes == sites.writes(), "nobody has it any more"
    sites.delete(PHILLY, "secrets", LINK)
    with audit() as log:
        again = sites.task(ansible)
    assert (again["link"]["up"], again["serial"]) == (True, made["serial"])
    assert log.writes == sites.writes()[1:]


def test_links_of_a_replaced_authority_are_made_anew(ansible: Ansible, sites: LinksV1, audit: Audit) -> None:
    before = sites.task(ansible)
    sites.revoke(HUB)
    sites.unlinked(PHILLY)
    with audit() as log:
        after = sites.task(ansible)
    assert (after["token"], after["link"]["up"]) == (SECOND, True)
    assert after["serial"] != before["serial"]
    assert sorted(log.writes) == sorted(sites.writes(SECOND) + sites.deletes())


def test_a_certificate_that_has_expired_is_followed_by_another(ansible: Ansible, sites: LinksV1) -> None:
    sites.task(ansible)
    data = expired(sites.secret(HUB, "skupper-site-ca")["data"])
    sites.take(PHILLY)
    sites.merge(HUB, "secrets", LINK, {"data": data})
    sites.apply(PHILLY, sites.secret(HUB))
    assert sites.task(ansible)["token"] == SECOND


def test_a_token_that_is_issued_over_and_over_is_not_taken_up_and_its_writer_named(
    ansible: Ansible, sites: LinksV1, audit: Audit
) -> None:
    sites.task(ansible)
    carried = sites.secret(PHILLY)["data"]
    with sites.healed():
        until(lambda: sites.secret(HUB).get("data") not in (None, carried), "the token is issued anew")
        with audit() as log:
            run = sites.run(ansible, step("link", MODULE, **sites.args()))
    found = done(run, "link")
    assert (found["changed"], found["link"]["up"], log.writes) == (False, True, [])
    assert sites.secret(PHILLY)["data"] == carried
    assert "argocd-controller" in unwrapped(run)


def test_a_token_that_is_issued_over_and_over_is_copied_whole_or_not_at_all(ansible: Ansible, sites: LinksV1) -> None:
    with sites.healed():
        run = sites.run(ansible, step("link", MODULE, **sites.args(wait_timeout=20)))
    task = run.task("link")
    assert "argocd-controller" in unwrapped(run), run.output
    for name in sites.tokens(PHILLY):
        copy = sites.secret(PHILLY, name)
        assert copy["metadata"]["labels"][TYPE] == TOKEN
        certificate = x509.load_pem_x509_certificate(b64decode(copy["data"]["tls.crt"]))
        key = serialization.load_pem_private_key(b64decode(copy["data"]["tls.key"]), None)
        assert key.public_key() == certificate.public_key()
    assert task.failed or task["link"]["up"]


def test_a_spoke_that_is_down_is_named_and_linked_when_it_is_back(ansible: Ansible, sites: LinksV1) -> None:
    sites.lab.stop(f"{PHILLY}/kube-apiserver", now=True)
    try:
        run = sites.run(ansible, step("away", MODULE, **sites.args()))
        refused(run, "away", sites.lab.url(PHILLY), "does not answer")
        assert sites.tokens(HUB) == []
    finally:
        sites.lab.start(PHILLY)
    assert sites.task(ansible)["link"]["up"]


@pytest.mark.parametrize("cluster", [HUB, PHILLY])
def test_a_v2_site_in_the_namespace_is_refused(ansible: Ansible, sites: LinksV1, audit: Audit, cluster: str) -> None:
    site: dict[str, Any] = {"apiVersion": GROUP, "kind": "Site", "metadata": {"name": "other"}, "spec": {}}
    # Of another controller, so that the one that runs does not take the v1 site apart: both use the same names.
    sites.create(cluster, "configmaps", {"metadata": {"name": "skupper"}, "data": {"controller": "nobody/nothing"}})
    try:
        sites.create(cluster, "sites", site, GROUP)
        with audit() as log:
            run = sites.run(ansible, step("link", MODULE, **sites.args()))
        refused(run, "link", "has a Skupper v1 site", "and a v2 site", "Nothing was written")
        assert log.writes == []
    finally:
        sites.delete(cluster, "sites", "other", GROUP)
        sites.delete(cluster, "configmaps", "skupper")


def unwrapped(run: Run) -> str:
    """What the user has seen, without the line breaks that Ansible puts into warnings."""
    return "".join(run.output.split())
