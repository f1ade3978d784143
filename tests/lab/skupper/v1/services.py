# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of the network. (Following.)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.lab.api import Api, Object
from tests.lab.skupper.v1.router_config import RouterConfig

ServiceMap = dict[str, dict[str, Any]]
Change = Callable[[Callable[[RouterConfig], bool]], None]


class Services:
    def __init__(self, api: Api, namespace: str, changed: Callable[[], None]) -> None:
        self.own: ServiceMap = {}

    def hear(self, offered: Mapping[str, ServiceMap]) -> bool:
        return False

    def reconcile(self, state: dict[str, list[Object]], change: Change) -> float | None:
        return None
