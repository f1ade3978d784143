# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An import as its parts see it: what is given, what was found, what has been done."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._apply.ownership import made_by, owned_fields
from .._apply.present import UNCHANGED, Outcome, apply_one
from .._apply.redact import secret_values
from .._apply.task import as_result
from .._client.client import FIELD_MANAGER, Client, Object
from .._client.errors import Forbidden, InputError, MissingKind, ObjectRef
from .._task.task import Task
from .._wait.acceptors import clip
from .._wait.poll import wait_for
from .._wait.wait import Wait
from .importing_identity import HUB_KUBECONFIG, ID_CLAIMS, Cluster, Hub, read_registration

CLUSTER_API = "cluster.open-cluster-management.io/v1"
CLAIM_API = "cluster.open-cluster-management.io/v1alpha1"
OPERATOR_API = "operator.open-cluster-management.io/v1"
KLUSTERLET = ObjectRef(OPERATOR_API, "Klusterlet", "klusterlet")
"""The one that ACM and clusteradm make, too: a cluster has one agent."""


@dataclass
class Import:
    """One run: what is given, what was found, what has been done."""

    task: Task
    name: str
    managed: Client
    hub: Client
    hub_facts: Hub
    cluster: Cluster
    live: Object | None
    """The ManagedCluster."""
    deadline: float
    outcomes: list[Outcome] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    """Certificate requests of the agent."""

    @property
    def params(self) -> dict[str, Any]:
        return self.task.params

    @property
    def hub_url(self) -> str:
        """By which the cluster's agent reaches the hub."""
        return str(self.params["hub_url"] or self.hub.server).rstrip("/")

    @property
    def server(self) -> str:
        """By which the hub reaches the cluster."""
        return str(self.params["server"] or self.managed.server).rstrip("/")

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(CLUSTER_API, "ManagedCluster", self.name)

    @property
    def is_ours(self) -> bool:
        """Whether the ManagedCluster is, or will be, of our making."""
        return self.live is None or made_by(self.live, FIELD_MANAGER)

    @property
    def is_registered(self) -> bool:
        """Whether the cluster's agent has what it needs to join, or to go on."""
        return self.cluster.is_registered(self.name)

    def apply(self, client: Client, obj: Object, force: bool = False) -> Outcome:
        """Bring an object to its desired state, and note it."""
        self.task.secrets |= secret_values(obj)
        outcome = apply_one(client, obj, force, self.task.check_mode)
        self.outcomes.append(outcome)
        return outcome

    def ensure(self, client: Client, obj: Object) -> Outcome:
        """Make an object, or bring it up to date where we made it; what others made stays as it is."""
        ref = ObjectRef.of(obj)
        live = client.get(ref)
        if live is None or made_by(live, FIELD_MANAGER):
            return self.apply(client, obj)
        outcome = Outcome(ref, UNCHANGED, live, live)
        self.outcomes.append(outcome)
        return outcome

    def wait(self, client: Client, *waits: Wait, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait for as long as the whole task may yet wait; not at all in a check run."""
        if self.task.check_mode or not self.params["wait"]:
            return
        left = max(0.0, self.deadline - time.monotonic())
        sleep, progress = self.params["wait_sleep"], self.task.progress
        wait_for(client, list(waits), left, sleep, progress, meanwhile=meanwhile)

    def result(self, **more: Any) -> dict[str, Any]:
        """The module's result."""
        done = as_result(self.task, self.outcomes)
        done["changed"] = done["changed"] or bool(self.approved)
        return {**done, "name": self.name, "server": self.server, "hub_server": self.hub_url, **more}


def look(task: Task, managed: Client, hub: Client) -> Import:
    """Read all that the run depends on."""
    params = task.params
    name = params["name"]
    url = str(params["hub_url"] or hub.server).rstrip("/")
    facts = Hub(id=hub.read_id(), urls=frozenset({url, hub.server}), ca=_hub_ca(params["hub_ca_cert"], hub))
    return Import(
        task=task,
        name=name,
        managed=managed,
        hub=hub,
        hub_facts=facts,
        cluster=_read_cluster(managed, facts, params),
        live=hub.get(ObjectRef(CLUSTER_API, "ManagedCluster", name)),
        deadline=time.monotonic() + params["wait_timeout"],
    )


def _hub_ca(path: str | None, hub: Client) -> bytes | None:
    if not path:
        return hub.ca_pem()
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError("hub_ca_cert", f"{path} can not be read: {error.strerror}") from error


def _read_cluster(managed: Client, hub: Hub, params: dict[str, Any]) -> Cluster:
    namespace = params["agent_namespace"]
    server = str(params["server"] or managed.server).rstrip("/")
    claims = {claim: _read_if_allowed(managed, ObjectRef(CLAIM_API, "ClusterClaim", claim)) for claim in ID_CLAIMS}
    version = _read_if_allowed(managed, ObjectRef("config.openshift.io/v1", "ClusterVersion", "version"))
    known = {
        "id.k8s.io": {managed.read_id(), _spec(claims["id.k8s.io"], "value")},
        "id.openshift.io": {_spec(version, "clusterID"), _spec(claims["id.openshift.io"], "value")},
    }
    secret = managed.get(ObjectRef("v1", "Secret", HUB_KUBECONFIG, namespace))
    return Cluster(
        urls=frozenset({server, managed.server}),
        ids={claim: frozenset(ids - {""}) for claim, ids in known.items()},
        registration=read_registration(secret, hub),
        klusterlet=_read_if_allowed(managed, KLUSTERLET),
    )


def _read_if_allowed(client: Client, ref: ObjectRef) -> Object | None:
    """The object, where the cluster has that kind and lets us read it: what else tells clusters apart will do."""
    try:
        return client.get(ref)
    except (MissingKind, Forbidden):
        return None


def _spec(obj: Object | None, key: str) -> str:
    return str(((obj or {}).get("spec") or {}).get(key) or "")


def accept(job: Import, with_url: bool = True) -> None:
    """The ManagedCluster with its namespace; of one that others made just the field that accepts it.

    :param with_url: say how the hub reaches the cluster, where nobody else has.
    """
    labels = {"open-cluster-management.io/cluster-name": job.name}
    if job.is_ours:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": job.name, "labels": labels}}
        job.ensure(job.hub, namespace)
    is_accepted = bool(((job.live or {}).get("spec") or {}).get("hubAcceptsClient"))
    spec = {"hubAcceptsClient": True, **(_client_configs(job) if with_url else {})}
    if job.is_ours or not is_accepted:
        job.apply(job.hub, {**identity(job.ref), "spec": spec}, force=not is_accepted)
    else:
        job.outcomes.append(Outcome(job.ref, UNCHANGED, job.live, job.live))


def _client_configs(job: Import) -> Object:
    """How the hub reaches the cluster.

    The agent says it when it makes the ManagedCluster; of one that is there already it may not write it, as the
    bootstrap account can only create (see importing_bootstrap).
    """
    live = job.live or {}
    owned = (owned_fields(live, FIELD_MANAGER) or {}).get("f:spec") or {}
    theirs = (live.get("spec") or {}).get("managedClusterClientConfigs")
    if not job.is_ours or (theirs and "f:managedClusterClientConfigs" not in owned):
        return {}
    ca = job.managed.ca_pem()
    config = {"url": job.server, **({"caBundle": base64.b64encode(ca).decode()} if ca else {})}
    return {"managedClusterClientConfigs": [config]}


def identity(ref: ObjectRef) -> Object:
    """What names a cluster-scoped object."""
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"name": ref.name}}


def agent_troubles(job: Import) -> list[str]:
    """Lines on what keeps the cluster's agent from registering, as the klusterlet operator has it."""
    try:
        live = job.managed.get(KLUSTERLET)
    except MissingKind:
        live = None
    if live is None:
        return [f"    there is no {KLUSTERLET} on the cluster yet"]
    conditions = (live.get("status") or {}).get("conditions") or []
    if not conditions:
        return [f"    likely cause: the klusterlet operator has not taken up {KLUSTERLET}: see that it runs"]
    return [
        "    " + clip(f"{KLUSTERLET} {entry['type']}={entry['status']}: {entry.get('message', '')}")
        for entry in conditions
        if entry["status"] == ("True" if entry["type"].endswith("Degraded") else "False")
    ]
