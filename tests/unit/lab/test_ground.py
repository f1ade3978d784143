# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab stands on: programs, certificates, ports, folders."""

from __future__ import annotations

import datetime
import socket
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.lab import build
from tests.lab.errors import LabError
from tests.lab.layout import Layout
from tests.lab.pki import Authority
from tests.lab.ports import Ports, is_free
from tests.lab.tables import duration, table


def test_a_build_is_kept_under_the_hash_of_all_that_it_is_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    module = tmp_path / "control"
    module.mkdir()
    for name in ("go.mod", "go.sum", "main.go"):
        (module / name).write_text("1")
    folders = [build.cache_dir("control", "go1.26.1")]

    assert build.cache_dir("control", "go1.26.1") == folders[0]
    folders.append(build.cache_dir("control", "go1.26.2"))
    for name in ("go.mod", "go.sum", "main.go"):
        (module / name).write_text("2")
        folders.append(build.cache_dir("control", "go1.26.1"))
    assert len(set(folders)) == len(folders)


def test_kubernetes_programs_are_stamped_with_the_version_of_the_lock_file() -> None:
    flags = build.link_flags(build.PROGRAMS["kube-apiserver"])

    assert "-X k8s.io/component-base/version.gitVersion=v1." in flags
    assert build.link_flags(build.PROGRAMS["etcd"]) == "-s -w"


def test_the_user_s_own_programs_are_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "etcd"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    assert build.ready_made("etcd") is None

    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert build.ready_made("etcd") == str(program)
    assert build.ready_made("kube-apiserver") is None


def test_a_client_certificate_names_user_and_groups_and_may_have_expired(tmp_path: Path) -> None:
    authority = Authority.ensure(tmp_path, "ca", "test-ca")
    end = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)

    certificate = x509.load_pem_x509_certificate(authority.issue("alice", ["devs", "ops"], not_after=end).certificate)

    assert [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == [
        "devs",
        "ops",
    ]
    assert [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["alice"]
    assert certificate.not_valid_before_utc < certificate.not_valid_after_utc < datetime.datetime.now(datetime.UTC)
    assert Authority.ensure(tmp_path, "ca", "test-ca").certificate == authority.certificate


def test_a_port_is_remembered_and_a_taken_one_avoided(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = Ports(tmp_path / "ports.json")
        chosen = ports.of("a/server", "127.0.0.1", preferred=taken)
        ports.save()

        assert chosen != taken
        assert is_free("127.0.0.1", chosen)
        assert not is_free("127.0.0.1", taken)
        assert Ports(tmp_path / "ports.json").of("a/server", "127.0.0.1", preferred=1) == chosen


def test_a_port_on_all_addresses_is_nobody_else_s(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    promised = ports.of("a/server", "127.0.0.1")
    anywhere = ports.of("b/server", "0.0.0.0", preferred=promised)
    assert anywhere != promised
    assert ports.of("c/server", "127.0.0.2", preferred=anywhere) != anywhere
    assert ports.of("d/server", "127.0.0.2", preferred=promised) == promised


def test_a_port_on_all_addresses_is_none_that_another_lab_would_choose_for_one(tmp_path: Path) -> None:
    mine, other = Ports(tmp_path / "mine.json"), Ports(tmp_path / "other.json")
    anywhere = {mine.of(f"{each}/server", "0.0.0.0") for each in "abcdefgh"}
    assert not anywhere & {other.of(f"{each}/server", "127.0.0.1") for each in range(2000)}


def test_a_remembered_port_that_somebody_took_is_named(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    port = ports.of("a/server", "127.0.0.1")
    ports.require_free()
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(LabError, match=rf"127\.0\.0\.1:{port} \(a/server\)"),
    ):
        ports.require_free()


def test_a_folder_of_somebody_else_is_never_taken_for_a_lab(tmp_path: Path) -> None:
    Layout(tmp_path / "new").require_own()
    Layout(tmp_path).require_own()
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LabError, match="not a lab's folder"):
        Layout(tmp_path).require_own()
    Layout(tmp_path).marker.touch()
    Layout(tmp_path).require_own()


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(("part", "pid"), [("etcd", 7), ("kube-apiserver", 12345)]).splitlines() == [
        "part              pid",
        "etcd                7",
        "kube-apiserver  12345",
    ]


@pytest.mark.parametrize(("seconds", "said"), [(7.34, "7.3 s"), (250, "4 min"), (7500, "2 h 05 min")])
def test_durations_read_well(seconds: float, said: str) -> None:
    assert duration(seconds) == said
