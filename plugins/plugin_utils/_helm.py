# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Charts, rendered by Helm's own program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from ._manifests import NoManifest, objects_of


class HelmFailure(Exception):
    """Helm is not there, or can not render the chart; the message says why, in its words."""


def chart_objects(
    chart: str, name: str, namespace: str, values: Mapping[str, Any], binary: str = "helm", timeout: int = 120
) -> list[dict[str, Any]]:
    """The objects of a chart, its CRDs among them, without hooks.

    :param name: of the release.
    :param timeout: seconds that Helm may take.
    :raises HelmFailure: see there.
    """
    try:
        return objects_of(_rendered(os.path.expanduser(chart), name, namespace, values, binary, timeout))
    except NoManifest as error:
        raise HelmFailure(f"what Helm makes of chart {chart}: {error}") from error


def _rendered(chart: str, name: str, namespace: str, values: Mapping[str, Any], binary: str, timeout: int) -> str:
    """What Helm prints; the values reach it by its standard input, as they may be secret."""
    program = shutil.which(os.path.expanduser(binary))
    if program is None:
        raise HelmFailure(
            f"the program {binary} is not on the machine that runs Ansible, and is needed to render chart {chart}: "
            "install Helm 3 (https://helm.sh/docs/intro/install), or say where it is"
        )
    command = [program, "template", "--include-crds", "--no-hooks", "--values", "-"]
    command += ["--namespace", namespace, "--", name, chart]
    # Not only plain text: vaulted variables are objects that give their text when asked for it.
    given = json.dumps(dict(values), default=str)
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise HelmFailure(f"Helm has not rendered chart {chart} within {timeout} s") from None
    if done.returncode:
        raise HelmFailure(f"Helm can not render chart {chart}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
