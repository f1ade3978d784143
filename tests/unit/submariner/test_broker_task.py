# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A broker in memory: the same key whatever happens, other people's objects left alone, refusals before any write."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    ObjectRef,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_info import decode
from tests.unit.apply.fake_cluster import Crash
from tests.unit.submariner.broker_cluster import PSK, Broker, ListingBearer

WRITES = 14
TOKEN = ObjectRef("v1", "Secret", "submariner-k8s-broker-admin-token", "submariner-k8s-broker")


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "broker-info.subm"


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def test_check_make_again_and_away(broker: Broker, file: Path) -> None:
    options: dict[str, Any] = {"broker_info_path": str(file)}
    predicted = broker.perform(check=True, **options)
    assert (predicted["changed"], broker.cluster.writes, file.exists()) == (True, [], False)
    made = broker.perform(**options)
    assert len(broker.cluster.writes) == WRITES
    assert [each["action"] for each in made["resources"]] == [each["action"] for each in predicted["resources"]]
    assert (made["psk_from"], made["broker_url"]) == ("generated", broker.cluster.server)
    broker.cluster.writes.clear()
    assert broker.perform(**options)["changed"] is False
    assert broker.perform(check=True, **options)["changed"] is False
    assert broker.cluster.writes == []
    assert broker.perform(check=True, **options, state="absent")["changed"] is True
    broker.perform(**options, state="absent", wait=False)
    assert len(broker.cluster.writes) == WRITES
    assert broker.cluster.objects == {}
    assert not file.exists()
    assert broker.perform(**options, state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("write", "with_effect"), [(write, effect) for write in range(1, WRITES + 1) for effect in (False, True)]
)
def test_a_run_that_ends_at_any_write_is_completed_with_the_same_key(
    broker: Broker, file: Path, write: int, with_effect: bool
) -> None:
    counter = itertools.count(1)

    def crash(what: str) -> None:
        if next(counter) == write:
            raise Crash(what)

    broker.cluster.on_write, broker.cluster.after_write = (
        (lambda what: None, crash) if with_effect else (crash, lambda what: None)
    )
    with pytest.raises(Crash):
        broker.perform(broker_info_path=str(file))
    broker.cluster.on_write = broker.cluster.after_write = lambda what: None
    first = broker.psk
    broker.perform(broker_info_path=str(file))
    assert first in (None, broker.psk)
    assert encoded(decode(file.read_text(), "file").psk) == broker.psk
    assert broker.perform(broker_info_path=str(file))["changed"] is False


def test_all_that_is_secret_is_masked_and_not_in_the_diff(broker: Broker, file: Path) -> None:
    result = broker.perform(broker_info_path=str(file))
    info = decode(file.read_text(), "file")
    assert info.secrets <= broker.secrets
    assert [each for each in info.secrets if each in json.dumps(result)] == []


def test_a_key_that_was_lost_on_the_broker_is_taken_from_its_file(broker: Broker, file: Path) -> None:
    broker.perform(broker_info_path=str(file))
    key = broker.psk
    broker.join("east")
    del broker.cluster.objects[PSK]
    assert broker.perform(broker_info_path=str(file))["psk_from"] == "broker_info_path"
    assert broker.psk == key


def test_the_file_of_another_broker_tells_no_key(broker: Broker, file: Path) -> None:
    other = Broker()
    other.perform(broker_info_path=str(file), broker_url="https://other.example.com")
    file.write_text(file.read_text())
    broker.perform()
    broker.join("east")
    del broker.cluster.objects[PSK]
    broker.cluster.objects[TOKEN]["data"]["token"] = encoded(b"another token")
    with pytest.raises(InterconnectError, match="Give ipsec_psk_from"):
        broker.perform(broker_info_path=str(file))


@pytest.mark.parametrize("inline", [True, False], ids=["in the resource, as older subctl", "in its Secret"])
def test_a_key_is_taken_from_the_brokers_own_cluster_where_that_has_joined_this_broker(
    broker: Broker, inline: bool
) -> None:
    broker.perform()
    broker.join("east")
    del broker.cluster.objects[PSK]
    key = encoded(b"the key of all")
    spec = {"brokerK8sRemoteNamespace": "submariner-k8s-broker", "clusterID": "east"}
    broker.put(
        "submariner.io/v1alpha1",
        "Submariner",
        "submariner",
        "submariner-operator",
        spec={**spec, **({"ceIPSecPSK": key} if inline else {})},
    )
    if not inline:
        broker.put("v1", "Secret", "submariner-ipsec-psk", "submariner-operator", data={"psk": key})
    assert broker.perform()["psk_from"] == "cluster"
    assert broker.psk == key


@pytest.mark.parametrize("spec", [{"brokerK8sRemoteNamespace": "other"}, {"clusterID": "west"}], ids=str)
def test_a_cluster_that_has_joined_another_broker_tells_no_key(broker: Broker, spec: dict[str, Any]) -> None:
    broker.perform()
    broker.join("east")
    del broker.cluster.objects[PSK]
    joined = {"brokerK8sRemoteNamespace": "submariner-k8s-broker", "clusterID": "east", "ceIPSecPSK": encoded(b"key")}
    broker.put("submariner.io/v1alpha1", "Submariner", "submariner", "submariner-operator", spec={**joined, **spec})
    with pytest.raises(InterconnectError, match="east joined this broker with a key that is not stored"):
        broker.perform()


def test_a_given_key_is_taken_until_clusters_have_joined_with_another(
    broker: Broker, file: Path, tmp_path: Path
) -> None:
    Broker().perform(broker_info_path=str(file))
    given = encoded(decode(file.read_text(), "file").psk)
    broker.perform()
    assert broker.perform(ipsec_psk_from=str(file))["psk_from"] == "ipsec_psk_from"
    assert broker.psk == given
    broker.join("east")
    assert broker.perform(ipsec_psk_from=str(file))["changed"] is False
    other = tmp_path / "other.subm"
    Broker().perform(broker_info_path=str(other))
    written = list(broker.cluster.writes)
    with pytest.raises(InputError, match="ipsec_psk_from: has another key than east joined with"):
        broker.perform(ipsec_psk_from=str(other))
    with pytest.raises(InputError, match="there is no file"):
        broker.perform(ipsec_psk_from=str(tmp_path / "missing"))
    assert broker.cluster.writes == written


def test_a_file_that_can_not_be_replaced_is_refused_before_any_write(
    broker: Broker, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("notes")
    with pytest.raises(InputError, match="is no broker-info"):
        broker.perform(broker_info_path=str(file))
    file.unlink()
    monkeypatch.setattr("os.access", lambda folder, mode: False)
    with pytest.raises(InputError, match=r"broker_info_path: .* can not be written to"):
        broker.perform(broker_info_path=str(file))
    assert broker.cluster.writes == []


def test_a_globalnet_that_is_switched_off_leaves_nothing(broker: Broker) -> None:
    broker.perform(globalnet=True)
    pool = broker.perform()["globalnet"]
    assert pool == {"enabled": False, "cidr_range": None, "cluster_size": None, "clusters": {}}
    config_map = ObjectRef("v1", "ConfigMap", "submariner-globalnet-info", "submariner-k8s-broker")
    assert broker.cluster.objects[config_map]["data"] == {"globalnetEnabled": "false"}


def test_a_range_that_overlaps_that_of_a_joined_cluster_is_refused(broker: Broker) -> None:
    broker.join("east", "10.128.0.0/14", "not a range")
    with pytest.raises(InputError, match=r"clusterset_ip_cidr_range: .* overlaps 10\.128\.0\.0/14 of cluster east"):
        broker.perform(clusterset_ip=True, clusterset_ip_cidr_range="10.130.0.0/16")
    assert broker.cluster.writes == []


def test_a_second_broker_is_warned_of_when_it_is_made_only(broker: Broker) -> None:
    broker.put("submariner.io/v1alpha1", "Broker", "submariner-broker", "other-broker", spec={})
    spec = {"brokerK8sApiServer": "broker.example.com:6443", "brokerK8sRemoteNamespace": "third-broker"}
    broker.put("submariner.io/v1alpha1", "Submariner", "submariner", "submariner-operator", spec=spec)
    broker.perform()
    assert len(broker.warnings) == 2
    assert "in namespace other-broker already" in broker.warnings[0]
    assert "has joined the broker in namespace third-broker of broker.example.com:6443" in broker.warnings[1]
    broker.perform(custom_domains=["example.com"])
    assert len(broker.warnings) == 2


def test_a_token_that_does_not_come_is_named_and_no_file_written(broker: Broker, file: Path) -> None:
    broker.cluster.fills = False
    with pytest.raises(InterconnectError, match="has not filled Secret") as caught:
        broker.perform(broker_info_path=str(file), wait_timeout=-1)
    assert caught.value.details["changed"] is True
    assert not file.exists()


def test_a_token_that_is_of_no_use_is_named_and_no_file_written(
    broker: Broker, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListingBearer, "granted", False)
    with pytest.raises(InterconnectError, match="can not be used: may not list clusters"):
        broker.perform(broker_info_path=str(file), wait_timeout=-1)
    assert not file.exists()


def test_a_broker_in_use_is_not_removed(broker: Broker) -> None:
    broker.perform()
    spec = {"cluster_id": "west"}
    broker.put("submariner.io/v1", "Endpoint", "west-cable", spec=spec)
    written = list(broker.cluster.writes)
    with pytest.raises(InterconnectError, match="west joined the broker") as refused:
        broker.perform(state="absent")
    assert refused.value.details["clusters"] == ["west"]
    assert broker.cluster.writes == written
    broker.perform(state="absent", force=True, wait=False)
    assert PSK not in broker.cluster.objects


def test_kinds_that_the_operator_has_taken_over_stay_and_are_left_alone(broker: Broker) -> None:
    broker.perform()
    crd = next(obj for ref, obj in broker.cluster.objects.items() if ref.name == "endpoints.submariner.io")
    crd["metadata"]["managedFields"].append(
        {"manager": "submariner-operator", "operation": "Update", "fieldsV1": {"f:spec": {"f:versions": {}}}}
    )
    crd["spec"]["versions"][0]["schema"] = {"openAPIV3Schema": {"type": "object"}}
    assert broker.perform()["changed"] is False
    result = broker.perform(state="absent", wait=False)
    kept = [each["name"] for each in result["resources"] if each["action"] == "kept"]
    assert kept == ["endpoints.submariner.io"]
