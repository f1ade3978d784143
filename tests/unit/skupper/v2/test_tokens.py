# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which token of a v2 link is used, made, mended or removed, and what is refused."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.replacing import LinkLost
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.skupper.v2.sites import (
    HOST,
    LINK,
    NAMESPACE,
    OURS,
    SECOND,
    THIRD,
    World,
    by_upstream,
    labels,
    made,
    ref,
)

MADE = [
    f"ca-central: apply Certificate {NAMESPACE}/{LINK}",
    f"us-philly: apply Secret {NAMESPACE}/{LINK}",
    f"us-philly: apply Link {NAMESPACE}/{LINK}",
]
REMOVED = [
    f"us-philly: delete Secret {NAMESPACE}/{LINK}",
    f"us-philly: delete Link {NAMESPACE}/{LINK}",
    f"ca-central: delete Certificate {NAMESPACE}/{LINK}",
]


def renamed(lines: list[str], name: str) -> list[str]:
    return [line.replace(f"{NAMESPACE}/{LINK}", f"{NAMESPACE}/{name}") for line in lines]


def test_a_link_is_made_once(world: World) -> None:
    assert world.writes_of() == MADE
    assert world.writes_of() == []
    assert [labels(world.linking.objects[ref(kind, LINK)]) for kind in ("Secret", "Link")] == [OURS, OURS]


def test_a_check_run_predicts_what_is_done_on_clusters_with_nothing_on_them(world: World) -> None:
    for cluster in (world.issuer, world.linking):
        cluster.objects.clear()
        cluster.missing_kinds = {"Site", "Certificate", "Link", "AccessGrant", "AccessToken"}
    world.issues = world.redeems = world.serves_grants = False
    world.work = lambda: None  # type: ignore[method-assign]
    found = world.perform(check=True)
    assert [(each["kind"], each["action"]) for each in found["resources"]] == [
        ("Certificate", "created"),
        ("Secret", "created"),
        ("Link", "created"),
    ]
    assert world.log == []


@pytest.mark.parametrize("params", [{}, {"state": "rotated"}, {"state": "issued"}, {"type": "claim"}])
def test_there_must_be_sites(world: World, params: dict[str, Any]) -> None:
    del world.issuer.objects[ref("Site", "ca-central")]
    world.work = lambda: None  # type: ignore[method-assign]
    with pytest.raises(InterconnectError, match="has no Skupper v2 site"):
        world.perform(**params)
    assert world.log == []


def test_what_is_lost_at_the_linking_site_is_brought_again(world: World) -> None:
    world.perform()
    for kind in ("Link", "Secret"):
        del world.linking.objects[ref(kind, LINK)]
        assert world.perform()["link"]["up"]
        assert world.tokens() == world.certificate_token()


def test_what_is_lost_at_the_issuing_site_is_not_needed(world: World) -> None:
    world.perform()
    del world.issuer.objects[ref("Certificate", LINK)]
    assert world.writes_of() == []


def test_a_token_that_is_left_in_part_and_not_at_the_issuing_site_is_replaced(world: World) -> None:
    world.perform()
    del world.issuer.objects[ref("Certificate", LINK)]
    del world.linking.objects[ref("Link", LINK)]
    world.perform()
    assert world.tokens() == world.certificate_token(SECOND)


def test_a_secret_that_the_controller_does_not_make_again_is_not_waited_for(world: World) -> None:
    world.perform(state="issued")
    del world.issuer.objects[ref("Secret", LINK)]
    assert world.perform()["token"] == SECOND
    assert world.tokens() == world.certificate_token(SECOND)


def test_a_copy_that_somebody_has_overwritten_is_mended(world: World) -> None:
    world.perform()
    stranger = world.linking.authority.issue("stranger")
    world.linking.objects[ref("Secret", LINK)]["data"] = stranger
    assert not world._is_up(world.linking.of("Link")[LINK])
    assert world.writes_of() == [MADE[1]]


@pytest.mark.parametrize("change", ["cost", "host", "authority", "date"])
def test_a_token_that_is_not_good_any_more_is_replaced_and_removed(world: World, change: str) -> None:
    if change == "date":
        world.life = timedelta(seconds=-1)
        with pytest.raises(InterconnectError, match="is not used"):
            world.perform()
        world.life = timedelta(days=1)
    else:
        world.perform()
    if change == "host":
        world.issuer.get_hosts("new.ca-central.example.com")
    if change == "authority":
        world.issuer.revoke()
    params: dict[str, Any] = {"cost": 5} if change == "cost" else {}
    found = world.perform(**params)
    assert (found["token"], found["tokens"]) == (SECOND, [SECOND])
    assert world.tokens() == world.certificate_token(SECOND)
    assert found["link"] == {"up": True, "seen_from": ["us-philly", "ca-central"], "cost": params.get("cost", 1)}
    assert world.writes_of(**params) == []


def test_a_new_certificate_that_is_no_good_is_not_copied(world: World) -> None:
    world.life = timedelta(seconds=-1)
    with pytest.raises(InterconnectError, match="has expired"):
        world.perform()
    assert world.linking.names("Secret") == []


def test_the_authority_can_not_be_compared_where_that_is_not_allowed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = world.issuer.get

    def without_server(which: Any) -> Any:
        if which.name == "skupper-site-server":
            raise Forbidden("may not get secrets")
        return get(which)

    monkeypatch.setattr(world.issuer, "get", without_server)
    assert world.perform()["link"]["up"]
    assert any("may not get secrets" in warning for warning in world.warnings)


def test_one_link_a_router_is_made(world: World) -> None:
    world.issuer.get_hosts(HOST, "second.ca-central.example.com")
    world.perform()
    assert world.linking.names("Link") == [LINK, f"{LINK}-skupper-router-2"]
    assert world.writes_of() == []
    world.perform(state="absent")
    assert world.tokens() == {}


def test_a_second_router_is_linked_as_well_when_it_comes(world: World) -> None:
    world.perform()
    world.issuer.get_hosts(HOST, "second.ca-central.example.com")
    assert world.perform()["token"] == LINK
    assert world.linking.names("Link") == [LINK, f"{LINK}-skupper-router-2"]


# -- what others have made --------------------------------------------------------------------------------------------


def test_a_link_that_upstream_s_cli_made_is_recognised(world: World) -> None:
    by_upstream(world)
    assert world.writes_of() == []
    assert world.perform()["subject"] == f"CN={HOST}"


def test_a_link_that_upstream_s_cli_made_is_rotated_and_removed(world: World) -> None:
    by_upstream(world)
    assert world.writes_of(state="rotated") == renamed(MADE, SECOND) + REMOVED
    assert world.writes_of(state="absent") == renamed(REMOVED, SECOND)


def test_a_secret_of_another_name_is_found_by_its_link(world: World) -> None:
    by_upstream(world)
    secret, link = (world.linking.objects.pop(ref(kind, LINK)) for kind in ("Secret", "Link"))
    world.linking.put(made("Secret", "mine", type=secret["type"], data=secret["data"]))
    world.linking.put(made("Link", LINK, spec={**link["spec"], "tlsCredentials": "mine"}))
    assert world.writes_of() == []
    world.perform(state="absent")
    assert "mine" not in world.linking.of("Secret")


def test_a_redeemed_link_is_known_without_its_access_token(world: World) -> None:
    world.perform(type="claim")
    world.perform(type="claim", state="rotated")
    del world.linking.objects[ref("AccessToken", SECOND)]
    assert world.writes_of(type="claim") == []
    world.perform(state="absent")
    assert world.tokens() == {}


def test_another_link_s_tokens_are_left_alone(world: World) -> None:
    """A link may be called as another's second token."""
    world.perform(name=SECOND)
    world.perform()
    assert world.perform(state="rotated")["token"] == THIRD
    world.perform(state="absent")
    assert world.tokens() == world.certificate_token(SECOND)
    assert world.writes_of(name=SECOND) == []


def test_a_certificate_of_the_controller_s_own_is_no_token(world: World) -> None:
    own = {"annotations": {"internal.skupper.io/controlled": "true"}}
    world.issuer.put(made("Certificate", "skupper-local-server", metadata=own, spec={"subject": "x"}, status={}))
    world.perform(name="skupper-local-server")
    world.perform(name="skupper-local-server", state="absent")
    assert set(world.issuer.of("Certificate")) == {"skupper-local-server"}


# -- issuing, and bringing by others ----------------------------------------------------------------------------------


def test_a_token_is_issued_once_and_renewed_when_asked(world: World) -> None:
    assert world.writes_of(state="issued") == MADE[:1]
    assert world.writes_of(state="issued") == []
    assert world.writes_of(state="issued", renew=True) == renamed(MADE[:1], SECOND)
    assert world.perform(state="issued")["tokens"] == [LINK, SECOND]
    assert world.writes_of(state="issued", retire=True) == REMOVED[2:]


@pytest.mark.parametrize(("days", "token"), [(364, LINK), (366, SECOND)])
def test_a_token_is_renewed_in_time(world: World, days: int, token: str) -> None:
    world.perform(state="issued")
    assert world.perform(state="issued", renew_before=days)["token"] == token


def test_nothing_is_written_where_others_bring_the_token(world: World) -> None:
    world.perform(state="issued")
    world.log.clear()
    with pytest.raises(WaitTimeout):
        world.perform(distribution="none")
    assert world.log == []


def test_another_cost_is_the_business_of_who_brings_the_token(world: World) -> None:
    world.perform(cost=3)
    assert world.writes_of(distribution="none") == []


# -- rotation ---------------------------------------------------------------------------------------------------------


def test_a_rotation_replaces_the_token_without_a_gap(world: World) -> None:
    before = world.perform()
    assert world.writes_of(state="rotated") == renamed(MADE, SECOND) + REMOVED
    found = world.perform(state="rotated", renew_before=30)
    assert not found["changed"]
    assert found["serial"] != before["serial"]


@pytest.mark.parametrize(("days", "token"), [(364, LINK), (366, SECOND)])
def test_a_certificate_is_rotated_in_time(world: World, days: int, token: str) -> None:
    world.perform()
    found = world.perform(state="rotated", renew_before=days)
    assert found["token"] == token
    assert found["observed"]["down"] == 0
    assert found["before"] is not None


def test_a_site_that_is_not_ready_is_named_as_the_cause(world: World) -> None:
    world.carries = lambda link: False
    conditions = [{"type": "Ready", "status": "False", "message": "Pod skupper-router-x not ready"}]
    world.linking.site["status"]["conditions"] = conditions
    with pytest.raises(WaitTimeout, match="Site us-philly is not ready: Pod skupper-router-x not ready"):
        world.perform()
    world.linking.site["status"]["conditions"] = []
    with pytest.raises(WaitTimeout, match="no controller has taken it up"):
        world.perform()


def test_a_controller_that_does_nothing_is_named_as_the_cause(world: World) -> None:
    world.issues = False
    with pytest.raises(WaitTimeout, match="has not been issued: see that Skupper's controller runs"):
        world.perform()


def test_a_rotation_of_no_link_makes_one(world: World) -> None:
    found = world.perform(state="rotated")
    assert (found["token"], found["before"]) == (LINK, None)
    assert world.tokens() == world.certificate_token()


def test_the_old_token_stays_while_the_new_one_does_not_carry_the_link(world: World) -> None:
    world.perform()
    world.carries = lambda link: link == LINK
    with pytest.raises(WaitTimeout, match=rf"{SECOND}.*No older token was removed \({LINK}\)") as raised:
        world.perform(state="rotated")
    assert raised.value.details["observed"]["down"] == 0
    assert raised.value.details["changed"]
    assert world.linking.names("Link") == [LINK, SECOND]
    world.carries = lambda link: True
    found = world.perform(state="rotated")
    assert found["token"] == SECOND, "it ends the rotation that was begun"
    assert world.tokens() == world.certificate_token(SECOND)


def test_the_old_token_comes_back_where_the_link_goes_down_without_it(world: World) -> None:
    world.perform()
    world.carries = lambda link: LINK in world.linking.of("Link")
    with pytest.raises(LinkLost, match="put back"):
        world.perform(state="rotated", wait_timeout=5)
    assert world.linking.names("Link") == [LINK, SECOND]
    assert world.issuer.names("Certificate") == [LINK, SECOND]
    assert world._is_up(world.linking.of("Link")[LINK])


def test_downtime_during_a_rotation_is_counted(world: World) -> None:
    world.perform()
    world.carries = lambda link: link != LINK
    found = world.perform(state="rotated", wait_timeout=5)
    assert found["observed"]["down"] >= 1


def test_without_waiting_the_old_token_stays(world: World) -> None:
    world.perform()
    world.perform(state="rotated", wait=False)
    assert LINK in world.linking.names("Link")


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_all_key_material_is_among_what_is_masked(world: World) -> None:
    world.perform()
    world.perform(state="rotated")
    world.perform(type="claim", name="by-claim")
    for cluster in (world.issuer, world.linking):
        for name in {SECOND, "by-claim"} & set(cluster.of("Secret")):
            key = cluster.of("Secret")[name]["data"]["tls.key"]
            assert {key, base64.b64decode(key).decode()} <= world.secrets
    assert "code-of-by-claim-0123456789" in world.secrets
