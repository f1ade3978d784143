# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A podman site of v2 that was rendered here: the same as upstream's CLI renders it, and a router runs from it.

The CLI is the real one, 2.0.0. It runs in a container, as upstream's own bootstrap.sh runs it, because it takes every
machine with a /.dockerenv for a container. It comes as far as the router's image, which is in no registry here: all
files are written by then.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.model import Endpoint, Material
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway import v2_files
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.bindings import Binding
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.v2_resources import PodmanSite
from tests.integration.bare_metal.router_hosts import MODULE, V2_IMAGE, RouterHost, router_host
from tests.integration.lab.containers import free_port
from tests.integration.runs import step
from tests.lab.build import ensure
from tests.lab.podman.engine import environment, podman
from tests.lab.skupper.v1 import certificates

EXTENSION = "skupper"
SITE_ID = "f2dec07d-5cf9-4a3a-8779-c62096ecd24a"
ENDPOINTS = (
    Endpoint("inter-router", "127.20.1.100", "55671", "skupper-router"),
    Endpoint("edge", "127.20.1.100", "45671", "skupper-router"),
)
BINDINGS = [
    Binding("redis-cart", 6379, "10.0.0.249", 6379),
    Binding("metrics", 80, "localhost", 9090),
    Binding("metrics", 443, "localhost", 9443),
    Binding("frontend", 80, "127.0.0.1", 8080, forwards=True),
]
SERVE_SECONDS = "120"


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> None:
    """No cluster is used here, so none is started to be compared."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterHost]:
    with router_host(tmp_path_factory.mktemp("sites")) as made:
        yield made


@pytest.fixture(scope="module")
def material() -> Material:
    """A certificate such as the controller of v2 issues, for the link and for the loopback address."""
    data = certificates.issue(certificates.authority("skupper-site-ca"), "bare-redis", ("127.0.0.1", "localhost"))
    return Material(*(b64decode(data[key]) for key in ("ca.crt", "tls.crt", "tls.key")))


def site(material: Material, name: str = "bare-redis", edge: bool = False) -> PodmanSite:
    return PodmanSite(name, f"{name}-link", ENDPOINTS, material, BINDINGS, edge)


@pytest.fixture
def socket_of_podman(tmp_path: Path) -> Iterator[Path]:
    """The API that the CLI drives podman by."""
    place = tmp_path / "run" / "podman.sock"
    place.parent.mkdir()
    words = ["podman", "system", "service", "--time", SERVE_SECONDS, f"unix://{place}"]
    service = subprocess.Popen(words, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment()})
    try:
        deadline = time.monotonic() + 30
        while not place.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield place
    finally:
        service.terminate()
        service.wait(10)


def rendered_by_upstream(name: str, files: dict[str, str], folder: Path, socket: Path) -> Path:
    """What `skupper system setup` makes of our own resources; its namespace's folder."""
    given, output = folder / "input", folder / "output"
    output.mkdir()
    for path, text in files.items():
        if path.startswith(v2_files.INPUT):
            given.mkdir(exist_ok=True)
            (given / Path(path).name).write_text(text, encoding="utf-8")
    cli = ensure(["skupper"]).programs["skupper"]
    mounts = {cli: "/skupper:ro", given: "/input", output: "/output", socket.parent: "/sock"}
    found = podman(
        *("run", "--rm", "--network=host", "--entrypoint=/skupper", "--env=SKUPPER_PLATFORM=podman"),
        *("--env=CONTAINER_ENDPOINT=unix:///sock/podman.sock", f"--env=SKUPPER_OUTPUT_PATH={output}"),
        "--env=SKUPPER_ROUTER_IMAGE=127.0.0.1:1/no-registry:1",
        *(f"--volume={source}:{target}" for source, target in mounts.items()),
        *("localhost/lab/redis:7", "system", "setup", "--path", "/input", "-n", name),
        check=False,
    )
    assert "failed to pull router image" in found.stdout + found.stderr
    return output / "namespaces" / name


def comparable(text: str) -> list[Any]:
    """A router's entities in one order, without what each rendering of the CLI has anew."""
    entities = json.loads(text)
    for kind, entity in entities:
        if kind in ("router", "site"):  # a random id of the site, and names that end in the time
            for key in ("id", "name"):
                entity.update({key: re.sub(r"-(\d{10}|f2dec07d)$", "", entity[key])} if key in entity else {})
        if kind == "router":
            entity["metadata"] = {**json.loads(entity["metadata"]), "id": "any"}
        if kind == "listener":
            entity["port"] = "any that is free"
    return sorted(entities, key=lambda pair: json.dumps(pair, sort_keys=True))


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("edge", [False, True], ids=["interior", "edge"])
def test_upstreams_cli_renders_the_same(material: Material, tmp_path: Path, socket_of_podman: Path, edge: bool) -> None:
    arguments = v2_files.router_arguments(site(material, edge=edge), SITE_ID, 5671, V2_IMAGE)
    files = {**arguments["files"], **arguments["secret_files"]}
    upstream = rendered_by_upstream("bare-redis", files, tmp_path, socket_of_podman)
    assert comparable(files[v2_files.CONFIG]) == comparable((upstream / v2_files.CONFIG).read_text(encoding="utf-8"))
    assert (upstream / v2_files.PLATFORM).read_text(encoding="utf-8") == files[v2_files.PLATFORM]
    link = "runtime/certs/bare-redis-link-profile"
    for name in ("ca.crt", "tls.crt", "tls.key"):
        assert (upstream / link / name).read_text(encoding="utf-8") == files[f"{link}/{name}"]
    ours = {path for path in files if path.startswith(v2_files.INPUT)}
    theirs = {str(path.relative_to(upstream)) for path in (upstream / v2_files.INPUT).iterdir()}
    assert ours == theirs
    missing = {str(path.relative_to(upstream)) for path in upstream.rglob("*.*") if path.is_file()} - set(files)
    # What is left out: authorities and a client of the host's own, in whose place is the link's certificate, and the
    # CLI's own notes.
    beginnings = ("runtime/resources/", "runtime/issuers/", "runtime/certs/skupper-local-client/", "internal/snapshot/")
    assert [path for path in missing if not path.startswith(beginnings)] == []


def test_a_router_runs_from_it_and_only_the_networks_certificates_manage_it(
    host: RouterHost, material: Material
) -> None:
    made = site(material, host.name, edge=True)
    port = free_port()
    arguments = v2_files.router_arguments(made, SITE_ID, port, V2_IMAGE)
    arguments |= {"home": str(host.home), "wait": False}
    run = host.run(
        step("site", MODULE, **arguments),
        step(
            "settled",
            MODULE,
            state="probed",
            name=made.container,
            home=str(host.home),
            config_file=v2_files.CONFIG,
            env=arguments["env"],
            read=[v2_files.PLATFORM],
        ),
        step("site again", MODULE, **arguments),
    )
    try:
        first, settled, again = (run.task(name) for name in ("site", "settled", "site again"))
        assert first["actions"] == ["wrote", "created"], first.message
        assert again["actions"] == [], again.message
        assert settled["router"]["answers"], settled["router"]["message"]
        assert [(each["name"], each["role"]) for each in settled["router"]["connectors"]] == [(made.link, "edge")]
        assert {each["name"] for each in settled["router"]["bindings"]} == {
            "redis-cart@10.0.0.249",
            "metrics-80@localhost",
            "metrics-443@localhost",
            "frontend",
        }
        assert settled["read"] == {v2_files.PLATFORM: "platform: podman\n"}
        query = ("skmanage", "query", "--type", "connector", "--bus")
        anybody = podman("exec", made.container, *query, f"amqps://127.0.0.1:{port}", check=False)
        assert anybody.returncode != 0
    finally:
        podman("rm", "--force", "--time=1", made.container)
