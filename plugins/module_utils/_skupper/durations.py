# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations as Go writes them, of which Skupper takes those in hours, minutes and seconds. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from .._client.errors import InputError

_DURATION = re.compile(r"(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?")


def parse(text: str, field: str) -> timedelta:
    """A duration such as `15m` or `1h30m`, above zero.

    :raises InputError: it is none.
    """
    found = _DURATION.fullmatch(text)
    parts = {unit: int(value) for unit, value in found.groupdict().items() if value} if found else {}
    duration = timedelta(**parts)
    if not duration:
        raise InputError(field, f"{text!r} is not a duration above zero: write it as 15m, 1h30m or 90s")
    return duration
