# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A v1 site in memory, as its controllers have made it, and runs of the module on it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import ObjectRef
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper_site.authority import (
    Authority,
    new_authority,
    new_certificate,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task, perform
from ansible_collections.multicluster.interconnect.plugins.modules.skupper_site import SPEC
from tests.unit.apply.fake_cluster import FakeCluster, Object

NAMESPACE, HOST = "boutique", "203.0.113.7"
MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)
REVOKED = "2026-06-01T00:00:00Z"


def ref(kind: str, name: str, version: str = "v1") -> ObjectRef:
    return ObjectRef(version, kind, name, NAMESPACE)


CONFIG, INTERNAL = ref("ConfigMap", "skupper-site"), ref("ConfigMap", "skupper-internal")
CA, SERVER = ref("Secret", "skupper-site-ca"), ref("Secret", "skupper-site-server")
ROUTER = ref("Deployment", "skupper-router", "apps/v1")


def _object(what: ObjectRef, **more: Any) -> Object:
    metadata = {"name": what.name, "namespace": what.namespace, **more.pop("metadata", {})}
    return {"apiVersion": what.api_version, "kind": what.kind, "metadata": metadata, **more}


@cache
def credentials() -> tuple[str, str]:
    """Data of the two Secrets, made once: keys take a while."""
    ca = new_authority(CA.name, MADE)
    hosts = [f"skupper-router.{NAMESPACE}", "", "old.example.com"]
    server = new_certificate({"metadata": {"name": CA.name}, "data": ca}, hosts[0], filter(None, hosts), MADE)
    return json.dumps(ca), json.dumps(server)


class World:
    """One cluster with one namespace."""

    def __init__(self) -> None:
        self.cluster = FakeCluster({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        self.cluster.missing_kinds = {"Route", "Site"}
        ca, server = (json.loads(text) for text in credentials())
        router = {"mode": "interior", "metadata": json.dumps({"id": "uid", "version": "1.9.6"})}
        status = {"loadBalancer": {"ingress": [{"ip": HOST}]}}
        labels = {"skupper.io/type": "token-claim-record"}
        made = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for obj in (
            _object(CONFIG, data={"name": "ca-central", "ingress": "loadbalancer"}),
            _object(
                INTERNAL,
                data={"skrouterd.json": json.dumps([["router", router]])},
                metadata={"creationTimestamp": made},
            ),
            _object(CA, data=ca),
            _object(SERVER, data=server),
            _object(ROUTER, spec={"template": {"metadata": {}}}),
            _object(ref("Service", "skupper-router"), spec={"type": "LoadBalancer"}, status=status),
            _object(ref("Secret", "claim"), metadata={"labels": labels}, data={"password": "c2VjcmV0"}),
        ):
            self.cluster.put(obj)

    def run(self, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        """Run the module, without waiting."""
        given = {"version": "v1", "name": "ca-central", "namespace": NAMESPACE, "ingress": "loadbalancer", **more}
        defaults = {option: spec.get("default") for option, spec in SPEC.argument_spec.items()}
        task = Task(params={**defaults, "wait": False, **given}, check_mode=check_mode, diff_mode=True)
        task._own = self.cluster.as_client()
        return perform(SPEC, task)

    def authority(self) -> Authority:
        found = Authority.of_secret(self.cluster.objects[CA])
        assert found
        return found

    def is_of_one_piece(self) -> bool:
        """Whether the router shows what the CA has signed, and was started anew for it."""
        mark = self.cluster.objects[ROUTER]["spec"]["template"]["metadata"].get("annotations") or {}
        started = mark.get("multicluster.interconnect/site-ca") == self.authority().fingerprint
        return started and self.authority().has_signed(self.cluster.objects[SERVER])


def pem(world: World, what: ObjectRef, key: str) -> bytes:
    """A value of a Secret."""
    return base64.b64decode(world.cluster.objects[what]["data"][key])
