# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which extensions a lab has, and what they leave as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import build, extensions
from tests.lab.errors import LabError
from tests.lab.layout import Layout


def test_a_lab_has_no_extension_unless_it_was_asked_for_one(tmp_path: Path) -> None:
    assert extensions.chosen(Layout(tmp_path)) == ()


def test_a_lab_remembers_its_extensions(tmp_path: Path) -> None:
    extensions.choose(Layout(tmp_path), ["skupper", "policy", "skupper"])

    assert extensions.chosen(Layout(tmp_path)) == ("policy", "skupper")


def test_an_unknown_extension_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LabError, match="no extension skuper; it has: policy, skupper"):
        extensions.checked(["skuper"])


def test_programs_of_extensions_are_known_and_not_built_by_default() -> None:
    wanted = extensions.programs(extensions.EXTENSIONS)

    assert set(wanted) <= set(build.PROGRAMS)
    assert not set(wanted) & set(build.WANTED)


def test_an_extension_keeps_its_programs_apart_from_those_of_the_module() -> None:
    assert build.cache_dir("control", "go1.26", "skupper") != build.cache_dir("control", "go1.26")


def test_skupper_is_stamped_with_its_release() -> None:
    flags = build.link_flags(build.PROGRAMS["skupper-controller"])

    assert flags == "-s -w -X github.com/skupperproject/skupper/internal/version.Version=2.0.0"
