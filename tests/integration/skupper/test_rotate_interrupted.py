# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations that end in the middle, and the one that follows upon a new authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step
from tests.integration.skupper.networks import HUB, LINKS, PHILLY, SPOKES, Network, network
from tests.lab import Lab
from tests.lab.api import path

ONE = ("--limit", PHILLY)
LINK = LINKS[SPOKES.index(PHILLY)]
SECOND = f"{LINK}-2"


@pytest.fixture(scope="module")
def sites(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Sites that a Policy has linked."""
    folder = tmp_path_factory.mktemp("network")
    with network(lab, "it-net-rotate", folder) as made:
        made.variables |= {"skupper_distribution": "policy"}
        made.run(Ansible(lab, folder / "begin"), "main").succeeded()
        yield made
        made.run(Ansible(lab, folder / "end"), "absent").succeeded()


def on_hub(sites: Network) -> list[str]:
    """The tokens of the link that the hub has issued."""
    return [name for name in sites.names(HUB, "Certificate") if name.startswith(PHILLY)]


def test_a_rotation_that_was_killed_is_completed_by_the_next_run(
    sites: Network, ansible: Ansible, audit: Audit
) -> None:
    rotation = sites.start(ansible, "rotate", *ONE)
    until(lambda: sites.tokens(PHILLY) == [LINK, SECOND], "both tokens are there")
    rotation.kill()
    assert sites.is_linked(PHILLY)

    sites.run(ansible, "main", *ONE).succeeded()
    assert sites.tokens(PHILLY) == [SECOND], "the one that was begun is taken to its end"
    assert on_hub(sites) == [SECOND]
    assert sites.is_linked(PHILLY)
    with audit() as log:
        sites.run(ansible, "main", *ONE).succeeded()
    assert log.writes == []


def test_the_old_token_comes_back_where_the_end_is_not_reached(sites: Network, ansible: Ansible, lab: Lab) -> None:
    (old,) = sites.tokens(PHILLY)
    held = path("v1", "secrets", old, sites.namespace)
    lab.api(PHILLY).merge(held, {"metadata": {"finalizers": ["lab.test/hold"]}})
    try:
        run = sites.run(ansible, "rotate", *ONE, skupper_network_wait_timeout=25)
    finally:
        lab.api(PHILLY).merge(held, {"metadata": {"finalizers": None}})
    assert f"{PHILLY} has been given {old} again" in run.failures[-1].message, run.output
    until(lambda: sites.tokens(PHILLY)[:1] == [old], "the Policy has brought it back")
    assert len(on_hub(sites)) == 2, "both are on the hub, too"
    assert sites.is_linked(PHILLY)

    sites.run(ansible, "main", *ONE).succeeded()
    (new,) = sites.tokens(PHILLY)
    assert new != old
    assert on_hub(sites) == [new]


def test_links_are_made_anew_after_the_authority_was_renewed(sites: Network, ansible: Ansible) -> None:
    options: dict[str, Any] = {"version": "v2", "name": HUB, "namespace": sites.namespace, "ingress": "loadbalancer"}
    revoked = ansible.steps(step("revoke", "skupper_site", state="revoked", **options), cluster=HUB)
    assert not revoked.task("revoke").failed, revoked.output
    (old,) = sites.tokens(PHILLY)
    sites.run(ansible, "rotate").succeeded()
    (new,) = sites.tokens(PHILLY)
    assert new != old
    assert sites.is_linked(*SPOKES)
    sites.run(ansible, "verify").succeeded()
