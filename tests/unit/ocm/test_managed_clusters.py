# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ManagedClusters as variables of hosts, and the inventory plugin that passes them on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.multicluster.interconnect.plugins.inventory import managed_clusters as plugin
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.managed_clusters import (
    PREFIX,
    variables_of,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._task.argspec import _ENVIRONMENT, auth_args

DOCUMENTATION: dict[str, Any] = yaml.safe_load(plugin.DOCUMENTATION)
TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'id') }}"


def cluster(spec: Mapping[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "us-philly", "annotations": {"note": "x"}}, "spec": spec or {}, "status": status}


def value(key: str, obj: dict[str, Any]) -> Any:
    return variables_of(obj)[f"{PREFIX}{key}"]


def conditions(**states: str) -> list[dict[str, str]]:
    return [{"type": kind, "status": status, "message": f"{kind}: {status}"} for kind, status in states.items()]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"ManagedClusterConditionAvailable": "True"}, (True, "available", "ManagedClusterConditionAvailable: True")),
        (
            {"ManagedClusterConditionAvailable": "False"},
            (False, "unavailable", "ManagedClusterConditionAvailable: False"),
        ),
        (
            {"ManagedClusterConditionAvailable": "Unknown"},
            (False, "unreachable", "ManagedClusterConditionAvailable: Unknown"),
        ),
        ({"ManagedClusterJoined": "True"}, (False, "unreachable", "its agent has not registered")),
    ],
)
def test_availability_is_that_of_the_condition(states: dict[str, str], expected: tuple[bool, str, str]) -> None:
    obj = cluster(conditions=conditions(**states))
    assert tuple(value(key, obj) for key in ("available", "availability", "message")) == expected
    assert value("joined", obj) is ("ManagedClusterJoined" in states)


def test_url_is_the_first_that_is_there() -> None:
    configs = [{"caBundle": "AAAA"}, {"url": ""}, {"url": "https://one:6443"}, {"url": "https://two:6443"}]
    assert value("api_url", cluster({"managedClusterClientConfigs": configs})) == "https://one:6443"
    assert value("api_url", cluster({"managedClusterClientConfigs": configs[:2]})) is None


def test_cluster_without_anything_has_all_variables() -> None:
    bare = variables_of({"metadata": {"name": "us-philly"}})
    assert bare.keys() == variables_of(cluster(version={"kubernetes": "v1.34.4"})).keys()
    assert bare[f"{PREFIX}claims"] == bare[f"{PREFIX}labels"] == {}
    assert bare[f"{PREFIX}set"] == "default"


def test_every_variable_is_documented_and_no_other() -> None:
    documented = [line.partition(")")[0][2:] for line in DOCUMENTATION["description"] if line.startswith(f"V({PREFIX}")]
    assert documented == list(variables_of(cluster()))


def test_options_fall_back_to_the_environment_as_those_of_modules() -> None:
    declared = {
        name: [variable["name"] for variable in option["env"]]
        for name, option in DOCUMENTATION["options"].items()
        if "env" in option
    }
    assert declared == _ENVIRONMENT
    assert declared.keys() <= auth_args(environment=False).keys()


def test_only_text_that_could_be_a_template_is_marked() -> None:
    found = plugin.as_text({"name": "us-philly", "claims": {TEMPLATE: TEMPLATE, "id": "7"}, "hub": False, "url": None})
    assert found == {"name": "us-philly", "claims": {TEMPLATE: TEMPLATE, "id": "7"}, "hub": False, "url": None}
    assert type(found["name"]) is type(found["claims"]["id"]) is str
    marked = type(wrap_var(TEMPLATE))
    assert {type(each) for pair in found["claims"].items() for each in pair} == {marked, str}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hub.managed_clusters.yml", True),
        ("hub.managed_clusters.yaml", True),
        ("managed_clusters.yml", False),
        ("hub.managed_clusters.json", False),
        ("hosts.yml", False),
    ],
)
def test_source_is_known_by_its_name(tmp_path: Path, name: str, expected: bool) -> None:
    (tmp_path / name).touch()
    assert plugin.InventoryModule().verify_file(str(tmp_path / name)) is expected
    assert not plugin.InventoryModule().verify_file(str(tmp_path / "no" / name))


def test_no_secret_and_no_change_of_one_is_in_the_key_of_the_cache() -> None:
    options: dict[str, Any] = dict.fromkeys(auth_args(environment=False))
    key = plugin._digest(options, "")
    assert plugin._digest({**options, "api_key": "x", "password": "y"}, "") == key
    public = [name for name in options if name not in ("api_key", "password")]
    others = {plugin._digest({**options, name: "other"}, "") for name in public}
    assert len(others | {key, plugin._digest(options, "site")}) == len(public) + 2


def test_kubeconfig_of_the_environment_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = dict.fromkeys(auth_args(environment=False))
    monkeypatch.setenv("KUBECONFIG", "/one")
    key = plugin._digest(options, "")
    monkeypatch.setenv("KUBECONFIG", "/two")
    assert plugin._digest(options, "") != key
