# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role redis_host with a real podman and a real Redis."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bare_metal.redis_hosts import IMAGE, RedisHost
from tests.integration.lab.containers import need_podman
from tests.integration.runs import Ansible
from tests.lab.podman.engine import podman
from tests.lab.podman.images import variant

OTHER_IMAGE = "localhost/lab/redis:other"
PASSWORD = 'a "quoted" \\ Pässword'
VOLUME = "Bring the volume to the wanted state"
CONTAINER = "Bring the container to the wanted state"
UNIT = "Write the unit"


@pytest.fixture(scope="module", autouse=True)
def images() -> Iterator[None]:
    need_podman()
    variant(IMAGE, OTHER_IMAGE)
    yield
    podman("rmi", "--force", OTHER_IMAGE)


@pytest.fixture
def redis(ansible: Ansible, tmp_path: Path) -> Iterator[RedisHost]:
    folder = tmp_path / "redis"
    folder.mkdir()
    made = RedisHost(ansible, folder)
    yield made
    made.clean()


def changed(redis: RedisHost, *arguments: str, entry: str = "main", **variables: Any) -> list[str]:
    """Names of the tasks that changed something in a run that succeeded."""
    return [name for _host, name in redis.run(*arguments, entry=entry, **variables).succeeded().changed]


def test_data_survives_changes_and_removal(redis: RedisHost) -> None:
    assert changed(redis, "--check") == [CONTAINER, VOLUME]
    assert redis.inspect() == {}
    first = redis.run().succeeded()
    assert [name for _host, name in first.changed] == [CONTAINER, VOLUME]
    assert "systemd does not run here" in first.output
    assert changed(redis) == []
    assert redis.cli("SET", "cart", "full") == "+OK"
    assert redis.reached_at("127.0.0.1")
    assert not redis.reached_at("127.0.0.2")

    other: dict[str, Any] = {"redis_host_image": OTHER_IMAGE, "redis_host_config": {"maxmemory-policy": "allkeys-lru"}}
    before = redis.started()
    assert changed(redis, **other) == [CONTAINER]
    assert redis.started() != before
    assert redis.inspect()["ImageName"] == OTHER_IMAGE
    assert "allkeys-lru" in redis.cli("CONFIG", "GET", "maxmemory-policy")
    assert "full" in redis.cli("GET", "cart")

    assert changed(redis, entry="absent") == ["Remove the container"]
    assert redis.inspect() == {}
    assert redis.has("volume", f"{redis.name}-data")
    assert changed(redis, entry="absent") == []
    redis.run().succeeded()
    assert "full" in redis.cli("GET", "cart")
    assert changed(redis, entry="absent", redis_host_remove_data=True) == [VOLUME, "Remove the container"]
    assert not redis.has("volume", f"{redis.name}-data")


def test_password_is_kept_where_nobody_sees_it(redis: RedisHost) -> None:
    given: dict[str, Any] = {"redis_host_password": PASSWORD}
    run = redis.run("-vvvv", "--diff", **given, ansible_pipelining=False).succeeded()
    assert [name for _host, name in run.changed] == [CONTAINER, VOLUME, "Keep the password as a secret of podman"]
    for seen in (run.output, str(redis.inspect())):
        assert "Pässword" not in seen
        assert "P\\u00e4ssword" not in seen
    assert "NOAUTH" in redis.cli("PING")
    assert "PONG" in redis.cli("PING", password=PASSWORD)
    assert changed(redis, **given) == []

    assert changed(redis, "--check", redis_host_password="next") == [
        CONTAINER,
        "Keep the password as a secret of podman",
    ]
    assert changed(redis) == [CONTAINER, "Remove the password"]
    assert "PONG" in redis.cli("PING")
    assert not redis.has("secret", f"{redis.name}-password")


def test_verification_names_what_is_wrong(redis: RedisHost) -> None:
    [failure] = redis.run(entry="verify").failures
    assert "not there" in failure.message
    redis.run().succeeded()
    redis.run(entry="verify").succeeded()
    [failure] = redis.run(entry="verify", redis_host_port=redis.port + 1).failures
    assert f"not published at port {redis.port + 1}" in failure.message
    podman("stop", "--time=1", redis.name)
    [failure] = redis.run(entry="verify").failures
    assert "not running" in failure.message


def test_what_stands_in_the_way_is_named_and_nothing_is_made(redis: RedisHost) -> None:
    with socket.create_server(("127.0.0.1", redis.port)):
        [failure] = redis.run().failures
    assert f"something else listens at 127.0.0.1:{redis.port}" in failure.message
    wrong: dict[str, Any] = {
        "redis_host_port": 1023,
        "redis_host_service": "quadlet",
        "redis_host_password": "one\ntwo",
    }
    [failure] = redis.run(**wrong, __redis_host_is_root=False).failures
    assert "redis_host_port: 1023 is for root only" in failure.message
    assert "redis_host_service: quadlet needs systemd" in failure.message
    assert "redis_host_service: quadlet needs podman 4.4" in failure.message
    assert "redis_host_password has more than one line" in failure.message
    redis.replace_program("podman", "#!/bin/sh\necho 3.4.4\n")
    [failure] = redis.run().failures
    assert "podman 3.4.4 is too old" in failure.message
    redis.replace_program("podman", "#!/bin/sh\nexit 127\n")
    [failure] = redis.run(redis_host_install=False).failures
    assert "podman is not installed" in failure.message
    assert redis.inspect() == {}
    assert not redis.has("volume", f"{redis.name}-data")


@pytest.mark.parametrize("kind", ["quadlet", "unit"])
def test_systemd_runs_it_and_restarts_it_only_for_changes(redis: RedisHost, kind: str) -> None:
    redis.bring_systemd()
    given: dict[str, Any] = {"redis_host_service": kind, "redis_host_config": {"maxmemory-policy": "allkeys-lru"}}
    assert UNIT in changed(redis, **given)
    assert redis.units() == [f"{redis.name}.{'container' if kind == 'quadlet' else 'service'}"]
    assert sorted(redis.systemd_asked()) == (["start"] if kind == "quadlet" else ["enable", "start"])
    assert redis.cli("SET", "cart", "full") == "+OK"
    assert "allkeys-lru" in redis.cli("CONFIG", "GET", "maxmemory-policy")
    assert redis.inspect()["HostConfig"]["Memory"] == 512 * 1024**2
    assert changed(redis, **given) == []
    assert redis.systemd_asked() == []

    given["redis_host_password"] = PASSWORD
    assert changed(redis, **given) != []
    assert redis.systemd_asked() == ["restart"]
    assert "full" in redis.cli("GET", "cart", password=PASSWORD)
    assert changed(redis, entry="absent", **given) != []
    assert redis.units() == []
    assert redis.inspect() == {}
