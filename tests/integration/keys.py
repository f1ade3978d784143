# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must never be shown: the keys and passwords that stand in the Secrets of all clusters."""

from __future__ import annotations

import base64

from tests.lab import Lab
from tests.lab.api import path

SECRET_KEYS = ("tls.key", "password", "code", "token")
ENOUGH = 12
"""Letters of a line that can not stand somewhere by chance."""


def keys_of(lab: Lab, namespace: str) -> set[str]:
    """All forms in which the secret values of a namespace could be shown: encoded, and each line of what they say."""
    found: set[str] = set()
    for cluster in lab.clusters:
        for secret in lab.api(cluster).items(path("v1", "secrets", namespace=namespace)):
            for key, encoded in (secret.get("data") or {}).items():
                if key in SECRET_KEYS:
                    lines = base64.b64decode(encoded).decode(errors="replace").splitlines()
                    found |= {
                        encoded,
                        *(each for each in lines if len(each) >= ENOUGH and not each.startswith("-----")),
                    }
    return found


def shown(keys: set[str], text: str) -> list[str]:
    """The lines of a text that show one of them."""
    return [line[:200] for line in text.splitlines() if any(key in line for key in keys)]
