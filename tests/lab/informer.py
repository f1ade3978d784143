# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List and watch: a local copy of a resource that follows the server, with a call for each change."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.lab.api import Api, ApiError, Object

LONGEST_PAUSE_SECONDS = 5.0
Key = tuple[str, str]
"""Namespace ('' for a cluster-scoped object) and name."""


def key_of(thing: Object) -> Key:
    return thing["metadata"].get("namespace", ""), thing["metadata"]["name"]


class Informer:
    """Keeps ``objects`` up to date in a thread of its own. The server may come and go."""

    def __init__(self, api: Api, target: str, changed: Callable[[Object | None, Object | None], None]) -> None:
        """``changed`` gets an object as it was and as it is; None for not there."""
        self.objects: dict[Key, Object] = {}
        self.synced = threading.Event()
        self._api, self._target, self._changed = api, target, changed

    def start(self) -> None:
        threading.Thread(target=self._run, name=self._target, daemon=True).start()

    def _run(self) -> None:
        pause = 0.2
        while True:
            try:
                version = self._list()
                pause = 0.2
                while True:
                    version = self._watch(version)
            except ApiError as error:
                if error.status != 410:  # 410: the version is too old, list again
                    print(f"watch {self._target}: {error}", flush=True)
            except (OSError, ValueError) as error:
                print(f"watch {self._target}: {error}", flush=True)
            threading.Event().wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _list(self) -> str:
        answer = self._api.get(self._target)
        fresh = {key_of(each): each for each in answer.get("items") or []}
        for key in [*self.objects]:
            if key not in fresh:
                self._changed(self.objects.pop(key), None)
        for key, thing in fresh.items():
            before = self.objects.get(key)
            self.objects[key] = thing
            if before is None or before["metadata"]["resourceVersion"] != thing["metadata"]["resourceVersion"]:
                self._changed(before, thing)
        self.synced.set()
        version: str = answer["metadata"]["resourceVersion"]
        return version

    def _watch(self, version: str) -> str:
        for event in self._api.watch(self._target, version):
            thing: Object = event["object"]
            if event["type"] == "ERROR":
                raise ApiError(int(thing.get("code", 500)), thing.get("reason", ""), thing.get("message", ""))
            version = thing["metadata"]["resourceVersion"]
            if event["type"] == "DELETED":
                self._changed(self.objects.pop(key_of(thing), thing), None)
            elif event["type"] in ("ADDED", "MODIFIED"):
                before = self.objects.get(key_of(thing))
                self.objects[key_of(thing)] = thing
                self._changed(before, thing)
        return version
