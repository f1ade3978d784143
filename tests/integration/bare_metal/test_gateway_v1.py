# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways of Skupper v1 on a real podman: the traffic that they carry, and what they are mended from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.integration.bare_metal.gateways import HUB, IMAGE, MODULE, PHILLY, Gateways, gateways
from tests.integration.conftest import Audit
from tests.integration.lab.waiting import until
from tests.integration.runs import Ansible, step, triple
from tests.lab import Lab
from tests.lab.podman.engine import podman
from tests.lab.podman.images import variant

EXTENSION = "skupper"


@pytest.fixture(scope="module")
def v1(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    with gateways(lab, tmp_path_factory.mktemp("gateways")) as made:
        yield made


def test_a_gateway_is_made_once_and_carries_redis_to_all_sites(v1: Gateways, ansible: Ansible, audit: Audit) -> None:
    with audit() as asked:
        run = v1.run(ansible, *triple("gateway", MODULE, **v1.args()))
    check, made, again = (run.task(name) for name in ("check gateway", "gateway", "gateway again"))
    assert not made.failed, made.message
    resource, place = v1.resource(), v1.namespace
    assert asked.during(check) == asked.during(again) == []
    assert asked.during(made) == [
        f"{HUB}: patch secrets {place}/{resource}",
        f"{HUB}: patch secrets {place}/{resource}",
        f"{HUB}: patch configmaps {place}/{resource}",
        f"{HUB}: patch configmaps {place}/skupper-services",
        f"{HUB}: patch services {place}/redis-cart",
    ]
    assert (check.changed, made.changed, again.changed) == (True, True, False), run.output
    assert made["gateway"]["link"] == {"up": True, "message": "up"}
    assert (made["actions"], again["actions"]) == (["wrote", "created"], [])
    v1.ping(HUB, PHILLY)


@pytest.fixture
def standing(v1: Gateways, ansible: Ansible) -> Gateways:
    """The gateway as it is to be; the test's last task without options of its own leaves it so."""
    if not v1.is_settled:
        v1.task(ansible)
    v1.is_settled = False
    return v1


def test_another_port_is_taken_up_by_the_running_router(standing: Gateways, ansible: Ansible, audit: Audit) -> None:
    before, other = standing.container_id(), standing.containers.redis()
    standing.redis_cli(PHILLY, "SET", "where", "first")
    with audit() as asked:
        done = standing.task(ansible, ports=[f"6379:{other}"])
    assert asked.writes == [f"{HUB}: patch configmaps {standing.namespace}/{standing.resource()}"]
    assert done["actions"] == ["wrote", "unbound", "bound"]
    assert standing.container_id() == before
    assert standing.redis_cli(PHILLY, "GET", "where") == "$-1"
    standing.task(ansible)
    assert standing.redis_cli(PHILLY, "GET", "where") == "$5\r\nfirst"


def test_another_image_replaces_the_container(standing: Gateways, ansible: Ansible) -> None:
    before, other = standing.container_id(), f"localhost/lab/{standing.name}:next"
    variant(IMAGE, other)
    try:
        done = standing.task(ansible, image=other)
        assert done["actions"] == ["replaced"]
        assert done["gateway"]["versions"]["image"] == other
        assert standing.container_id() != before
        standing.ping(PHILLY)
        standing.task(ansible)
    finally:
        podman("rmi", other, check=False)


def lose_container_and_definition(v1: Gateways) -> None:
    podman("rm", "--force", "--time=1", v1.name)
    v1.delete(HUB, "configmaps", v1.resource())


def reboot(v1: Gateways) -> None:
    podman("stop", "--time=1", v1.name)


def edit_file_and_lose_service(v1: Gateways) -> None:
    (v1.home / "config" / "skrouterd.json").write_text("[]")
    v1.merge(HUB, "configmaps", "skupper-services", {"data": {"redis-cart": None}})
    until(lambda: not v1.get(HUB, "services", "redis-cart"), "the Service is gone")


def make_as_upstream(v1: Gateways) -> None:
    """As `skupper gateway init --type podman` leaves it: no digest, everybody can read the key, another order."""
    podman("rm", "--force", "--time=1", v1.name)
    for each in v1.home.rglob("*"):
        each.chmod(0o755 if each.is_dir() else 0o644)
    (v1.home / "config" / "routerid.txt").write_text("0d6e0000-0000-4000-8000-000000000000")
    variables = {"QDROUTERD_CONF_TYPE": "json", "QDROUTERD_CONF": "/opt/skupper/config/skrouterd.json"}
    podman(
        *("run", "--restart=always", "--detach", f"--name={v1.name}", "--network=host"),
        *(f"--env={key}={value}" for key, value in variables.items()),
        *(f"--volume={v1.home}:/opt/skupper:Z", IMAGE),
    )
    stored = v1.get(HUB, "configmaps", v1.resource())["data"]["skrouterd.json"]
    reordered = json.dumps(list(reversed(json.loads(stored))))
    v1.merge(HUB, "configmaps", v1.resource(), {"data": {"skrouterd.json": reordered}})


def lose_secret(v1: Gateways) -> None:
    v1.delete(HUB, "secrets", v1.resource())


def revoke(v1: Gateways) -> None:
    v1.revoke()


@pytest.mark.parametrize(
    ("harm", "actions", "writes"),
    [
        (lose_container_and_definition, ["created"], ["configmaps"]),
        (reboot, ["started"], []),
        (edit_file_and_lose_service, ["wrote", "restarted"], ["configmaps", "services"]),
        (make_as_upstream, ["wrote", "replaced"], ["configmaps"]),
        (lose_secret, ["wrote", "replaced"], ["secrets", "secrets"]),
        (revoke, ["wrote", "replaced"], ["secrets", "secrets"]),
    ],
)
def test_harm_is_mended(
    standing: Gateways,
    ansible: Ansible,
    audit: Audit,
    harm: Callable[[Gateways], None],
    actions: list[str],
    writes: list[str],
) -> None:
    harm(standing)
    with audit() as asked:
        done = standing.task(ansible)
    assert done["actions"] == actions
    assert [write.split()[2] for write in asked.writes] == writes
    assert done["gateway"]["link"]["up"]
    standing.ping(HUB)


def test_data_outlives_a_restart_of_the_router(standing: Gateways, ansible: Ansible, audit: Audit) -> None:
    assert standing.redis_cli(HUB, "SET", "cart", "full") == "+OK"
    with audit() as asked:
        run = standing.run(ansible, step("restart", MODULE, **standing.whole(state="restarted")))
    assert run.task("restart")["actions"] == ["restarted"], run.output
    assert asked.writes == []
    standing.ping(HUB)
    assert standing.redis_cli(HUB, "GET", "cart") == "$4\r\nfull"
    standing.is_settled = True


def test_keys_are_the_users_own_and_not_shown(standing: Gateways, ansible: Ansible) -> None:
    files = [each for each in standing.home.rglob("*") if each.is_file()]
    assert {each.name for each in files} >= {"tls.key", "skrouterd.json", "siteid.txt"}
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    key = (standing.home / "skupper-router-certs" / "conn1-profile" / "tls.key").read_text().splitlines()[3]
    (standing.home / "config" / "url.txt").unlink()  # so that files go over again
    run = ansible.steps(step("gateway", MODULE, **standing.args()), arguments=("-vvvv",))
    assert run.task("gateway").changed, run.output
    assert key not in run.output
    assert key not in str(run.task("gateway").result)
    standing.is_settled = True


def test_it_is_removed_from_both_sides_one_after_the_other(standing: Gateways, ansible: Ansible, audit: Audit) -> None:
    resource, place = standing.resource(), standing.namespace
    locked_out = {**standing.args()["cluster"], "api_key": "expired"}
    with audit() as asked:
        run = standing.run(
            ansible,
            step("host only", MODULE, **standing.whole(state="absent", cluster=locked_out)),
            *triple("absent", MODULE, **standing.whole(state="absent")),
        )
    failed = run.task("host only")
    assert failed.failed
    assert "remains what the cluster has of it" in failed.message
    assert (failed["actions"], len(failed["remains"])) == (["stopped", "removed"], 1)
    assert asked.during(failed) == []
    asked.expect_triple(
        run,
        "absent",
        [
            f"{HUB}: patch configmaps {place}/skupper-services",
            f"{HUB}: delete configmaps {place}/{resource}",
            f"{HUB}: delete secrets {place}/{resource}",
        ],
    )
    assert standing.objects() == {"secrets": [], "configmaps": [], "services": []}
    assert (standing.container(), standing.home.exists()) == ({}, False)
