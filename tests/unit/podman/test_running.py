# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the router: nothing, a binding, a restart, or another container."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.carrying_out import RouterDown
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.desired import DIGEST_LABEL
from tests.unit.podman.world import IMAGE, LISTENER, REDIS, ROUTER, Box, World

OTHER = ["tcpConnector", {"name": "db:5432", "host": "127.0.0.1", "port": 5432, "address": "db:5432"}]
MOVED = ["tcpConnector", {"name": "redis:6379", "host": "127.0.0.1", "port": "6380", "address": "redis:6379"}]


def config(*entities: Any) -> str:
    return json.dumps([ROUTER, LISTENER, *entities])


def bindings(result: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["attributes"]["port"] for each in result["router"]["bindings"]}


@pytest.fixture
def up(world: World) -> World:
    world.run()
    world.changed_by()
    return world


def test_a_router_is_made_with_its_files(world: World) -> None:
    result = world.run()
    assert result["actions"] == ["wrote", "created"]
    assert result["container"]["running"]
    assert result["router"]["version"] == "2.7.6"
    assert bindings(result) == {"redis:6379": "6379"}
    for path, mode in {"": 0o700, "certs": 0o700, "certs/tls.key": 0o600, "config/skrouterd.json": 0o600}.items():
        assert (world.home / path).stat().st_mode & 0o777 == mode
    (words,) = [words for words in world.log if words[1] == "run"]
    assert " ".join(words).startswith(
        "podman run --detach --name gateway --network host --restart always --user 0:0 --env "
    )
    assert f"{world.home}:/opt/skupper:Z" in words
    assert words[-1] == IMAGE
    assert not any("KEY MATERIAL" in word for line in world.log for word in line)


def test_without_root_the_router_is_the_user(world: World) -> None:
    world.uid = 1000
    world.run()
    words = world.boxes["gateway"].words
    assert words[words.index("--user") + 1] == "1000:1000"
    assert words[words.index("--userns") + 1] == "keep-id"


def test_again_changes_nothing(up: World) -> None:
    result = up.run(diff=True)
    assert (result["changed"], result["actions"], up.changed_by()) == (False, [], [])
    assert result["diff"]["before"] == result["diff"]["after"]


def test_a_check_run_predicts_and_writes_nothing(world: World) -> None:
    result = world.run(check=True, diff=True)
    assert result["actions"] == ["wrote", "created"]
    assert not world.home.exists()
    assert world.changed_by() == []
    assert "config/skrouterd.json" in result["diff"]["after"]
    assert "KEY MATERIAL" not in str(result)


def test_bindings_change_while_the_router_runs(up: World) -> None:
    started = up.boxes["gateway"].started
    result = up.run(files={"config/skrouterd.json": config(MOVED, OTHER)}, unread=[])
    assert result["actions"] == ["wrote", "removed", "unbound", "bound"]
    assert bindings(result) == {"redis:6379": "6380", "db:5432": "5432"}
    assert up.boxes["gateway"].started == started
    assert [line.split("skmanage ")[1].split(" --bus")[0] for line in up.changed_by()] == ["delete", "create", "create"]


def test_a_binding_that_the_router_has_lost_is_made_again(up: World) -> None:
    up.boxes["gateway"].entities = [entry for entry in up.boxes["gateway"].entities if entry[0] != "tcpConnector"]
    assert up.run()["actions"] == ["bound"]


def test_numbers_and_text_are_the_same_to_a_router(up: World) -> None:
    up.run(files={"config/skrouterd.json": config(OTHER)}, unread=[])
    text = json.loads(json.dumps(OTHER))
    text[1]["port"] = "5432"
    assert "bound" not in up.run(files={"config/skrouterd.json": config(text)}, unread=[])["actions"]


@pytest.mark.parametrize(
    "change",
    [
        {"image": "localhost/lab/skupper-router:next"},
        {"env": {"QDROUTERD_CONF": "/opt/skupper/config/skrouterd.json", "SKUPPER_SITE_ID": "x"}},
        {"secret_files": {"certs/tls.key": "ANOTHER KEY"}},
        {"labels": {"skupper.io/v2-component": "router"}},
        {"files": {"config/skrouterd.json": json.dumps([["router", {"id": "other"}], LISTENER, REDIS])}},
    ],
    ids=["image", "env", "key", "labels", "router"],
)
def test_all_else_makes_another_container(up: World, change: dict[str, Any]) -> None:
    up.images.add("localhost/lab/skupper-router:next")
    digest = up.boxes["gateway"].labels[DIGEST_LABEL]
    result = up.run(**({"unread": []} | change))
    assert "replaced" in result["actions"]
    assert result["container"]["digest"] != digest
    assert up.run(**({"unread": []} | change))["actions"] == []


def test_files_that_the_router_does_not_read_restart_nothing(up: World) -> None:
    files = {**up.options()["files"], "config/siteid.txt": "site-2"}
    assert up.run(files=files)["actions"] == ["wrote"]
    assert up.changed_by() == []


def test_an_image_is_pulled_before_the_router_is_touched(up: World) -> None:
    up.refuses["podman pull"] = "unable to copy from source: unauthorized"
    with pytest.raises(InterconnectError, match="pull image example/router:1: Error: unable to copy from source"):
        up.run(image="example/router:1")
    assert up.boxes["gateway"].running
    del up.refuses["podman pull"]
    assert up.run(image="example/router:1")["actions"] == ["pulled", "replaced"]


def test_a_container_that_has_gone_is_made_again(up: World) -> None:
    del up.boxes["gateway"]
    assert up.run()["actions"] == ["created"]


def test_a_stopped_container_is_started(up: World) -> None:
    up.boxes["gateway"].running = False
    assert up.run()["actions"] == ["started"]


def test_a_container_that_has_never_run_is_made_again(up: World) -> None:
    box = up.boxes["gateway"]
    box.running, box.started = False, "0001-01-01T00:00:00Z"
    assert up.run()["actions"] == ["replaced"]


def test_a_changed_file_is_put_right_and_the_router_restarted(up: World) -> None:
    (up.home / "certs" / "tls.key").write_text("somebody else's", encoding="utf-8")
    assert up.run()["actions"] == ["wrote", "restarted"]
    lines = up.changed_by()
    assert [line.split()[1] for line in lines] == ["stop", "start"]
    assert (up.home / "certs" / "tls.key").read_text(encoding="utf-8") == "KEY MATERIAL"


def test_strays_and_readable_keys_are_mended_without_a_restart(up: World) -> None:
    (up.home / "config" / "old.json").write_text("{}", encoding="utf-8")
    (up.home / "certs" / "tls.key").chmod(0o644)
    assert up.run()["actions"] == ["wrote", "removed"]
    assert (up.home / "certs" / "tls.key").stat().st_mode & 0o777 == 0o600
    assert up.changed_by() == []


def test_a_router_that_does_not_answer_is_restarted(up: World) -> None:
    up.deaf = True
    assert up.run(check=True)["actions"] == ["restarted"]
    with pytest.raises(RouterDown, match=r"router gateway is not up after 20 s: .*ConnectionException"):
        up.run()


def test_a_router_of_upstream_is_taken_over(world: World) -> None:
    world.boxes["gateway"] = Box([], {}, {"QDROUTERD_CONF": "/opt/x.json"}, {}, IMAGE, running=True, started="2026")
    world.boxes["gateway"].entities = [("listener", {"port": 5672})]
    assert world.run()["actions"] == ["wrote", "replaced"]


def test_restarted_restarts_and_says_so(up: World) -> None:
    assert up.run(state="restarted")["actions"] == ["restarted"]
    assert up.run(state="restarted", check=True)["changed"]


def test_a_link_that_is_down_is_waited_for_and_named(world: World) -> None:
    world.link = "FAILED"
    dial = ["connector", {"name": "conn1", "host": "edge.example.com", "port": "443", "role": "edge"}]
    with pytest.raises(RouterDown, match=r"connector conn1 to edge\.example\.com:443 is FAILED"):
        world.run(files={"config/skrouterd.json": config(dial)}, unread=[])
    assert world.clock >= 20
    world.link = "SUCCESS"
    assert world.run(files={"config/skrouterd.json": config(dial)}, unread=[])["actions"] == []


def test_without_waiting_the_result_says_what_is_so_far(world: World) -> None:
    world.deaf = True
    result = world.run(wait=False)
    assert result["router"]["answers"] is False
    assert "Connection refused" in result["router"]["message"]
    assert world.clock == 0


def test_absent_removes_container_and_folder(up: World) -> None:
    options: dict[str, Any] = {"state": "absent", "config_file": None}
    assert up.run(check=True, **options)["actions"] == ["stopped", "removed"]
    assert up.home.exists()
    assert up.run(**options)["actions"] == ["stopped", "removed"]
    assert not up.home.exists()
    assert up.boxes == {}
    assert up.run(**options)["actions"] == []


def test_absent_without_podman_removes_the_folder_and_says_what_it_can_not_see(up: World) -> None:
    up.version = None
    assert up.run(state="absent")["actions"] == ["removed"]
    assert "has no podman that works" in up.warnings[-1]


def test_probed_tells_and_writes_nothing(up: World) -> None:
    result = up.run(state="probed", files=None, secret_files=None, read=["config/siteid.txt", "config/none"])
    assert result["read"] == {"config/siteid.txt": "site-1", "config/none": None}
    assert bindings(result) == {"redis:6379": "6379"}
    assert result["podman"] == {"version": "4.3.1", "rootless": False, "quadlet": False, "systemd": False}
    assert up.changed_by() == []


def test_probed_needs_no_name(world: World) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("name", "home", "config_file", "files", "secret_files", "image"))
    result = world.run(state="probed", **nothing)
    assert result["container"] is None
    assert result["host"]["gateway_name"].startswith(result["host"]["hostname"])


def test_a_folder_in_the_way_of_a_file_is_replaced(world: World) -> None:
    Path(world.home, "config", "skrouterd.json").mkdir(parents=True)
    assert "created" in world.run()["actions"]
