# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private: the one way to a cluster's API (authentication, identity, retries, typed errors)."""

from __future__ import annotations

from .client import FIELD_MANAGER, USER_AGENT, Client, Object
from .errors import (
    BROUGHT_BY,
    ApiError,
    Conflict,
    Expired,
    FieldConflict,
    Forbidden,
    InputError,
    InterconnectError,
    Invalid,
    MissingKind,
    NotFound,
    ObjectRef,
    Unauthorized,
    Unreachable,
    WrongCluster,
)

__all__ = [
    "BROUGHT_BY",
    "FIELD_MANAGER",
    "USER_AGENT",
    "ApiError",
    "Client",
    "Conflict",
    "Expired",
    "FieldConflict",
    "Forbidden",
    "InputError",
    "InterconnectError",
    "Invalid",
    "MissingKind",
    "NotFound",
    "Object",
    "ObjectRef",
    "Unauthorized",
    "Unreachable",
    "WrongCluster",
]
