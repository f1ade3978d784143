# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of the module submariner_broker."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

from .._apply.present import UNCHANGED, Outcome, apply_all, what_was_done
from .._apply.task import as_result
from .._client.client import Client, Object
from .._client.errors import Forbidden, InputError, InterconnectError, ObjectRef, Unauthorized
from .._task.task import Task
from . import broker_file
from .broker_crds import broker_crds
from .broker_info import BrokerInfo
from .broker_objects import TOKEN_SECRET, Broker, is_ours, will_do
from .broker_pools import CLUSTERSET_IP, Pool, read_pool, why_not
from .broker_psk import PREDICTED_PSK, Psk, Sources, choose, psk_of
from .broker_removal import remove
from .broker_survey import Survey, other_brokers, psk_in_use, survey
from .broker_wanted import broker_url, wanted_broker
from .cidr import network, overlap
from .names import ADMIN, PSK_SECRET, SUBMARINER_V1

TOKEN_PAUSE_SECONDS = 0.2
PREDICTED_TOKEN = "predicted"
FOREIGN = "was not made by this collection, and says what it has to say"


def run(task: Task) -> dict[str, Any]:
    """Make a broker or remove it; see the module's documentation."""
    params = task.params
    broker = wanted_broker(params)
    path = params["broker_info_path"]
    if path:
        path = broker_file.checked_path(path, "broker_info_path")
    refs = [ObjectRef.of(obj) for obj in [*broker_crds(), *broker.objects()]]
    refs.append(ObjectRef("v1", "Secret", PSK_SECRET, broker.namespace))
    found = survey(task.client, broker.namespace, refs)
    outcomes: list[Outcome] = []
    try:
        if params["state"] == "absent":
            more = remove(task, broker, found, path, outcomes)
        else:
            more = _Making(task, _as_far_as_known(broker, found), found, path, outcomes).carry_out()
    except InterconnectError as error:
        error.details = what_was_done(outcomes, error)
        raise
    file = more.pop("file")
    result = as_result(task, outcomes)
    if file is not None:
        result["changed"] = result["changed"] or file.changed
        result["broker_info"] = file.as_result()
        if task.diff_mode and file.changed:
            result["diff"].append(file.as_diff())
    return {**result, "namespace": broker.namespace, "clusters": found.joined, **more}


def _as_far_as_known(broker: Broker, found: Survey) -> Broker:
    """The broker with what its pools hold already; refused where they can not be changed to what is wanted."""
    globalnet, clusterset_ip = (_pool_as_far_as_known(each, found) for each in (broker.globalnet, broker.clusterset_ip))
    return replace(broker, globalnet=globalnet, clusterset_ip=clusterset_ip)


def _pool_as_far_as_known(wanted: Pool, found: Survey) -> Pool:
    live = found.live.get(ObjectRef("v1", "ConfigMap", wanted.kind.config_map, found.namespace))
    known = Pool(wanted.kind, enabled=False) if live is None else read_pool(wanted.kind, live)
    wanted = replace(wanted, clusters=known.clusters)
    if wanted.kind is CLUSTERSET_IP:  # the module has no option for the size of its blocks: who has set it, keeps it
        wanted = replace(wanted, cluster_size=known.cluster_size)
    refusal = why_not(known, wanted, found.joined)
    if refusal:
        raise InputError(wanted.kind.option, refusal, clusters=found.joined)
    if wanted.enabled and wanted.settings() != known.settings():
        for cluster, theirs in found.addresses():
            if overlap([network(wanted.cidr_range, wanted.kind.option)], [theirs]):
                raise InputError(wanted.kind.option, f"{wanted.cidr_range} overlaps {theirs} of cluster {cluster}")
    return wanted


class _Making:
    """One run that makes a broker, or completes it."""

    def __init__(self, task: Task, broker: Broker, found: Survey, path: str | None, outcomes: list[Outcome]) -> None:
        self.task, self.broker, self.found, self.path, self.outcomes = task, broker, found, path, outcomes
        self.url = broker_url(task.params["broker_url"], task.client.server)
        self.deadline = time.monotonic() + float(task.params["wait_timeout"])

    def carry_out(self) -> dict[str, Any]:
        if self.path:
            broker_file.require_replaceable(self.path)
        psk = self._psk()
        self._warn_of_others()
        self._apply(psk)
        secret = self._proved(self._token_secret())
        info = self._info(psk, secret)
        self.task.secrets |= info.secrets - {PREDICTED_TOKEN}
        broker, task = self.broker, self.task
        return {
            "file": broker_file.put(self.path, info, task.check_mode) if self.path else None,
            "broker": str(broker.ref),
            "broker_url": self.url,
            "components": list(broker.components),
            "globalnet": broker.globalnet.as_result(),
            "clusterset_ip": broker.clusterset_ip.as_result(),
            "service_account": f"{broker.namespace}/{ADMIN}",
            "token_secret": str(ObjectRef.of(secret)),
            "psk_secret": str(ObjectRef("v1", "Secret", PSK_SECRET, broker.namespace)),
            "psk_from": psk.source,
        }

    # -- the key -----------------------------------------------------------------------------------------------------

    def _psk(self) -> Psk:
        given = self._given()
        stored = psk_of(self.found.live.get(ObjectRef("v1", "Secret", PSK_SECRET, self.broker.namespace)))
        from_file = in_use = None
        if stored is None and not self.found.is_new:
            from_file = self._psk_in_own_file()
            in_use = psk_in_use(self.task.client, self.found) if self.found.joined else None
        known = Sources(stored, given, from_file, in_use)
        psk = choose(known, self.found.joined, self.task.check_mode)
        for value in (*known, psk.value):
            if value and value != PREDICTED_PSK:
                self.task.secrets.add(base64.b64encode(value).decode())
        return psk

    def _given(self) -> bytes | None:
        path = self.task.params["ipsec_psk_from"]
        if not path:
            return None
        info = broker_file.read(path, "ipsec_psk_from")
        if info is None:
            raise InputError("ipsec_psk_from", f"there is no file {path}")
        self.task.secrets |= info.secrets
        return info.psk

    def _psk_in_own_file(self) -> bytes | None:
        """The key in the file that is there, if that is of this broker: if it has one of its tokens."""
        info = broker_file.read(self.path, "broker_info_path") if self.path else None
        if info is None:
            return None
        self.task.secrets |= info.secrets
        tokens = {_data(secret, "token").decode() for secret in self.found.token_secrets}
        return info.psk if info.token in tokens else None

    # -- the objects -------------------------------------------------------------------------------------------------

    def _warn_of_others(self) -> None:
        if self.found.is_new:
            for problem in other_brokers(self.task.client, self.broker.namespace):
                self.task.warn(f"A new broker is made, and {problem}: clusters of different brokers do not connect")

    def _apply(self, psk: Psk) -> None:
        live = self.found.live
        wanted, left = [], []
        for obj in [*broker_crds(), *self.broker.objects(), *self._secrets(psk)]:
            known = live.get(ObjectRef.of(obj))
            if known is not None and not is_ours(known) and will_do(known, obj):
                left.append(Outcome(ObjectRef.of(obj), UNCHANGED, known, known, FOREIGN))
            else:
                wanted.append(self._unless_changed_since(obj, known))
        done = apply_all(self.task.client, wanted, self.task.params["force_conflicts"], self.task.check_mode)
        self.outcomes += [*done, *left]

    def _unless_changed_since(self, obj: Object, known: Object | None) -> Object:
        """A ConfigMap that is changed must be the one in which no cluster's addresses stood in the way."""
        if known is None or obj["kind"] != "ConfigMap" or will_do(known, obj):
            return obj
        return {**obj, "metadata": {**obj["metadata"], "resourceVersion": known["metadata"]["resourceVersion"]}}

    def _secrets(self, psk: Psk) -> list[Object]:
        tokens = self.found.token_secrets
        own = [] if tokens and tokens[0]["metadata"]["name"] != TOKEN_SECRET else [self.broker.token_secret()]
        return [self.broker.psk_secret(psk.value), *own]

    # -- the token ---------------------------------------------------------------------------------------------------

    def _token_secret(self) -> Object:
        """The token Secret to use: one that was there, or the one that has just been made."""
        if self.found.token_secrets:
            return self.found.token_secrets[0]
        wanted = self.broker.token_secret()
        made = [each.after for each in self.outcomes if each.ref == ObjectRef.of(wanted)]
        return made[0] or wanted

    def _proved(self, secret: Object) -> Object:
        """A token Secret, once the cluster has filled it in and lets its bearer do what one who joins does first.

        :raises InterconnectError: that is not so in time.
        """
        ref, client, check_mode = ObjectRef.of(secret), self.task.client, self.task.check_mode
        while not _data(secret, "token"):
            if check_mode:
                return {**secret, "data": {"token": base64.b64encode(PREDICTED_TOKEN.encode()).decode()}}
            self._pause(f"{client.server} has not filled {ref}: does its kube-controller-manager run?")
            secret = client.get(ref) or secret
        token = _data(secret, "token").decode()
        self.task.secrets.add(token)
        if check_mode and any(each.changed for each in self.outcomes):
            return secret  # what is missing may be what it is allowed to do
        bearer = self.task.connect(client.options_with_token(token))
        while True:
            refusal = why_refused(bearer, self.broker.namespace)
            if not refusal:
                return secret
            self._pause(f"the token of {ref} can not be used: {refusal}")

    def _pause(self, problem: str) -> None:
        if time.monotonic() > self.deadline:
            raise InterconnectError(f"After {self.task.params['wait_timeout']} s: {problem}")
        time.sleep(TOKEN_PAUSE_SECONDS)

    def _info(self, psk: Psk, secret: Object) -> BrokerInfo:
        return BrokerInfo(
            broker_url=self.url,
            namespace=self.broker.namespace,
            token=_data(secret, "token").decode(),
            ca_pem=_data(secret, "ca.crt"),
            psk=psk.value,
            components=self.broker.components,
            custom_domains=self.broker.custom_domains,
            token_secret=secret["metadata"]["name"],
        )


def why_refused(bearer: Client, namespace: str) -> str:
    """Why the bearer of a token may not see who has joined; empty where he may."""
    try:
        bearer.list(SUBMARINER_V1, "Cluster", namespace)
    except (Unauthorized, Forbidden) as error:
        return error.message
    return ""


def _data(secret: Object, key: str) -> bytes:
    return base64.b64decode((secret.get("data") or {}).get(key) or "")
