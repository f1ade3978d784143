# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the lab's images, and what the router's double in them takes."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.lab.podman.python import closure
from tests.lab.podman.rootfs import RootFs
from tests.lab.podman.systemctl import generated, parse
from tests.lab.skupper.container.entities import Entities, Refused

ROUTER = ("router", {"id": "gateway", "mode": "edge"})
BINDING = {"name": "redis-cart:6379", "address": "redis-cart:6379", "host": "127.0.0.1", "port": "6379"}


def entities(*more: tuple[str, dict[str, Any]], version: str = "2.7.6") -> Entities:
    return Entities(json.dumps([ROUTER, *more]), version)


def test_router_in_an_image_needs_the_standard_library_alone() -> None:
    for program in ("skrouterd", "skmanage"):
        found = closure(f"tests.lab.skupper.container.{program}")
        assert "tests.lab.skupper.container" in found
        assert not found & {"tests.lab.api", "tests.lab.lab", "tests.lab.skupper.router"}


@pytest.mark.parametrize(
    ("kind", "attributes", "problem"),
    [
        ("nonsense", {}, "No such entity type 'nonsense'"),
        ("tcpConnector", {"port": "1"}, "required attribute 'address'"),
        ("tcpConnector", {**BINDING, "processId": "1"}, "no attribute 'processId'"),
        ("tcpConnector", BINDING, "Duplicate value 'redis-cart:6379'"),
        ("router", {"id": "another"}, "can not be created"),
    ],
)
def test_management_refuses_what_a_router_does(kind: str, attributes: dict[str, Any], problem: str) -> None:
    live = entities(("tcpConnector", BINDING))
    with pytest.raises(Refused, match=problem):
        live.create(kind, attributes)
    assert live.of("tcpConnector") == [BINDING]


def test_entities_come_and_go() -> None:
    live = entities()
    live.create("tcpConnector", BINDING)
    with pytest.raises(Refused, match="No entity with name=other"):
        live.delete("tcpConnector", "other")
    live.delete("tcpConnector", BINDING["name"])
    assert live.of("tcpConnector") == []


@pytest.mark.parametrize(("version", "kind"), [("3.3.0", "httpConnector"), ("2.7.6", "site")])
def test_kinds_of_the_other_version_end_a_router(version: str, kind: str) -> None:
    with pytest.raises(Refused, match=f"No such entity type '{kind}'"):
        entities((kind, BINDING), version=version)


@pytest.mark.parametrize("text", ["", "{}", "[]", '[["router"]]', '[["listener", {"port": 1}]]'])
def test_configuration_without_a_router_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Entities(text, "2.7.6")


def test_root_file_system_has_what_was_put_in(tmp_path: Path) -> None:
    source = tmp_path / "plain"
    source.write_text("content")
    content = RootFs()
    content.copy("etc/plain", source)
    content.folder("data", owner=999)
    before = content.digest()
    stream = io.BytesIO()
    content.write(stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        file = archive.extractfile("etc/plain")
        assert file
        assert file.read() == b"content"
        assert archive.getmember("data").uid == 999
        assert archive.getmember("bin").linkname == "usr/bin"
    source.write_text("another content")
    assert content.digest() != before


def test_unit_of_quadlet_becomes_one_run() -> None:
    text = '# no\n[Container]\nContainerName=a\nImage=i\nExec="x y" $$1\nPublishPort=1:2\nVolume=v:/d\nLabel=l=1\n'
    words = generated(parse(f'{text}PodmanArgs="--health-cmd=c d" --memory=1\n')["Container"])
    assert words[:4] == ["run", "--name=a", "--replace", "--rm"]
    assert words[-5:] == ["--health-cmd=c d", "--memory=1", "i", "x y", "$1"]
