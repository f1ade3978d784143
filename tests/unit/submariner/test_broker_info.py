# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""broker-info.subm: what is written is read again, and what subctl wrote, too."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._submariner.broker_info import (
    BrokerInfo,
    BrokerInfoError,
    decode,
)

DOMAIN = st.from_regex(r"[a-z]{1,8}\.[a-z]{2,5}", fullmatch=True)
INFO = st.builds(
    BrokerInfo,
    broker_url=st.just("https://broker.example.com:6443"),
    namespace=st.from_regex(r"[a-z]{1,20}", fullmatch=True),
    token=st.text(min_size=1),
    ca_pem=st.binary(),
    psk=st.binary(min_size=1, max_size=48),
    components=st.sets(st.sampled_from(["connectivity", "globalnet", "service-discovery"])).map(
        lambda found: tuple(sorted(found))
    ),
    custom_domains=st.lists(DOMAIN, max_size=2).map(tuple),
    token_secret=st.from_regex(r"[a-z]{1,20}", fullmatch=True),
)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def packed(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def of_subctl() -> dict[str, Any]:
    """With the keys that Go's marshaller writes for subctl's pkg/broker/info.go."""
    return {
        "brokerURL": "https://api.aws-sub2.example.com:6443",
        "ClientToken": {
            "metadata": {
                "name": "submariner-k8s-broker-admin-token-5wzbs",
                "namespace": "submariner-k8s-broker",
                "uid": "5f0f4a6c-0c3f-4d5c-8a52-2c4c4ab5c9a1",
                "creationTimestamp": "2021-04-20T10:00:00Z",
                "annotations": {"kubernetes.io/service-account.name": "submariner-k8s-broker-admin"},
            },
            "data": {"ca.crt": b64("a CA"), "namespace": b64("submariner-k8s-broker"), "token": b64("eyJ.a.b")},
            "type": "kubernetes.io/service-account-token",
        },
        "IPSecPSK": {
            "metadata": {"name": "submariner-ipsec-psk", "creationTimestamp": None},
            "data": {"psk": b64("a key")},
        },
        "ServiceDiscovery": False,
        "Components": ["connectivity", "service-discovery"],
        "CustomDomains": None,
    }


EXPECTED = BrokerInfo(
    broker_url="https://api.aws-sub2.example.com:6443",
    namespace="submariner-k8s-broker",
    token="eyJ.a.b",
    ca_pem=b"a CA",
    psk=b"a key",
    components=("connectivity", "service-discovery"),
    token_secret="submariner-k8s-broker-admin-token-5wzbs",
)


def recased(value: Any, change: Any) -> Any:
    """The document with the names of its fields in another case; those in `data` are no fields of Go."""
    if not isinstance(value, dict):
        return value
    return {change(key): entry if key == "data" else recased(entry, change) for key, entry in value.items()}


@given(INFO)
def test_what_is_written_is_read_again(info: BrokerInfo) -> None:
    text = info.encode()
    assert decode(text, "here") == info
    assert "\n" not in text
    assert json.loads(base64.urlsafe_b64decode(text))["brokerURL"] == info.broker_url


@pytest.mark.parametrize("change", [str, str.lower, str.upper, str.title], ids=["subctl", "lower", "upper", "title"])
def test_a_file_of_subctl_is_read_in_any_case(change: Any) -> None:
    assert decode(packed(recased(of_subctl(), change)), "here") == EXPECTED


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: f"{text}\n",
        lambda text: text.rstrip("="),
        lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        lambda text: text.replace("-", "+").replace("_", "/"),
    ],
    ids=["newline", "unpadded", "wrapped", "standard alphabet"],
)
def test_the_ways_in_which_base64_is_passed_on_are_read(rewrite: Any) -> None:
    document = {**of_subctl(), "CustomDomains": ["ü>?.example"]}
    assert decode(rewrite(packed(document)), "here").custom_domains == ("ü>?.example",)


def test_what_came_before_components_is_understood() -> None:
    old = {key: value for key, value in of_subctl().items() if key != "Components"}
    assert decode(packed(old), "here").components == ()
    assert decode(packed({**old, "ServiceDiscovery": True}), "here").components == ("service-discovery",)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ClientToken": None}, "has no ClientToken"),
        ({"ClientToken": {"data": {"token": b64("x")}}}, "no readable namespace"),
        ({"ClientToken": {"data": {"namespace": b64("x"), "token": "%%"}}}, "no readable token"),
        ({"IPSecPSK": {"data": {}}}, "no readable psk"),
        ({"brokerURL": 7}, "no brokerURL"),
        ({"Components": "connectivity"}, "Components is no list"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(BrokerInfoError, match=f"^/etc/info.*{problem}"):
        decode(packed({**of_subctl(), **change}), "/etc/info")


@given(st.text(max_size=200))
def test_anything_else_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(BrokerInfoError) as refused:
        decode(text, "here")
    assert len(text.strip()) < 6 or text.strip() not in refused.value.message


@given(INFO)
def test_secrets_are_no_empty_texts(info: BrokerInfo) -> None:
    assert "" not in info.secrets
    assert info.encode() in info.secrets
