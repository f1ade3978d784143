# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart, as Helm itself renders it."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

import yaml

from tests.lab import build
from tests.tree import CHECKOUT

CHART = CHECKOUT / "roles/boutique/files/chart"
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
PARTS = sorted(VALUES["services"])
NAMESPACE = "shop"

Object = dict[str, Any]


class Refused(Exception):
    """What Helm says about values or templates that it does not take."""


@cache
def helm() -> str:
    """The program; it is built where that has not been done yet."""
    return build.ensure(["helm"])["helm"]


def run(*words: str, values: Any = None) -> str:
    """Run Helm with values, as a document on its standard input, and return what it prints."""
    command = [helm(), *words, "--values", "-"]
    given = json.dumps(values or {})
    result = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
    if result.returncode:
        raise Refused(result.stdout + result.stderr)
    return result.stdout


def render(values: Any = None, namespace: str = NAMESPACE) -> list[Object]:
    """The objects that the chart makes of values."""
    text = run("template", "shop", str(CHART), "--namespace", namespace, values=values)
    return [document for document in yaml.safe_load_all(text) if document]


def on(*names: str, **overrides: Any) -> dict[str, Any]:
    """Values that switch parts on, each with the same overrides."""
    return {"services": {name: {"enabled": True, **overrides} for name in names}}


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    """The objects of a kind, by their names."""
    return {obj["metadata"]["name"]: obj for obj in objects if obj["kind"] == kind}


def container(deployment: Object) -> dict[str, Any]:
    """The one container of a Deployment."""
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(only)


def environment(deployment: Object) -> dict[str, str]:
    """The environment of its container."""
    return {each["name"]: each["value"] for each in container(deployment).get("env", [])}
