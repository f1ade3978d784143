# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generations of a link's token, and their names. Pure.

The first token of a link is called as the link (`us-philly-to-ca-central`), the next ones `...-2`, `...-3`. A link's
name may itself end so; then the label LINK_LABEL tells whose a token is, and a name that is taken is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .names import LINK_LABEL

_LATER = re.compile(r"-(\d+)")


def number_of(link: str, token: str) -> int | None:
    """Which generation of a link a token's name stands for, from 1; None for a name of another form."""
    if token == link:
        return 1
    suffix = _LATER.fullmatch(token[len(link) :]) if token.startswith(link) else None
    number = int(suffix.group(1)) if suffix and not suffix.group(1).startswith("0") else 0
    return number if number > 1 else None


def belongs(link: str, obj: Mapping[str, Any]) -> bool:
    """Whether an object is part of a token of the link.

    The label says it. Without one, only the link's own name counts: so a token that was made by upstream's CLI, or by
    hand, is recognised.
    """
    metadata = obj.get("metadata") or {}
    owner = (metadata.get("labels") or {}).get(LINK_LABEL)
    name = str(metadata.get("name", ""))
    return number_of(link, name) is not None if owner == link else owner is None and name == link


def ordered(link: str, tokens: Iterable[str]) -> list[str]:
    """The tokens of a link among some names, oldest first, each once."""
    numbers = {token: number_of(link, token) for token in tokens}
    return sorted((token for token, number in numbers.items() if number), key=lambda token: numbers[token] or 0)


def next_name(link: str, tokens: Iterable[str], taken: Iterable[str] = ()) -> str:
    """The name of the token after all that there are.

    :param tokens: of this link, on either side.
    :param taken: names that stand for something else on either side.
    """
    known = ordered(link, tokens)
    number = (number_of(link, known[-1]) or 0) + 1 if known else 1
    unusable = set(taken)
    while (name := link if number == 1 else f"{link}-{number}") in unusable:
        number += 1
    return name
