# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import into Open Cluster Management: the cluster's own agent registers with the hub.

The hub accepts the ManagedCluster; the cluster gets a bootstrap kubeconfig and a Klusterlet, from which the klusterlet
operator makes the agent; the hub approves the agent's certificate request. Upstream: open-cluster-management.io/ocm
pkg/operator/operators/klusterlet, pkg/registration/spoke.
"""

from __future__ import annotations

from typing import Any

from .._apply.merge import merged
from .._apply.present import UNCHANGED, Outcome
from .._client.client import Object
from .._client.errors import Conflict, FieldConflict, InterconnectError, ObjectRef
from .._wait.acceptors import Field
from .._wait.path import Path
from .._wait.poll import WaitTimeout
from .._wait.wait import Wait
from . import importing_csr as csr
from .importing_bootstrap import (
    BOOTSTRAP_KUBECONFIG,
    PREDICTED_TOKEN,
    Account,
    bootstrap_secret,
    check_seconds,
    find_account,
    request_token,
    token_claims,
    usable_token,
)
from .importing_identity import HUB_KUBECONFIG
from .importing_job import KLUSTERLET, Import, accept, agent_troubles, identity


def provide(job: Import) -> None:
    """Bring everything about that the agent needs, and wait until it has registered."""
    check_seconds(job.params["token_expiration"])
    if job.is_registered:
        accept(job)
        if job.is_ours:
            job.ensure(job.managed, klusterlet(job))
        return
    _require_operator(job)
    account = find_account(job.hub, job.params["bootstrap_account"], job.params["bootstrap_account_namespace"])
    accept(job)
    job.ensure(job.managed, agent_namespace(job))
    token = _bring_token(job, account)
    _bring_agent(job)
    if token != PREDICTED_TOKEN:
        token_id = token_claims(token).get("jti")
        _admit(job, csr.Agent(job.name, account.user, str(token_id) if token_id else None))


def agent_namespace(job: Import) -> Object:
    """Where the agent lives."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": job.params["agent_namespace"]}}


def klusterlet(job: Import) -> Object:
    """What the klusterlet operator makes the agent from; `klusterlet` of the task comes over our own fields."""
    spec = {
        "clusterName": job.name,
        "namespace": job.params["agent_namespace"],
        # What the agent tells the hub: ACM's GitOpsCluster and others reach the cluster by it.
        "externalServerURLs": [{"url": job.server}],
    }
    return {**identity(KLUSTERLET), "spec": merged(spec, job.params["klusterlet"])}


def _require_operator(job: Import) -> None:
    """In a check run the operator may be what an earlier task would have installed."""
    if not job.task.check_mode:
        job.managed.resource(KLUSTERLET.api_version, KLUSTERLET.kind)


def _bring_token(job: Import, account: Account) -> str:
    """The bootstrap kubeconfig with a token that the agent can use: the one that is there, or a new one."""
    namespace = job.params["agent_namespace"]
    ref = ObjectRef("v1", "Secret", BOOTSTRAP_KUBECONFIG, namespace)
    live = job.managed.get(ref)
    token = usable_token(live, job.hub_url, job.hub_facts, account)
    if token:
        job.task.secrets.add(token)
        job.outcomes.append(Outcome(ref, UNCHANGED, live, live))
        return token
    token = PREDICTED_TOKEN
    if not job.task.check_mode:
        token = request_token(job.hub, account, job.params["token_expiration"])
        job.task.secrets.add(token)
    # Whoever wrote it before: it is the one by which this cluster was to register with this hub, and it can not.
    job.apply(job.managed, bootstrap_secret(namespace, job.hub_url, job.hub_facts, token), force=True)
    return token


def _bring_agent(job: Import) -> None:
    try:
        job.apply(job.managed, klusterlet(job))
    except FieldConflict as error:
        raise InterconnectError(
            f"klusterlet: {KLUSTERLET} is there already with other values ({error.message}): leave these fields out "
            "where that is right, or remove it",
            **error.details,
        ) from error


def _admit(job: Import, agent: csr.Agent) -> None:
    """Approve the agent's requests until it has its certificate."""
    requests = Requests(job, agent)
    requests.work()
    before = job.cluster.registration
    fields = [Field(Path.parse("data.cluster-name"), "exists", True)]
    # An agent that has lost its registration writes a new certificate over the old one.
    certificate = Path.parse('data["tls.crt"]')
    fields.append(
        Field(certificate, "not_equals", before.certificate) if before else Field(certificate, "exists", True)
    )
    secret = Wait("v1", "Secret", name=HUB_KUBECONFIG, namespace=job.params["agent_namespace"], success=tuple(fields))
    try:
        job.wait(job.managed, secret, meanwhile=requests.work)
    except WaitTimeout as error:
        raise WaitTimeout("\n".join([error.message, *_why_not(job, requests)]), **error.details) from error


def _why_not(job: Import, requests: Requests) -> list[str]:
    """What may keep the agent from registering: the operator's own words, and requests that were not approved."""
    lines = agent_troubles(job)
    lines += [f"    {csr.KIND} {name} was not approved: {why}" for name, why in requests.refused.items()]
    if not requests.seen:
        lines.append(f"    likely cause: the agent has asked {job.hub_url} for nothing: see its log, and that URL")
    return lines


class Requests:
    """The agent's certificate requests at the hub."""

    def __init__(self, job: Import, agent: csr.Agent) -> None:
        self._job, self._agent = job, agent
        self.seen = False
        self.refused: dict[str, str] = {}
        """Name of a request, and why it was not approved."""

    def work(self) -> None:
        """Approve what is to be approved; in a check run, note it. To be called in each round of waiting."""
        job = self._job
        selector = f"{csr.CLUSTER_LABEL}={job.name}"
        for request in job.hub.list(csr.API_VERSION, csr.KIND, label_selector=selector):
            self.seen = True
            self._work_on(request)

    def _work_on(self, request: dict[str, Any]) -> None:
        job, name = self._job, request["metadata"]["name"]
        judgement = csr.judge(request, self._agent)
        if judgement.outcome == csr.DENIED and request["spec"].get("username") == self._agent.account:
            self.refused[name] = f"it was denied ({judgement.reason})"
        elif judgement.outcome == csr.REFUSED:
            self.refused[name] = judgement.reason
        elif judgement.outcome == csr.APPROVABLE and not job.params["approve"]:
            self.refused[name] = "approve is false, and the hub does not do it by itself"
        elif judgement.outcome == csr.APPROVABLE:
            self._approve(request)

    def _approve(self, request: dict[str, Any]) -> None:
        job, name = self._job, request["metadata"]["name"]
        if not job.task.check_mode:
            try:
                job.hub.update(csr.approved(request, job.name), "approval")
            except Conflict:  # somebody else, the hub perhaps, was quicker
                return
            job.task.progress(f"approved {csr.KIND} {name}")
        job.approved.append(name)
