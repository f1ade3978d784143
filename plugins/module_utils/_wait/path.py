# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths to fields of an object as a user writes them, such as `status.phase` or `status.conditions[*].type`.

A step is a name after a dot, `["any key"]` (for keys with dots or slashes), `[0]` (counted from 0) or `[*]` (every
element of a list, every value of a mapping). A leading dot is allowed, as in kubectl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_BRACKET = re.compile(r"""\[\s*(?:(?P<index>\d+)|(?P<every>\*)|"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*\]""")


class InvalidPath(ValueError):
    """A path that can not be read; the message says where."""


@dataclass(frozen=True)
class Every:
    """The step `[*]`."""


Step = Union[str, int, Every]


@dataclass(frozen=True)
class Path:
    """A path to one field, or to several where it has a `[*]`."""

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a path.

        :raises InvalidPath: with the place of the first character that does not fit.
        """
        steps = tuple(_steps(text))
        if not steps:
            raise InvalidPath("the path is empty")
        return cls(text.strip().lstrip("."), steps)

    def values(self, obj: Any) -> list[Any]:
        """What the path leads to in `obj`: nothing, one value, or several behind a `[*]`."""
        found = [obj]
        for step in self.steps:
            found = [value for parent in found for value in _children(parent, step)]
        return found

    def parents(self, obj: Any) -> list[Any]:
        """What the last step of the path starts from."""
        return Path(self.text, self.steps[:-1]).values(obj)

    @property
    def root(self) -> Step:
        """The first step, such as `status`."""
        return self.steps[0]


def _steps(text: str) -> Iterator[Step]:
    stripped = text.strip()
    position = 0
    while position < len(stripped):
        if stripped[position] == "[":
            found = _BRACKET.match(stripped, position)
            if not found:
                raise InvalidPath(
                    f'{text!r}: what follows {stripped[:position] or "the start"!r} is not [0], [*] or ["key"]'
                )
            yield _bracket_step(found)
        else:
            # The dot before a name; the first name may have none.
            start = position + (stripped[position] == ".")
            found = _NAME.match(stripped, start)
            if not found or (start == position and position):
                raise InvalidPath(
                    f"{text!r}: there is no field name at {stripped[position:]!r}; "
                    'write keys with other characters than letters, digits, - and _ as ["key"]'
                )
            yield found.group()
        position = found.end()


def _bracket_step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        return int(found["index"])
    if found["every"]:
        return Every()
    return found["double"] if found["double"] is not None else found["single"]


def _children(parent: Any, step: Step) -> list[Any]:
    if isinstance(step, Every):
        if isinstance(parent, Mapping):
            return list(parent.values())
        return list(parent) if isinstance(parent, list) else []
    if isinstance(step, int):
        return [parent[step]] if isinstance(parent, list) and step < len(parent) else []
    return [parent[step]] if isinstance(parent, Mapping) and step in parent else []
