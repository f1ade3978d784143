# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application by Argo CD: a chart of one's own, brought to clusters that join and leave one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.integration.audited import Audited, audited
from tests.integration.boutique.gitops import ARGOCD, HUB, JOINS, LEAVES, NAME, PHILLY, SITES, TORONTO, Application
from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, Run
from tests.lab import Lab, difference
from tests.lab.api import path

SET = f"{HUB}: patch applicationsets {ARGOCD}/{NAME}"
SAYS = "Say why the application is not there"
GREETINGS = {site: f"Hello from {site}" for site in SITES}
EARLY_SECONDS = 90.0
"""Argo CD keeps errors of a repository back for three minutes, and the runs wait for one."""


class Deployed(NamedTuple):
    """The application, and the first runs that have brought it."""

    application: Application
    predicted: Run
    check: Audited
    first: Run


@pytest.fixture(scope="module")
def deployed(lab: Lab, nothing_is_left: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The application is at all sites before the first test and taken away after the last. Each test leaves it so."""
    del nothing_is_left  # looks at the lab before and after this
    folder = tmp_path_factory.mktemp("gitops")
    application = Application(lab, Ansible(lab, folder), folder)
    application.push()
    application.run("deploy", "--tags", "hub,membership").succeeded()
    before = lab.inventory()
    with audited(lab) as check:
        predicted = application.run("boutique", "--check", "--diff").succeeded()
    first = application.run("boutique").succeeded()
    yield Deployed(application, predicted, check, first)
    try:
        application.run("teardown", "--tags", "boutique").succeeded()
        assert difference(before, lab.inventory()) == []
    finally:
        application.run("teardown").succeeded()
        lab.push()


@pytest.fixture
def application(deployed: Deployed) -> Application:
    return deployed.application


def test_a_check_run_on_clusters_without_it_predicts_what_the_first_run_does(deployed: Deployed) -> None:
    assert deployed.check.writes == []
    assert deployed.predicted.changed == deployed.first.changed
    assert {(site, JOINS) for site in SITES} <= set(deployed.first.changed)


def test_every_site_has_its_own_values_once_the_run_ends(application: Application, deployed: Deployed) -> None:
    assert application.greetings() == GREETINGS
    for site in SITES:
        [seen] = deployed.first.task(JOINS, site)["clusters"]
        assert (seen["sync"], seen["health"]) == ("Synced", "Healthy")


def test_a_second_run_a_check_run_and_a_verification_write_nothing(application: Application, audit: Audit) -> None:
    with audit() as log:
        assert application.run("boutique").succeeded().changed == []
        assert application.run("boutique", "--check").succeeded().changed == []
        application.run("verify", "--tags", "verify").succeeded()
    assert log.writes == []


def test_verify_says_which_site_differs(application: Application, audit: Audit) -> None:
    with audit() as log:
        run = application.run("verify", "--limit", PHILLY, greeting="Bye")
    [failure] = run.failures
    assert (failure.host, log.writes) == (PHILLY, [])
    assert f"ApplicationSet {ARGOCD}/{NAME} does not have what the inventory says of cluster us-philly" in run.output


def test_a_site_leaves_and_joins_without_touching_the_others(application: Application, audit: Audit) -> None:
    others = [application.deliveries(site) for site in (HUB, TORONTO)]
    with audit() as log:
        left = application.run("teardown", "--tags", "boutique", "--limit", PHILLY).succeeded()
        assert application.greetings() == {**GREETINGS, PHILLY: None}
        predicted = application.run("boutique", "--check", "--limit", PHILLY).succeeded()
        back = application.run("boutique", "--limit", PHILLY).succeeded()
    assert (PHILLY, LEAVES) in left.changed
    assert predicted.changed == back.changed == [(PHILLY, JOINS), (PHILLY, "Make the namespace")]
    assert [line for line in log.writes if not line.startswith(PHILLY)] == [SET, SET]
    assert log.clusters() == {HUB, PHILLY}, "no other cluster was even asked"
    assert application.greetings() == GREETINGS
    assert [application.deliveries(site) for site in (HUB, TORONTO)] == others


def test_new_values_are_waited_for_and_those_that_the_chart_refuses_are_told(
    application: Application, audit: Audit
) -> None:
    with audit() as log:
        run = application.run("boutique", "--limit", TORONTO, greeting="Ahoy").succeeded()
        assert application.greetings() == {**GREETINGS, TORONTO: "Ahoy"}
    assert (run.changed, log.writes) == ([(TORONTO, JOINS)], [SET])
    run = application.run("boutique", "--limit", TORONTO, boutique_values={"greting": "Ahoy"})
    assert "additional properties 'greting' not allowed" in run.task(SAYS, TORONTO).message
    assert application.greeting(TORONTO) == "Ahoy", "what was there still runs"
    application.run("boutique", "--limit", TORONTO).succeeded()
    assert application.greetings() == GREETINGS


def test_what_does_not_run_is_named_when_time_is_up(application: Application, lab: Lab) -> None:
    deployment = path("apps/v1", "deployments", "hello", NAME)
    lab.api(TORONTO).merge(deployment, {"spec": {"paused": True}})
    newer = {"parts": {"hello": 2}, "greeting": GREETINGS[TORONTO], "image": "hello:2"}
    run = application.run("boutique", "--limit", TORONTO, boutique_values=newer, boutique_wait_timeout=15)
    wanted = ["Timed out after", "health is Suspended", f"Deployment {NAME}/hello"]
    message = run.task(SAYS).message
    assert [words for words in wanted if words not in message] == [], message
    lab.api(TORONTO).merge(deployment, {"spec": {"paused": None}})
    application.run("boutique", "--limit", TORONTO).succeeded()


def test_new_commits_are_taken_up_and_a_broken_chart_ends_the_run_in_helms_words(application: Application) -> None:
    def run(succeeds: bool = True) -> Run:
        done = application.run("boutique", "--limit", TORONTO, boutique_refresh=True)
        return done.succeeded() if succeeds else done

    commit = application.push(**{"greeting: {{ $.Values.greeting": "greeting: {{ upper $.Values.greeting"})
    [seen] = run().task(JOINS)["clusters"]
    assert (seen["revision"], application.greeting(TORONTO)) == (commit, GREETINGS[TORONTO].upper())

    application.push(**{"{{ $.Values.image }}": "{{ required `which image, please?` $.Values.picture }}"})
    began = time.monotonic()
    failure = run(succeeds=False).task(SAYS)
    assert time.monotonic() - began < EARLY_SECONDS
    wanted = ["Argo CD can not deploy to ca-toronto", "ComparisonError", "which image, please?"]
    assert [words for words in wanted if words not in failure.message] == [], failure.message

    # An error that Argo CD still shows is not taken for granted once it is mended. Other sites follow by themselves.
    application.push()
    assert run().task(JOINS)["clusters"][0]["sync"] == "Synced"
    until(lambda: application.greetings() == GREETINGS, "all sites are as before")


def test_runs_that_were_killed_are_completed_by_the_next(application: Application, lab: Lab) -> None:
    for playbook, arguments, expected in (
        ("teardown", ("--tags", "boutique"), None),
        ("boutique", (), GREETINGS[PHILLY]),
    ):
        with audited(lab) as log:
            running = application.start(playbook, *arguments, "--limit", PHILLY)
            assert log.wait_for_writes(1, running.is_running), "the run was over before it could be killed"
            running.kill()
        application.run(playbook, *arguments, "--limit", PHILLY).succeeded()
        assert application.greetings() == {**GREETINGS, PHILLY: expected}
