# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare-metal host in memory, as module skupper_router has it, and a v1 site that its gateways connect to."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.job import (
    GatewayTask,
    HostUnreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.task import run
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_gateway import SPEC
from tests.unit.apply.fake_cluster import Object
from tests.unit.skupper.v1.sites import NAMESPACE, SiteCluster, World, config_map_ref, made, secret_ref

NAME = "redis-1-alice"
RESOURCE = "skupper-gateway-" + "5" * 40
HOME = f"/users/alice/.local/share/skupper/cluster/{NAME}"
BINDING_KINDS = ("tcpConnector", "tcpListener", "httpConnector", "httpListener")
CERTIFICATE = "skupper-router-certs/conn1-profile/tls.crt"

PARAMS: dict[str, Any] = {
    **{option: spec.get("default") for option, spec in SPEC.argument_spec.items()},
    "version": "v1",
    "cluster": {"context": "ca-central"},
    "namespace": NAMESPACE,
    "address": "redis-cart",
    "ports": ["6379"],
    "wait_timeout": 0,
    "wait_sleep": 0.001,
}


class Host:
    """What lies and runs on the host."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, str]] = {}
        """By the gateway's directory."""
        self.containers: dict[str, Object] = {}
        self.asked: list[str] = []
        """States, and what was done for them."""
        self.problems: list[str] = []
        self.taken: dict[int, str] = {}
        self.cut_off: set[tuple[str, int]] = set()
        self.down = ""
        self.fails_with = ""
        """What it says in all states but `probed`."""
        self.broken = ""
        """What it says in all states."""
        self.rootless = True
        self.status: Callable[[Object], tuple[str, str]] = lambda container: ("SUCCESS", "")

    def ask(self, arguments: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
        """Run the module."""
        if self.down:
            raise HostUnreachable(self.down)
        given: Object = json.loads(json.dumps(arguments))  # nothing but JSON gets there
        state = given["state"]
        said = self.broken or (self.fails_with if state != "probed" else "")
        if said:
            return {"failed": True, "msg": said}
        before = copy.deepcopy((self.files, self.containers))
        actions = [] if state == "probed" else self._do(state, given)
        result = self._told(given, actions)
        if check:
            self.files, self.containers = before
        else:
            self.asked.append(" ".join([state, *actions]))
        return result

    def _do(self, state: str, arguments: Object) -> list[str]:
        name, home = arguments["name"], arguments["home"]
        if state == "absent":
            gone = [self.files.pop(home, None), self.containers.pop(name, None)]
            return ["removed"] if any(gone) else []
        wanted = {**arguments["files"], **arguments["secret_files"]}
        actions = ["wrote"] if self.files.get(home, {}) != wanted else []
        self.files[home] = wanted
        return [*actions, *self._run(name, state, arguments, wanted)]

    def _run(self, name: str, state: str, arguments: Object, files: dict[str, str]) -> list[str]:
        entities = json.loads(files[arguments["config_file"]])
        fixed = [entity for entity in entities if entity[0] not in BINDING_KINDS]
        read = {path: text for path, text in files.items() if path not in arguments["unread"]}
        read[arguments["config_file"]] = json.dumps(fixed)
        said = {key: arguments[key] for key in ("image", "env", "mounts", "user")}
        digest = hashlib.sha256(json.dumps([read, said], sort_keys=True).encode()).hexdigest()
        container = {
            "digest": digest,
            "running": True,
            "image": arguments["image"],
            "config": entities,
            "certificate": files[CERTIFICATE],
        }
        live = self.containers.get(name)
        self.containers[name] = container
        if live is None:
            return ["created"]
        if live["digest"] != digest:
            return ["replaced"]
        if not live["running"]:
            return ["started"]
        if state == "restarted":
            return ["restarted"]
        return ["bound"] if live["config"] != entities else []

    def _told(self, arguments: Object, actions: list[str]) -> dict[str, Any]:
        name = arguments.get("name") or NAME
        container = self.containers.get(name)
        files = self.files.get(arguments.get("home", "").replace("~", "/users/alice"), {})
        return {
            "changed": bool(actions),
            "actions": actions,
            "diff": [{"before": "", "after": action} for action in actions],
            "problems": self.problems,
            "podman": {"version": "5.4.2", "rootless": self.rootless},
            "host": {
                "hostname": "redis-1",
                "user": "alice",
                "home": "/users/alice",
                "data_home": "/users/alice/.local/share",
                "gateway_name": NAME,
                "resource_name": RESOURCE,
                "free_port": 33333,
            },
            "container": {key: container[key] for key in ("running", "image", "digest")} if container else None,
            "router": self._router(container),
            "read": {path: files.get(path) for path in arguments.get("read", ())},
            "reach": [
                {**each, "ok": tuple(each.values()) not in self.cut_off, "message": "connection refused"}
                for each in arguments.get("reach", ())
            ],
            "ports": [
                {**each, "free": each["port"] not in self.taken, "by": self.taken.get(each["port"], "")}
                for each in arguments.get("ports_free", ())
            ],
        }

    def _router(self, container: Object | None) -> Object | None:
        if not container or not container["running"]:
            return None
        status, message = self.status(container)
        return {"version": "2.7.6", "connectors": [{"name": "conn1", "status": status, "message": message}]}

    # -- what tests do and look at -----------------------------------------------------------------------------------

    def entities(self, kind: str, name: str = NAME) -> dict[str, Object]:
        """What the running router has, by name."""
        found = self.containers[name]["config"]
        return {attributes["name"]: attributes for each, attributes in found if each == kind}

    def changes(self) -> list[str]:
        """What was done since the last look, but for looking."""
        found = [each for each in self.asked if " " in each]
        self.asked.clear()
        return found


class GatewayWorld(World):
    """A site, and a host with its gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.host = Host()
        self.host.status = self._status
        self.cluster: SiteCluster = self.issuer
        deployment = ObjectRef("apps/v1", "Deployment", "skupper-router", NAMESPACE)
        self.cluster.put(made(deployment, spec={}, status={"readyReplicas": 1}))
        self.cluster.put(made(config_map_ref("skupper-services")), manager="skupper")
        self.serves = True
        """Whether the service controller makes Services."""

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        task = OnFakes(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            ask_host=lambda arguments: self.host.ask(arguments, check),
        )
        task.leads_to = self.cluster
        try:
            return run(task)
        finally:
            self.secrets |= task.secrets

    def changes(self) -> list[str]:
        """What was written on either side since the last look."""
        found = [*self.writes(), *self.host.changes()]
        self.forget_writes()
        return found

    # -- what works there --------------------------------------------------------------------------------------------

    def work(self) -> None:
        super().work()
        if hasattr(self, "serves"):
            self._serve()
            self._see()

    def _serve(self) -> None:
        """The service controller: a Service for each definition."""
        data = self.cluster.objects[config_map_ref("skupper-services")].get("data") or {}
        for address in data if self.serves else ():
            ref = ObjectRef("v1", "Service", address, NAMESPACE)
            if ref not in self.cluster.objects:
                self.cluster.put(made(ref, spec={"ports": []}), manager="skupper")
        for ref in [ref for ref in self.cluster.objects if ref.kind == "Service" and ref.name != "skupper-router"]:
            if ref.name not in data:
                del self.cluster.objects[ref]

    def _see(self) -> None:
        """The site's routers tell of the gateway's."""
        ref = config_map_ref("skupper-network-status")
        if ref not in self.cluster.objects:
            return
        status = json.loads(self.cluster.objects[ref]["data"]["NetworkStatus"])
        for container in self.host.containers.values():
            if container["running"] and self._status(container)[0] == "SUCCESS":
                status["siteStatus"].append(_as_seen(container["config"]))
        self.cluster.objects[ref] = made(ref, data={"NetworkStatus": json.dumps(status)})

    def _status(self, container: Object) -> tuple[str, str]:
        """What the gateway's connector says."""
        secret = self.cluster.objects.get(secret_ref(RESOURCE), {})
        signed = base64.b64decode((secret.get("data") or {}).get("ca.crt", "")) == self.cluster.authority.pem
        own = base64.b64decode((secret.get("data") or {}).get("tls.crt", "")).decode() == container["certificate"]
        config = {attributes["name"]: attributes for kind, attributes in container["config"] if kind == "connector"}
        if config["conn1"]["host"] != self.cluster.host:
            return "FAILED", "no route to host"
        return ("SUCCESS", "") if signed and own else ("FAILED", "certificate verify failed")


def _as_seen(config: list[Any]) -> Object:
    entities = list(config)
    router = next(attributes for kind, attributes in entities if kind == "router")
    connectors = [{"address": each["address"]} for kind, each in entities if kind == "tcpConnector"]
    status = {
        "router": {"name": f"0/{router['id']}"},
        "links": [{"mode": "edge", "name": "ca-central-router", "direction": "outgoing"}],
        "connectors": connectors or None,
    }
    return {"site": {"identity": json.loads(router["metadata"])["id"]}, "routerStatus": [status]}


class OnFakes(GatewayTask):
    """A task whose cluster is in memory."""

    leads_to: SiteCluster

    def connect(self, options: Mapping[str, Any]) -> Any:
        assert options["context"] == "ca-central"
        return self.leads_to.as_client()
