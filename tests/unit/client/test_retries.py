# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked again, how often, and when a request is given up. No test waits: the clock is a number."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.auth import load_configuration
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    ApiError,
    Conflict,
    FieldConflict,
    Invalid,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.transport import (
    FIRST_CONTACT_SECONDS,
    MAX_PAUSE_SECONDS,
    OUTAGE_SECONDS,
    Transport,
)
from tests.unit.client.certificates import Pair
from tests.unit.client.scripted_server import Answer, ScriptedServer, running, status

GOOD = Answer(body={"good": True})


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)
        self.on_sleep()

    def clock(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def transport(options: dict[str, Any], tmp_path: Path, time: Time) -> Transport:
    return Transport(load_configuration(options, str(tmp_path)), "tests/1", (), time.sleep, time.clock)


def get(transport: Transport, path: str = "/x", **more: Any) -> dict[str, Any]:
    return transport.request("GET", path, "look", **more)


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_trouble_that_passes_is_asked_again(
    code: int, server: ScriptedServer, transport: Transport, time: Time
) -> None:
    server.on("GET /x", status(code), status(code), GOOD)
    assert get(transport) == {"good": True}
    assert server.asked() == ["GET /x"] * 3
    assert time.pauses[0] < time.pauses[1]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 410, 422, 302])
def test_a_refusal_is_asked_once(code: int, server: ScriptedServer, transport: Transport, time: Time) -> None:
    server.on("GET /x", status(code, "no"), GOOD)
    with pytest.raises(ApiError):
        get(transport)
    assert server.asked() == ["GET /x"]
    assert time.pauses == []


def test_the_server_says_how_long_to_pause(server: ScriptedServer, transport: Transport, time: Time) -> None:
    later = [
        Answer(429, headers={"Retry-After": value}) for value in ("2", "0", "3600", "Sun, 22 Nov 2026 00:00:00 GMT")
    ]
    server.on("GET /x", *later, GOOD)
    get(transport)
    assert time.pauses[0] == 2
    assert 0 < time.pauses[1] < 1
    assert time.pauses[2] == MAX_PAUSE_SECONDS
    assert 0 < time.pauses[3] < 3


def test_a_server_that_was_there_is_waited_for(server: ScriptedServer, transport: Transport, time: Time) -> None:
    get_once(server, transport)
    server.on("GET /x", status(503))
    start = time.now
    with pytest.raises(Unreachable, match="answers 503 to look") as caught:
        get(transport)
    assert OUTAGE_SECONDS - MAX_PAUSE_SECONDS * 1.2 <= time.now - start <= OUTAGE_SECONDS
    assert max(time.pauses) <= MAX_PAUSE_SECONDS * 1.2
    assert caught.value.transient


def test_a_server_that_was_given_up_is_not_waited_for_as_long_again(
    server: ScriptedServer, transport: Transport, time: Time
) -> None:
    get_once(server, transport)
    server.on("GET /x", status(503))
    for patience in (OUTAGE_SECONDS, FIRST_CONTACT_SECONDS):
        start = time.now
        with pytest.raises(Unreachable):
            get(transport)
        assert patience / 3 < time.now - start <= patience
    get_once(server, transport)
    start = time.now
    with pytest.raises(Unreachable):
        get(transport)
    assert time.now - start > FIRST_CONTACT_SECONDS


def get_once(server: ScriptedServer, transport: Transport) -> None:
    server.on("GET /first", GOOD)
    get(transport, "/first")


def test_a_load_balancer_without_a_server_behind_it_is_given_up_soon(
    server: ScriptedServer, transport: Transport, time: Time
) -> None:
    server.on("GET /x", Answer(503, b"<html>no backend</html>"))
    start = time.now
    with pytest.raises(Unreachable, match="no backend"):
        get(transport)
    assert time.now - start <= FIRST_CONTACT_SECONDS


def test_an_api_server_that_says_why_it_can_not_is_waited_for_at_first_contact(
    server: ScriptedServer, transport: Transport, time: Time
) -> None:
    server.on("GET /x", *[status(503, "starting up", "ServiceUnavailable")] * 8, GOOD)
    start = time.now
    assert get(transport) == {"good": True}
    assert time.now - start > FIRST_CONTACT_SECONDS


def test_a_refused_connection_is_named_and_given_up_soon(options: dict[str, Any], tmp_path: Path, time: Time) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        options["host"] = f"https://127.0.0.1:{free.getsockname()[1]}"
        transport = Transport(load_configuration(options, str(tmp_path)), "tests/1", (), time.sleep, time.clock)
        with pytest.raises(Unreachable) as caught:
            get(transport)
    assert caught.value.message == (
        f"{options['host']} does not answer ([Errno 111] Connection refused): check that the API server runs, the URL "
        "in the kubeconfig, and proxies on the way"
    )
    assert len(time.pauses) > 1


def test_a_server_that_restarts_is_found_again(
    options: dict[str, Any], server_pair: Pair, tmp_path: Path, time: Time
) -> None:
    with running(server_pair) as before:
        options["host"] = before.url
        transport = Transport(load_configuration(options, str(tmp_path)), "tests/1", (), time.sleep, time.clock)
        get_once(before, transport)
        transport.close()
    port = int(before.url.rpartition(":")[2])
    after: list[Any] = []

    def come_back() -> None:
        if len(time.pauses) == 3:
            after.append(running(server_pair, port=port))
            after[0].__enter__().on("GET /x", GOOD)

    time.on_sleep = come_back
    try:
        assert get(transport) == {"good": True}
    finally:
        after[0].__exit__(None, None, None)


def test_a_body_that_is_cut_off_is_asked_again(server: ScriptedServer, transport: Transport) -> None:
    server.on("GET /x", Answer(body={"a": "b" * 1000}, cut=True), GOOD)
    assert get(transport) == {"good": True}
    assert server.asked() == ["GET /x"] * 2


def test_a_connection_cut_within_tls_is_asked_again(options: dict[str, Any], tmp_path: Path, time: Time) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options["host"] = f"https://127.0.0.1:{listener.getsockname()[1]}"
        transport = Transport(load_configuration(options, str(tmp_path)), "tests/1", (), time.sleep, time.clock)

        def hang_up() -> None:
            listener.settimeout(5)
            listener.accept()[0].close()

        time.on_sleep = hang_up_in_thread(hang_up)
        time.on_sleep()
        with pytest.raises(Unreachable, match="does not answer"):
            get(transport)
    assert len(time.pauses) > 1


def hang_up_in_thread(function: Callable[[], None]) -> Callable[[], None]:
    return lambda: threading.Thread(target=function, daemon=True).start()


def test_a_conflict_is_repeated_only_where_that_is_right(server: ScriptedServer, transport: Transport) -> None:
    server.on("GET /x", status(409, "the object has been modified", "Conflict"), GOOD)
    assert get(transport, retry_conflict=True) == {"good": True}
    server.on("GET /y", status(409, "the object has been modified", "Conflict"), GOOD)
    with pytest.raises(Conflict, match="has been modified"):
        get(transport, "/y")
    assert server.asked() == ["GET /x", "GET /x", "GET /y"]


def test_a_storm_of_conflicts_ends(server: ScriptedServer, transport: Transport, time: Time) -> None:
    server.on("GET /x", status(409, "the object has been modified", "Conflict"))
    start = time.now
    with pytest.raises(Conflict):
        get(transport, retry_conflict=True)
    assert time.now - start <= OUTAGE_SECONDS


def test_the_owner_of_a_field_is_not_asked_again(server: ScriptedServer, transport: Transport) -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "argocd" using v1', "field": ".spec.a"}
    server.on("GET /x", status(409, "Apply failed", "Conflict", causes=[cause]))
    with pytest.raises(FieldConflict):
        get(transport, retry_conflict=True)
    assert server.asked() == ["GET /x"]


def test_an_invalid_object_is_final_in_an_outage_too(server: ScriptedServer, transport: Transport) -> None:
    server.on("GET /x", status(500, "etcd"), status(422, "spec.a: Required value", "Invalid"))
    with pytest.raises(Invalid, match=r"spec\.a: Required value"):
        get(transport)
    assert len(server.requests) == 2


def test_a_poll_loop_keeps_the_time_itself(server: ScriptedServer, transport: Transport, time: Time) -> None:
    server.on("GET /x", GOOD, status(503))
    get(transport)
    transport.outage_seconds = 0.0
    with pytest.raises(Unreachable):
        get(transport)
    assert time.pauses == []
