# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import into Advanced Cluster Management: its import controller does the work with the cluster's credentials.

Upstream: stolostron/managedcluster-import-controller pkg/controller/autoimport, pkg/controller/importstatus. The Secret
with the credentials lives until the controller has used it: it removes it whether the import went well or not.
"""

from __future__ import annotations

import base64
import json
import time

from .._client.client import Object
from .._client.errors import InterconnectError, ObjectRef
from .._wait.acceptors import conditions, describe_condition
from .._wait.poll import WaitTimeout
from .._wait.wait import Wait
from .importing_identity import HUB_KUBECONFIG, has_condition
from .importing_job import Import, accept, agent_troubles

IMPORTED = "ManagedClusterImportSucceeded"
AUTO_IMPORT_SECRET = "auto-import-secret"
# stolostron/cluster-lifecycle-api constants/constants.go
DISABLE_ANNOTATION = "import.open-cluster-management.io/disable-auto-import"
IMMEDIATE_ANNOTATION = "import.open-cluster-management.io/immediate-import"
ADDON_CONFIG_API = "agent.open-cluster-management.io/v1"
ADDON_CONFIG = "KlusterletAddonConfig"
GIVEN_UP_SECONDS = 15.0
"""The condition may be left over from an attempt before: a failure must last this long without the Secret."""


def provide(job: Import) -> None:
    """Give the import controller what it needs, and wait until the cluster's agent has registered."""
    _refuse_disabled(job)
    accept(job, with_url=False)
    config = addon_config(job)
    if config and job.is_ours:
        job.ensure(job.hub, config)
    if job.is_registered:
        return
    if not _is_under_way(job):
        job.apply(job.hub, auto_import_secret(job), force=True)
        _import_again(job)
    agent = Wait(
        "v1",
        "Secret",
        name=HUB_KUBECONFIG,
        namespace=job.params["agent_namespace"],
        until="populated",
        keys=["cluster-name", "kubeconfig", "tls.crt"],
    )
    try:
        job.wait(job.managed, agent, meanwhile=_Watch(job).look)
    except WaitTimeout as error:
        live = job.hub.get(job.ref) or {}
        lines = [f"    {job.ref} {describe_condition(entry)}" for entry in conditions(live)]
        raise WaitTimeout("\n".join([error.message, *lines, *agent_troubles(job)]), **error.details) from error


def _refuse_disabled(job: Import) -> None:
    annotations = ((job.live or {}).get("metadata") or {}).get("annotations") or {}
    if DISABLE_ANNOTATION in annotations and not job.is_registered:
        raise InterconnectError(
            f"{job.hub.server}: {job.ref} has the annotation {DISABLE_ANNOTATION}, so ACM does not import it: remove "
            "the annotation. Nothing was written"
        )


def _import_again(job: Import) -> None:
    """Ask for an import of a cluster that was imported once and has lost its agent; ACM leaves it alone otherwise."""
    if job.live and has_condition(job.live, IMPORTED) and not job.task.check_mode:
        job.hub.merge_patch(job.ref, {"metadata": {"annotations": {IMMEDIATE_ANNOTATION: ""}}})


def secret_ref(job: Import) -> ObjectRef:
    """The Secret with the cluster's credentials."""
    return ObjectRef("v1", "Secret", AUTO_IMPORT_SECRET, job.name)


def auto_import_secret(job: Import) -> Object:
    """The Secret; the credentials are those by which we reach the cluster."""
    config = job.managed.own_kubeconfig(job.server)
    for value in config["users"][0]["user"].values():
        job.task.secrets |= {value} if isinstance(value, str) else set()
    data = {"autoImportRetry": str(job.params["auto_import_retry"]), "kubeconfig": json.dumps(config, sort_keys=True)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": AUTO_IMPORT_SECRET, "namespace": job.name},
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }


def addon_config(job: Import) -> Object | None:
    """Which of ACM's add-ons the cluster gets; None where that is left to the hub, or the hub has no such kind."""
    spec = job.params["klusterlet_addon_config"]
    if not spec or not job.hub.has_kind(ADDON_CONFIG_API, ADDON_CONFIG):
        return None
    return {
        "apiVersion": ADDON_CONFIG_API,
        "kind": ADDON_CONFIG,
        "metadata": {"name": job.name, "namespace": job.name},
        "spec": spec,
    }


def _is_under_way(job: Import) -> bool:
    """Whether the controller has used the credentials already, and the agent is on its way."""
    return bool(
        job.live
        and has_condition(job.live, IMPORTED, "False", "ManagedClusterImporting")
        and job.cluster.klusterlet
        and job.hub.get(secret_ref(job)) is None
    )


class _Watch:
    """Looks whether the import controller has given up."""

    def __init__(self, job: Import) -> None:
        self._job = job
        self._since: float | None = None

    def look(self) -> None:
        """To be called in each round of waiting.

        :raises InterconnectError: it has.
        """
        live = self._job.hub.get(self._job.ref) or {}
        failed = has_condition(live, IMPORTED, "False", "ManagedClusterImportFailed")
        if not failed or self._job.hub.get(secret_ref(self._job)) is not None:
            self._since = None
            return
        self._since = self._since or time.monotonic()
        if time.monotonic() - self._since >= GIVEN_UP_SECONDS:
            message = next(entry.get("message") for entry in conditions(live) if entry["type"] == IMPORTED)
            raise InterconnectError(
                f"{self._job.hub.server}: the import of {self._job.name} has failed, and ACM does not try it again: "
                f"{message}"
            )
