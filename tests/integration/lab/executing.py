# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands in containers, by the client that the collection has."""

from __future__ import annotations

import json
from typing import Any

from kubernetes import client, config
from kubernetes.stream import stream

from tests.lab import Lab


def execute(lab: Lab, cluster: str, namespace: str, pod: str, *command: str) -> tuple[int, str, str]:
    """Run a command in the container ``router`` of a pod; return exit code, output and errors."""
    with config.new_client_from_config(str(lab.kubeconfig), cluster) as api:
        running = stream(
            client.CoreV1Api(api).connect_get_namespaced_pod_exec,
            pod,
            namespace,
            container="router",
            command=list(command),
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        running.run_forever(timeout=20)
        return running.returncode, running.read_stdout(), running.read_stderr()


def skmanage(lab: Lab, cluster: str, namespace: str, pod: str, kind: str) -> dict[str, Any]:
    """Entities of a router, by name."""
    code, out, errors = execute(lab, cluster, namespace, pod, "skmanage", "query", "--type", kind)
    assert code == 0, errors
    return {each["name"]: each for each in json.loads(out)}
