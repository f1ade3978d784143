# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims of v2: grants, access tokens, and what makes them useless."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import InterconnectError
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.job import Hopeless
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v2 import backend
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.skupper.v1.authority import now
from tests.unit.skupper.v2.sites import HOST, LINK, NAMESPACE, SECOND, World, made, ref

MADE = [f"ca-central: apply AccessGrant {NAMESPACE}/{LINK}", f"us-philly: apply AccessToken {NAMESPACE}/{LINK}"]


def claim(token: str = LINK) -> dict[str, list[str]]:
    return {kind: [token] for kind in ("AccessGrant", "AccessToken", "Link", "Secret")}


def link(world: World, **params: Any) -> dict[str, Any]:
    return world.perform(type="claim", **params)


def test_a_claim_is_redeemed_once(world: World) -> None:
    assert world.writes_of(type="claim", cost=4) == MADE
    assert world.writes_of(type="claim", cost=4) == []
    found = link(world, cost=4)
    assert found["link"] == {"up": True, "seen_from": ["us-philly", "ca-central"], "cost": 4}
    assert found["claim"]["redemptions"] == 1
    spec = world.issuer.of("AccessGrant")[LINK]["spec"]
    assert spec == {"redemptionsAllowed": 1, "expirationWindow": "15m"}
    assert world.tokens() == claim()


def test_the_diff_does_not_show_and_a_check_run_does_not_need_the_code(world: World) -> None:
    predicted = link(world, check=True)
    done = link(world)
    assert predicted["diff"] == done["diff"]
    (shown,) = (each["after"]["spec"] for each in done["diff"] if each["after"]["kind"] == "AccessToken")
    assert shown == {"url": "********", "code": "********", "ca": "********", "linkCost": 1}


def test_a_link_that_stands_by_a_claim_is_left_alone_whatever_type_is_asked_for(world: World) -> None:
    link(world)
    assert world.writes_of() == []


def test_a_link_by_a_claim_is_rotated_and_removed(world: World) -> None:
    before = link(world)
    found = link(world, state="rotated")
    assert (found["token"], found["before"]["serial"]) == (SECOND, before["serial"])
    assert world.tokens() == claim(SECOND)
    link(world, state="absent")
    assert world.tokens() == {}


def test_a_claim_that_was_refused_is_not_waited_for_and_replaced_by_the_next_run(world: World) -> None:
    world.refuses = "Controller got failed response: 404 (Not Found) No such claim"
    with pytest.raises(Hopeless, match="No such claim"):
        link(world, wait_timeout=5)
    world.refuses = ""
    assert link(world)["token"] == SECOND
    assert world.tokens() == claim(SECOND)


def test_a_server_that_is_not_reached_is_waited_for(world: World) -> None:
    world.refuses = "Controller got error: dial tcp: connection refused"
    with pytest.raises(WaitTimeout, match="connection refused"):
        link(world)


def test_a_claim_that_could_not_be_redeemed_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "RETRY_SECONDS", 0.0)
    world.refuses = "Controller got error: dial tcp: connection refused"
    writes: list[str] = []

    def tried(write: str) -> None:
        writes.append(write)
        world.refuses = ""
        world.linking.of("AccessToken")[LINK].pop("status", None)

    world.linking.on_write = lambda write: tried(write) if write.startswith("patch") else None
    assert link(world, wait_timeout=5)["link"]["up"]
    assert writes == [f"patch AccessToken {NAMESPACE}/{LINK}"]


def test_links_with_each_router_of_a_site_are_told_apart_from_generations(world: World) -> None:
    """Upstream calls them `<claim>-1` and `<claim>-2`."""
    world.issuer.get_hosts(HOST, "second.ca-central.example.com")
    link(world)
    assert world.linking.names("Link") == [f"{LINK}-1", SECOND]
    assert world.writes_of(type="claim") == []
    assert link(world, state="rotated")["token"] == f"{LINK}-2"
    assert world.linking.names("Link") == [f"{SECOND}-1", f"{SECOND}-2"]
    link(world, state="absent")
    assert world.tokens() == {}


def test_a_lost_link_takes_another_claim(world: World) -> None:
    link(world)
    del world.linking.objects[ref("Link", LINK)]
    del world.linking.objects[ref("Secret", LINK)]
    assert link(world)["token"] == SECOND
    assert world.tokens() == claim(SECOND)


def test_an_expired_claim_of_ours_is_followed_by_another(world: World) -> None:
    link(world, state="issued")
    world.issuer.of("AccessGrant")[LINK]["status"]["expirationTime"] = (now() - timedelta(hours=1)).isoformat()
    assert link(world)["token"] == SECOND


def test_a_claim_that_somebody_else_has_redeemed_is_refused(world: World) -> None:
    link(world, state="issued")
    world.issuer.of("AccessGrant")[LINK]["status"]["redemptions"] = 1
    world.log.clear()
    with pytest.raises(InterconnectError, match=r"used up \(1 of 1 redemptions\)"):
        link(world)
    assert world.log == []
    assert link(world, state="rotated")["token"] == SECOND


def test_a_claim_of_others_that_can_not_be_redeemed_is_refused(world: World) -> None:
    status = {"expirationTime": (now() - timedelta(hours=1)).isoformat()}
    spec = {"redemptionsAllowed": 1}
    world.issuer.put(made("AccessGrant", LINK, spec=spec, status=status))
    with pytest.raises(InterconnectError, match="can not be redeemed: it has expired"):
        link(world)
    assert world.log == []


def test_a_claim_of_others_is_redeemed(world: World) -> None:
    world.issuer.put(made("AccessGrant", LINK, spec={"redemptionsAllowed": 1}))
    assert world.writes_of(type="claim") == MADE[1:]


def test_a_grant_that_is_not_served_says_why(world: World) -> None:
    world.serves_grants = False
    condition = {"type": "Processed", "status": "False", "message": "AccessGrants are not enabled"}
    world.issuer.put(made("AccessGrant", LINK, spec={"redemptionsAllowed": 1}, status={"conditions": [condition]}))
    with pytest.raises(WaitTimeout, match=f"{SECOND} has no code yet"):
        link(world, state="issued")
    world.issuer.of("AccessGrant")[SECOND]["status"] = {"conditions": [condition]}
    with pytest.raises(WaitTimeout, match="has no code yet"):
        link(world, state="issued")


def test_a_claim_is_issued_for_others_to_bring(world: World) -> None:
    found = link(world, state="issued", expiration="1h", redemptions=3)
    assert world.issuer.of("AccessGrant")[LINK]["spec"] == {"redemptionsAllowed": 3, "expirationWindow": "1h"}
    assert (found["claim"]["allowed"], found["claim"]["redemptions"]) == (3, 0)
    assert found["serial"] is None
    assert world.writes_of(type="claim", state="issued") == []
