# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference inventory where this machine can not have the bare-metal host: its Redis runs in a pod of the hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.lab.layout import CHECKOUT, Layout, write_private
from tests.lab.topology import HUB

INVENTORY, LAB = CHECKOUT / "inventories" / "boutique", CHECKOUT / "inventories" / "lab"
GROUP = "bare_metal"
IMAGE = "lab-redis:1"
VALUES = "{{ lab_values | combine(lab_values_of_hub if inventory_hostname in groups['hub'] else {}, recursive=true) }}"


def arguments(layout: Layout) -> tuple[str, ...]:
    """Arguments for ansible-playbook, the last one a file that is written here."""
    file = layout.root / "without-bare-metal.json"
    write_private(file, json.dumps(variables(), indent=2) + "\n")
    return "--limit", f"!{GROUP}", "--extra-vars", f"@{file}"


def variables() -> dict[str, Any]:
    """What differs: services that bare-metal hosts alone would provide, provided by pods of the hub instead."""
    services, parts = [], {}
    hosts = _read(INVENTORY / "hosts.yml")["all"]["children"][GROUP]["hosts"]
    for service in _read(INVENTORY / "group_vars" / "all.yml")["skupper_services"]:
        name, providers = service["name"], [each for each in service["provided_by"] if each not in hosts]
        if providers:
            services.append({**service, "provided_by": providers})
        else:
            parts[name] = {"enabled": True, "image": IMAGE}
            pods = {"selector": {"app": name}, "provided_by": [HUB.name]}
            services.append({"name": name, "port": service["port"], **pods})
    return {
        "skupper_services": services,
        "boutique_values": VALUES,
        "lab_values": _read(LAB / "group_vars" / "clusters.yml")["boutique_values"],
        "lab_values_of_hub": {"services": parts},
    }


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found
