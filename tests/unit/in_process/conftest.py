# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks on this machine against a scripted server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__

from tests.environments import DEVELOPMENT, Core
from tests.integration.runs import AS_MODULE, Run, Running
from tests.tree import CHECKOUT
from tests.unit.client.certificates import Authority
from tests.unit.client.scripted_server import Answer, ScriptedServer, running

CALLBACKS = CHECKOUT / "tests" / "integration" / "callbacks"
CONFIG_MAP = "/api/v1/namespaces/shop/configmaps/settings"
# What would lead a run elsewhere than a test means.
ELSEWHERE = ("K8S_AUTH_", "ANSIBLE_", "KUBECONFIG", "HTTPS_PROXY", "https_proxy")

Play = Callable[..., Run]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The server's CA."""
    return Authority(tmp_path_factory.mktemp("ca"), "cluster-ca")


@pytest.fixture
def server(authority: Authority) -> Iterator[ScriptedServer]:
    """A server that has a version, an id and one ConfigMap, which takes what is applied to it."""
    with running(authority.issue("apiserver", ("127.0.0.1",))) as script:
        script.serves("v1", ("ConfigMap", "configmaps", True), ("Secret", "secrets", True))
        script.on("GET /version", Answer(body={"gitVersion": "v1.34.4"}))
        script.on("GET /api/v1/namespaces/kube-system", Answer(body={"metadata": {"uid": "1-2-3"}}))
        metadata = {"name": "settings", "namespace": "shop", "uid": "4-5-6"}
        script.on(f"PATCH {CONFIG_MAP}", Answer(body={"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))
        yield script


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Runs tasks on one local host that stands for a cluster."""
    if not __version__.startswith(f"{DEVELOPMENT.version}."):
        pytest.skip("the development environment runs this on every ansible-core")

    def run(
        tasks: list[dict[str, Any]],
        *arguments: str,
        core: Core = DEVELOPMENT,
        as_module: bool = False,
        variables: dict[str, Any] | None = None,
        environ: dict[str, str] | None = None,
        **keywords: Any,
    ) -> Run:
        bin_folder = core.bin()
        playbook = tmp_path / "play.yml"
        playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, **keywords, "tasks": tasks}]))
        inventory = tmp_path / "inventory.json"
        interpreter = {"ansible_connection": "local", "ansible_python_interpreter": str(bin_folder / "python")}
        inventory.write_text(json.dumps({"all": {"hosts": {"ca-toronto": {**interpreter, **(variables or {})}}}}))
        record = tmp_path / "record.jsonl"
        record.write_text("")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
        environment |= {
            "HOME": str(tmp_path),
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            "RECORD_FILE": str(record),
            AS_MODULE: "1" if as_module else "",
            **(environ or {}),
        }
        words = [str(bin_folder / "ansible-playbook"), str(playbook), "-i", str(inventory), *arguments]
        return Running(words, environment, record).wait()

    return run
