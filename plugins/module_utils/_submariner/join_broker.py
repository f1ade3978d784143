# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The broker's cluster, for one that joins or leaves: the way there, and writing.

The account of broker-info.subm may create and update, but not patch: so nothing is applied on the broker.
"""

from __future__ import annotations

import base64
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._apply.present import CREATED, UPDATED, Outcome, labelled
from .._client.client import Client, Object
from .._client.errors import InputError, ObjectRef
from .._task.argspec import other_options
from .._task.task import Task
from .._wait.poll import WaitTimeout
from . import broker_file
from .broker_pools import CLUSTERSET_IP, GLOBALNET
from .broker_survey import Survey, survey
from .broker_task import PREDICTED_TOKEN, TOKEN_PAUSE_SECONDS, why_refused
from .broker_wanted import broker_url
from .join_objects import FROM_TOKEN, account_name, account_refs, token_secret
from .names import BROKER, PSK_SECRET, SUBMARINER_V1ALPHA1


@dataclass(frozen=True)
class Access:
    """The way to a broker."""

    client: Client
    namespace: str
    url: str
    """By which clusters reach it."""
    psk: bytes | None
    """The key of its tunnels, where the way tells it."""
    joining_server: str = ""
    """API server of the cluster that joins, for messages."""

    @property
    def broker_ref(self) -> ObjectRef:
        """The record of what the broker is for."""
        return ObjectRef(SUBMARINER_V1ALPHA1, "Broker", BROKER, self.namespace)

    def look(self, cluster: str) -> Survey:
        """What there is of the broker, and of a cluster's account."""
        refs = [self.broker_ref, ObjectRef("v1", "Secret", PSK_SECRET, self.namespace)]
        refs += [ObjectRef("v1", "ConfigMap", kind.config_map, self.namespace) for kind in (GLOBALNET, CLUSTERSET_IP)]
        refs += account_refs(cluster, self.namespace)
        return survey(self.client, self.namespace, refs, account_name(cluster))

    def create(self, obj: Object, check_mode: bool) -> Outcome:
        """Make an object."""
        made = self.client.create_new(labelled(obj, None), dry_run=check_mode)
        return Outcome(ObjectRef.of(obj), CREATED, None, made)

    def update(self, live: Object, wanted: Object, check_mode: bool) -> Outcome:
        """Change an object, as it was read."""
        return Outcome(ObjectRef.of(live), UPDATED, live, self.client.update(wanted, dry_run=check_mode))


def access(task: Task, stack: ExitStack) -> Access:
    """The broker that the options lead to.

    :param stack: holds what the way needs for as long as it is used.
    :raises InputError: broker_info_path is no such file.
    """
    params = task.params
    joining = task.client.server if params["state"] != "forgotten" else ""
    if params["broker"]:
        client = task.connect(other_options(params, "broker"))
        return Access(
            client, params["broker_namespace"], broker_url(params["broker_url"], client.server), None, joining
        )
    info = broker_file.read(params["broker_info_path"], "broker_info_path")
    if info is None:
        raise InputError("broker_info_path", f"there is no file {params['broker_info_path']}")
    task.secrets |= info.secrets
    url = broker_url(params["broker_url"], info.broker_url)
    options: dict[str, Any] = {"host": url, "api_key": info.token}
    if info.ca_pem:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="multicluster-interconnect-"))
        Path(folder, "ca.crt").write_bytes(info.ca_pem)
        options["ca_cert"] = str(Path(folder, "ca.crt"))
    return Access(task.connect(options), info.namespace, url, info.psk, joining)


def proved_token(task: Task, broker: Access, found: Survey, cluster: str, changed: bool) -> dict[str, str]:
    """The data of a cluster's token Secret, once it is filled and lets its bearer see who has joined.

    :param changed: whether something is, or would be, made on the broker in this run.
    :raises WaitTimeout: that is not so in time.
    """
    deadline = time.monotonic() + float(task.params["wait_timeout"])
    secret = found.token_secrets[0] if found.token_secrets else token_secret(cluster, broker.namespace)
    ref = ObjectRef.of(secret)
    while not (secret.get("data") or {}).get("token"):
        if task.check_mode:
            return dict.fromkeys(FROM_TOKEN, base64.b64encode(PREDICTED_TOKEN.encode()).decode())
        secret = broker.client.get(ref) or secret
        if not (secret.get("data") or {}).get("token"):
            _pause(deadline, f"{broker.client.server} has not filled {ref}: does its kube-controller-manager run?")
    data: dict[str, str] = secret["data"]
    token = base64.b64decode(data["token"]).decode()
    task.secrets |= {token, data["token"]}
    if task.check_mode and changed:
        return data  # what is missing may be what it is allowed to do
    bearer = task.connect(broker.client.options_with_token(token))
    while True:
        refusal = why_refused(bearer, broker.namespace)
        if not refusal:
            return data
        _pause(deadline, f"the token of {ref} can not be used: {refusal}")


def _pause(deadline: float, problem: str) -> None:
    if time.monotonic() > deadline:
        raise WaitTimeout(f"Timed out: {problem}")
    time.sleep(TOKEN_PAUSE_SECONDS)
