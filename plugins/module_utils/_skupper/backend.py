# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a version of Skupper has to bring so that tokens can be issued, linked, rotated and removed.

A back-end reads and writes; which token is wanted, in which order things are done and what is waited for is decided
above it (linking.py, rotation.py), the same for both versions. All writes go through the job, which predicts them in a
check run and notes them for the result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from .._client.client import Object
from .job import Job
from .model import Issued, LinkState, Observation


class Backend(ABC):
    """One version of Skupper, for one link."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @abstractmethod
    def look(self) -> Observation:
        """Read both sides; only the issuing one where `job.linking` is None. Writes nothing.

        Where `job.tolerant`, a namespace, site or kind that is not there is no error. Otherwise:

        :raises InterconnectError: there is no site, or one of another version (sites.py).
        """

    @abstractmethod
    def states(self) -> Mapping[str, LinkState]:
        """The links of this link's tokens, by token: what `look` says of them, with as few requests as possible."""

    @abstractmethod
    def request(self, token: str) -> None:
        """Ask the issuing site for a new token of this name. Does not wait for it."""

    @abstractmethod
    def nudge(self, token: str, waited: float) -> None:
        """Called after each look that finds a token, or its link, pending; `waited`: seconds since the first.

        Where a version loses requests, the place to ask again; may write.
        """

    @abstractmethod
    def deliver(self, token: str, issued: Issued | None) -> None:
        """Bring a token to the linking site so that it dials; also mends one that is there in part.

        :param issued: None in a check run, for a token that would only now be issued.
        """

    @abstractmethod
    def withdraw(self, token: str) -> list[Object]:
        """Remove a token from the linking site; return what is needed to put it back."""

    def put_back(self, objects: list[Object]) -> None:
        """Undo `withdraw`."""
        place = self.job.linking
        if place is not None:
            for obj in objects:
                self.job.apply(place, obj)

    @abstractmethod
    def retire(self, token: str) -> None:
        """Remove a token from the issuing site. Links that were made with it are not affected."""
