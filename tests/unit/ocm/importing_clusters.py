# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub and a cluster in memory, with all that answers to an import: operator, agent, ACM's import controller.

They act before each request is answered. How the real ones behave is tested on the lab
(tests/integration/test_import.py).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.client import Client
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.discovery import Resource
from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Conflict,
    ObjectRef,
    missing_kind,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing import run
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.task import Task
from ansible_collections.multicluster.interconnect.plugins.modules.managedcluster_import import SPEC
from tests.unit.apply.fake_cluster import CLUSTER_WIDE, FakeCluster, Object
from tests.unit.ocm.requests_of_agents import ACCOUNT, agent_request, certificate_pem
from tests.unit.ocm.test_importing_identity import NOW

NAME = "ca-regina"
HUB_ID = "11111111-1111-4111-8111-111111111111"
OWN_ID = "22222222-2222-4222-8222-222222222222"
AGENT = "open-cluster-management-agent"
KINDS_OF_CLUSTERS = {"Klusterlet", "CertificateSigningRequest", "ClusterClaim", "ClusterVersion"}
ABSENT_KINDS = {"ClusterClaim", "ClusterVersion", "MultiClusterEngine", "KlusterletAddonConfig"}

MANAGED_CLUSTER = ObjectRef("cluster.open-cluster-management.io/v1", "ManagedCluster", NAME)
KLUSTERLET = ObjectRef("operator.open-cluster-management.io/v1", "Klusterlet", "klusterlet")
BOOTSTRAP = ObjectRef("v1", "Secret", "bootstrap-hub-kubeconfig", AGENT)
CREDENTIALS = ObjectRef("v1", "Secret", "hub-kubeconfig-secret", AGENT)
AUTO_IMPORT = ObjectRef("v1", "Secret", "auto-import-secret", NAME)
AGENT_NAMESPACE = ObjectRef("v1", "Namespace", AGENT)
CERTIFICATE = base64.b64encode(certificate_pem(NOW.replace(year=2100)).encode()).decode()

PARAMS: dict[str, Any] = {
    **{option: spec.get("default") for option, spec in SPEC.argument_spec.items()},
    "name": NAME,
    "hub": {"context": "ca-central"},
    "kubeconfig": "/etc/kubeconfig",
    "wait_timeout": 0,
    "wait_sleep": 1,
}

LABEL = {"app.kubernetes.io/managed-by": "multicluster.interconnect"}
REQUEST = f"CertificateSigningRequest {NAME}-token-1"
IMPORT = [
    f"apply Namespace {NAME}",
    f"apply ManagedCluster {NAME}",
    "create token of ServiceAccount open-cluster-management/agent-registration-bootstrap",
    f"approve {REQUEST}",
    "apply Namespace open-cluster-management-agent",
    "apply Secret open-cluster-management-agent/bootstrap-hub-kubeconfig",
    "apply Klusterlet klusterlet",
]


def made(ref: ObjectRef, **fields: Any) -> Object:
    metadata = {
        "name": ref.name,
        **({"namespace": ref.namespace} if ref.namespace else {}),
        **fields.pop("metadata", {}),
    }
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata, **fields}


class World:
    """Hub and cluster, and what runs there."""

    def __init__(self) -> None:
        self.hub = Hub(self, made(ObjectRef("v1", "Namespace", "open-cluster-management")))
        self.managed = Managed(self)
        self.hub.put(made(ObjectRef("v1", "ServiceAccount", "agent-registration-bootstrap", "open-cluster-management")))
        self.warnings: list[str] = []
        self.agent_runs = True
        self.tokens: dict[str, bool] = {}
        """Bootstrap tokens by their ids, and whether each is good."""
        self.last: TaskOnFakes | None = None
        self._operated = False

    def perform(self, check: bool = False, **params: Any) -> dict[str, Any]:
        """One run of the module."""
        task = self.last = TaskOnFakes(
            {**PARAMS, **params},
            check_mode=check,
            diff_mode=True,
            warn=self.warnings.append,
            _own=self.managed.as_client(),
            hub_client=self.hub.as_client(),
        )
        return run(task)

    def writes(self) -> list[str]:
        return [*self.hub.writes, *self.managed.writes]

    def forget_writes(self) -> None:
        self.hub.writes.clear()
        self.managed.writes.clear()

    def work(self) -> None:
        """What the controllers do when something has changed."""
        _import_by_acm(self)
        was_there, self._operated = self._operated, KLUSTERLET in self.managed.objects
        if was_there and not self._operated:
            self.managed.objects.pop(CREDENTIALS, None)
        if self._operated and self.agent_runs and BOOTSTRAP in self.managed.objects:
            self._run_agent()

    def _run_agent(self) -> None:
        config = json.loads(base64.b64decode(self.managed.objects[BOOTSTRAP]["data"]["kubeconfig"]))
        token = config["users"][0]["user"]["token"]
        token_id, user = token_facts(token)
        if not self.tokens.get(token_id):
            return
        ref = ObjectRef("certificates.k8s.io/v1", "CertificateSigningRequest", f"{NAME}-{token_id}")
        if ref not in self.hub.objects and CREDENTIALS not in self.managed.objects:
            extra = {"authentication.kubernetes.io/credential-id": [f"JTI={token_id}"]}
            request = agent_request(NAME, username=user, extra=extra)
            request["metadata"]["name"] = ref.name
            self.hub.put(request)
        self._join(ref, config)

    def _join(self, request: ObjectRef, config: Object) -> None:
        live = self.hub.objects.get(MANAGED_CLUSTER)
        conditions = self.hub.objects.get(request, {}).get("status", {}).get("conditions")
        if live is None or not live["spec"].get("hubAcceptsClient") or not conditions:
            return
        data = {"cluster-name": NAME, "kubeconfig": json.dumps(config)}
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        self.managed.put(made(CREDENTIALS, data={**encoded, "tls.crt": CERTIFICATE}))
        say(
            live, HubAcceptedManagedCluster="True", ManagedClusterJoined="True", ManagedClusterConditionAvailable="True"
        )
        if "importing" in live["metadata"].get("labels", {}):
            say(live, ManagedClusterImportSucceeded="True")
            live["spec"]["managedClusterClientConfigs"] = [{"url": self.managed.server}]


def say(live: Object, **conditions: str) -> None:
    """Set conditions."""
    known = {entry["type"]: entry for entry in live.setdefault("status", {}).get("conditions", [])}
    known |= {kind: {"type": kind, "status": status, "reason": "Test"} for kind, status in conditions.items()}
    live["status"]["conditions"] = list(known.values())


def token_facts(token: str) -> tuple[str, str]:
    """Id and user of a token."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims["jti"], claims["sub"]


def _import_by_acm(world: World) -> None:
    live, secret = world.hub.objects.get(MANAGED_CLUSTER), world.hub.objects.get(AUTO_IMPORT)
    if not live or not secret or not world.agent_runs:
        return
    del world.hub.objects[AUTO_IMPORT]
    live["metadata"].setdefault("labels", {})["importing"] = "true"
    token = world.hub.issue(f"system:serviceaccount:{NAME}:{NAME}-bootstrap-sa", "uid-of-acm")
    config = {"users": [{"user": {"token": token}}], **hub_cluster()}
    world.managed.put(made(AGENT_NAMESPACE))
    encoded = base64.b64encode(json.dumps(config).encode()).decode()
    world.managed.put(made(BOOTSTRAP, data={"kubeconfig": encoded}))
    world.managed.put(made(KLUSTERLET, spec={"clusterName": NAME}))
    world._run_agent()
    for ref, obj in world.hub.objects.items():
        if ref.kind == "CertificateSigningRequest" and "bootstrap-sa" in obj["spec"]["username"]:
            obj["status"] = {"conditions": [{"type": "Approved"}]}
    world._run_agent()


def hub_cluster() -> Object:
    """The hub in a kubeconfig of others."""
    return {
        "clusters": [{"name": "hub", "cluster": {"server": "https://ca-central.example.com:6443"}}],
        "contexts": [{"name": "default", "context": {"cluster": "hub", "user": "user"}}],
        "current-context": "default",
    }


class Member(FakeCluster):
    """A cluster of the world."""

    def __init__(self, world: World, id_: str, server: str, *objects: Object) -> None:
        super().__init__(*objects, server=server)
        self._world, self._id = world, id_
        self.missing_kinds = set(ABSENT_KINDS)

    def read_id(self) -> str:
        self._answer("read id")
        return self._id

    def read_version(self) -> str:
        self._answer("read version")
        return "v1.34.4"

    def ca_pem(self) -> bytes:
        return b"-----BEGIN CERTIFICATE-----"

    def resource(self, api_version: str, kind: str) -> Resource:
        self._answer(f"discover {kind}")
        if kind in self.missing_kinds:
            raise missing_kind(self.server, api_version, kind)
        namespaced = kind not in CLUSTER_WIDE | KINDS_OF_CLUSTERS
        return Resource(api_version, kind, f"{kind.lower()}s", namespaced, frozenset())

    def _answer(self, request: str) -> None:
        super()._answer(request)
        self._world.work()


class Hub(Member):
    """The hub: issues tokens, takes approvals."""

    def __init__(self, world: World, *objects: Object) -> None:
        super().__init__(world, HUB_ID, "https://ca-central.example.com:6443", *objects)
        self.conflicts = 0

    def issue(self, user: str, uid: str) -> str:
        """A good token."""
        token_id = f"token-{len(self._world.tokens) + 1}"
        self._world.tokens[token_id] = True
        claims = {
            "sub": user,
            "exp": time.time() + 3600,
            "jti": token_id,
            "kubernetes.io": {"serviceaccount": {"uid": uid}},
        }
        return f"h.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"

    def create(self, obj: Object, subresource_of: ObjectRef, subresource: str) -> Object:
        answer: Object = {}

        def issue() -> None:
            account = self.objects[subresource_of]
            answer["status"] = {"token": self.issue(ACCOUNT, account["metadata"]["uid"])}

        assert (obj["kind"], subresource) == ("TokenRequest", "token")
        self._write(f"create token of {subresource_of}", issue)
        return answer

    def update(self, obj: Object, subresource: str) -> Object:
        assert subresource == "approval"
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict("somebody has written meanwhile")
        ref = ObjectRef.of(obj)
        self._write(f"approve {ref}", lambda: self.objects[ref].update(status=obj["status"]))
        return obj


class Managed(Member):
    """The cluster that is imported."""

    def __init__(self, world: World) -> None:
        super().__init__(
            world, OWN_ID, "https://ca-regina.example.com:6443", made(ObjectRef("v1", "Namespace", "kube-system"))
        )

    def own_kubeconfig(self, server: str) -> Object:
        return {"clusters": [{"cluster": {"server": server}}], "users": [{"user": {"token": "an-admin-s-token"}}]}


@dataclass
class TaskOnFakes(Task):
    """A task whose connections lead to the clusters in memory."""

    hub_client: Client | None = None

    def connect(self, options: Mapping[str, Any]) -> Client:
        assert options["context"] == "ca-central"
        return cast(Client, self.hub_client)


def joined(world: World) -> bool:
    conditions = world.hub.objects[MANAGED_CLUSTER].get("status", {}).get("conditions", [])
    return any(entry["type"] == "ManagedClusterJoined" for entry in conditions)


def shown(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["action"]) for entry in result["resources"]]


def remaining(world: World) -> set[str]:
    """What is there besides what was there before."""
    before = {*World().hub.objects, *World().managed.objects}
    requests = {ref for ref in world.hub.objects if ref.kind == "CertificateSigningRequest"}
    return {str(ref) for ref in {*world.hub.objects, *world.managed.objects} - before - requests}


def request_ref(number: int) -> ObjectRef:
    return ObjectRef("certificates.k8s.io/v1", "CertificateSigningRequest", f"{NAME}-token-{number}")
