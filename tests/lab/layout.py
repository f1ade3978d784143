# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps what: one folder, gone after a wipe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layout:
    """Paths below the lab's folder (``.lab`` of the checkout, or ``$LAB_DIR``)."""

    root: Path

    @classmethod
    def find(cls) -> Layout:
        return cls(Path(os.environ.get("LAB_DIR") or CHECKOUT / ".lab").absolute())

    @property
    def marker(self) -> Path:
        """Tells that the folder is a lab's; locked while somebody starts it."""
        return self.root / "up.lock"

    def require_own(self) -> None:
        """Raise LabError when the folder holds something that no lab has written, as with a mistaken ``$LAB_DIR``."""
        if self.root.exists() and not self.marker.exists() and any(self.root.iterdir()):
            raise LabError(f"{self.root} is not a lab's folder, and not empty; point LAB_DIR at another one")

    @property
    def kubeconfig(self) -> Path:
        """Admin kubeconfig with one context a cluster."""
        return self.root / "kubeconfig"

    @property
    def binaries(self) -> Path:
        """What `up` found or built: program to path, Go module to folder."""
        return self.root / "binaries.json"

    @property
    def extensions(self) -> Path:
        """Names of the extensions that this lab has (see `tests.lab.extensions`)."""
        return self.root / "extensions.json"

    @property
    def bare_metal(self) -> Path:
        """What Ansible has to know of the bare-metal host (see `tests.lab.podman.host`)."""
        return self.root / "bare-metal.json"

    @property
    def git(self) -> Path:
        """URL and revision of what Argo CD reads (see `tests.lab.argocd.repository`)."""
        return self.root / "git.json"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def supervisor_log(self) -> Path:
        return self.root / "supervisor.log"

    def cluster(self, name: str) -> Path:
        return self.root / "clusters" / name

    def pki(self, cluster: str) -> Path:
        return self.cluster(cluster) / "pki"

    def audit_log(self, cluster: str) -> Path:
        return self.cluster(cluster) / "audit.log"

    def identity(self, cluster: str, user: str) -> Path:
        """Kubeconfig of one component of a cluster."""
        return self.cluster(cluster) / "kubeconfigs" / f"{user}.kubeconfig"

    def work(self, part: str) -> Path:
        """Folder of one part (``cluster/name``) for its own data and temporary files."""
        cluster, name = part.split("/", 1)
        return self.cluster(cluster) / name

    def log(self, part: str) -> Path:
        cluster, name = part.split("/", 1)
        return self.root / "logs" / cluster / f"{name}.log"


def private_dir(path: Path) -> Path:
    """Make ``path`` and its parents, readable by the owner only."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace ``path`` in one step by a file with mode 0600."""
    private_dir(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
    temporary.replace(path)
