# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways of v2: what is made, kept, mended and refused on both sides."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
    Unreachable,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman import units
from tests.unit.skupper.v2.sites import HOST
from tests.unit.skupper_gateway.world_v2 import CONTAINER, NAME, GatewayWorldV2

WHOLE: dict[str, Any] = {"address": None, "ports": None}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GatewayWorldV2:
    monkeypatch.setattr(units, "offered", lambda version: units.Boot(systemd=False, quadlet=False))
    return GatewayWorldV2(tmp_path)


@pytest.fixture
def standing(world: GatewayWorldV2) -> GatewayWorldV2:
    world.gateway()
    world.changes()
    return world


def resource(world: GatewayWorldV2) -> str:
    (name,) = [name for name in world.issuer.of("Certificate") if name.startswith("skupper-gateway-")]
    return name


def test_it_is_made_of_a_certificate_and_a_container(world: GatewayWorldV2) -> None:
    result = world.gateway()
    name = resource(world)
    assert world.changes() == [f"ca-central: apply Certificate boutique/{name}", "podman run"]
    assert result["gateway"]["link"] == {"up": True, "message": "up"}
    assert result["gateway"]["edge"] == {"host": HOST, "port": "45671"}
    spec = world.issuer.of("Certificate")[name]["spec"]
    assert spec == {
        "ca": "skupper-site-ca",
        "client": True,
        "server": True,
        "subject": name,
        "hosts": ["127.0.0.1", "localhost"],
    }
    (connector,) = world.entities("tcpConnector")
    assert (connector["name"], connector["address"], connector["port"]) == (
        "redis-cart@127.0.0.1",
        "redis-cart",
        "6379",
    )
    key = (world.home / f"runtime/certs/{name}-profile/tls.key").read_text(encoding="utf-8")
    assert key not in json.dumps(result)


def test_again_changes_nothing(standing: GatewayWorldV2) -> None:
    result = standing.gateway()
    assert (result["changed"], result["actions"], standing.changes()) == (False, [], [])


def test_a_check_run_predicts(world: GatewayWorldV2) -> None:
    result = world.gateway(check=True)
    assert (result["changed"], result["actions"]) == (True, ["wrote", "created"])
    assert world.changes() == []
    assert not world.home.exists()


def test_another_address_is_added_while_the_router_runs(standing: GatewayWorldV2) -> None:
    started = standing.box.started
    result = standing.gateway(address="metrics", ports=["80:9090", "443:9443"])
    assert result["actions"] == ["wrote", "bound"]
    assert sorted(each["address"] for each in standing.entities("tcpConnector")) == [
        "metrics-443",
        "metrics-80",
        "redis-cart",
    ]
    assert standing.box.started == started
    assert standing.gateway()["actions"] == []
    left = standing.gateway(state="absent", address="metrics", ports=None)
    assert left["actions"] == ["wrote", "removed", "unbound"]
    assert [each["address"] for each in left["gateway"]["bindings"]] == ["redis-cart"]


def test_a_service_of_the_sites_is_forwarded(standing: GatewayWorldV2) -> None:
    standing.gateway(mode="forward", address="frontend", ports=["80:8080"])
    (listener,) = standing.entities("tcpListener")
    assert (listener["name"], listener["address"], listener["host"]) == ("frontend", "frontend", "127.0.0.1")
    assert len(standing.entities("tcpConnector")) == 1


def test_credentials_of_a_replaced_authority_are_issued_anew(standing: GatewayWorldV2) -> None:
    standing.issuer.revoke()
    result = standing.gateway()
    assert result["actions"] == ["wrote", "replaced"]
    assert result["gateway"]["link"]["up"]
    assert standing.gateway()["changed"] is False


def test_credentials_are_renewed_before_they_expire(world: GatewayWorldV2) -> None:
    world.life = timedelta(days=20)
    world.gateway(renew_before=10)
    world.life = timedelta(days=365)
    assert world.gateway(renew_before=10)["changed"] is False
    assert "replaced" in world.gateway(renew_before=30)["actions"]


def test_a_certificate_that_has_gone_is_issued_again(standing: GatewayWorldV2) -> None:
    assert standing.gateway(state="restarted", **WHOLE)["actions"] == ["restarted"]
    name = resource(standing)
    for kind in ("Certificate", "Secret"):
        del standing.issuer.objects[
            next(ref for ref in standing.issuer.objects if (ref.kind, ref.name) == (kind, name))
        ]
    assert standing.gateway()["actions"] == ["wrote", "replaced"]


def test_a_site_that_moves_is_followed(standing: GatewayWorldV2) -> None:
    standing.issuer.get_hosts("moved.example.com")
    assert standing.gateway()["actions"] == ["wrote", "replaced"]
    (connector,) = standing.entities("connector")
    assert connector["host"] == "moved.example.com"


def test_notes_that_are_lost_are_made_up_from_the_routers_file(standing: GatewayWorldV2) -> None:
    before = json.loads(standing.home.joinpath("runtime/router/skrouterd.json").read_text(encoding="utf-8"))
    standing.home.joinpath("internal/gateway.json").unlink()
    assert standing.gateway(address="metrics", ports=["9090"])["actions"] == ["wrote", "bound"]
    after = json.loads(standing.home.joinpath("runtime/router/skrouterd.json").read_text(encoding="utf-8"))
    assert [pair for pair in after if pair[0] != "tcpConnector"] == [
        pair for pair in before if pair[0] != "tcpConnector"
    ]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": "redis.example.com"}, "can not be the name of a site of v2"),
        ({"protocol": "http"}, "protocol: http is not known to Skupper v2"),
        ({"sign": True}, "sign: is for v1"),
    ],
)
def test_what_can_not_be(world: GatewayWorldV2, params: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        world.gateway(**params)
    assert world.changes() == []


def test_a_site_that_accepts_no_links_is_refused(world: GatewayWorldV2) -> None:
    world.issuer.site["spec"] = {"edge": True}
    with pytest.raises(InterconnectError, match="is an edge site, and those accept no links"):
        world.gateway()
    assert world.changes() == []


def test_a_podman_site_of_another_network_is_refused(standing: GatewayWorldV2) -> None:
    standing.issuer.site["metadata"]["uid"] = "another"
    with pytest.raises(InterconnectError, match="of another network than namespace boutique"):
        standing.gateway()
    with pytest.raises(InterconnectError, match="of another network"):
        standing.gateway(state="absent", **WHOLE)
    assert standing.changes() == []


def test_a_host_without_podman_is_refused(world: GatewayWorldV2) -> None:
    world.host.version = None
    with pytest.raises(InterconnectError, match=r"podman is not installed on .* Nothing was written"):
        world.gateway()
    assert world.changes() == []


def test_absent_removes_both_halves(standing: GatewayWorldV2) -> None:
    name = resource(standing)
    result = standing.gateway(state="absent", **WHOLE)
    assert result["gateway"] is None
    assert standing.changes() == [f"ca-central: delete Certificate boutique/{name}", "podman rm"]
    assert not standing.home.exists()
    assert standing.gateway(state="absent", **WHOLE)["changed"] is False


def test_the_last_address_takes_the_gateway_along(standing: GatewayWorldV2) -> None:
    assert standing.gateway(state="absent", ports=None)["gateway"] is None
    assert CONTAINER not in standing.host.boxes


def test_absent_without_the_host_cleans_the_cluster_and_says_what_remains(standing: GatewayWorldV2) -> None:
    standing.down = "ssh: connect to host redis-1 port 22: No route to host"
    with pytest.raises(InterconnectError, match=f"of gateway {NAME} remains what the host has of it.*No route to host"):
        standing.gateway(state="absent", **WHOLE)
    assert [name for name in standing.issuer.of("Certificate") if name.startswith("skupper-gateway-")] == []
    standing.down = ""
    assert standing.gateway(state="absent", **WHOLE)["changed"]


def test_absent_without_the_cluster_cleans_the_host_and_says_what_remains(
    standing: GatewayWorldV2, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(request: str) -> None:
        raise Unreachable(f"ca-central does not answer to {request}")

    with monkeypatch.context() as patch:
        patch.setattr(standing.issuer, "_answer", unreachable)
        with pytest.raises(InterconnectError, match="remains what the cluster has of it, as it could not be asked"):
            standing.gateway(state="absent", **WHOLE)
    assert not standing.home.exists()
    assert standing.gateway(state="absent", **WHOLE)["changed"]
