# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a connector may be taken for connected that nobody sees connect.

Routers report two links between two sites as one (skupperproject/skupper-router#1799), so that with a second token
the link is up at once, by the first. The router is given some time then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..model import LinkState
from .router import RouterConfig

SETTLE_SECONDS = 5.0
"""A TLS connection over any distance is made in less, once the router has been told of it, which takes a moment."""


class Connectors:
    """The connectors of a router, and since when each is known to be there."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: dict[str, float] | None = None

    def note(self, router: RouterConfig | None) -> None:
        """Take in what the router is told now; connectors that are there the first time have had their time."""
        at = self._clock() if self._since is not None else float("-inf")
        known = self._since or {}
        self._since = {name: known.get(name, at) for name in (router.connectors if router else ())}

    def settled(self, token: str, state: LinkState, tokens: Iterable[str]) -> LinkState:
        """The state of a token's link, which is not up on account of another one's.

        :param tokens: all of the link at the linking site.
        """
        since = self._since or {}
        if not state.up or token not in since or not any(other in since for other in tokens if other != token):
            return state
        age = self._clock() - since[token]
        if age >= SETTLE_SECONDS:
            return state
        message = f"its connector is configured since {age:.0f} s, beside another one that it is not told apart from"
        return LinkState(False, message, state.seen_from)
