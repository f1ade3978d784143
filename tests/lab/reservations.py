# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that one process has for itself, among all labs of the machine."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

LISTENING = "0A"
PORT = 59999
"""A datagram port at which nobody sends or receives anything: who has bound it has the address."""


class Reservations:
    """Held for as long as the process lives, however it ends."""

    def __init__(self) -> None:
        self._held: dict[str, socket.socket] = {}

    def take(self, address: str) -> bool:
        """Whether the address is ours now. One at which somebody listens is not to be had."""
        if address not in self._held:
            if is_listened_at(address):
                return False
            taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                taken.bind((address, PORT))
            except OSError:
                taken.close()
                return False
            self._held[address] = taken
        return True

    def give_back(self, address: str) -> None:
        if held := self._held.pop(address, None):
            held.close()


def is_listened_at(address: str) -> bool:
    """Whether a process of this machine listens at the address, on any TCP port."""
    wanted = f"{struct.unpack('=I', socket.inet_aton(address))[0]:08X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = (each.split() for each in lines)
    return any(each[1].partition(":")[0] == wanted and each[3] == LISTENING for each in fields)
