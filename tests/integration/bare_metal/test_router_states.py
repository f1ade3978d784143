# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_router on a real podman: made, changed while it runs, mended, removed."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.bare_metal.router_hosts import MODULE, RouterHost, router_host
from tests.integration.runs import triple
from tests.lab.podman.engine import podman
from tests.lab.podman.images import variant

EXTENSION = "skupper"
REDIS = ["tcpConnector", {"name": "redis:6379", "host": "127.0.0.1", "port": "6379", "address": "redis:6379"}]
MOVED = ["tcpConnector", {"name": "redis:6379", "host": "127.0.0.1", "port": "6380", "address": "redis:6379"}]
OTHER = ["tcpConnector", {"name": "db:5432", "host": "127.0.0.1", "port": 5432, "address": "db:5432"}]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> None:
    """No cluster is used here, so none is started to be compared."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterHost]:
    with router_host(tmp_path_factory.mktemp("routers")) as made:
        yield made


@pytest.fixture
def up(host: RouterHost) -> RouterHost:
    """The router as it is to be, whatever an earlier test has left."""
    host.done(REDIS)
    return host


def test_a_router_is_made_once(host: RouterHost) -> None:
    run = host.run(*triple("router", MODULE, **host.args(REDIS)))
    check, made, again = (run.task(name) for name in ("check router", "router", "router again"))
    assert not made.failed, made.message
    assert (check["actions"], made["actions"], again["actions"]) == (["wrote", "created"], ["wrote", "created"], [])
    assert check["container"] is None
    assert made["router"]["version"] == "2.7.6"
    assert host.bindings() == {"redis:6379": "6379"}
    found = host.container()
    assert found["HostConfig"]["NetworkMode"] == "host"
    assert found["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert found["Config"]["User"] == "0:0"
    modes = {str(path.relative_to(host.home)): path.stat().st_mode & 0o777 for path in host.home.rglob("*")}
    assert {mode for name, mode in modes.items() if "." in Path(name).name} == {0o600}
    assert {mode for name, mode in modes.items() if "." not in Path(name).name} == {0o700}
    assert "no key, but as secret" not in run.output
    assert "no key, but as secret" not in str(found)


def test_bindings_change_while_the_router_runs(up: RouterHost) -> None:
    before = up.identity()
    assert up.done(MOVED, OTHER) == ["wrote", "unbound", "bound"]
    assert up.done(MOVED, OTHER) == []
    assert up.bindings() == {"redis:6379": "6380", "db:5432": "5432"}
    assert up.identity() == before
    podman("restart", "--time=1", up.name)
    assert up.done(MOVED, OTHER) == []
    assert up.bindings() == {"redis:6379": "6380", "db:5432": "5432"}


def test_a_binding_that_somebody_else_has_dropped_is_made_again(up: RouterHost) -> None:
    bus = ("--bus", f"amqp://127.0.0.1:{up.port}", "--type", "tcpConnector", "--name", "redis:6379")
    podman("exec", up.name, "skmanage", "delete", *bus)
    assert up.done(REDIS) == ["bound"]


def test_what_befalls_a_container_is_mended(up: RouterHost) -> None:
    podman("stop", "--time=1", up.name)
    assert up.done(REDIS) == ["started"]
    podman("rm", "--force", "--time=1", up.name)
    assert up.done(REDIS) == ["created"]
    up.home.joinpath("skupper-router-certs/conn1-profile/tls.key").write_text("another", encoding="utf-8")
    assert up.done(REDIS) == ["wrote", "restarted"]
    assert up.done(REDIS) == []


def test_another_image_replaces_the_container(up: RouterHost) -> None:
    other = f"localhost/lab/skupper-router:{up.name}"
    variant("localhost/lab/skupper-router:2.7.6", other)
    try:
        before = up.identity()
        assert up.done(REDIS, image=other) == ["replaced"]
        assert up.identity()[0] != before[0]
        assert up.container()["ImageName"] == other
        assert up.done(REDIS) == ["replaced"]
    finally:
        podman("rmi", other)


def test_an_image_that_can_not_be_had_leaves_the_router_running(up: RouterHost) -> None:
    before = up.identity()
    failed = up.task(REDIS, image="localhost/lab/no-such-router:1")
    assert "podman can not pull image localhost/lab/no-such-router:1" in failed.message
    assert up.identity() == before


def test_a_router_that_does_not_start_is_named_with_its_words_and_repaired_by_the_next_run(up: RouterHost) -> None:
    failed = up.task(
        ["tcpConnector", {"name": "x", "host": "127.0.0.1", "port": "1", "adress": "x"}], state="restarted"
    )
    assert re.search(r"is not up after \d+ s: .*; its container does not stay up, and last said: ", failed.message)
    assert "Missing value for required attribute 'address' of tcpConnector" in failed.message
    repaired = up.done(REDIS)
    # Podman starts it over and over: it is restarted, or started where it is caught in between.
    assert repaired in (["wrote", "restarted"], ["wrote", "started"])
    assert up.bindings() == {"redis:6379": "6379"}


def test_a_port_in_use_is_refused_before_anything_is_written(up: RouterHost) -> None:
    before = up.identity()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        forward = ["tcpListener", {"name": "f", "host": "127.0.0.1", "port": str(port), "address": "f"}]
        refused = up.task(REDIS, forward, ports_free=[{"host": "127.0.0.1", "port": port}])
        assert f"127.0.0.1:{port}: another program listens there" in refused.message
    assert json.loads(up.home.joinpath("config/skrouterd.json").read_text(encoding="utf-8"))[-1] == REDIS
    assert up.identity() == before


def test_restarted_and_absent(up: RouterHost) -> None:
    before = up.identity()
    assert up.done(REDIS, state="restarted") == ["restarted"]
    assert (up.identity()[0] == before[0], up.identity()[1] != before[1]) == (True, True)
    run = up.run(*triple("absent", MODULE, name=up.name, home=str(up.home), state="absent"))
    actions = [run.task(name)["actions"] for name in ("check absent", "absent", "absent again")]
    assert actions == [["stopped", "removed"], ["stopped", "removed"], []]
    assert up.container() == {}
    assert not up.home.exists()


def test_a_container_of_somebody_else_is_left_alone(host: RouterHost) -> None:
    podman("run", "--detach", f"--name={host.name}", "--network=host", "localhost/lab/redis:7", "--port", "0")
    try:
        before = host.identity()
        assert "is no Skupper router: give the router another name" in host.task(REDIS).message
        assert host.identity() == before
        assert not host.home.exists()
        probe = host.task(state="probed")
        assert probe["podman"]["version"].startswith(("4.", "5."))
    finally:
        host.clean()
