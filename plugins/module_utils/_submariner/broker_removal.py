# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking a broker out again: what we made of it, and nothing that clusters still use."""

from __future__ import annotations

import base64
from typing import Any

from .._apply.absent import KEPT, remove_all
from .._apply.ownership import made_by
from .._apply.present import Outcome
from .._apply.task import wait_until_gone
from .._client.client import FIELD_MANAGER, Object
from .._client.errors import InterconnectError, ObjectRef
from .._task.task import Task
from . import broker_file
from .broker_crds import broker_crds
from .broker_objects import Broker, is_ours
from .broker_survey import Survey, instances
from .names import PSK_SECRET


def remove(task: Task, broker: Broker, found: Survey, path: str | None, outcomes: list[Outcome]) -> dict[str, Any]:
    """Remove a broker, and note what is done in `outcomes`.

    :raises InterconnectError: clusters have joined, and `force` is off.
    """
    if found.joined and not task.params["force"]:
        raise InterconnectError(
            f"{', '.join(found.joined)} joined the broker in namespace {broker.namespace} of {task.client.server}. "
            "Have them leave first; with force: true it is removed all the same, and their tunnels stay as they are "
            "until something changes",
            clusters=found.joined,
        )
    tokens = [each for each in found.token_secrets if made_by(each, FIELD_MANAGER)]
    # Tokens first: the cluster's token controller would race us for those of an account that is gone.
    outcomes += remove_all(task.client, tokens, True, task.check_mode)
    crds, kept = _crds(task, broker, found)
    psk = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": PSK_SECRET, "namespace": broker.namespace}}
    outcomes += remove_all(task.client, [*broker.objects(), psk, *crds], True, task.check_mode)
    outcomes += kept
    wait_until_gone(task, task.client, outcomes)
    known = {base64.b64decode((each.get("data") or {}).get("token") or "").decode() for each in tokens}
    return {"file": broker_file.take_away(path, known, task.check_mode) if path else None}


def _crds(task: Task, broker: Broker, found: Survey) -> tuple[list[Object], list[Outcome]]:
    """The kinds that can go, and what is to be said of those that stay."""
    removable, kept = [], []
    for crd in broker_crds():
        live = found.live.get(ObjectRef.of(crd))
        if live is None:
            continue
        note = _why_kept(task, broker, live)
        if note:
            kept.append(Outcome(ObjectRef.of(crd), KEPT, live, live, note))
        else:
            removable.append(crd)
    return removable, kept


def _why_kept(task: Task, broker: Broker, crd: Object) -> str:
    if not is_ours(crd):
        return "was not made by this collection, or has been taken over by Submariner's operator"
    others = [each for each in instances(task.client, crd) if each.namespace != broker.namespace]
    if not others:
        return ""
    return f"{len(others)} of its objects are in other namespaces, such as {others[0]}"
