# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bootstrap token: used as long as it is good, asked for anew when it is not."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InputError
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing_bootstrap import (
    Account,
    bootstrap_secret,
    check_seconds,
    token_claims,
    usable_token,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing_identity import (
    Hub,
    read_registration,
)

HUB_URL = "https://ca-central:6443"
HUB = Hub("11111111-1111-4111-8111-111111111111", frozenset({HUB_URL}), b"a CA")
ACCOUNT = Account("agent-registration-bootstrap", "open-cluster-management", "uid-1")


def token(lives: float = 3600, account: Any = "uid-1", **changes: Any) -> str:
    """A token as the API server issues it."""
    claims: dict[str, Any] = {
        "sub": "system:serviceaccount:open-cluster-management:agent-registration-bootstrap",
        "exp": int(time.time() + lives),
        "jti": "id",
        "kubernetes.io": {"serviceaccount": {"name": "agent-registration-bootstrap", "uid": account}},
        **changes,
    }
    return jwt(claims)


def jwt(claims: Any) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{encoded}.signature"


def secret(value: str, url: str = HUB_URL, hub: Hub = HUB) -> dict[str, Any]:
    return bootstrap_secret("open-cluster-management-agent", url, hub, value)


def test_a_good_token_is_used_again() -> None:
    good = token()
    assert usable_token(secret(good), HUB_URL, HUB, ACCOUNT) == good
    assert token_claims(good)["jti"] == "id"


@pytest.mark.parametrize(
    "value",
    [
        token(lives=-1),
        token(lives=60),  # would end before the agent has used it
        token(sub="system:serviceaccount:default:robot"),
        token(account="uid of an account that was made anew since"),
        "predicted",
        "no.token",
        "",
    ],
)
def test_a_token_that_the_agent_could_not_use_is_replaced(value: str) -> None:
    assert usable_token(secret(value), HUB_URL, HUB, ACCOUNT) is None


CLAIMS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["sub", "exp", "kubernetes.io", "serviceaccount", "uid"]), inner)
    ),
    max_leaves=8,
)


@given(CLAIMS)
def test_a_token_of_other_claims_is_replaced(claims: Any) -> None:
    assert usable_token(secret(jwt(claims)), HUB_URL, HUB, ACCOUNT) is None


def test_a_token_that_leads_elsewhere_is_replaced() -> None:
    good = token()
    other_ca = Hub(HUB.id, HUB.urls, b"another CA")
    other_hub = Hub("33333333-3333-4333-8333-333333333333", HUB.urls, HUB.ca)
    assert usable_token(secret(good, url="https://elsewhere"), HUB_URL, HUB, ACCOUNT) is None
    assert usable_token(secret(good, hub=other_ca), HUB_URL, HUB, ACCOUNT) is None
    assert usable_token(secret(good, hub=other_hub), HUB_URL, HUB, ACCOUNT) is None


@pytest.mark.parametrize("live", [None, {}, {"data": None}, {"data": {"kubeconfig": "e30="}}, {"data": {"other": "x"}}])
def test_a_lost_secret_has_no_token(live: dict[str, Any] | None) -> None:
    assert usable_token(live, HUB_URL, HUB, ACCOUNT) is None


def test_the_kubeconfig_is_one_that_an_agent_can_read() -> None:
    config = json.loads(base64.b64decode(secret("a-token")["data"]["kubeconfig"]))
    (context,) = config["contexts"]
    (cluster,) = config["clusters"]
    (user,) = config["users"]
    assert config["current-context"] == context["name"]
    assert (context["context"]["cluster"], context["context"]["user"]) == (cluster["name"], user["name"])
    assert cluster["cluster"] == {"server": HUB_URL, "certificate-authority-data": base64.b64encode(b"a CA").decode()}
    assert user["user"] == {"token": "a-token"}


def test_the_agent_s_own_kubeconfig_inherits_the_hub_s_id() -> None:
    """The agent takes the cluster of its context over (ocm pkg/registration/register/common.go): a proof for later."""
    data = {**secret("x", url="https://internal:6443")["data"], "cluster-name": "YQ==", "tls.crt": "YQ=="}
    registration = read_registration({"data": data}, HUB)
    assert registration
    assert registration.here


@given(st.text(max_size=80))
def test_any_text_has_claims_or_none(text: str) -> None:
    assert isinstance(token_claims(text), dict)
    assert isinstance(token_claims(f"a.{text}.b"), dict)


def test_a_life_that_the_api_server_refuses_is_refused_first() -> None:
    check_seconds(600)
    with pytest.raises(InputError, match="token_expiration: is 599"):
        check_seconds(599)
