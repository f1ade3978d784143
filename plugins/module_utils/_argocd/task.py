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
from .._apply.present import apply_all, apply_one
from .._apply.task import as_result
from .._client import Client, InterconnectError, Object, ObjectRef, Unreachable
from .._task import Task
from .objects import SECRET_TYPE_LABEL, Account, ArgoCluster, newest_first, same_cluster, token_of

# Stands for the token that a check run can not know; never written.
PREDICTED_TOKEN = "predicted"


def run(task: Task) -> dict[str, Any]:
    """Make, rotate or remove the access; see the module's documentation."""
    params = task.params
    managed, hub = task.client, task.connect(params["hub"])
    account = Account(params["service_account"], params["service_account_namespace"], params["rules"])
    cluster = ArgoCluster(
        name=params["name"],
        namespace=params["namespace"],
        server=params["server"] or managed.server,
        ca_pem=managed.ca_pem(),
        labels=params["labels"],
        annotations=params["annotations"],
    )
    if params["state"] == "absent":
        return _remove(task, managed, hub, account, cluster)
    _refuse_second_secret(hub, cluster)
    return _provide(task, managed, hub, account, cluster)


def _refuse_second_secret(hub: Client, cluster: ArgoCluster) -> None:
    secrets = hub.list("v1", "Secret", cluster.namespace, label_selector=f"{SECRET_TYPE_LABEL}=cluster")
    others = same_cluster(secrets, cluster)
    if others:
        raise InterconnectError(
            f"Argo CD in {cluster.namespace} knows the cluster {cluster.name} ({cluster.server}) already by Secret "
            f"{', '.join(others)}: remove that one first, or leave the import to what made it (a GitOpsCluster?)",
            others=others,
        )


def _provide(task: Task, managed: Client, hub: Client, account: Account, cluster: ArgoCluster) -> dict[str, Any]:
    outcomes = apply_all(managed, account.objects(), False, task.check_mode)
    tokens = newest_first(account, _token_secrets(managed, account, task.check_mode))
    renew = task.params["state"] == "rotated" or not tokens
    if renew:
        generation = account.generation_of(tokens[0]) + 1 if tokens else 1
        outcomes.append(apply_one(managed, account.token_secret(generation), False, task.check_mode))
        newest = outcomes[-1].after or {}
    else:
        newest = tokens.pop(0)
    token = PREDICTED_TOKEN if renew and task.check_mode else _proved_token(task, managed, newest)
    if token != PREDICTED_TOKEN:
        task.secrets.add(token)
    secret = cluster.secret(token)
    task.secrets.add(secret["data"]["config"])
    outcomes.append(apply_one(hub, secret, False, task.check_mode))
    outcomes += [remove_one(managed, ObjectRef.of(old), True, task.check_mode) for old in tokens]
    return {**as_result(task, outcomes), **_identity(cluster, account, newest)}


def _token_secrets(managed: Client, account: Account, check_mode: bool) -> list[Object]:
    if check_mode and managed.get(ObjectRef("v1", "Namespace", account.namespace)) is None:
        return []
    return managed.list("v1", "Secret", account.namespace, field_selector="type=kubernetes.io/service-account-token")


def _proved_token(task: Task, managed: Client, secret: Object) -> str:
    """The token of a token Secret, once the cluster has filled it in and accepts it.

    :raises InterconnectError: the cluster's token controller has not answered in time.
    """
    ref = ObjectRef.of(secret)
    deadline = time.monotonic() + task.params["wait_timeout"]
    token = token_of(secret)
    while token is None:
        if time.monotonic() > deadline:
            raise InterconnectError(
                f"{managed.server} has not filled {ref} within {task.params['wait_timeout']} s: does its "
                "kube-controller-manager run, and is the ServiceAccount there?"
            )
        time.sleep(0.2)
        token = token_of(managed.get(ref))
    task.connect(managed.options_with_token(token)).read_version()  # 401 where it is not accepted
    return token


def _remove(task: Task, managed: Client, hub: Client, account: Account, cluster: ArgoCluster) -> dict[str, Any]:
    """First what Argo CD sees, then the account; a cluster that does not answer does not hold up the former."""
    outcomes = [remove_one(hub, cluster.ref, True, task.check_mode)]
    remaining: list[str] = []
    try:
        tokens = newest_first(account, _token_secrets(managed, account, task.check_mode))
        outcomes += remove_all(managed, [*account.objects(), *tokens], True, task.check_mode)
    except Unreachable as error:
        remaining = [str(ObjectRef.of(obj)) for obj in account.objects()]
        task.warn(
            f"{error.message}. Left there: {', '.join(remaining)} and the account's tokens; repeat when it is back"
        )
    return {**as_result(task, outcomes), "secret": str(cluster.ref), "server": cluster.server, "remaining": remaining}


def _identity(cluster: ArgoCluster, account: Account, token_secret: Object) -> dict[str, Any]:
    return {
        "secret": str(cluster.ref),
        "server": cluster.server,
        "token_secret": str(ObjectRef.of(token_secret)) if token_secret else None,
        "service_account": f"{account.namespace}/{account.name}",
    }
