# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubeconfig files for tests."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any


def inline(file: Path) -> str:
    """A file as the `*-data` fields of a kubeconfig hold it."""
    return base64.b64encode(file.read_bytes()).decode()


def write_kubeconfig(
    path: Path, server: str, ca: Path | None, user: dict[str, Any], context: str = "ca-toronto", **cluster: Any
) -> str:
    """A kubeconfig with one context, which is the current one; returns its path."""
    entry = {"server": server, **({"certificate-authority-data": inline(ca)} if ca else {}), **cluster}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": f"cluster-{context}", "cluster": entry}],
        "users": [{"name": f"user-{context}", "user": user}],
        "contexts": [{"name": context, "context": {"cluster": f"cluster-{context}", "user": f"user-{context}"}}],
    }
    path.write_text(json.dumps(config))
    return str(path)
