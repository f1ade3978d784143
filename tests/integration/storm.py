# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other writers, as fast as they can: what a busy hub does to the objects that the collection writes."""

from __future__ import annotations

import threading
from types import TracebackType

from tests.integration.scratch import CLUSTER_V1
from tests.lab import Lab
from tests.lab.api import ApiError, path


class Storm:
    """Threads that rewrite a label each of one ManagedCluster, read-modify-write (PUT) and by patches in turn."""

    def __init__(self, lab: Lab, managed_cluster: str, prefix: str, writers: int) -> None:
        self._lab, self._target = lab, path(CLUSTER_V1, "managedclusters", managed_cluster)
        self._threads = [
            threading.Thread(target=self._write, args=(f"{prefix}/{number}",), daemon=True) for number in range(writers)
        ]
        self._over = threading.Event()
        self.written: dict[str, str] = {}
        """What each writer has last written and seen accepted."""
        self.conflicts = 0
        """How often a writer was told that another one had been faster."""

    def __enter__(self) -> Storm:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(10)

    def _write(self, key: str) -> None:
        api = self._lab.api(self._lab.hub, "lab-storm")
        count = 0
        while not self._over.is_set():
            count += 1
            try:
                if count % 2:
                    live = api.get(self._target)
                    live["metadata"]["labels"][key] = str(count)
                    api.replace(self._target, live)
                else:
                    api.merge(self._target, {"metadata": {"labels": {key: str(count)}}})
            except ApiError as error:
                if error.status != 409:
                    raise
                self.conflicts += 1
            else:
                self.written[key] = str(count)
