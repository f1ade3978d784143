# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token on v2 sites with certificates: each state, both ways of running, counted at the API servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step, triple
from tests.integration.skupper.token_links import (
    CERTIFICATE_KEYS,
    HUB,
    LABEL,
    LINK,
    MODULE,
    PHILLY,
    Links,
    done,
    links,
    refused,
)
from tests.lab import Lab

SAME = ("name", "token", "hosts", "issuer_site", "site")


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[Links]:
    with links(lab, "token-states") as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(sites: Links) -> Iterator[None]:
    yield
    sites.forget()


def test_a_link_is_made_rotated_and_removed(either_way: Ansible, sites: Links, audit: Audit) -> None:
    second = f"{LINK}-2"
    with audit() as log:
        run = sites.run(
            either_way,
            *triple("link", MODULE, **sites.args()),
            step("check rotate", MODULE, check=True, **sites.args(state="rotated")),
            step("rotate", MODULE, **sites.args(state="rotated")),
            step("rotate again", MODULE, **sites.args(state="rotated", renew_before=30)),
            *triple("unlink", MODULE, **sites.args(state="absent")),
        )
    log.expect_triple(run, "link", sites.writes(LINK), SAME)
    first = done(run, "link")
    assert first["link"] == {"up": True, "seen_from": [PHILLY, HUB], "cost": 1}
    assert (first["token"], first["tokens"], first["subject"]) == (LINK, [LINK], f"CN={LINK}")
    assert [done(run, "link again")[key] for key in CERTIFICATE_KEYS] == [first[key] for key in CERTIFICATE_KEYS]

    log.expect_triple(run, "rotate", sites.writes(second) + sites.deletes(LINK), SAME)
    rotated = done(run, "rotate")
    assert rotated["before"] == {key: first[key] for key in CERTIFICATE_KEYS}
    assert rotated["after"] == {key: rotated[key] for key in CERTIFICATE_KEYS}
    assert rotated["serial"] != first["serial"]
    assert (rotated["token"], rotated["tokens"]) == (second, [second])
    assert rotated["observed"]["polls"] >= 5
    assert rotated["observed"]["down"] == 0
    order = log.during(run.task("rotate"))
    assert order.index(f"{PHILLY}: patch links {sites.namespace}/{second}") < order.index(sites.deletes(LINK)[0])
    assert order[-1] == sites.deletes(LINK)[-1], "the issuing site keeps the old token longest"

    log.expect_triple(run, "unlink", sites.deletes(second), ("name", "tokens"))
    assert sites.tokens() == {kind: [] for kind in sites.tokens()}


def test_objects_bear_the_link_s_label_and_nothing_of_the_original(ansible: Ansible, sites: Links) -> None:
    sites.linked(ansible)
    for cluster, kind in ((HUB, "Certificate"), (PHILLY, "Secret"), (PHILLY, "Link")):
        metadata = sites.object(cluster, kind, LINK)["metadata"]
        assert metadata["labels"] == {LABEL: LINK, "app.kubernetes.io/managed-by": "multicluster.interconnect"}
    copy, original = sites.object(PHILLY, "Secret", LINK), sites.object(HUB, "Secret", LINK)
    assert (copy["type"], copy["data"]) == ("kubernetes.io/tls", original["data"])
    assert not {"annotations", "ownerReferences"} & set(copy["metadata"])


def test_a_token_is_issued_renewed_and_retired_for_others_to_bring(
    either_way: Ansible, sites: Links, audit: Audit
) -> None:
    second, namespace = f"{LINK}-2", sites.namespace
    with audit() as log:
        run = sites.run(
            either_way,
            *triple("issue", MODULE, **sites.issuer_args()),
            *triple("in time", MODULE, **sites.issuer_args(renew_before=30)),
            step("check renew", MODULE, check=True, **sites.issuer_args(renew=True)),
            step("renew", MODULE, **sites.issuer_args(renew=True)),
            step("renew again", MODULE, **sites.issuer_args()),
            *triple("retire", MODULE, **sites.issuer_args(retire=True)),
        )
    log.expect_triple(run, "issue", [f"{HUB}: patch certificates {namespace}/{LINK}"], SAME[:-1])
    log.expect_triple(run, "in time", [], SAME[:-1])
    log.expect_triple(run, "renew", [f"{HUB}: patch certificates {namespace}/{second}"], SAME[:-1])
    log.expect_triple(run, "retire", [f"{HUB}: delete certificates {namespace}/{LINK}"], SAME[:-1])
    assert done(run, "renew")["tokens"] == [LINK, second]
    assert done(run, "renew")["serial"] != done(run, "issue")["serial"]
    assert done(run, "retire")["tokens"] == [second]
    assert log.clusters() == {HUB}


def test_a_token_that_others_bring_is_waited_for_and_nothing_written(
    ansible: Ansible, sites: Links, audit: Audit
) -> None:
    waited = sites.args(distribution="none", wait_timeout=2)
    run = sites.run(
        ansible,
        step("too early", MODULE, **waited),
        step("issue", MODULE, **sites.issuer_args()),
        step("not brought", MODULE, **waited),
    )
    refused(run, "too early", "has no token", "state: issued")
    refused(run, "not brought", "Timed out", LINK)
    sites.link(PHILLY, LINK, sites.secret(HUB, LINK), sites.endpoints(HUB))
    with audit() as log:
        run = sites.run(ansible, *triple("wait", MODULE, **sites.args(distribution="none")))
    log.expect_triple(run, "wait", [], SAME)
    assert log.writes == []
    assert done(run, "wait")["link"]["up"]
    with audit() as log:
        run = sites.run(
            ansible, step("held", MODULE, **sites.args(distribution="none", state="absent", wait_timeout=2))
        )
    refused(run, "held", "Timed out", "to leave")
    assert log.writes == []
    sites.take(PHILLY, "Link", LINK)
    sites.take(PHILLY, "Secret", LINK)
    with audit() as log:
        run = sites.run(ansible, *triple("go", MODULE, **sites.args(distribution="none", state="absent")))
    log.expect_triple(run, "go", [f"{HUB}: delete certificates {sites.namespace}/{LINK}"])


def test_another_cost_takes_another_token_as_routers_heed_none_in_place(
    ansible: Ansible, sites: Links, audit: Audit
) -> None:
    with audit() as log:
        run = sites.run(ansible, step("link", MODULE, **sites.args()), *triple("dearer", MODULE, **sites.args(cost=7)))
    log.expect_triple(run, "dearer", sites.writes(f"{LINK}-2") + sites.deletes(LINK), SAME)
    assert done(run, "dearer")["link"] == {"up": True, "seen_from": [PHILLY, HUB], "cost": 7}
    (router,) = [
        router
        for site in sites.network_status(PHILLY)["siteStatus"]
        if site["site"]["name"] == PHILLY
        for router in site["routerStatus"]
    ]
    assert [(link["name"], link["linkCost"]) for link in router["links"]] == [(f"{LINK}-2", 7)]


def test_a_site_with_two_routers_is_linked_with_both(ansible: Ansible, lab: Lab, audit: Audit) -> None:
    with links(lab, "token-ha", ha=True) as sites:
        until(lambda: len({each["group"] for each in sites.endpoints(HUB)}) == 2, "both routers have an address")
        with audit() as log:
            run = sites.run(
                ansible,
                *triple("link", MODULE, **sites.args()),
                step("unlink", MODULE, **sites.args(state="absent")),
            )
        other = f"{LINK}-skupper-router-2"
        writes = [*sites.writes(LINK), f"{PHILLY}: patch links {sites.namespace}/{other}"]
        log.expect_triple(run, "link", writes, SAME)
        deletes = [*sites.deletes(LINK), f"{PHILLY}: delete links {sites.namespace}/{other}"]
        assert sorted(log.during(run.task("unlink"))) == sorted(deletes)
