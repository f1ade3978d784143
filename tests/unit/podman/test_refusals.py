# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, with which words, and that nothing has been written then."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman import host
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.look import Refused
from tests.unit.podman.world import LISTENER, REDIS, ROUTER, Box, World


def refusal(world: World, kind: type[InterconnectError] = Refused, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        world.run(**options)
    assert world.changed_by() == []
    assert not world.home.exists()
    return caught.value.message


def test_a_host_without_podman(world: World) -> None:
    world.version = None
    assert refusal(world).endswith("install podman 4.0 or later")
    result = world.run(state="probed")
    assert result["podman"] is None
    assert result["problems"] == [refusal(world)]


def test_a_podman_that_is_too_old(world: World) -> None:
    world.version = "3.4.4"
    assert "is 3.4.4: update it to 4.0 or later" in refusal(world)


def test_a_podman_that_does_not_work(world: World) -> None:
    world.refuses["podman version"] = "cannot clone: Operation not permitted"
    assert "podman does not work on" in refusal(world)


def test_a_container_of_the_name_that_is_no_router(world: World) -> None:
    world.boxes["gateway"] = Box([], image="postgres:16", running=True)
    assert "container gateway (image postgres:16) is no Skupper router" in refusal(world)
    assert "is no Skupper router" in refusal(world, state="absent")


def test_a_port_that_somebody_listens_at(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        wanted = [{"host": "127.0.0.1", "port": port}]
        assert f"can not listen at 127.0.0.1:{port}: another program listens there" in refusal(world, ports_free=wanted)
        told = world.run(state="probed", ports_free=wanted)["ports"]
    assert told == [{"host": "127.0.0.1", "port": port, "free": False, "by": "another program listens there"}]
    assert world.run(ports_free=wanted)["ports"][0]["free"]


def test_a_port_of_our_own_router_is_free(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        listener = ["tcpListener", {"name": "db", "host": "127.0.0.1", "port": str(port), "address": "db"}]
        files = {"config/skrouterd.json": json.dumps([ROUTER, LISTENER, listener])}
        world.run(files=files, unread=[])
        again = world.run(files=files, unread=[], ports_free=[{"host": "localhost", "port": port}])
    assert (again["changed"], again["ports"][0]["free"]) == (False, True)


def test_a_port_for_root_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "unprivileged_from", lambda: 1024)
    world.uid = 1000
    message = refusal(world, ports_free=[{"host": "127.0.0.1", "port": 443}])
    assert "127.0.0.1:443: root only: a container without root listens at 1024 and above" in message


def test_a_host_that_can_not_be_reached(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        open_port = {"host": "127.0.0.1", "port": port}
        assert world.run(state="probed", reach=[open_port])["reach"] == [{**open_port, "ok": True, "message": ""}]
    assert f"does not reach 127.0.0.1:{port}: Connection refused" in refusal(world, reach=[open_port])


def test_a_name_that_does_not_resolve(world: World) -> None:
    assert "the name does not resolve" in refusal(world, reach=[{"host": "edge.invalid", "port": 443}])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": "no name"}, "name"),
        ({"home": "gateway"}, "home"),
        ({"home": "/var/lib"}, "home"),
        ({"home": "/"}, "home"),
        ({"files": {"../x": "", "config/skrouterd.json": "[]"}}, "files"),
        ({"files": {"/etc/passwd": ""}}, "files"),
        ({"secret_files": {"config/skrouterd.json": ""}}, "secret_files"),
        ({"secret_files": {"config/skrouterd.json/tls.key": ""}}, "files"),
        ({"config_file": "config/other.json"}, "config_file"),
        ({"files": {"config/skrouterd.json": "{"}}, "files.config/skrouterd.json"),
        ({"files": {"config/skrouterd.json": "{}"}}, "files.config/skrouterd.json"),
        ({"files": {"config/skrouterd.json": "[]"}}, "files.config/skrouterd.json"),
        ({"files": {"config/skrouterd.json": json.dumps([ROUTER, REDIS, REDIS])}}, "files.config/skrouterd.json"),
        ({"image": "--privileged"}, "image"),
        ({"network": "host --privileged"}, "network"),
        ({"env": {"A B": "1"}}, "env.A B"),
        ({"env": {"A": "1\n2"}}, "env.A"),
        (
            {"labels": {"multicluster.interconnect/config-digest": "x"}},
            "labels.multicluster.interconnect/config-digest",
        ),
        ({"mounts": [{"source": "../..", "target": "/x", "options": None}]}, "mounts[0].source"),
        ({"mounts": [{"source": ".", "target": "x", "options": None}]}, "mounts[0]"),
        ({"managed": [".."]}, "managed"),
    ],
)
def test_options_that_are_wrong(world: World, options: dict[str, Any], field: str) -> None:
    assert refusal(world, InputError, **options).startswith(f"{field}: ")


def test_keys_are_not_told(world: World) -> None:
    assert "is a key" in refusal(world, InputError, state="probed", read=["certs/tls.key"])


def test_a_link_does_not_lead_out_of_the_folder(world: World) -> None:
    elsewhere = world.home.parent.parent / "elsewhere"
    elsewhere.mkdir()
    world.home.mkdir(parents=True)
    (world.home / "config").symlink_to(elsewhere)
    with pytest.raises(InputError, match="by a symbolic link: remove the link"):
        world.run()
    assert list(elsewhere.iterdir()) == []
