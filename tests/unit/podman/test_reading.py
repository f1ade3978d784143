# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from a router's configuration, and from the host."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._podman import host
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.router_config import (
    DEFAULT_MANAGEMENT,
    Management,
    as_text,
    parse,
)

ROUTER = ["router", {"id": "r"}]


def test_the_order_of_entities_means_nothing() -> None:
    listener = ["listener", {"name": "amqp", "port": 5672}]
    assert parse(json.dumps([ROUTER, listener]), {}).rest == parse(json.dumps([listener, ROUTER]), {}).rest


def test_management_is_at_the_first_listener_that_is_for_it() -> None:
    entities = [
        ROUTER,
        ["listener", {"name": "http", "port": 9090, "http": True}],
        ["listener", {"name": "edge", "port": 45671, "role": "edge"}],
        ["listener", {"name": "amqp", "host": "localhost", "port": 25672}],
    ]
    assert parse(json.dumps(entities), {}).management == Management("amqp://localhost:25672")
    assert parse(json.dumps([ROUTER]), {}).management == DEFAULT_MANAGEMENT


@pytest.mark.parametrize("variable", ["${BASE}", "$BASE"])
def test_management_by_tls_finds_the_files_as_the_router_does(variable: str) -> None:
    profile = {name: f"{variable}/certs/{name}" for name in ("certFile", "privateKeyFile", "caCertFile")}
    entities = [
        ROUTER,
        ["sslProfile", {"name": "local", **profile}],
        ["listener", {"name": "local", "host": "127.0.0.1", "port": 5671, "sslProfile": "local"}],
    ]
    management = parse(json.dumps(entities), {"BASE": "/etc/router"}).management
    assert management.options() == [
        "--bus",
        "amqps://127.0.0.1:5671",
        "--ssl-certificate",
        "/etc/router/certs/certFile",
        "--ssl-key",
        "/etc/router/certs/privateKeyFile",
        "--ssl-trustfile",
        "/etc/router/certs/caCertFile",
    ]


def test_entities_may_bear_their_full_names() -> None:
    config = parse(json.dumps([ROUTER, ["io.skupper.router.tcpListener", {"name": "a", "port": 80}]]), {})
    assert [binding.key for binding in config.bindings] == [("tcpListener", "a")]
    assert config.listening == {("", 80)}


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (None, ""), (6379, "6379"), ("a", "a")])
def test_values_are_text_as_skmanage_takes_them(value: object, text: str) -> None:
    assert as_text(value) == text


def test_names_in_the_cluster_are_those_of_upstream() -> None:
    machine = "0123456789abcdef0123456789abcdef"
    wanted = hmac.new(machine.encode(), b"host-alice", hashlib.sha1).hexdigest()
    assert host.default_gateway_name("host", "Alice B") == "host-aliceb"
    assert host.resource_name(machine, "host-alice") == f"skupper-gateway-{wanted}"
    assert len(wanted) == 40


def test_the_machine_is_known_by_the_first_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "second").write_text("abc\n", encoding="ascii")
    assert host.machine_id([str(tmp_path / "first"), str(tmp_path / "second")]) == "abc"
    assert host.machine_id([str(tmp_path / "first")]) == ""
