# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role skupper_gateway for a v1 network: the gateway follows the inventory, and is verified and removed by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bare_metal.gateways import HUB, IMAGE, Gateways, gateways
from tests.integration.conftest import Audit
from tests.integration.runs import Ansible, Run
from tests.lab import Lab
from tests.lab.podman.engine import podman

EXTENSION = "skupper"
HOST = "redis-ca-central"


@pytest.fixture(scope="module")
def v1(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    with gateways(lab, tmp_path_factory.mktemp("role")) as made:
        yield made


class Play:
    """Plays of the role over an inventory of one site."""

    def __init__(self, ansible: Ansible, sites: Gateways, folder: Path) -> None:
        self._ansible, self._sites, self._folder = ansible, sites, folder
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "kubeconfig": str(sites.lab.kubeconfig),
            "skupper_version": "v1",
            "skupper_namespace": sites.namespace,
            "skupper_gateway_name": sites.name,
            "skupper_gateway_image": IMAGE,
            "skupper_gateway_data_home": str(sites.data_home),
            "skupper_gateway_verify_timeout": 4,
        }
        groups: dict[str, Any] = {
            "skupper_sites": {"hosts": {HUB: {}}},
            "site_ca_central": {"hosts": {HUB: {}, HOST: {}}},
        }
        (folder / "hosts.json").write_text(json.dumps({"all": {"vars": variables, "children": groups}}))

    def run(self, entry: str = "main", *arguments: str, **variables: Any) -> Run:
        """Run an entry point of the role on the bare-metal host."""
        task = {"ansible.builtin.include_role": {"name": "multicluster.interconnect.skupper_gateway"}}
        task["ansible.builtin.include_role"]["tasks_from"] = entry
        playbook = self._folder / f"{entry}.json"
        playbook.write_text(json.dumps([{"hosts": HOST, "gather_facts": False, "tasks": [task]}]))
        given = {"skupper_gateway_bindings": self.bindings(), **variables}
        inventory = self._folder / "hosts.json"
        return self._ansible.playbook(playbook, *arguments, variables=given, inventories=(inventory,))

    def bindings(self, *addresses: str) -> list[dict[str, Any]]:
        """The Redis of the host, under some names."""
        ports = [f"6379:{self._sites.redis}"]
        return [{"address": address, "ports": ports} for address in addresses or ("redis-cart",)]


@pytest.fixture
def play(ansible: Ansible, v1: Gateways, tmp_path: Path) -> Play:
    return Play(ansible, v1, tmp_path)


def test_the_gateway_follows_the_inventory(play: Play, v1: Gateways, audit: Audit) -> None:
    two = play.bindings("redis-cart", "redis-copy")
    with audit() as asked:
        predicted = play.run("main", "--check", skupper_gateway_bindings=two).succeeded()
    assert (asked.writes, bool(predicted.changed), v1.container()) == ([], True, {})

    play.run(skupper_gateway_bindings=two).succeeded()
    v1.ping()
    with audit() as asked:
        again = play.run(skupper_gateway_bindings=two).succeeded()
        verified = play.run("verify", skupper_gateway_bindings=two).succeeded()
    assert (asked.writes, again.changed, verified.changed) == ([], [], [])
    assert "is connected" in verified.output

    play.run().succeeded()
    assert v1.objects()["services"] == ["redis-cart"]
    v1.ping(HUB)

    podman("stop", "--time=1", v1.name)
    stopped = play.run("verify")
    assert stopped.returncode
    assert "on the host: started" in " ".join(stopped.output.split())

    play.run(skupper_gateway_bindings=[]).succeeded()
    assert (v1.resource(), v1.container()) == ("", {})
    assert not play.run("absent").succeeded().changed


def test_a_host_of_no_site_is_named(play: Play) -> None:
    run = play.run(skupper_gateway_site="")
    assert run.returncode
    assert f"{HOST}: shares no group site_... with a cluster that has a site" in " ".join(run.output.split())
