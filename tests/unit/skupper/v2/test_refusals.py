# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused for a v2 link, before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.poll import WaitTimeout
from tests.unit.skupper.v2.sites import HOST, LINK, SECOND, World, made, ref


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": "To_Central"}, "name: .*DNS label"),
        ({"name": "a" * 61}, "61 characters"),
        ({"namespace": "Boutique"}, "namespace"),
        ({"issuer_namespace": "-"}, "issuer_namespace"),
        ({"cost": 0}, "cost: is 0"),
        ({"redemptions": 0}, "redemptions"),
        ({"expiration": "soon"}, "expiration"),
        ({"renew_before": -1, "state": "rotated"}, "renew_before"),
        ({"renew_before": 3}, "goes with state: issued or rotated"),
        ({"renew": True}, "goes with state: issued"),
        ({"retire": True, "state": "absent"}, "goes with state: issued"),
        ({"renew": True, "retire": True, "state": "issued"}, "cut the link"),
        ({"state": "rotated", "distribution": "none", "renew_before": 3}, "renew_before"),
    ],
)
def test_wrong_parameters_are_refused_before_any_request(world: World, params: dict[str, Any], words: str) -> None:
    for cluster in (world.issuer, world.linking):
        cluster.reads.clear()
    with pytest.raises(InputError, match=words):
        world.perform(**params)
    assert (world.issuer.reads, world.linking.reads) == ([], [])


@pytest.mark.parametrize("side", ["issuer", "linking"])
def test_a_site_of_the_other_version_is_refused(world: World, side: str) -> None:
    cluster = getattr(world, side)
    cluster.put(made("ConfigMap", "skupper-site"))
    with pytest.raises(InterconnectError, match=r"v1 site .* and a v2 site"):
        world.perform()
    del cluster.objects[ref("Site", cluster.name)]
    world.work = lambda: None  # type: ignore[method-assign]
    with pytest.raises(InterconnectError, match=r"version: is v2, but .* has a Skupper v1 site"):
        world.perform()
    assert world.log == []


def test_a_v1_site_on_a_cluster_without_v2_is_refused_as_such(world: World) -> None:
    world.issuer.objects.clear()
    world.issuer.put(made("ConfigMap", "skupper-site"))
    world.issuer.missing_kinds = {"Site"}
    world.work = lambda: None  # type: ignore[method-assign]
    with pytest.raises(InterconnectError, match="has a Skupper v1 site"):
        world.perform()


@pytest.mark.parametrize(
    ("spec", "words"), [({"edge": True}, "edge site"), ({"linkAccess": "none"}, "accepts no links")]
)
def test_a_site_that_accepts_no_links_is_refused(world: World, spec: dict[str, Any], words: str) -> None:
    world.issuer.site["spec"] = spec
    world.issuer.site["status"]["endpoints"] = None
    with pytest.raises(InterconnectError, match=words):
        world.perform()
    assert world.log == []


def test_a_token_of_v1_offered_to_a_v2_site_is_refused(world: World) -> None:
    v1 = {"labels": {"skupper.io/type": "connection-token"}}
    world.linking.put(made("Secret", LINK, metadata=v1, type="Opaque", data={}))
    with pytest.raises(InterconnectError, match="connection-token of Skupper v1"):
        world.perform()
    assert world.log == []


def test_a_secret_that_is_no_token_is_left_alone(world: World) -> None:
    mine = made("Secret", LINK, type="Opaque", data={"password": "c2VjcmV0"})
    world.linking.put(mine)
    assert world.perform()["token"] == SECOND
    world.perform(state="absent")
    assert world.linking.of("Secret")[LINK]["data"] == mine["data"]


def test_a_link_of_a_site_with_itself_is_refused(world: World) -> None:
    world.linking = world.issuer
    with pytest.raises(InputError, match=r"issuer: .* can not be linked with itself"):
        world.perform()
    assert world.log == []


def test_a_site_without_address_is_waited_for_before_anything_is_asked_of_it(world: World) -> None:
    world.issuer.get_hosts()
    with pytest.raises(WaitTimeout, match="has no address yet"):
        world.perform()
    with pytest.raises(InterconnectError, match="Nothing was written"):
        world.perform(wait=False)
    assert world.log == []


def test_a_site_whose_certificate_does_not_name_its_address_yet_is_waited_for(world: World) -> None:
    world.issuer.sign_server("old.ca-central.example.com")
    with pytest.raises(WaitTimeout, match=f"does not name {HOST} yet"):
        world.perform()
    assert world.log == []
