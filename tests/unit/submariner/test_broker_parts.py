# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others have made and will do, what the options may be, and the file on the disk."""

from __future__ import annotations

import copy
import os
import stat
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner import broker_file
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_crds import broker_crds
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_info import BrokerInfo
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_objects import (
    ADMIN_RULES,
    CLIENT_RULES,
    will_do,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_wanted import (
    broker_url,
    wanted_broker,
)
from tests.unit.submariner.broker_cluster import PARAMS

WANTED = wanted_broker({**PARAMS, "globalnet": True})
OBJECTS = [*WANTED.objects(), WANTED.psk_secret(b"key"), WANTED.token_secret(), *broker_crds()]
INFO = BrokerInfo("https://broker.example.com", "submariner-k8s-broker", "token", b"CA", b"key", ("connectivity",))


def of_kind(kind: str) -> dict[str, Any]:
    return copy.deepcopy(next(each for each in OBJECTS if each["kind"] == kind))


@pytest.mark.parametrize("wanted", OBJECTS, ids=lambda obj: f"{obj['kind']} {obj['metadata']['name']}")
def test_what_says_the_same_will_do(wanted: dict[str, Any]) -> None:
    theirs = copy.deepcopy(wanted)
    theirs["metadata"]["labels"] = {"theirs": "yes"}
    assert will_do(theirs, wanted)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("RoleBinding", {"subjects": None}),
        ("RoleBinding", {"roleRef": {"kind": "ClusterRole", "name": "view"}}),
        ("Role", {"rules": None}),
        ("Role", {"rules": [{**rule, "resourceNames": ["east"]} for rule in ADMIN_RULES]}),
        ("ConfigMap", {"data": {"globalnetEnabled": "false"}}),
        ("Broker", {"spec": {"components": ["connectivity"]}}),
        ("Secret", {"data": {"psk": "b3RoZXI="}}),
    ],
)
def test_what_says_less_or_something_else_will_not(kind: str, change: dict[str, Any]) -> None:
    wanted = of_kind(kind)
    assert not will_do({**of_kind(kind), **change}, wanted)


def test_a_broker_says_the_same_in_any_order_and_without_what_is_off() -> None:
    wanted = wanted_broker(PARAMS).objects()[-1]
    theirs = {
        **wanted,
        "spec": {
            "components": ["service-discovery", "connectivity"],
            "clustersetIPCIDRRange": "243.0.0.0/8",
            "globalnetCIDRRange": "242.0.0.0/8",
        },
    }
    assert will_do(theirs, wanted)
    assert not will_do({**theirs, "spec": {**theirs["spec"], "globalnetEnabled": True}}, wanted)


def test_a_kind_that_another_version_of_submariner_brought_will_do() -> None:
    wanted = next(each for each in broker_crds() if each["spec"]["names"]["kind"] == "ServiceImport")
    theirs = copy.deepcopy(wanted)
    theirs["spec"]["versions"] = theirs["spec"]["versions"][:1]
    assert will_do(theirs, wanted)
    theirs["spec"]["versions"][0]["served"] = False
    assert not will_do(theirs, wanted)


@given(st.data())
def test_a_role_will_do_if_and_only_if_it_grants_all_that_is_wanted(data: st.DataObject) -> None:
    wanted = {**of_kind("Role"), "rules": CLIENT_RULES}
    grants = sorted(
        {grant for rule in CLIENT_RULES for grant in product(rule["apiGroups"], rule["resources"], rule["verbs"])}
    )
    given_ones = data.draw(st.lists(st.sampled_from(grants), unique=True) | st.permutations(grants))
    rules = [{"apiGroups": [group], "resources": [name], "verbs": [verb]} for group, name, verb in given_ones]
    assert will_do({**wanted, "rules": rules}, wanted) == (len(given_ones) == len(grants))


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"namespace": "Broker"}, "namespace: 'Broker' is no DNS label"),
        ({"components": []}, "components: is empty"),
        ({"custom_domains": ["example..com"]}, "custom_domains: 'example..com'"),
        ({"globalnet": True, "globalnet_cidr_range": "243.0.0.0/16"}, "overlaps globalnet_cidr_range 243.0.0.0/16"),
        ({"globalnet": True, "globalnet_cluster_size": 0}, "globalnet_cluster_size: is 0"),
        ({"clusterset_ip_cidr_range": "everything"}, "clusterset_ip_cidr_range: 'everything' is no range"),
    ],
)
def test_options_are_checked_without_a_cluster(params: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as refused:
        wanted_broker({**PARAMS, **params})
    assert problem in refused.value.message


def test_options_of_a_globalnet_that_is_off_do_not_matter() -> None:
    wanted = wanted_broker({**PARAMS, "globalnet_cidr_range": "nowhere", "globalnet_cluster_size": -1})
    assert wanted.components == ("connectivity", "service-discovery")
    assert WANTED.components == ("connectivity", "globalnet", "service-discovery")


@pytest.mark.parametrize(
    "url", ["http://broker.example.com", "broker.example.com:6443", "https://u:p@x", "https://x/?a"]
)
def test_a_broker_is_reached_by_https(url: str) -> None:
    assert broker_url(None, "https://api.example.com:6443/") == "https://api.example.com:6443"
    with pytest.raises(InputError, match="broker_url"):
        broker_url(url, "https://api.example.com:6443")


def test_a_file_is_written_once_kept_and_put_aside_where_it_changes(tmp_path: Path) -> None:
    path = str(tmp_path / "broker-info.subm")
    assert broker_file.put(path, INFO, check_mode=True).action == "created"
    assert not os.path.exists(path)
    assert broker_file.put(path, INFO, check_mode=False).action == "created"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    again = broker_file.put(path, replace(INFO, token_secret="another name"), check_mode=False)
    assert (again.action, again.changed) == ("unchanged", False)
    changed = broker_file.put(path, replace(INFO, token="other"), check_mode=False)
    assert changed.action == "updated"
    assert changed.backup is not None
    assert broker_file.read(changed.backup, "x") == INFO
    assert sorted(map(str, tmp_path.iterdir())) == sorted([path, changed.backup])
    diff = changed.as_diff()
    assert diff["after"]["token"] == "******** (changed)"
    assert diff["after"]["psk"] == diff["before"]["psk"] == "********"


def test_a_file_that_others_can_read_is_hidden_and_not_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "broker-info.subm"
    path.write_text(INFO.encode())
    path.chmod(0o640)
    assert broker_file.put(str(path), INFO, check_mode=True).changed
    outcome = broker_file.put(str(path), INFO, check_mode=False)
    assert (outcome.action, outcome.backup) == ("updated", None)
    assert outcome.as_diff()["before"]["mode"] == "readable for others"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not broker_file.put(str(path), INFO, check_mode=False).changed


def test_a_file_of_something_else_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("do not lose this")
    with pytest.raises(InputError, match="is no broker-info"):
        broker_file.put(str(path), INFO, check_mode=False)
    assert path.read_text() == "do not lose this"


def test_only_the_file_of_the_broker_itself_is_removed(tmp_path: Path) -> None:
    path = str(tmp_path / "broker-info.subm")
    assert broker_file.take_away(path, {"token"}, check_mode=False).action == "absent"
    broker_file.put(path, INFO, check_mode=False)
    assert broker_file.take_away(path, {"other"}, check_mode=False).action == "kept"
    assert broker_file.take_away(path, {"token"}, check_mode=True).action == "deleted"
    assert os.path.exists(path)
    assert broker_file.take_away(path, {"token"}, check_mode=False).action == "deleted"
    assert not os.path.exists(path)


def test_a_path_means_the_same_everywhere(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is relative"):
        broker_file.checked_path("broker-info.subm", "broker_info_path")
    with pytest.raises(InputError, match="there is no folder"):
        broker_file.checked_path(str(tmp_path / "missing" / "file"), "broker_info_path")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert broker_file.checked_path(str(tmp_path / "link"), "broker_info_path") == str(tmp_path / "file")


def test_what_can_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_paths: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    path = str(tmp_path / "broker-info.subm")
    with pytest.raises(InterconnectError, match="can not be written: No space left"):
        broker_file.put(path, INFO, check_mode=False)
    assert list(tmp_path.iterdir()) == []
