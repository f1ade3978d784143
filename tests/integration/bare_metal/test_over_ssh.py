# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis and its gateway on a host that is reached over SSH as an ordinary user, with a real rootless podman."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bare_metal.gateways import HUB, IMAGE, PHILLY, Gateways, gateways
from tests.integration.conftest import Audit
from tests.integration.lab.containers import free_port, need_podman
from tests.integration.runs import Ansible, Run
from tests.lab import Lab
from tests.lab.podman.engine import NoPodman
from tests.lab.podman.remote.host import HOME, USER, RemoteHost

EXTENSION = "skupper"
HOST = "edge-1"
REDIS_IMAGE = "localhost/lab/redis:7"
ROLES = ("redis_host", "skupper_gateway")


@pytest.fixture(scope="module")
def v1(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    with gateways(lab, tmp_path_factory.mktemp("sites")) as made:
        yield made


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteHost]:
    need_podman()
    try:
        host = RemoteHost(tmp_path_factory.mktemp("host"))
    except NoPodman as error:
        pytest.skip(f"NOT TESTED, no host over SSH here: {error}")
    host.boot()
    try:
        for image in (REDIS_IMAGE, IMAGE):
            host.take_image(image)
        yield host
    finally:
        host.power_off()


class Play:
    """Plays of both roles over an inventory of one site with a host over SSH."""

    def __init__(self, ansible: Ansible, sites: Gateways, remote: RemoteHost, folder: Path) -> None:
        self._ansible, self._folder = ansible, folder
        redis = free_port()
        cluster = {"ansible_connection": "local", "kubeconfig": str(sites.lab.kubeconfig)}
        variables = {
            "skupper_version": "v1",
            "skupper_namespace": sites.namespace,
            "skupper_gateway_name": sites.name,
            "skupper_gateway_image": IMAGE,
            "skupper_gateway_bindings": [{"address": "redis-cart", "ports": [f"6379:{redis}"]}],
            "skupper_gateway_verify_timeout": 20,
            "redis_host_image": REDIS_IMAGE,
            "redis_host_image_pull": "never",
            "redis_host_port": redis,
        }
        groups: dict[str, Any] = {
            "skupper_sites": {"hosts": {HUB: cluster}},
            "site_ca_central": {"hosts": {HUB: {}, HOST: remote.inventory()}},
        }
        (folder / "hosts.json").write_text(json.dumps({"all": {"vars": variables, "children": groups}}))

    def run(self, entry: str, *arguments: str, **variables: Any) -> Run:
        """Run an entry point of both roles."""
        tasks = [
            {"ansible.builtin.include_role": {"name": f"multicluster.interconnect.{role}", "tasks_from": entry}}
            for role in (ROLES if entry != "absent" else reversed(ROLES))
        ]
        playbook = self._folder / f"{entry}.json"
        playbook.write_text(json.dumps([{"hosts": HOST, "gather_facts": False, "tasks": tasks}]))
        inventory = self._folder / "hosts.json"
        return self._ansible.playbook(playbook, *arguments, variables=variables, inventories=(inventory,))


@pytest.fixture
def play(ansible: Ansible, v1: Gateways, remote: RemoteHost, tmp_path: Path) -> Play:
    return Play(ansible, v1, remote, tmp_path)


def test_an_ordinary_user_of_a_host_over_ssh_has_it_all(
    play: Play, v1: Gateways, remote: RemoteHost, audit: Audit
) -> None:
    predicted = play.run("main", "--check").succeeded()
    assert (remote.containers(), bool(predicted.changed)) == ({}, True)

    made = play.run("main").succeeded()
    assert made.changed == predicted.changed
    assert set(remote.containers().values()) == {"running"}
    assert len(remote.containers()) == len(ROLES)
    assert v1.redis_cli(PHILLY, "SET", "cart", "full") == "+OK"
    home = f"{HOME}/.local/share/skupper/cluster/{v1.name}"
    modes = remote.ssh("find", home, "-name", "tls.key", "-printf", "'%m %u\n'").stdout.split()
    assert modes == ["600", USER]

    with audit() as asked:
        again = play.run("main").succeeded()
        verified = play.run("verify").succeeded()
    assert (asked.writes, again.changed, verified.changed) == ([], [], [])

    # Without systemd nobody starts an ordinary user's containers after a reboot: the next run does.
    remote.power_off()
    remote.boot()
    assert "running" not in remote.containers().values()
    play.run("main").succeeded()
    play.run("verify").succeeded()
    assert "full" in v1.redis_cli(PHILLY, "GET", "cart")

    play.run("absent", redis_host_remove_data=True).succeeded()
    assert (remote.containers(), v1.resource()) == ({}, "")
    assert remote.podman("volume", "ls", "--quiet") == ""
    assert remote.ssh("ls", home).returncode
    assert not play.run("absent", redis_host_remove_data=True).succeeded().changed
