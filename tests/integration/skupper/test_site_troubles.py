# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_site refuses what can not be, and says why a site does not come up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, step, triple
from tests.integration.scratch import Scratch, wait_until
from tests.integration.skupper.site_objects import CONTROLLERS, HUB, MODULE, SKUPPER, VERSIONS, Place, makes
from tests.lab import Lab
from tests.lab.api import path

REFUSALS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("v1", {"ingress": "route"}, ("ingress", "Route", "OpenShift")),
    ("v2", {"ingress": "route"}, ("ingress", "Route", "OpenShift")),
    ("v1", {"ingress": "nginx-ingress-v1"}, ("ingress", "IngressClass")),
    ("v2", {"ingress": "ingress-nginx"}, ("ingress", "IngressClass")),
    ("v1", {"ingress": "contour-http-proxy"}, ("ingress", "HTTPProxy", "Contour")),
    ("v2", {"ingress": "gateway"}, ("ingress", "Gateway")),
    ("v1", {"ingress": "gateway"}, ("ingress", "is not for version v1")),
    ("v2", {"ingress": "nginx-ingress-v1"}, ("ingress", "is not for version v2")),
    ("v2", {"name": "Not_A_Label"}, ("name", "DNS label")),
    ("v2", {"name": "a" * 64}, ("name", "63")),
    ("v1", {"namespace": "not.one"}, ("namespace", "DNS label")),
    ("v2", {"edge": True, "ha": True, "ingress": "none"}, ("ha", "edge")),
    ("v1", {"edge": True}, ("ingress", "edge")),
    ("v1", {"settings": {"ingress": "none"}}, ("settings.ingress", "option ingress")),
    ("v2", {"settings": {"x": {}}}, ("settings.x", "text")),
    ("v2", {"repair": True}, ("repair", "v1")),
    ("v2", {"state": "revoked"}, ("has no Site", "state: present")),
    ("v1", {"state": "revoked"}, ("has no v1 site", "state: present")),
    ("v2", {"revoke_before": "yesterday"}, ("revoke_before", "state: revoked")),
]


def test_what_can_not_be_is_refused_before_any_write(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    place = Place(lab, scratch)
    steps = [
        step(f"case {number}", MODULE, **place.args(version, **more))
        for number, (version, more, _said) in enumerate(REFUSALS)
    ]
    with audit(HUB) as log:
        run = ansible.steps(*steps)
    for number, (version, more, said) in enumerate(REFUSALS):
        message = run.task(f"case {number}").message
        assert all(word in message for word in said), f"{version} {more}: {message}"
    assert log.writes == []


def test_one_namespace_has_one_site_of_one_version(lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    place = Place(lab, scratch)
    second = {**place.args("v2"), "name": "second"}
    one = ansible.steps(step("first", MODULE, **place.args("v2")))
    assert not one.failures, one.output
    with audit(HUB) as log:
        run = ansible.steps(step("second", MODULE, **second), step("v1", MODULE, **place.args("v1")))
    assert f"has the Site {HUB} already" in run.task("second").message
    assert f"has the v2 Site {HUB}" in run.task("v1").message
    assert log.writes == []
    removed = ansible.steps(
        step("remove", MODULE, **place.args("v2", state="absent")), step("v1", MODULE, **place.args("v1"))
    )
    assert not any(each.failed for each in removed.tasks), removed.output
    with audit(HUB) as log:
        run = ansible.steps(step("v2", MODULE, **place.args("v2")))
    assert f"has the v1 site {HUB}" in run.task("v2").message
    assert log.writes == []
    ansible.steps(step("remove", MODULE, **place.args("v1", state="absent")))
    assert place.left() == []


def test_a_v1_site_that_exists_keeps_what_v1_never_changes(
    lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit
) -> None:
    place = Place(lab, scratch)
    run = ansible.steps(step("make", MODULE, **place.args("v1")))
    assert not run.task("make").failed, run.output
    others: dict[str, dict[str, Any]] = {"ingress": {"ingress": "none"}, "name": {"name": "other"}, "ha": {"ha": True}}
    with audit(HUB) as log:
        run = ansible.steps(*(step(option, MODULE, **place.args("v1", **more)) for option, more in others.items()))
    for option in others:
        assert run.task(option).message.startswith(f"{option}: the v1 site {HUB}"), run.output
    assert log.writes == []
    run = ansible.steps(
        step("idle", MODULE, **place.args("v1", settings={"router-cpu": "1"})),
        step("remove", MODULE, **place.args("v1", state="absent")),
    )
    assert run.task("idle").changed
    assert "reads router-cpu only when it makes one" in " ".join(run.task("idle")["warnings"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_controller_that_is_away_is_told_and_waited_for_again(
    version: str, lab: Lab, ansible: Ansible, scratch: Scratch
) -> None:
    place = Place(lab, scratch)
    part = f"{HUB}/{CONTROLLERS[version]}"
    lab.stop(part)
    try:
        run = ansible.steps(step("in vain", MODULE, **place.args(version, wait_timeout=3)))
    finally:
        lab.start(part)
    message = run.task("in vain").message
    told = {"v1": "the site controller has not made the site", "v2": f"Deployment skupper/{CONTROLLERS['v2']} has"}
    assert told[version] in message
    assert run.task("in vain").changed
    run = ansible.steps(
        step("again", MODULE, **place.args(version)), step("remove", MODULE, **place.args(version, state="absent"))
    )
    assert not any(each.failed for each in run.tasks), run.output


def test_a_late_load_balancer_is_named_and_then_taken_up(lab: Lab, ansible: Ansible, scratch: Scratch) -> None:
    place = Place(lab, scratch)
    lab.hold_load_balancers(True, HUB)
    try:
        run = ansible.steps(step("in vain", MODULE, **place.args("v2", wait_timeout=6)))
        assert f"Service {place.namespace}/skupper-router waits for the address" in run.task("in vain").message
        running = ansible.start_steps(step("late", MODULE, **place.args("v2")))
        wait_until("it waits", lambda: running.shows("waiting for"))
    finally:
        lab.hold_load_balancers(False, HUB)
    run = running.wait()
    assert not run.task("late").failed, run.output
    assert not run.task("late").changed
    assert run.task("late")["site"]["endpoints"]
    ansible.steps(step("remove", MODULE, **place.args("v2", state="absent")))


def test_the_dead_end_of_v1_is_told_and_mended(lab: Lab, ansible: Ansible, scratch: Scratch, audit: Audit) -> None:
    place = Place(lab, scratch)
    lab.hold_load_balancers(True, HUB)
    lab.shorten_skupper_wait(2, HUB)
    try:
        run = ansible.steps(step("in vain", MODULE, **place.args("v1", wait_timeout=5)))
        assert "the site has no host yet, for want of one in Service skupper-router" in run.task("in vain").message
    finally:
        lab.hold_load_balancers(False, HUB)
        lab.shorten_skupper_wait(None, HUB)
    service = path("v1", "services", "skupper-router", place.namespace)
    wait_until("the address", lambda: bool((place.api.get(service)["status"].get("loadBalancer") or {}).get("ingress")))
    with audit(HUB) as log:
        run = ansible.steps(step("told", MODULE, **place.args("v1")))
    assert "repair: true" in run.task("told").message
    assert "Gave up" not in run.task("told").message
    assert log.writes == []
    with audit(HUB) as log:
        run = ansible.steps(
            step("mend", MODULE, **place.args("v1", repair=True)),
            step("again", MODULE, **place.args("v1", repair=True)),
        )
    assert not any(each.failed for each in run.tasks), run.output
    mends = [place.line("delete", "configmaps", "skupper-internal"), *makes(place, "v1")]
    assert log.during(run.task("mend")) == mends
    assert log.during(run.task("again")) == []
    assert place.find("v1", "secrets", "skupper-site-server")
    run = ansible.steps(*triple("remove", MODULE, **place.args("v1", state="absent")))
    assert place.left() == [], run.output


def test_a_way_in_that_the_controller_does_not_offer_ends_the_wait(
    lab: Lab, ansible: Ansible, scratch: Scratch
) -> None:
    place = Place(lab, scratch)
    run = ansible.steps(
        step("in vain", MODULE, **place.args("v2", ingress="nodeport")),
        step("remove", MODULE, **place.args("v2", state="absent")),
    )
    assert "Unsupported value for LinkAccess: nodeport" in run.task("in vain").message
    assert "Gave up" in run.task("in vain").message
    assert not run.task("remove").failed
    assert place.api.items(path(SKUPPER, "sites", namespace=place.namespace)) == []
