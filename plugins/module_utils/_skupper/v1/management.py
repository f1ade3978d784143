# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a router itself says of its links: skmanage, run in its pod.

Upstream: skupperproject/skupper 1.9.6 pkg/qdr/qdr.go (GetLocalConnectorStatus); skupper-router 2.7.6
python/skupper_router/management/skrouter.json (entity connector).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._client.client import Client
from ..._client.errors import InterconnectError

ROUTER_PODS = "skupper.io/component=router"
"""Label selector."""
CONTAINER = "router"
COMMAND = ("skmanage", "query", "--type", "io.skupper.router.connector")
SECONDS = 20.0
CONNECTED = "SUCCESS"


@dataclass(frozen=True)
class Connection:
    """How a connector fares."""

    status: str
    """CONNECTING, SUCCESS or FAILED."""
    message: str


def running(pods: list[dict[str, Any]]) -> str:
    """The name of a pod in which a command can be run; empty where there is none."""
    for pod in pods:
        is_going = (pod.get("metadata") or {}).get("deletionTimestamp")
        if (pod.get("status") or {}).get("phase") == "Running" and not is_going:
            return str(pod["metadata"]["name"])
    return ""


def parse_connections(text: str) -> dict[str, Connection]:
    """What skmanage has printed, by the connectors' names.

    :raises ValueError: that is no list of connectors.
    """
    entries = json.loads(text)
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ValueError("no list of entities")
    return {
        str(entry.get("name", "")): Connection(
            str(entry.get("connectionStatus", "")), str(entry.get("connectionMsg", ""))
        )
        for entry in entries
    }


def connections(client: Client, namespace: str, pod: str) -> dict[str, Connection]:
    """Ask the router in a pod for its connectors.

    :raises InterconnectError: the command can not be run, or it fails.
    """
    said, complaint, code = run(client, namespace, pod, CONTAINER, COMMAND)
    what = f"{client.server}: {' '.join(COMMAND)} in pod {namespace}/{pod}"
    if code != 0:
        raise InterconnectError(f"{what} ends with {code}: {complaint.strip() or said.strip() or 'no message'}")
    try:
        return parse_connections(said)
    except ValueError as error:
        raise InterconnectError(f"{what} prints no connectors ({error})") from error


def run(client: Client, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> tuple[str, str, int]:
    """Run a command in a pod: what it writes to its two outputs, and its exit code.

    :raises InterconnectError: the API server does not let us, or the node does not answer.
    """
    from kubernetes.client import ApiException, CoreV1Api
    from kubernetes.config import new_client_from_config_dict
    from kubernetes.stream import stream
    from websocket import WebSocketException

    api = new_client_from_config_dict(client.own_kubeconfig(), persist_config=False)
    try:
        shell = stream(
            CoreV1Api(api).connect_get_namespaced_pod_exec,
            pod,
            namespace,
            container=container,
            command=list(command),
            stderr=True,
            stdin=False,
            stdout=True,
            tty=False,
            _preload_content=False,
            _request_timeout=SECONDS,
        )
        shell.run_forever(timeout=SECONDS)
        code = shell.returncode
    except (ApiException, WebSocketException, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(getattr(error, "reason", "") or error).strip().partition("\n")[0]
        raise InterconnectError(
            f"{client.server}: no command can be run in pod {namespace}/{pod} ({reason}): exec: true needs the right "
            "to get and create pods/exec there; or leave it out, and the network's status has to do"
        ) from error
    finally:
        api.close()
    if code is None:
        raise InterconnectError(
            f"{client.server}: {command[0]} in pod {namespace}/{pod} has not ended in {SECONDS:.0f} s"
        )
    return shell.read_stdout(timeout=0) or "", shell.read_stderr(timeout=0) or "", int(code)
