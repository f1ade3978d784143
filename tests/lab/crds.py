# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomResourceDefinitions of the lab: read from the Go modules that bring them, never copied."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.lab.build import Binaries

OWN = Path(__file__).resolve().parent / "manifests"
_OCM = "open-cluster-management.io/api"
_CLAIMS = "cluster/v1alpha1/*_clusterclaims.crd.yaml"

HUB = (
    (_OCM, "cluster/v1/*.crd.yaml"),
    (_OCM, "cluster/v1alpha1/*.crd.yaml"),
    (_OCM, "cluster/v1beta1/*.crd.yaml"),
    (_OCM, "cluster/v1beta2/*.crd.yaml"),
    (_OCM, "work/v1/*.crd.yaml"),
    (_OCM, "addon/v1alpha1/*.crd.yaml"),
    ("", "gitopsclusters.crd.yaml"),
)
SPOKE = ((_OCM, _CLAIMS), (_OCM, "work/v1/*_appliedmanifestworks.crd.yaml"))
OPERATOR = ((_OCM, "operator/v1/*_klusterlets.crd.yaml"),)
"""Go module (or none: own folder) and pattern of the files in it."""


def load(binaries: Binaries, sources: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the definitions that the patterns stand for. ValueError when one stands for none."""
    found: list[dict[str, Any]] = []
    for module, pattern in sources:
        folder = Path(binaries.modules[module]) if module else OWN
        files = sorted(folder.glob(pattern))
        if not files:
            raise ValueError(f"no file matches {pattern} in {folder}")
        for file in files:
            found += [each for each in yaml.load_all(file.read_text(), yaml.CSafeLoader) if each]
    return found
