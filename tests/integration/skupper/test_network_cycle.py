# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network's whole life: predicted, made, used, made again, renewed under load, and taken out without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Audit
from tests.integration.lab.echo import echo, exchange
from tests.integration.runs import Ansible, Run
from tests.integration.skupper.networks import HUB, LINKS, PHILLY, SPOKES, TORONTO, Network, network
from tests.integration.skupper.traffic import traffic
from tests.lab import Lab

PROVIDER_ADDRESS = "127.0.0.1"


@pytest.fixture(scope="module", params=["v2", "v1"])
def sites(request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Sites that are not linked."""
    with network(lab, f"it-net-{request.param}", tmp_path_factory.mktemp("network"), request.param) as made:
        yield made


@pytest.fixture(params=["direct", "policy"])
def distribution(request: pytest.FixtureRequest, sites: Network, lab: Lab, tmp_path: Path) -> Iterator[str]:
    """How tokens are brought; whatever a test leaves is taken out again."""
    before = lab.inventory()
    yield request.param
    if sites.left(before):
        sites.run(Ansible(lab, tmp_path / "end"), "absent", skupper_distribution=request.param)


def service(port: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "echo",
        "port": 9090,
        "target_port": port,
        "host": PROVIDER_ADDRESS,
        "provided_by": [PHILLY],
        **more,
    }


def test_a_network_tells_the_truth_at_each_step_and_goes_without_a_trace(
    sites: Network, distribution: str, ansible: Ansible, lab: Lab, audit: Audit
) -> None:
    before = lab.inventory()
    with echo(PROVIDER_ADDRESS) as port:
        wanted: dict[str, Any] = {"skupper_distribution": distribution, "skupper_services": [service(port)]}

        with audit() as log:
            predicted = sites.run(ansible, "main", "--check", "--diff", **wanted).succeeded()
        assert log.writes == [], "a check run for sites that are not linked"

        with audit() as log:
            made = sites.run(ansible, "main", **wanted).succeeded()
        assert made.changed == predicted.changed != []
        assert len(log.writes) == len(set(log.writes)), "every object is written once"
        assert sites.is_linked(*SPOKES)
        assert [sites.tokens(spoke) for spoke in SPOKES] == [[link] for link in LINKS]
        with sites.connected(TORONTO, "echo") as connection:
            assert exchange(connection), "from one spoke over the hub to the other"

        with audit() as log:
            again = sites.run(ansible, "main", **wanted).succeeded()
            check = sites.run(ansible, "main", "--check", "--diff", **wanted).succeeded()
            verified = sites.run(ansible, "verify", **wanted).succeeded()
            rotation_predicted = sites.run(ansible, "rotate", "--check", **wanted).succeeded()
            removal_predicted = sites.run(ansible, "absent", "--check", **wanted).succeeded()
        assert log.writes == [], "second run, check runs and verify"
        assert (again.changed, check.changed, verified.changed) == ([], [], [])

        _renew_under_load(sites, ansible, rotation_predicted, wanted)

        with audit() as log:
            kept = sites.run(ansible, "rotate", **wanted, skupper_network_renew_before=30).succeeded()
        assert (log.writes, kept.changed) == ([], []), "nothing expires within 30 days"

        with audit() as log:
            removed = sites.run(ansible, "absent", **wanted).succeeded()
        assert sites.left(before) == []
        assert removed.changed == removal_predicted.changed != []
        assert len(log.writes) == len(set(log.writes))

        with audit() as log:
            nothing = sites.run(ansible, "absent", **wanted).succeeded()
        assert (log.writes, nothing.changed) == ([], [])


def _renew_under_load(sites: Network, ansible: Ansible, predicted: Run, wanted: dict[str, Any]) -> None:
    """Renew both links while somebody uses them."""
    with traffic(sites, TORONTO, "echo", lambda: sites.is_linked(*SPOKES)) as used:
        rotated = sites.run(ansible, "rotate", **wanted).succeeded()
    assert rotated.changed == predicted.changed != []
    assert used.failures == []
    assert len(used.interrupted) <= 2 * len(SPOKES), "the stream and a request for each connection that is replaced"
    assert min(used.streamed, used.requests, used.looks) > 10
    assert [sites.tokens(spoke) for spoke in SPOKES] == [[f"{link}-2"] for link in LINKS]
    assert sites.leaks(HUB) == sites.leaks(TORONTO) == []
    for spoke in SPOKES:
        told = rotated.task("Show what was renewed", spoke).message
        assert "=> serial" in told
        assert re.search(r"link down in 0 of \d+ polls", told)
