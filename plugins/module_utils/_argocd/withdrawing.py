# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until Argo CD has taken Applications away, with what they had deployed."""

from __future__ import annotations

from collections.abc import Sequence

from .._client.client import Client, Object
from .._client.errors import ObjectRef
from .application_state import errors_of
from .applicationset import FINALIZER
from .deploying import PATIENCE, error_of_set
from .rounds import Hopeless, Rounds


def wait_until_withdrawn(rounds: Rounds, client: Client, ref: ObjectRef, applications: Sequence[ObjectRef]) -> None:
    """Wait until Applications are gone.

    :param ref: the ApplicationSet that has let them go.
    :raises WaitTimeout: time is up; says what holds them.
    :raises Hopeless: the ApplicationSet does not let them go.
    """

    def missing() -> str:
        found = zip(applications, client.each(client.get, applications))
        kept = [(each, live) for each, live in found if live is not None]
        holding = [each for each, live in kept if not live["metadata"].get("deletionTimestamp")]
        why = error_of_set(client.get(ref) or {}) if holding else ""
        if holding and rounds.elapsed >= PATIENCE:
            said = why or "its controller does not seem to run"
            raise Hopeless(f"{ref} does not let go of {', '.join(map(str, holding))}: {said}")
        return "; ".join(f"{each} {_what_holds(live, why)}" for each, live in kept)

    rounds.until("Applications to go", missing)


def _what_holds(live: Object, error: str) -> str:
    metadata = live["metadata"]
    if not metadata.get("deletionTimestamp"):
        return f"is not being deleted yet{f' ({error})' if error else ''}"
    said = errors_of((live.get("status") or {}).get("conditions") or [])
    others = [each for each in metadata.get("finalizers") or [] if not each.startswith(FINALIZER)]
    parts = [
        "is being deleted: Argo CD removes what it deployed" if not others else f"is held by {', '.join(others)}",
        said,
    ]
    return "; ".join(part for part in parts if part)
