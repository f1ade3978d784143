# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v2 site in memory, and a host whose files and skupper_router are real; only podman on it is a double."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway import v2_files
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.job import (
    GatewayTask,
    HostUnreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_gateway.task import run
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_gateway import SPEC
from tests.unit.podman.world import IMAGE, Box
from tests.unit.podman.world import World as PodmanHost
from tests.unit.skupper.v2 import sites

NAME = "redis"
CONTAINER = "redis-skupper-router"


class GatewayWorldV2(sites.World):
    """A site, and a host with its gateway."""

    def __init__(self, folder: Path) -> None:
        self.host = PodmanHost(folder)
        self.folder = folder
        self.down = ""
        """Why the host can not be reached."""
        super().__init__()

    def gateway(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of skupper_gateway."""
        defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
        given = {
            **defaults,
            "version": "v2",
            "cluster": {"context": "ca-central"},
            "namespace": sites.NAMESPACE,
            "name": NAME,
            "address": "redis-cart",
            "ports": ["6379"],
            "image": IMAGE,
            "data_home": str(self.folder),
            "wait_timeout": 1,
            "wait_sleep": 0.001,
            **params,
        }
        task = OnFakes(
            given, check_mode=check, diff_mode=True, warn=self.warnings.append, ask_host=lambda a: self._ask(check, a)
        )
        task.leads_to = self.issuer
        try:
            return run(task)
        finally:
            self.secrets |= task.secrets

    def _ask(self, check: bool, arguments: Any) -> dict[str, Any]:
        if self.down:
            raise HostUnreachable(self.down)
        given = json.loads(json.dumps(dict(arguments)))  # nothing but JSON gets there
        given = {name: value for name, value in given.items() if name != "reach"}
        try:
            return self.host.module(check, diff=True, **given)
        except InterconnectError as error:
            return {"failed": True, "msg": error.message}

    def changes(self) -> list[str]:
        """Writes to the cluster and commands of the host, but for looking, since the last look."""
        found = [*self.log, *(line.split(" --")[0] for line in self.host.changed_by())]
        self.log.clear()
        return found

    @property
    def home(self) -> Path:
        return Path(v2_files.home(str(self.folder), -1, NAME))

    @property
    def box(self) -> Box:
        return self.host.boxes[CONTAINER]

    def entities(self, kind: str) -> list[dict[str, Any]]:
        """What the running router has."""
        return [entity for each, entity in self.box.entities if each == kind]

    def work(self) -> None:
        super().work()
        box = self.host.boxes.get(CONTAINER)
        if box is None or not box.running:
            return
        router = self.entities("router")[0]
        link = {"name": "x", "remoteSiteId": self.issuer.site["metadata"]["uid"], "operational": self._is_signed()}
        record = {"id": json.loads(router["metadata"])["id"], "name": NAME, "links": [link]}
        self.issuer.site["status"]["network"].append(record)

    def _is_signed(self) -> bool:
        found = list(self.home.glob("runtime/certs/*-profile/ca.crt"))
        return bool(found) and found[0].read_bytes() == self.issuer.authority.pem


class OnFakes(GatewayTask):
    """A task whose cluster is in memory."""

    leads_to: sites.SiteCluster

    def connect(self, options: Any) -> Any:
        assert options["context"] == "ca-central"
        return self.leads_to.as_client()
