# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of image ``lab-frontend``: in the place of frontend.

``GET /`` and ``/_healthz`` answer by themselves; ``/cart/user`` is passed on to the cart service at
``$CART_SERVICE_ADDR``, with method and body, as a request for ``/user``. ``/cart`` is somebody's who has not said who.
"""

from __future__ import annotations

import http.client
import os

from tests.lab.boutique.network import ClusterNetwork, Unreachable
from tests.lab.boutique.server import SECONDS, Answer, serve

PORT = 8080
"""Of the real one."""
CART, NOBODY = "/cart", "nobody"


class Frontend:
    """The pages."""

    def __init__(self, cart: str, network: ClusterNetwork) -> None:
        self._cart, self._network = cart, network

    def respond(self, method: str, path: str, body: str) -> Answer:
        if path in ("/", "/_healthz"):
            return Answer(200, "ok")
        page, _slash, user = path[1:].partition("/")
        if f"/{page}" != CART:
            return Answer(404, "no such page")
        try:
            host, port = self._network.locate(self._cart)
            connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
            try:
                connection.request(method, f"/{user or NOBODY}", body.encode() or None)
                answer = connection.getresponse()
                return Answer(answer.status, answer.read().decode())
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, Unreachable) as error:
            return Answer(503, f"cart service at {self._cart}: {error!r}")


if __name__ == "__main__":
    serve(Frontend(os.environ["CART_SERVICE_ADDR"], ClusterNetwork()).respond, PORT)
