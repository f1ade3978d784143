# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that change, and what gets in between: all with tokens that the Policy distributes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible
from tests.integration.skupper.networks import HUB, LINKS, PHILLY, POLICY, SPOKES, TORONTO, Network, network
from tests.lab import Lab
from tests.lab.api import path

DISTRIBUTION = {"skupper_distribution": "policy"}
OURS, THEIRS = "ours", "theirs"
TO_PHILLY = LINKS[SPOKES.index(PHILLY)]
SERVICE = {"name": OURS, "port": 80, "host": "127.0.0.1", "provided_by": [PHILLY]}


@pytest.fixture(scope="module")
def sites(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Sites; the last test leaves them linked."""
    folder = tmp_path_factory.mktemp("network")
    with network(lab, "it-net-changes", folder) as made:
        made.variables |= DISTRIBUTION
        yield made
        made.run(Ansible(lab, folder / "end"), "absent").succeeded()


def test_what_can_not_be_is_refused_before_any_write(sites: Network, ansible: Ansible, audit: Audit) -> None:
    links = [{"from": PHILLY, "to": "ca-centrall"}, {"from": PHILLY, "to": TORONTO}]
    with audit() as log:
        run = sites.run(ansible, "main", skupper_links=links, skupper_services=[{**SERVICE, "port": 0}])
    assert (run.returncode != 0, log.writes) == (True, [])
    told = {each.host: each.message for each in run.failures}
    assert set(told) == {HUB, *SPOKES}
    for words in ("did you mean ca-central?", "skupper_services[0].port"):
        assert all(words in message for message in told.values())
    for words in ("skupper_links[1].to", "link to the hub"):
        assert words in told[PHILLY], "how its own tokens are brought is each host's business"


def test_a_cluster_that_is_down_is_linked_by_the_next_run(sites: Network, ansible: Ansible, lab: Lab) -> None:
    lab.stop(f"{PHILLY}/kube-apiserver", now=True)
    try:
        run = sites.run(ansible, "main", skupper_network_wait_timeout=20)
    finally:
        lab.start(PHILLY)
        lab.wait_available()
    assert {each.host for each in run.failures} == {PHILLY}, run.output
    assert sites.tokens(TORONTO) == [LINKS[SPOKES.index(TORONTO)]], "the others are linked all the same"
    sites.run(ansible, "main").succeeded()
    assert sites.is_linked(*SPOKES)


def test_an_error_in_a_template_is_shown_with_its_text(sites: Network, ansible: Ansible, lab: Lab) -> None:
    sites.run(ansible, "main").succeeded()
    told = path("v1", "configmaps", f"{POLICY}.{PHILLY}", sites.namespace)
    lab.api(HUB).merge(told, {"data": {"tokens": f"{TO_PHILLY},not-there"}})
    try:
        verified = sites.run(ansible, "verify")
        again = sites.run(ansible, "main", "--limit", PHILLY)
    finally:
        lab.api(HUB).merge(told, {"data": {"tokens": TO_PHILLY}})
    (failure,) = verified.failures
    assert failure.host == PHILLY
    assert "template-error: failed to resolve the template: template:" in failure.message
    assert 'secrets "not-there" not found' in failure.message
    assert "object-templates-raw" not in failure.message, "the template itself says nothing"
    (conflict,) = again.failures
    assert "data.tokens" in conflict.message, "somebody else owns the field now, and is not overrun"
    lab.api(HUB).delete(told)  # with what somebody else has put into it
    sites.run(ansible, "main").succeeded()
    assert sites.is_linked(*SPOKES)


def test_what_the_inventory_no_longer_has_goes_and_the_rest_stays(sites: Network, ansible: Ansible) -> None:
    spec = {"routingKey": THEIRS, "host": THEIRS, "port": 80}
    sites.run(ansible, "main", skupper_services=[SERVICE]).succeeded()
    sites.make(TORONTO, "Listener", THEIRS, **spec)
    assert sites.get(TORONTO, "Listener", OURS)
    assert sites.get(PHILLY, "Connector", OURS)

    sites.run(ansible, "main", skupper_links=[{"from": TORONTO, "to": HUB}]).succeeded()
    assert not sites.get(TORONTO, "Listener", OURS)
    assert not sites.get(PHILLY, "Connector", OURS)
    assert sites.get(TORONTO, "Listener", THEIRS), "what others have made stays"
    until(lambda: sites.tokens(PHILLY) == [], "the Policy takes its token back")
    assert sites.label_of(PHILLY) is None
    assert [name for name in sites.names(HUB, "Certificate") if name.startswith(PHILLY)] == []
    assert sites.names(HUB, "ConfigMap") == [f"{POLICY}.{TORONTO}"]
    assert sites.is_linked(TORONTO)
    sites.remove(TORONTO, "Listener", THEIRS)
