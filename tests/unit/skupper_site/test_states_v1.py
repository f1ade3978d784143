# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""v1 sites: what is written, what is refused, and the dead end."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.controller import watches
from tests.unit.skupper_site.v1_world import CONFIG, INTERNAL, SERVER, World


def test_the_label_of_the_site_is_not_handed_down() -> None:
    world = World()
    del world.cluster.objects[CONFIG], world.cluster.objects[INTERNAL]
    world.run()
    metadata = world.cluster.objects[CONFIG]["metadata"]
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "multicluster.interconnect"}
    assert "app.kubernetes.io/managed-by" in metadata["annotations"]["skupper.io/exclude-labels"]


def test_settings_are_texts() -> None:
    world = World()
    del world.cluster.objects[CONFIG], world.cluster.objects[INTERNAL]
    world.run(settings={"console": True, "router-data-connection-count": 4, "router-logging": None}, ha=True)
    data = world.cluster.objects[CONFIG]["data"]
    assert data == {
        "name": "ca-central",
        "ingress": "loadbalancer",
        "console": "true",
        "router-data-connection-count": "4",
        "routers": "2",
    }


def test_a_password_is_masked_wherever_it_stands() -> None:
    world = World()
    result = world.run(settings={"console-password": "open-sesame"})
    assert not result.get("failed"), result
    assert "open-sesame" in str(result), "the diff shows it, and is masked as a whole"
    assert world.cluster.objects[CONFIG]["data"]["console-password"] == "open-sesame"


@pytest.mark.parametrize(
    ("more", "option"),
    [
        ({"ingress": "none"}, "ingress"),
        ({"name": "other"}, "name"),
        ({"ha": True}, "ha"),
        ({"edge": True, "ingress": None}, "edge"),
    ],
)
def test_what_v1_never_changes_is_refused(more: dict[str, Any], option: str) -> None:
    world = World()
    result = world.run(**more)
    assert result["msg"].startswith(f"{option}: the v1 site ca-central"), result["msg"]
    assert world.cluster.writes == []


def test_the_dead_end_is_told_and_mended() -> None:
    world = World()
    del world.cluster.objects[SERVER]
    told = world.run()
    assert "repair: true" in told["msg"]
    assert world.cluster.writes == []
    check = world.run(check_mode=True, repair=True)
    assert world.cluster.writes == []
    mended = world.run(repair=True)
    assert world.cluster.writes[:2] == [f"delete {INTERNAL}", f"patch {CONFIG}"]
    assert [each["action"] for each in check["resources"]] == [each["action"] for each in mended["resources"]]
    assert INTERNAL not in world.cluster.objects


def test_a_site_without_a_host_is_in_no_dead_end_yet() -> None:
    world = World()
    del world.cluster.objects[SERVER]
    for ref, obj in world.cluster.objects.items():
        if ref.kind == "Service":
            obj["status"] = {}
    result = world.run(repair=True)
    assert not result.get("failed"), result
    assert INTERNAL in world.cluster.objects


def controller(
    namespace: str = "operators", annotations: dict[str, str] | None = None, **watched: Any
) -> dict[str, Any]:
    env = [{"name": "WATCH_NAMESPACE", **watched}] if watched else []
    template = {"metadata": {"annotations": annotations or {}}, "spec": {"containers": [{"env": env}]}}
    return {"metadata": {"name": "skupper-site-controller", "namespace": namespace}, "spec": {"template": template}}


OWN = {"fieldRef": {"fieldPath": "metadata.namespace"}}
OLM = {"fieldRef": {"fieldPath": "metadata.annotations['olm.targetNamespaces']"}}


@pytest.mark.parametrize(
    ("deployment", "looks"),
    [
        (controller(), True),
        (controller(value=""), True),
        (controller(value="boutique,shop"), True),
        (controller(value="shop"), False),
        (controller(valueFrom=OWN), False),
        (controller("boutique", valueFrom=OWN), True),
        (controller(valueFrom=OLM), True),
        (controller(annotations={"olm.targetNamespaces": ""}, valueFrom=OLM), True),
        (controller(annotations={"olm.targetNamespaces": "shop"}, valueFrom=OLM), False),
    ],
)
def test_a_controller_looks_after_what_its_environment_says(deployment: dict[str, Any], looks: bool) -> None:
    assert watches(deployment, "boutique") is looks
