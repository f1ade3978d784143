# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and labels of what makes up a link. Pure."""

from __future__ import annotations

import re

from .._client.errors import InputError

LINK_LABEL = "multicluster.interconnect/link"
"""On every object that makes up a token of a link, on both sides: the name of the link."""

LONGEST = 60
"""Characters of a link's name: the names of its later tokens (`-2` and so on) are DNS labels, too."""

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def is_label(name: str, longest: int = 63) -> bool:
    """Whether a name is a DNS label (RFC 1123)."""
    return len(name) <= longest and bool(_LABEL.fullmatch(name))


def check_link_name(name: str, field: str = "name") -> None:
    """Refuse what can not be the name of a link.

    :raises InputError: says the rule.
    """
    if not _LABEL.fullmatch(name):
        raise InputError(
            field,
            f"{name!r} can not be the name of a link: use lower case letters, digits and hyphens, with a letter or "
            "digit at both ends (DNS label)",
        )
    if len(name) > LONGEST:
        raise InputError(
            field, f"{name!r} has {len(name)} characters: a link's name has {LONGEST} at most, as its tokens' have more"
        )


def check_namespace(name: str, field: str) -> None:
    """Refuse what can not be a namespace.

    :raises InputError: says the rule.
    """
    if not is_label(name):
        raise InputError(field, f"{name!r} can not be the name of a namespace (DNS label)")
