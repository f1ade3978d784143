# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free TCP ports, remembered so that a restart keeps every URL."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

from tests.lab.errors import LabError

SEARCH = range(20000, 30000)
"""Below Linux's ephemeral ports, so that no outgoing connection takes a remembered port while the lab is down."""

ANY = "0.0.0.0"
SEARCH_OF_ANY = range(30000, 32000)
"""Apart from the others: between our choice of a port for all addresses and its use, another lab that starts at the
same time may listen at it on one address, which it would not see."""


class Ports:
    """Ports by name, kept in one JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[str | int]] = json.loads(file.read_text()) if file.exists() else {}

    def of(self, name: str, address: str, preferred: int = 0) -> int:
        """Return the port of ``name`` on ``address``; choose it the first time, ``preferred`` where that is free."""
        if name in self._known:
            return int(self._known[name][1])
        search = SEARCH_OF_ANY if address == ANY else SEARCH
        start = random.randrange(len(search))
        candidates = [preferred] if preferred else []
        candidates += [search[(start + step) % len(search)] for step in range(200)]
        for port in candidates:
            if not self._is_promised(address, port) and is_free(address, port):
                self._known[name] = [address, port]
                return port
        raise LabError(f"no free port found on {address} for {name}")

    def _is_promised(self, address: str, port: int) -> bool:
        """Whether another part has the port, on that address or on all of them; it need not be listening yet."""
        return any(
            port == known and (ANY in (address, where) or address == where) for where, known in self._known.values()
        )

    def save(self) -> None:
        self._file.write_text(json.dumps(self._known, indent=1))

    def require_free(self) -> None:
        """Raise LabError naming each remembered port that some other process has taken meanwhile."""
        busy = [
            f"{address}:{port} ({name})"
            for name, (address, port) in self._known.items()
            if not is_free(str(address), int(port))
        ]
        if busy:
            raise LabError(
                f"ports of the lab are in use by other processes: {', '.join(busy)}. "
                "End those processes, or start afresh on other ports: python -m tests.lab wipe"
            )


def is_free(address: str, port: int) -> bool:
    """Whether a server could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose old connections are in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
