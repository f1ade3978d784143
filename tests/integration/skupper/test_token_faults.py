# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token on v2 sites where something is missing, wrong, late or gone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.sites import Sites, expired
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step
from tests.integration.skupper.token_links import (
    HUB,
    LABEL,
    LINK,
    MODULE,
    PHILLY,
    TORONTO,
    Links,
    done,
    links,
    refused,
)
from tests.integration.test_secrecy import LOUD, Value, seen
from tests.lab import Lab
from tests.lab.api import path

SECOND = f"{LINK}-2"


@pytest.fixture(scope="module")
def sites(lab: Lab) -> Iterator[Links]:
    with links(lab, "token-faults") as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(sites: Links) -> Iterator[None]:
    yield
    sites.forget()


def test_no_key_or_code_is_shown(either_way: Ansible, sites: Links, tmp_path: Path) -> None:
    keys: list[Value] = []

    def note() -> None:
        for cluster in (HUB, PHILLY):
            for name in sites.names(cluster, "Secret"):
                keys.append(Value(base64.b64decode(sites.secret(cluster, name)["tls.key"]).decode()))

    outputs = []
    for state, more in (("linked", {}), ("rotated", {"type": "claim"}), ("absent", {})):
        steps = [step("check", MODULE, check=True, **sites.args(state=state, **more))] if state != "absent" else []
        run = sites.run(either_way, *steps, step("do", MODULE, **sites.args(state=state, **more)), arguments=LOUD)
        done(run, "do")
        outputs += seen(run, tmp_path)
        note()
        codes = [sites.status(HUB, "AccessGrant", name)["code"] for name in sites.names(HUB, "AccessGrant")]
        keys += [Value(code) for code in codes]
    assert len(keys) >= 4
    for value in keys:
        assert value.shown_by(*outputs) == []
        inner = "".join(value.text.splitlines()[1:-1]) or value.text  # a key without its armour, in one line
        assert not any(inner in output for output in outputs)


def only_token(sites: Links, token: str) -> bool:
    kinds = ((HUB, "Certificate"), (HUB, "Secret"), (PHILLY, "Link"), (PHILLY, "Secret"))
    return all(sites.names(cluster, kind) == [token] for cluster, kind in kinds)


@pytest.mark.parametrize("lost", ["Link", "Secret", "Certificate"])
def test_what_is_lost_is_made_again_where_it_is_needed(ansible: Ansible, sites: Links, audit: Audit, lost: str) -> None:
    sites.linked(ansible)
    sites.take(HUB if lost == "Certificate" else PHILLY, lost, LINK)
    with audit() as log:
        found = sites.linked(ansible)
    needed = {"Link": f"{PHILLY}: patch links", "Secret": f"{PHILLY}: patch secrets", "Certificate": None}[lost]
    assert log.writes == ([f"{needed} {sites.namespace}/{LINK}"] if needed else [])
    assert found["link"]["up"]


def test_an_expired_certificate_is_replaced(ansible: Ansible, sites: Links) -> None:
    data = expired(sites.secret(HUB, "skupper-site-ca"))
    sites.link(PHILLY, LINK, data, sites.endpoints(HUB))
    run = sites.run(ansible, step("wait", MODULE, **sites.args(distribution="none", wait_timeout=5)))
    refused(run, "wait", "has expired at", LINK, "Nothing was written")
    found = sites.linked(ansible)
    assert (found["token"], found["link"]["up"]) == (SECOND, True)
    assert sites.names(PHILLY, "Link") == [SECOND]
    assert sites.names(PHILLY, "Secret") == [SECOND]


def test_a_token_of_another_authority_is_replaced(ansible: Ansible, sites: Links) -> None:
    sites.issue(PHILLY, "stranger")
    sites.link(PHILLY, LINK, sites.secret(PHILLY, "stranger"), sites.endpoints(HUB))
    sites.remove(PHILLY, "Certificate", "stranger")
    found = sites.linked(ansible)
    assert (found["token"], found["link"]["up"]) == (SECOND, True)
    assert sites.names(PHILLY, "Link") == [SECOND]


def test_a_spoke_that_is_down_is_named_and_the_next_run_completes_the_work(
    ansible: Ansible, sites: Links, lab: Lab
) -> None:
    api = f"{PHILLY}/kube-apiserver"
    running = ansible.start_steps(step("link", MODULE, **sites.args(cost=2, wait_timeout=5)), cluster=PHILLY)
    try:
        until(lambda: sites.names(HUB, "Certificate"), "the token is asked for")
        lab.stop(api, now=True)
        run = running.wait()
    finally:
        lab.start(api)
    task = run.task("link")
    if task.failed:
        assert lab.url(PHILLY) in task.message
    lab.wait_available()
    found = sites.linked(ansible, cost=2, wait_timeout=180)  # the controller, too, has to find its API server again
    assert (found["token"], found["link"]["up"]) == (LINK, True)
    assert sites.names(HUB, "Certificate") == [LINK]


def test_a_run_that_is_killed_is_completed_by_the_next(ansible: Ansible, sites: Links, audit: Audit) -> None:
    sites.linked(ansible)
    with audit() as log:
        running = ansible.start_steps(step("rotate", MODULE, **sites.args(state="rotated")), cluster=PHILLY)
        assert log.wait_for_writes(4, running.is_running)
        running.kill()
    assert any(sites.status(PHILLY, "Link", name).get("status") == "Ready" for name in sites.names(PHILLY, "Link")), (
        "the link was never cut"
    )
    found = sites.linked(ansible)
    assert found["link"]["up"]
    until(partial(only_token, sites, found["token"]), "nothing but the token in use is left")


def test_a_load_balancer_that_comes_late_is_waited_for(ansible: Ansible, lab: Lab) -> None:
    lab.hold_load_balancers(True, TORONTO)
    made = Sites(lab, "token-pending")
    args: dict[str, Any] = {
        "namespace": made.namespace,
        "name": "late",
        "version": "v2",
        "wait_sleep": 1,
        "issuer": {"context": TORONTO},
    }
    try:
        made.make(TORONTO, "Site", TORONTO, linkAccess="loadbalancer")
        made.make(PHILLY, "Site", PHILLY)
        made.wait(TORONTO, "Site", TORONTO, "Configured")
        running = ansible.start_steps(step("link", MODULE, **args), cluster=PHILLY)
        until(lambda: running.shows("has no address yet"), "the module waits")
        assert made.get(TORONTO, "Certificate", "late") == {}, "nothing is asked for that would lead nowhere"
        lab.hold_load_balancers(False, TORONTO)
        assert done(running.wait(), "link")["link"]["up"]
    finally:
        with suppress(OSError):
            lab.hold_load_balancers(False, TORONTO)
        made.clean()


def test_who_else_owns_a_field_is_named_not_fought(ansible: Ansible, sites: Links, lab: Lab) -> None:
    """A second writer, as Argo CD is one, holds the token's Secret with other data."""
    done(sites.run(ansible, step("issue", MODULE, **sites.issuer_args())), "issue")
    theirs = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": LINK, "labels": {LABEL: LINK}},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": "eA==", "tls.key": "eA=="},
    }
    target = path("v1", "secrets", namespace=sites.namespace)
    lab.api(PHILLY).create(f"{target}?fieldManager=argocd-controller", theirs)
    run = sites.run(
        ansible,
        step("link", MODULE, **sites.args()),
        step("force", MODULE, **sites.args(force_conflicts=True)),
    )
    refused(run, "link", "argocd-controller", "force_conflicts")
    assert done(run, "force")["link"]["up"]
