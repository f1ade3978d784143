# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""skupper_token with v1 certificate tokens, on sites in memory."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    Forbidden,
    InputError,
    InterconnectError,
    ObjectRef,
)
from tests.unit.skupper.v1.authority import now
from tests.unit.skupper.v1.sites import LINK, NAMESPACE, OURS, TYPE, World, config_map_ref, made, secret_ref

SECOND = f"{LINK}-2"
LABELS = {"app.kubernetes.io/managed-by": OURS, "multicluster.interconnect/link": LINK}


def apply(cluster: str, token: str = LINK) -> str:
    return f"{cluster}: apply Secret {NAMESPACE}/{token}"


def delete(cluster: str, token: str = LINK) -> str:
    return f"{cluster}: delete Secret {NAMESPACE}/{token}"


def shown(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["name"], entry["action"]) for entry in result["resources"]]


def test_a_token_is_issued_copied_and_carries_the_link(world: World) -> None:
    check = world.perform(check=True)
    assert world.writes() == []
    done = world.perform()
    assert world.writes() == [apply("ca-central"), apply("us-philly")]
    assert (check["changed"], done["changed"]) == (True, True)
    assert check["diff"] == done["diff"]
    assert done["link"] == {"up": True, "seen_from": ["us-philly", "ca-central"], "cost": 1}
    assert (done["token"], done["issuer_site"], done["site"]) == (LINK, "ca-central", "us-philly")
    assert done["subject"] == f"CN={LINK}"
    world.forget_writes()
    again = world.perform()
    assert (again["changed"], world.writes(), again["serial"]) == (False, [], done["serial"])
    assert world.warnings == []


def test_the_copy_holds_what_the_link_needs_and_nothing_of_the_issuing_cluster(world: World) -> None:
    foreign = {
        "argocd.argoproj.io/tracking-id": "tokens:/Secret:boutique/x",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "skupper.io/cost": "9",
    }
    request = made(secret_ref(), metadata={"labels": {TYPE: "connection-token-request"}, "annotations": foreign})
    world.issuer.put(request, "argocd-controller")
    world.perform(cost=3)
    copy, source = world.linking.token(), world.issuer.token()
    assert copy["data"] == source["data"]
    assert set(copy["data"]) == {"ca.crt", "tls.crt", "tls.key"}
    assert copy["metadata"]["annotations"] == {**world.issuer.annotations(), "skupper.io/cost": "3"}
    assert copy["metadata"]["labels"] == {TYPE: "connection-token", **LABELS}
    assert "ownerReferences" not in copy["metadata"]
    assert copy["type"] == "Opaque"
    assert world.linking.connectors()[LINK]["cost"] == 3
    assert world.writes() == [apply("us-philly")]


def test_a_request_is_not_copied_before_it_is_issued_and_the_wait_says_who_does_not(world: World) -> None:
    world.site_controller_runs = False
    with pytest.raises(InterconnectError, match=r"not issued: see the log of the site controller") as caught:
        world.perform()
    assert caught.value.details["changed"]
    assert world.writes() == [apply("ca-central")]
    world.site_controller_runs = True
    world.forget_writes()
    assert world.perform()["link"]["up"]
    assert world.writes() == [apply("us-philly")]


def test_a_request_that_the_site_controller_has_dropped_is_brought_before_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.v1.backend"
    monkeypatch.setattr(f"{module}.POKE_SECONDS", 0.05)
    request = made(secret_ref(), metadata={"labels": {TYPE: "connection-token-request"}})
    world.dropped = True
    world.issuer.put(request)
    world.work()
    world.dropped = False
    done = world.perform(wait_timeout=5)
    assert done["link"]["up"]
    assert world.writes() == [f"ca-central: patch Secret {NAMESPACE}/{LINK}", apply("us-philly")]
    assert (LINK, "updated") in shown(done)


def test_nothing_is_asked_for_until_the_site_has_a_host(world: World) -> None:
    world.issuer.host = ""
    world.issuer.objects.pop(secret_ref("skupper-site-server"))
    world.issuer.get_address("")
    with pytest.raises(InterconnectError, match="has no host yet: there is none in Service skupper-router"):
        world.perform()
    assert world.writes() == []
    world.issuer.get_address("203.0.113.9")
    assert world.perform()["hosts"] == ["203.0.113.9"]


def test_a_token_without_host_is_not_copied_and_issued_anew_when_there_is_one(world: World) -> None:
    host, world.issuer.host = world.issuer.host, ""
    world.issuer.put(made(secret_ref(), metadata={"labels": {TYPE: "connection-token-request"}}))
    world.work()
    assert world.issuer.token()["metadata"]["annotations"]["inter-router-host"] == ""
    world.issuer.get_address("")
    with pytest.raises(InterconnectError, match="leads nowhere"):
        world.perform()
    assert world.writes() == []
    world.issuer.get_address(host)
    assert world.perform(wait_timeout=5)["link"]["up"]
    assert world.writes() == [f"ca-central: patch Secret {NAMESPACE}/{LINK}", apply("us-philly")]
    assert world.linking.token()["metadata"]["annotations"]["edge-host"] == host


def test_a_site_that_was_given_up_is_named(world: World) -> None:
    world.issuer.objects.pop(secret_ref("skupper-site-server"))
    with pytest.raises(InterconnectError, match=r"got its host too late.*repair: true"):
        world.perform()
    assert world.writes() == []


def test_an_absent_site_controller_is_named(world: World) -> None:
    world.issuer.objects.pop(ObjectRef("apps/v1", "Deployment", "skupper-site-controller", NAMESPACE))
    with pytest.raises(InterconnectError, match="no site controller runs in this cluster"):
        world.perform()
    assert world.writes() == []


def test_a_site_of_skupper_init_has_its_tokens_signed_where_that_is_asked_for(world: World) -> None:
    world.issuer.objects.pop(ObjectRef("apps/v1", "Deployment", "skupper-site-controller", NAMESPACE))
    config = world.issuer.objects[config_map_ref("skupper-site")]
    config["metadata"]["labels"] = {"internal.skupper.io/site-controller-ignore": "true"}
    with pytest.raises(InterconnectError, match=r"made by `skupper init`.*set sign: true"):
        world.perform()
    assert world.writes() == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"router-mode": "edge"}, "is an edge site"),
        ({"ingress": "none"}, "has the ingress `none`"),
        ({"cluster-local": "true"}, "has the ingress `none`"),
    ],
)
def test_sites_that_nobody_can_link_to_are_refused(world: World, data: dict[str, str], message: str) -> None:
    world.issuer.make_site(**data)
    with pytest.raises(InterconnectError, match=f"{message}.*Nothing was written"):
        world.perform()
    assert world.writes() == []


def test_a_link_to_itself_and_a_namespace_without_site_are_refused(world: World) -> None:
    world.linking.objects[config_map_ref("skupper-site")]["metadata"]["uid"] = world.issuer.id
    with pytest.raises(InputError, match="issuer: leads to the site ca-central"):
        world.perform()
    del world.linking.objects[config_map_ref("skupper-site")]
    with pytest.raises(InterconnectError, match=r"has no Skupper v1 site.*Nothing was written"):
        world.perform()
    assert world.writes() == []


@pytest.mark.parametrize("side", ["issuer", "linking"])
def test_a_v2_site_is_refused(world: World, side: str) -> None:
    cluster = getattr(world, side)
    cluster.missing_kinds = {"Route"}
    cluster.put(made(ObjectRef("skupper.io/v2alpha1", "Site", "boutique", NAMESPACE), spec={}))
    with pytest.raises(InterconnectError, match=r"has a Skupper v1 site .* and a v2 site"):
        world.perform()
    del cluster.objects[config_map_ref("skupper-site")]
    with pytest.raises(InterconnectError, match=rf"version: is v1, but .*{cluster.name}.* has a Skupper v2 site"):
        world.perform()
    assert world.writes() == []


def test_a_check_run_works_before_there_is_anything(world: World) -> None:
    for cluster in (world.issuer, world.linking):
        cluster.objects = {ref: obj for ref, obj in cluster.objects.items() if ref.kind in ("Namespace",)}
    world.site_controller_runs = world.service_controller_runs = False
    world.work = lambda: None  # type: ignore[method-assign]
    done = world.perform(check=True)
    assert shown(done) == [(LINK, "created"), (LINK, "created")]
    assert world.perform(state="absent")["changed"] is False
    assert world.writes() == []


def test_a_token_that_is_gone_at_the_issuing_site_goes_on_carrying_its_link(world: World) -> None:
    world.perform()
    del world.issuer.objects[secret_ref()]
    world.forget_writes()
    done = world.perform()
    assert (done["changed"], done["link"]["up"], world.writes()) == (False, True, [])


def test_a_token_that_is_gone_at_the_linking_site_is_brought_again_once_its_connector_has_gone(world: World) -> None:
    world.perform()
    world.service_controller_runs = False
    del world.linking.objects[secret_ref()]
    world.forget_writes()
    with pytest.raises(InterconnectError, match="still has the connector of a Secret of that name"):
        world.perform()
    assert world.writes() == []
    world.service_controller_runs = True
    assert world.perform()["link"]["up"]
    assert world.writes() == [apply("us-philly")]


def test_a_token_that_upstream_s_cli_made_is_taken_as_the_link_s_own(world: World) -> None:
    annotations = {**world.issuer.annotations(), "skupper.io/cost": "1"}
    secret = made(
        secret_ref(),
        metadata={"labels": {TYPE: "connection-token"}, "annotations": annotations},
        type="kubernetes.io/tls",
        data=world.issuer.authority.issue(LINK),
    )
    world.linking.put(secret)
    done = world.perform()
    assert (done["changed"], done["link"]["up"], done["tokens"]) == (False, True, [LINK])
    rotated = world.perform(state="rotated")
    assert rotated["token"] == SECOND
    assert list(world.linking.secrets("connection-token")) == [SECOND]


def test_a_token_of_a_policy_that_left_its_author_out_is_known_by_where_it_leads(world: World) -> None:
    annotations = {key: value for key, value in world.issuer.annotations().items() if "/" not in key}
    metadata = {"labels": {TYPE: "connection-token"}, "annotations": annotations}
    world.linking.put(made(secret_ref(), metadata=metadata, data=world.issuer.authority.issue(LINK)))
    assert world.perform()["tokens"] == [LINK]
    assert world.writes() == []


def test_a_name_that_stands_for_something_else_is_passed_over(world: World) -> None:
    annotations = {**world.issuer.annotations(), "skupper.io/generated-by": "another-site"}
    theirs = made(secret_ref(), metadata={"labels": {TYPE: "connection-token"}, "annotations": annotations})
    world.linking.put({**theirs, "data": world.linking.authority.issue(LINK)})
    world.issuer.put(made(secret_ref(SECOND), data={}))
    done = world.perform()
    assert done["token"] == f"{LINK}-3"
    assert world.linking.token()["metadata"]["annotations"]["skupper.io/generated-by"] == "another-site"


def test_a_later_token_of_a_link_with_a_shorter_name_is_not_taken_for_the_link_s_own(world: World) -> None:
    shorter = world.perform(name="west")
    world.perform(name="west", state="rotated", wait_timeout=5)
    done = world.perform(name="west-2")
    assert (shorter["token"], done["token"]) == ("west", "west-2-2")
    assert done["tokens"] == ["west-2-2"]


def test_a_token_of_a_replaced_authority_is_followed_by_another(world: World) -> None:
    world.perform()
    world.issuer.revoke()
    world.forget_writes()
    done = world.perform()
    assert done["link"]["up"]
    assert done["token"] == SECOND
    made_anew = [apply("ca-central", SECOND), apply("us-philly", SECOND)]
    assert world.writes() == [*made_anew, delete("us-philly"), delete("ca-central")]


def test_a_token_that_has_expired_is_followed_by_another(world: World) -> None:
    world.perform()
    old = world.issuer.authority.issue(LINK, until=now() - timedelta(hours=1))
    world.linking.token()["data"] = world.issuer.token()["data"] = old
    done = world.perform()
    assert (done["token"], done["link"]["up"]) == (SECOND, True)


def test_another_cost_takes_another_token_as_routers_do_not_take_it_up(world: World) -> None:
    world.perform()
    done = world.perform(cost=5)
    assert (done["token"], done["link"]["cost"]) == (SECOND, 5)
    assert world.linking.connectors()[SECOND]["cost"] == 5


def test_somebody_who_has_the_token_issued_over_and_over_is_named(world: World) -> None:
    world.perform()
    carrying = dict(world.linking.token()["data"])
    world.issuer.relabel("argocd-controller")
    world.work()
    assert world.issuer.token()["data"] != carrying
    world.forget_writes()
    done = world.perform()
    assert (done["changed"], done["link"]["up"], world.writes()) == (False, True, [])
    assert world.linking.token()["data"] == carrying
    assert len(world.warnings) == 1
    assert "argocd-controller" in world.warnings[0]
    assert "over and over" in world.warnings[0]


def test_a_label_that_somebody_flips_back_is_not_copied_and_its_writer_is_named(world: World) -> None:
    world.issuer.put(made(secret_ref(), metadata={"labels": {TYPE: "connection-token-request"}}))
    world.work()
    world.site_controller_runs = False
    world.issuer.relabel("argocd-controller")
    with pytest.raises(InterconnectError, match="asked for again by argocd-controller"):
        world.perform()
    assert world.linking.secrets("connection-token") == {}
    assert "argocd-controller" in world.warnings[0]


def test_without_the_site_s_authority_tokens_are_taken_as_they_are_and_that_is_said(world: World) -> None:
    answer = world.issuer._answer

    def forbid(request: str) -> None:
        answer(request)
        if request == f"get Secret {NAMESPACE}/skupper-site-server":
            raise Forbidden("may not get secrets")

    world.issuer._answer = forbid  # type: ignore[method-assign]
    assert world.perform()["link"]["up"]
    assert world.warnings == ["tokens are not compared with the site's present authority: may not get secrets"]


def test_a_token_of_which_a_part_was_removed_at_the_linking_site_is_mended(world: World) -> None:
    world.perform()
    del world.linking.token()["data"]["tls.key"]
    world.perform()
    assert world.linking.token()["data"] == world.issuer.token()["data"]


def test_no_key_is_left_unmasked(world: World) -> None:
    world.perform()
    for cluster in (world.issuer, world.linking):
        key = cluster.token()["data"]["tls.key"]
        assert {key, base64.b64decode(key).decode()} <= world.secrets


def test_absent_takes_the_tokens_out_on_both_sides(world: World) -> None:
    world.perform()
    world.forget_writes()
    check = world.perform(check=True, state="absent")
    done = world.perform(state="absent")
    assert check["diff"] == done["diff"]
    assert world.writes() == [delete("us-philly"), delete("ca-central")]
    assert world.linking.connectors() == {}
    assert world.perform(state="absent")["changed"] is False
