# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a router survives a reboot, on hosts that have more or less of what that takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._podman import units
from ansible_collections.multicluster.interconnect.plugins.module_utils._podman.units import Boot, Places, offered
from tests.unit.podman.world import IMAGE, World

UNIT = "skupper-gateway.service"
CONTAINER = "skupper-gateway.container"


@pytest.fixture
def systemd(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A host with systemd, whose units are below the test's folder."""
    monkeypatch.setattr(units, "offered", lambda version: Boot(systemd=True, quadlet=False))
    monkeypatch.setattr(units, "places", lambda rootless, home: Places(str(tmp_path / "q"), str(tmp_path / "u")))
    return world


@pytest.fixture
def quadlet(systemd: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A host with Quadlet. systemd runs what the file says."""
    monkeypatch.setattr(units, "offered", lambda version: Boot(systemd=True, quadlet=True))
    return systemd


def systemctl(world: World) -> list[str]:
    return [line.removeprefix("systemctl ") for line in world.changed_by() if line.startswith("systemctl")]


def test_a_unit_starts_the_container(systemd: World, tmp_path: Path) -> None:
    assert systemd.run()["actions"] == ["wrote", "unit", "created"]
    assert systemctl(systemd) == ["daemon-reload", f"enable --now {UNIT}"]
    text = (tmp_path / "u" / UNIT).read_text(encoding="utf-8")
    assert "podman start gateway\n" in text
    assert "WantedBy=multi-user.target\n" in text
    assert systemd.warnings == []
    assert systemd.run()["actions"] == []


def test_a_unit_that_was_changed_or_disabled_is_put_right(systemd: World, tmp_path: Path) -> None:
    systemd.run()
    (tmp_path / "u" / UNIT).write_text(f"{units.MARK}\n[Unit]\n", encoding="utf-8")
    assert systemd.run()["actions"] == ["unit"]
    systemd.enabled.clear()
    assert systemd.run()["actions"] == ["unit"]
    assert systemd.run()["actions"] == []


def test_absent_takes_the_unit_along(systemd: World, tmp_path: Path) -> None:
    systemd.run()
    systemd.changed_by()
    assert systemd.run(state="absent")["actions"] == ["stopped", "unit", "removed"]
    assert systemctl(systemd) == [f"disable --now {UNIT}", "daemon-reload"]
    assert not (tmp_path / "u" / UNIT).exists()


def test_a_unit_of_somebody_else_is_left_alone(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "places", lambda rootless, home: Places(str(tmp_path / "q"), str(tmp_path / "u")))
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / UNIT).write_text("[Unit]\n", encoding="utf-8")
    world.run()
    assert "unit" not in world.run(state="absent")["actions"]
    assert (tmp_path / "u" / UNIT).exists()


def test_a_user_lingers(systemd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd.uid = 65534  # nobody, whom every host has
    monkeypatch.setattr(units, "lingers", lambda user: False)
    systemd.refuses["enable-linger"] = "Interactive authentication required."
    assert systemd.run()["actions"] == ["wrote", "unit", "linger", "created"]
    assert "run `loginctl enable-linger nobody` as root" in systemd.warnings[0]
    monkeypatch.setattr(units, "lingers", lambda user: True)
    assert systemd.run()["actions"] == []
    assert ["systemctl", "--user", "daemon-reload"] in systemd.log


def test_a_quadlet_is_the_whole_container(quadlet: World, tmp_path: Path) -> None:
    result = quadlet.run(check=True, env={"A": 'with "quotes" and 100%', "QDROUTERD_CONF": "x"})
    assert result["actions"] == ["wrote", "unit", "created"]
    quadlet.run(wait=False, env={"A": 'with "quotes" and 100%', "QDROUTERD_CONF": "x"})
    assert systemctl(quadlet) == ["daemon-reload", f"restart {UNIT}"]
    text = (tmp_path / "q" / CONTAINER).read_text(encoding="utf-8")
    for line in (
        "ContainerName=gateway",
        f"Image={IMAGE}",
        "Network=host",
        "PodmanArgs=--user=0:0",
        'Environment="A=with \\"quotes\\" and 100%%"',
        f"Volume={quadlet.home}:/opt/skupper:Z",
        "Restart=always",
        "WantedBy=multi-user.target",
    ):
        assert line in text.splitlines()
    assert 'Label="multicluster.interconnect/config-digest=sha256:' in text


def test_a_quadlet_of_a_user_keeps_his_number(quadlet: World, tmp_path: Path) -> None:
    quadlet.uid = 1000
    quadlet.refuses["loginctl"] = "no"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "lingers", lambda user: True)
        quadlet.run(wait=False)
    text = (tmp_path / "q" / CONTAINER).read_text(encoding="utf-8")
    assert "PodmanArgs=--user=1000:1000 --userns=keep-id" in text
    assert "WantedBy=default.target" in text


def test_a_newer_podman_takes_a_quadlet_in_the_place_of_the_unit(
    systemd: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.run()
    systemd.changed_by()
    monkeypatch.setattr(units, "offered", lambda version: Boot(systemd=True, quadlet=True))
    assert systemd.run(wait=False)["actions"] == ["unit", "replaced"]
    assert systemctl(systemd) == [f"disable --now {UNIT}", "daemon-reload", f"restart {UNIT}"]
    assert "gateway" not in systemd.boxes
    assert not (tmp_path / "u" / UNIT).exists()


def test_without_systemd_the_user_is_told(world: World) -> None:
    world.run()
    assert "has no systemd: router gateway is started after a reboot only where" in world.warnings[0]
    world.run()
    assert len(world.warnings) == 1


def test_what_a_host_offers(tmp_path: Path) -> None:
    there, missing = str(tmp_path), str(tmp_path / "none")
    assert offered("4.3.1", [there], there) == Boot(systemd=True, quadlet=False)
    assert offered("4.4.0", [there], there) == Boot(systemd=True, quadlet=True)
    assert offered("5.2.1", [missing], there) == Boot(systemd=True, quadlet=False)
    assert offered("5.2.1", [there], missing) == Boot(systemd=False, quadlet=False)
