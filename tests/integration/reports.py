# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify writes besides what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


def report(folder: Path) -> dict[str, Any]:
    """The report of the last run in a folder, once its forms agree."""
    written = folder / "interconnect-report"
    found: dict[str, Any] = json.loads((written / "report.json").read_text())
    root = ElementTree.parse(written / "junit.xml").getroot()
    assert root.get("tests") == str(len(found["checks"]))
    assert root.get("failures") == str(sum(not check["ok"] for check in found["checks"]))
    assert (written / "report.html").read_text().startswith("<!DOCTYPE html>")
    return found


def failed(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Layer and host of each check that has failed."""
    return [(check["layer"], check["host"]) for check in found["checks"] if not check["ok"]]
