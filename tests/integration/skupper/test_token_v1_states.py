# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token on v1 sites: each state, both ways of running, counted at the API servers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.sites_v1 import TYPE
from tests.integration.runs import Ansible, step, triple
from tests.integration.skupper.token_links import CERTIFICATE_KEYS, HUB, LABEL, LINK, MODULE, PHILLY, done, refused
from tests.integration.skupper.token_links_v1 import SECOND, LinksV1, links_v1
from tests.integration.test_secrecy import LOUD, Value, seen
from tests.lab import Lab

SAME = ("name", "token", "hosts", "issuer_site", "site")


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[LinksV1]:
    with links_v1(lab, "token-v1-states") as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(sites: LinksV1) -> Iterator[None]:
    yield
    sites.forget()


def test_a_link_is_made_rotated_and_removed(either_way: Ansible, sites: LinksV1, audit: Audit) -> None:
    with audit() as log:
        run = sites.run(
            either_way,
            *triple("link", MODULE, **sites.args()),
            step("check rotate", MODULE, check=True, **sites.args(state="rotated")),
            step("rotate", MODULE, **sites.args(state="rotated")),
            step("rotate again", MODULE, **sites.args(state="rotated", renew_before=30)),
            *triple("unlink", MODULE, **sites.args(state="absent")),
        )
    log.expect_triple(run, "link", sites.writes(), SAME)
    first = done(run, "link")
    assert first["link"] == {"up": True, "seen_from": [PHILLY, HUB], "cost": 1}
    assert (first["token"], first["tokens"], first["subject"]) == (LINK, [LINK], f"CN={LINK}")
    assert [done(run, "link again")[key] for key in CERTIFICATE_KEYS] == [first[key] for key in CERTIFICATE_KEYS]

    log.expect_triple(run, "rotate", sites.writes(SECOND) + sites.deletes(), SAME)
    rotated = done(run, "rotate")
    assert rotated["before"] == {key: first[key] for key in CERTIFICATE_KEYS}
    assert rotated["after"] == {key: rotated[key] for key in CERTIFICATE_KEYS}
    assert rotated["serial"] != first["serial"]
    assert (rotated["token"], rotated["tokens"]) == (SECOND, [SECOND])
    assert rotated["observed"]["polls"] >= 5
    assert rotated["observed"]["down"] == 0
    assert log.during(run.task("rotate")) == sites.writes(SECOND) + sites.deletes()

    log.expect_triple(run, "unlink", sites.deletes(SECOND), ("name", "tokens"))
    assert (sites.tokens(HUB), sites.tokens(PHILLY)) == ([], [])
    sites.unlinked(PHILLY)


def test_the_copy_is_what_the_service_controller_needs(ansible: Ansible, sites: LinksV1) -> None:
    sites.task(ansible, cost=3)
    copy, original = sites.secret(PHILLY), sites.secret(HUB)
    assert (copy["type"], copy["data"]) == ("Opaque", original["data"])
    assert copy["metadata"]["labels"] == {
        TYPE: "connection-token",
        LABEL: LINK,
        "app.kubernetes.io/managed-by": "multicluster.interconnect",
    }
    assert copy["metadata"]["annotations"] == {**original["metadata"]["annotations"], "skupper.io/cost": "3"}
    assert "ownerReferences" not in copy["metadata"]
    assert sites.connectors(PHILLY)[LINK]["cost"] == 3


def test_a_token_is_issued_renewed_and_retired_for_others_to_bring(
    ansible: Ansible, sites: LinksV1, audit: Audit
) -> None:
    with audit() as log:
        run = sites.run(
            ansible,
            *triple("issue", MODULE, **sites.issuer_args()),
            *triple("in time", MODULE, **sites.issuer_args(renew_before=30)),
            step("check renew", MODULE, check=True, **sites.issuer_args(renew=True)),
            step("renew", MODULE, **sites.issuer_args(renew=True)),
            step("renew again", MODULE, **sites.issuer_args()),
            *triple("retire", MODULE, **sites.issuer_args(retire=True)),
        )
    log.expect_triple(run, "issue", sites.writes()[:1], SAME[:-1])
    log.expect_triple(run, "in time", [], SAME[:-1])
    log.expect_triple(run, "renew", sites.writes(SECOND)[:1], SAME[:-1])
    log.expect_triple(run, "retire", sites.deletes()[1:], SAME[:-1])
    assert done(run, "renew")["tokens"] == [LINK, SECOND]
    assert done(run, "renew")["serial"] != done(run, "issue")["serial"]
    assert log.clusters() == {HUB}


def test_a_token_that_others_bring_is_waited_for_and_nothing_written(
    ansible: Ansible, sites: LinksV1, audit: Audit
) -> None:
    waited = sites.args(distribution="none", wait_timeout=3)
    run = sites.run(
        ansible,
        step("too early", MODULE, **waited),
        step("issue", MODULE, **sites.issuer_args()),
        step("not brought", MODULE, **waited),
    )
    refused(run, "too early", "has no token", "state: issued")
    refused(run, "not brought", "Timed out", LINK)
    sites.apply(PHILLY, sites.secret(HUB))
    with audit() as log:
        run = sites.run(ansible, *triple("wait", MODULE, **sites.args(distribution="none")))
    log.expect_triple(run, "wait", [], SAME)
    assert log.writes == []
    assert done(run, "wait")["link"]["up"]


def test_a_claim_is_redeemed_once_and_stays(ansible: Ansible, sites: LinksV1, audit: Audit) -> None:
    claim = sites.args(type="claim", expiration="5m")
    with audit() as log:
        run = sites.run(
            ansible,
            step("check", MODULE, check=True, **claim),
            step("claim", MODULE, **claim),
            step("again", MODULE, **claim),
        )
    assert log.during(run.task("check")) == []
    assert log.during(run.task("claim")) == sites.writes()
    assert log.during(run.task("again")) == []
    found = done(run, "claim")
    assert found["link"]["up"]
    assert found["subject"] == f"CN={sites.site_id(PHILLY)}"
    assert (found["claim"]["redemptions"], found["claim"]["allowed"]) == (1, 1)
    assert (done(run, "check")["changed"], found["changed"], done(run, "again")["changed"]) == (True, True, False)
    record = sites.secret(HUB)["metadata"]
    assert record["labels"][TYPE] == "token-claim-record"
    assert record["ownerReferences"][0]["kind"] == "ConfigMap"


def test_a_claim_that_somebody_else_has_used_up_is_refused(ansible: Ansible, sites: LinksV1, audit: Audit) -> None:
    sites.run(ansible, step("issue", MODULE, **sites.issuer_args(type="claim")))
    used = {"skupper.io/claims-remaining": "0", "skupper.io/claims-made": "1"}
    sites.merge(HUB, "secrets", LINK, {"metadata": {"annotations": used}})
    with audit() as log:
        run = sites.run(ansible, step("link", MODULE, **sites.args(type="claim")))
    refused(run, "link", "is used up", "Nothing was written")
    assert log.writes == []


def test_a_token_is_signed_here_where_no_site_controller_does_it(
    ansible: Ansible, sites: LinksV1, audit: Audit
) -> None:
    sites.lab.stop(f"{HUB}/skupper-site-controller")
    try:
        with audit() as log:
            run = sites.run(ansible, *triple("link", MODULE, **sites.args(sign=True)))
    finally:
        sites.lab.start(f"{HUB}/skupper-site-controller")
    log.expect_triple(run, "link", sites.writes(), SAME)
    assert done(run, "link")["link"]["up"]


def test_keys_and_passwords_are_not_shown(either_way: Ansible, sites: LinksV1, tmp_path: Path) -> None:
    claimed = f"{LINK}-claimed"
    run = sites.run(
        either_way,
        step("link", MODULE, **sites.args()),
        step("link again", MODULE, **sites.args()),
        step("claim", MODULE, **sites.args(type="claim", name=claimed)),
        arguments=LOUD,
    )
    assert done(run, "claim")["link"]["up"]
    data = [sites.secret(cluster, name)["data"] for cluster in (HUB, PHILLY) for name in (LINK, claimed)]
    values = {found[key] for found in data for key in ("tls.key", "password") if key in found}
    assert len(values) == 3, "two keys and a password"
    for value in values:
        assert Value(base64.b64decode(value).decode()).shown_by(*seen(run, tmp_path)) == []


def test_the_linking_router_itself_is_asked_where_that_is_wanted(ansible: Ansible, sites: LinksV1) -> None:
    run = sites.run(
        ansible,
        step("link", MODULE, **sites.args(exec=True)),
        step("rotate", MODULE, **sites.args(exec=True, state="rotated")),
    )
    assert done(run, "link")["link"]["up"]
    rotated = done(run, "rotate")
    assert (rotated["token"], rotated["observed"]["down"]) == (SECOND, 0)
    before = sites.secret(HUB, "skupper-site-server")["data"]
    sites.revoke(HUB)
    sites.unlinked(PHILLY)
    sites.merge(HUB, "secrets", "skupper-site-server", {"data": before})  # so that the token looks good
    run = sites.run(ansible, step("refused", MODULE, **sites.args(exec=True, wait_timeout=3)))
    refused(run, "refused", "the linking site's router says FAILED")
