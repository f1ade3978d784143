# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo tells ansible-playbook on a machine without podman."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.layout import Layout
from tests.lab.podman import without


def test_redis_is_a_pod_of_the_hub_and_no_service_needs_a_bare_metal_host() -> None:
    variables = without.variables()

    services = {each["name"]: each for each in variables["skupper_services"]}
    assert services["redis-cart"]["provided_by"] == ["ca-central"]
    assert services["redis-cart"]["selector"] == {"app": "redis-cart"}
    assert services["cartservice"]["provided_by"] == ["ca-toronto", "us-philly"]
    assert variables["lab_values_of_hub"] == {"services": {"redis-cart": {"enabled": True, "image": "lab-redis:1"}}}
    assert variables["lab_values"]["services"]["cartservice"] == {"image": "lab-cart:1"}


def test_the_arguments_name_a_file_with_the_variables(tmp_path: Path) -> None:
    *options, file = without.arguments(Layout(tmp_path))

    assert options == ["--limit", "!bare_metal", "--extra-vars"]
    assert json.loads(Path(file.removeprefix("@")).read_text()) == without.variables()
