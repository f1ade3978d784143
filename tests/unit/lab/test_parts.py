# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the lab: in the order of their needs, and by the words that a user has for them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.lab import extensions
from tests.lab.assembly import Assembly
from tests.lab.build import PROGRAMS, Binaries
from tests.lab.errors import LabError
from tests.lab.lab import IMPORTERS
from tests.lab.layout import Layout
from tests.lab.part import Finish, Part, in_order, matching
from tests.lab.topology import CLUSTERS, OPTIONAL


def part(key: str, *needs: str) -> Part:
    cluster, name = key.split("/")
    return Part(cluster, name, ("true",), Finish(), needs)


def by_key(*parts: Part) -> dict[str, Part]:
    return {each.key: each for each in parts}


def test_a_part_comes_after_all_that_it_needs() -> None:
    parts = by_key(
        part("a/server", "a/store"), part("b/agent", "a/server", "b/server"), part("a/store"), part("b/server")
    )

    ordered = in_order(parts)

    assert sorted(ordered) == sorted(parts)
    assert all(ordered.index(need) < ordered.index(key) for key, each in parts.items() for need in each.needs)


def test_an_unknown_need_is_named() -> None:
    with pytest.raises(ValueError, match="a/server needs a/store, which does not exist"):
        in_order(by_key(part("a/server", "a/store")))


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="need each other"):
        in_order(by_key(part("a/one", "a/two"), part("a/two", "a/one")))


def test_a_word_stands_for_a_part_a_cluster_or_all() -> None:
    parts = by_key(part("a/one"), part("a/two"), part("b/one"))

    assert matching(parts, "a/two") == ["a/two"]
    assert matching(parts, "a") == ["a/one", "a/two"]
    assert matching(parts, "all") == ["a/one", "a/two", "b/one"]
    with pytest.raises(KeyError, match="no part 'c'; it has: a, a/one"):
        matching(parts, "c")


def test_what_is_optional_is_started_only_by_a_word_for_it() -> None:
    parts = by_key(
        part("a/one"),
        replace(part("b/one"), started_with="cluster"),
        replace(part("b/two"), started_with="nothing"),
    )

    assert matching(parts, "all", to_start=True) == ["a/one"]
    assert matching(parts, "b", to_start=True) == ["b/one"]
    assert matching(parts, "b/two", to_start=True) == ["b/two"]
    assert matching(parts, "b") == ["b/one", "b/two"], "to stop, or to look at"


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    layout = Layout(tmp_path)
    Binaries({name: f"/programs/{name}" for name in PROGRAMS}, {}).save(layout.binaries)
    assembly = Assembly(layout)
    assembly.prepare()
    return assembly


def test_no_process_of_the_lab_is_told_to_be_insecure(assembly: Assembly) -> None:
    flags = [flag for each in assembly.parts().values() for flag in each.argv]

    assert not [flag for flag in flags if "insecure" in flag or "skip-tls" in flag or "0.0.0.0" in flag]
    assert flags.count("--anonymous-auth=false") == len(CLUSTERS) + len(OPTIONAL)


def test_an_optional_cluster_has_an_extension_only_where_it_is_asked_for(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    Binaries({name: f"/programs/{name}" for name in PROGRAMS}, {}).save(layout.binaries)
    extensions.choose(layout, ["policy", "skupper"])
    assembly = Assembly(layout)
    assembly.prepare()
    name = OPTIONAL[0].name

    keys, parts = assembly.parts_of("skupper", name), assembly.parts()

    assert f"{name}/skupper-controller" in keys
    assert {parts[key].started_with for key in keys} == {"nothing"}
    assert set(keys).isdisjoint(matching(parts, name, to_start=True))
    assert parts[f"{CLUSTERS[0].name}/skupper-controller"].started_with == "all"
    for missing in ("policy", "argocd"):
        with pytest.raises(LabError, match=f"no extension {missing} in {name}"):
            assembly.parts_of(missing, name)


def test_what_the_lab_writes_is_for_its_owner_only(assembly: Assembly) -> None:
    secret = [file for file in assembly.layout.root.rglob("*") if file.suffix in (".key", ".kubeconfig")]

    assert len(secret) > 20
    assert {file.stat().st_mode & 0o777 for file in [*secret, assembly.layout.kubeconfig]} == {0o600}


def test_ports_and_credentials_survive_a_restart(assembly: Assembly) -> None:
    again = Assembly(assembly.layout)
    before = assembly.layout.kubeconfig.read_bytes()

    again.prepare()

    assert again.layout.kubeconfig.read_bytes() == before
    assert again.parts() == assembly.parts()


def test_the_cluster_to_import_and_its_importers_start_only_when_asked_for(assembly: Assembly) -> None:
    parts = assembly.parts()
    optional = {each.name for each in OPTIONAL}

    everything = matching(parts, "all", to_start=True)

    assert not [key for key in everything if key.split("/")[0] in optional]
    assert not set(IMPORTERS) & set(everything)
    for name in optional:
        started = matching(parts, name, to_start=True)
        assert f"{name}/klusterlet-operator" in started
        assert f"{name}/registration-agent" not in started, "that is for the operator to start"


def test_an_optional_cluster_has_a_context_as_long_as_it_is_there(assembly: Assembly) -> None:
    def contexts() -> list[str]:
        return [each["name"] for each in yaml.safe_load(assembly.layout.kubeconfig.read_text())["contexts"]]

    before = contexts()
    (optional,) = OPTIONAL
    assembly.prepare(optional.name)
    assert contexts() == [*before, optional.name]
    shutil.rmtree(assembly.layout.cluster(optional.name))
    assembly.prepare()
    assert contexts() == before
