# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ansible-playbook: how long each task took, without Ansible's own start, and how much memory they took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.lab.bare import Bare
from tests.tree import CHECKOUT

AS_MODULE = "MULTICLUSTER_INTERCONNECT_AS_MODULE"
CALLBACKS = CHECKOUT / "tests" / "integration" / "callbacks"


@dataclass(frozen=True)
class Measured:
    """One run."""

    seconds: list[float]
    """Of each task, in their order."""
    memory: int
    """Bytes: the largest resident set among ansible-playbook and the processes that it started."""
    results: list[dict[str, Any]]


def run(plane: Bare, folder: Path, tasks: Sequence[Mapping[str, Any]], as_module: bool = False) -> Measured:
    """Run tasks on localhost. Raise RuntimeError with Ansible's output when one fails."""
    playbook, record, output = (folder / f"run.{suffix}" for suffix in ("yml", "jsonl", "txt"))
    record.write_text("")
    playbook.write_text(json.dumps([_play(plane, tasks)]))
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_"))},
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "RECORD_FILE": str(record),
        AS_MODULE: "1" if as_module else "",
    }
    program = Path(sys.executable).parent / "ansible-playbook"
    with open(output, "wb") as stream:
        process = subprocess.Popen(
            [program, "-i", "localhost,", playbook],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(output.read_text())
    records = [json.loads(line) for line in record.read_text().splitlines()]
    seconds = [_time(each["ended"]) - _time(each["began"]) for each in records]
    return Measured(seconds, usage.ru_maxrss * 1024, [each["result"] for each in records])


def _play(plane: Bare, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    connection = {"kubeconfig": str(plane.kubeconfig), "context": plane.name}
    return {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "module_defaults": {
            "group/multicluster.interconnect.all": connection,
            "group/kubernetes.core.k8s": connection,
        },
        "tasks": list(tasks),
    }


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
