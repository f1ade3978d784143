# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both versions do about the half of a gateway that can not be removed just now."""

from __future__ import annotations

from typing import Any, Callable

from .._client.errors import InterconnectError
from .job import GatewayJob


def attempt(
    remains: list[str], what: str, remove: Callable[[], None], failures: tuple[type[InterconnectError], ...]
) -> None:
    """Go on with the other half where this one fails, and note what remains."""
    try:
        remove()
    except failures as error:
        remains.append(f"{what} ({error.message})")


def ended(job: GatewayJob, remains: list[str]) -> dict[str, Any]:
    """The result of a removal.

    :raises InterconnectError: something remains.
    """
    if remains:
        raise InterconnectError(
            f"of gateway {job.link} remains {'; and '.join(remains)}. What could be reached is removed; run "
            "this again when the rest can be",
            remains=list(remains),
        )
    return {"gateway": None}
