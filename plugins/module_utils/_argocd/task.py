# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module argocd_cluster: an account on the cluster, its token in a Secret beside Argo CD.

Any interruption leaves what the next run completes: the Secret beside Argo CD always holds a token that works, as a
new one is proved before it is written and the old one is removed after.
"""

from __future__ import annotations

import time
from typing import Any

from .._apply.absent import remove_all, remove_one
from .._apply.definition import require_texts
from .._apply.present import Outcome, apply_all, apply_one, what_was_done
from .._apply.task import as_result, wait_until_gone
from .._client.client import Client, Object
from .._client.errors import InterconnectError, ObjectRef, Unauthorized, Unreachable
from .._task.argspec import hub_options
from .._task.task import Task
from .objects import SECRET_TYPE_LABEL, TOKEN_TYPE, Account, ArgoCluster, newest_first, same_cluster, token_of

TOKEN_PAUSE_SECONDS = 0.2
# Stands for the token that a check run can not know; never written.
PREDICTED_TOKEN = "predicted"


def run(task: Task) -> dict[str, Any]:
    """Make, rotate or remove the access; see the module's documentation."""
    params = task.params
    for part in ("labels", "annotations"):
        require_texts(params[part], part)
    managed, hub = task.client, task.connect(hub_options(params))
    account = Account(params["service_account"], params["service_account_namespace"], params["rules"])
    cluster = ArgoCluster(
        name=params["name"],
        namespace=params["namespace"],
        server=params["server"] or managed.server,
        ca_pem=managed.ca_pem(),
        server_name=managed.tls_server_name,
        labels=params["labels"],
        annotations=params["annotations"],
    )
    if params["state"] == "absent":
        return _remove(task, managed, hub, account, cluster)
    _refuse_second_secret(hub, cluster)
    outcomes: list[Outcome] = []
    try:
        token_secret = _provide(task, managed, hub, account, cluster, outcomes)
    except InterconnectError as error:
        error.details = what_was_done(outcomes, error)
        raise
    return {**as_result(task, outcomes), **_identity(cluster, account, token_secret)}


def _refuse_second_secret(hub: Client, cluster: ArgoCluster) -> None:
    secrets = hub.list("v1", "Secret", cluster.namespace, label_selector=f"{SECRET_TYPE_LABEL}=cluster")
    others = same_cluster(secrets, cluster)
    if others:
        raise InterconnectError(
            f"Argo CD in {cluster.namespace} knows the cluster {cluster.name} ({cluster.server}) already by Secret "
            f"{', '.join(others)}: remove that one first, or leave the import to what made it (a GitOpsCluster?)",
            others=others,
        )


def _provide(
    task: Task, managed: Client, hub: Client, account: Account, cluster: ArgoCluster, outcomes: list[Outcome]
) -> Object:
    """Give access, note what is done in `outcomes`, and return the Secret of the token in use."""
    outcomes += apply_all(managed, account.objects(), False, task.check_mode)
    tokens = newest_first(account, _token_secrets(managed, account))
    token = None
    if tokens and task.params["state"] == "present":
        token = _working_token(task, managed, tokens[0])
    if token is not None:
        newest, stale = tokens[0], tokens[1:]
    else:
        generation = account.generation_of(tokens[0]) + 1 if tokens else 1
        outcomes.append(apply_one(managed, account.token_secret(generation), False, task.check_mode))
        newest, stale = outcomes[-1].after or {}, tokens
        token = PREDICTED_TOKEN if task.check_mode else _proved_token(task, managed, newest)
    secret = cluster.secret(token)
    if token != PREDICTED_TOKEN:
        task.secrets.add(secret["data"]["config"])
    outcomes.append(apply_one(hub, secret, False, task.check_mode))
    for old in stale:
        outcomes.append(remove_one(managed, ObjectRef.of(old), True, task.check_mode))
    return newest


def _token_secrets(managed: Client, account: Account) -> list[Object]:
    return managed.list("v1", "Secret", account.namespace, field_selector=f"type={TOKEN_TYPE}")


def _working_token(task: Task, managed: Client, secret: Object) -> str | None:
    """The token of a Secret that is there; None where the cluster has not filled it, or does not accept it any more."""
    token = token_of(secret)
    return token if token is not None and _accepted(_bearer(task, managed, token)) else None


def _bearer(task: Task, managed: Client, token: str) -> Client:
    task.secrets.add(token)
    return task.connect(managed.options_with_token(token))


def _accepted(bearer: Client) -> bool:
    try:
        bearer.read_version()
    except Unauthorized:
        return False
    return True


def _proved_token(task: Task, managed: Client, secret: Object) -> str:
    """The token of a new token Secret, once the cluster has filled it in and accepts it.

    :raises InterconnectError: that is not so in time.
    """
    ref = ObjectRef.of(secret)
    seconds = task.params["wait_timeout"]
    deadline = time.monotonic() + seconds
    token = token_of(secret)
    while token is None:
        _pause(
            deadline, f"{managed.server} has not filled {ref} within {seconds} s: does its kube-controller-manager run?"
        )
        token = token_of(managed.get(ref))
    bearer = _bearer(task, managed, token)
    while not _accepted(bearer):  # each of several API servers has to hear of it first
        _pause(deadline, f"{managed.server} does not accept the token of {ref} after {seconds} s")
    return token


def _pause(deadline: float, problem: str) -> None:
    if time.monotonic() > deadline:
        raise InterconnectError(problem, changed=True)
    time.sleep(TOKEN_PAUSE_SECONDS)


def _remove(task: Task, managed: Client, hub: Client, account: Account, cluster: ArgoCluster) -> dict[str, Any]:
    """First what Argo CD sees, then the account; a cluster that does not answer does not hold up the former."""
    away = _why_away(managed)  # also finds that it is another cluster, before the first write
    on_hub = [remove_one(hub, cluster.ref, True, task.check_mode)]
    on_cluster: list[Outcome] = []
    if away is None:
        try:
            tokens = newest_first(account, _token_secrets(managed, account))
            on_cluster = remove_all(managed, [*account.objects(), *tokens], True, task.check_mode)
        except Unreachable as error:
            away = error
    remaining: list[str] = []
    if away is not None:
        remaining = [str(ObjectRef.of(obj)) for obj in account.objects()]
        task.warn(
            f"{away.message}. Left there: {', '.join(remaining)} and the account's tokens; repeat when it is back"
        )
    wait_until_gone(task, hub, on_hub)
    wait_until_gone(task, managed, on_cluster)
    result = as_result(task, [*on_hub, *on_cluster])
    return {**result, "secret": str(cluster.ref), "server": cluster.server, "remaining": remaining}


def _why_away(managed: Client) -> Unreachable | None:
    try:
        managed.check_identity()
    except Unreachable as error:
        return error
    return None


def _identity(cluster: ArgoCluster, account: Account, token_secret: Object) -> dict[str, Any]:
    return {
        "secret": str(cluster.ref),
        "server": cluster.server,
        "token_secret": str(ObjectRef.of(token_secret)) if token_secret else None,
        "service_account": f"{account.namespace}/{account.name}",
    }
