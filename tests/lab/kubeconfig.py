# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubeconfig files."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.lab.layout import write_private
from tests.lab.pki import Pair


@dataclass(frozen=True)
class Context:
    """One context: a cluster, and who one is there."""

    name: str
    server: str
    ca: bytes
    user: str
    credentials: Pair | str
    """Client certificate, or bearer token."""
    namespace: str = ""


def render(contexts: Iterable[Context]) -> dict[str, Any]:
    """Return a kubeconfig with everything embedded. The first context is the current one."""
    contexts = list(contexts)
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": contexts[0].name,
        "preferences": {},
        "clusters": [
            {"name": each.name, "cluster": {"server": each.server, "certificate-authority-data": _encode(each.ca)}}
            for each in contexts
        ],
        "users": [{"name": f"{each.user}@{each.name}", "user": _user(each.credentials)} for each in contexts],
        "contexts": [
            {
                "name": each.name,
                "context": {"cluster": each.name, "user": f"{each.user}@{each.name}"}
                | ({"namespace": each.namespace} if each.namespace else {}),
            }
            for each in contexts
        ],
    }


def write(path: Path, contexts: Iterable[Context]) -> Path:
    """Write a kubeconfig, readable by the owner only; return its path."""
    write_private(path, yaml.safe_dump(render(contexts), sort_keys=False))
    return path


def _user(credentials: Pair | str) -> dict[str, str]:
    if isinstance(credentials, str):
        return {"token": credentials}
    return {
        "client-certificate-data": _encode(credentials.certificate),
        "client-key-data": _encode(credentials.key),
    }


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
