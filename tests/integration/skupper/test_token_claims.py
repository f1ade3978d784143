# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token with claims of v2, and its interplay with upstream's own CLI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step, triple
from tests.integration.skupper.token_links import (
    CERTIFICATE_KEYS,
    HUB,
    LINK,
    MODULE,
    PHILLY,
    Links,
    done,
    links,
    refused,
    skupper,
)
from tests.lab import Lab
from tests.lab.api import path

SAME = ("name", "token", "hosts", "issuer_site", "site")
SECOND = f"{LINK}-2"
UPSTREAM = "link-ca-central"
"""What `skupper link generate` calls a link to that site."""


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[Links]:
    with links(lab, "token-claims") as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(sites: Links) -> Iterator[None]:
    yield
    sites.forget()


def makes(sites: Links, token: str) -> list[str]:
    """What is written for a claim."""
    namespace = sites.namespace
    return [f"{HUB}: patch accessgrants {namespace}/{token}", f"{PHILLY}: patch accesstokens {namespace}/{token}"]


def removes(sites: Links, token: str) -> list[str]:
    namespace = sites.namespace
    kinds = ("secrets", "links", "accesstokens")
    there = [f"{PHILLY}: delete {kind} {namespace}/{token}" for kind in kinds]
    return [*there, f"{HUB}: delete accessgrants {namespace}/{token}"]


def test_a_claim_is_redeemed_rotated_and_removed(ansible: Ansible, sites: Links, audit: Audit) -> None:
    args = sites.args(type="claim", cost=3)
    with audit() as log:
        run = sites.run(
            ansible,
            *triple("link", MODULE, **args),
            step("check rotate", MODULE, check=True, **args, state="rotated"),
            step("rotate", MODULE, **args, state="rotated"),
            step("rotate again", MODULE, **args, state="rotated", renew_before=30),
            *triple("unlink", MODULE, **args, state="absent"),
        )
    log.expect_triple(run, "link", makes(sites, LINK), SAME)
    first, rotated = done(run, "link"), done(run, "rotate")
    assert first["link"] == {"up": True, "seen_from": [PHILLY, HUB], "cost": 3}
    assert (first["claim"]["redemptions"], first["claim"]["allowed"]) == (1, 1)
    log.expect_triple(run, "rotate", makes(sites, SECOND) + removes(sites, LINK), SAME)
    assert rotated["before"] == {key: first[key] for key in CERTIFICATE_KEYS}
    assert rotated["serial"] != first["serial"]
    assert rotated["observed"]["down"] == 0
    log.expect_triple(run, "unlink", removes(sites, SECOND))
    assert not any(sites.tokens().values())


def test_a_used_up_claim_is_refused_and_nothing_written(ansible: Ansible, sites: Links, audit: Audit, lab: Lab) -> None:
    done(sites.run(ansible, step("issue", MODULE, **sites.issuer_args(type="claim"))), "issue")
    target = path("skupper.io/v2alpha1", "accessgrants", LINK, sites.namespace)
    live = lab.api(HUB).get(target)
    lab.api(HUB).replace(f"{target}/status", {**live, "status": {**live["status"], "redemptions": 1}})
    with audit() as log:
        run = sites.run(ansible, step("link", MODULE, **sites.args(type="claim")))
    refused(run, "link", "used up", "1 of 1", "Nothing was written")
    assert log.writes == []


def test_a_claim_that_was_issued_is_redeemed_by_upstream_s_cli(
    ansible: Ansible, sites: Links, audit: Audit, tmp_path: Path
) -> None:
    done(sites.run(ansible, step("issue", MODULE, **sites.issuer_args(type="claim"))), "issue")
    grant = sites.status(HUB, "AccessGrant", LINK)
    spec = {key: grant[key] for key in ("url", "code", "ca")}
    token = {"apiVersion": "skupper.io/v2alpha1", "kind": "AccessToken", "metadata": {"name": LINK}, "spec": spec}
    (tmp_path / "token.yaml").write_text(yaml.safe_dump(token))
    skupper(sites, PHILLY, tmp_path, "token", "redeem", "token.yaml")
    sites.wait(PHILLY, "Link", LINK, "Operational")
    with audit() as log:
        run = sites.run(ansible, step("link", MODULE, **sites.args(type="claim")))
    assert done(run, "link")["link"]["up"]
    assert log.writes == [], "what the CLI has redeemed is recognised"


def test_a_link_of_upstream_s_cli_is_recognised_rotated_and_removed(
    ansible: Ansible, sites: Links, audit: Audit, tmp_path: Path, lab: Lab
) -> None:
    generated = skupper(sites, HUB, tmp_path, "link", "generate")
    for document in yaml.safe_load_all(generated):
        if document:
            kind = {"Secret": ("v1", "secrets"), "Link": ("skupper.io/v2alpha1", "links")}[document["kind"]]
            lab.api(PHILLY).create(path(*kind, namespace=sites.namespace), document)
    named = sites.args(name=UPSTREAM)
    with audit() as log:
        run = sites.run(ansible, *triple("recognise", MODULE, **named))
    log.expect_triple(run, "recognise", [], SAME)
    assert done(run, "recognise")["link"]["up"]
    assert done(run, "recognise")["token"] == UPSTREAM
    run = sites.run(
        ansible,
        step("rotate", MODULE, **named, state="rotated"),
        step("unlink", MODULE, **named, state="absent"),
    )
    assert done(run, "rotate")["token"] == f"{UPSTREAM}-2"
    assert done(run, "rotate")["observed"]["down"] == 0
    done(run, "unlink")
    until(lambda: not [each for each in lab.inventory(PHILLY, HUB) if UPSTREAM in str(each)], "nothing is left")


def test_a_token_of_upstream_s_cli_is_recognised_and_removed(
    ansible: Ansible, sites: Links, audit: Audit, tmp_path: Path
) -> None:
    skupper(sites, HUB, tmp_path, "token", "issue", "token.yaml")
    name = yaml.safe_load((tmp_path / "token.yaml").read_text())["metadata"]["name"]
    skupper(sites, PHILLY, tmp_path, "token", "redeem", "token.yaml")
    sites.wait(PHILLY, "Link", name, "Operational")
    named = sites.args(name=name, type="claim")
    with audit() as log:
        run = sites.run(ansible, step("recognise", MODULE, **named))
    assert done(run, "recognise")["link"]["up"]
    assert log.writes == []
    done(sites.run(ansible, step("unlink", MODULE, **named, state="absent")), "unlink")
    for cluster, kind in ((HUB, "AccessGrant"), (PHILLY, "AccessToken"), (PHILLY, "Link")):
        assert sites.get(cluster, kind, name) == {}


def test_a_claim_that_the_server_does_not_know_ends_the_wait(ansible: Ansible, sites: Links) -> None:
    """The grant has been removed since, by whomever: the next run makes another claim."""
    done(sites.run(ansible, step("issue", MODULE, **sites.issuer_args(type="claim"))), "issue")
    grant = sites.status(HUB, "AccessGrant", LINK)
    sites.take(HUB, "AccessGrant", LINK)
    sites.make(PHILLY, "AccessToken", LINK, **{key: grant[key] for key in ("url", "code", "ca")})
    until(lambda: sites.status(PHILLY, "AccessToken", LINK).get("conditions"), "the controller has tried to redeem it")
    run = sites.run(ansible, step("link", MODULE, **sites.args(type="claim")))
    assert done(run, "link")["token"] == SECOND
    assert sites.names(PHILLY, "AccessToken") == [SECOND]
