# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._wait.path import InvalidPath, Path

OBJECT: dict[str, Any] = {
    "metadata": {"annotations": {"a.b/c": "x", "it's": "y"}, "finalizers": []},
    "spec": {"ports": [{"port": 80}, {"port": 443}, {"name": "no number"}], "$ref": "z", "with-dash": 1},
    "status": {"byName": {"one": {"n": 1}, "two": {"n": 2}}, "null": None},
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("spec.ports[0].port", [80]),
        (".spec.ports[1].port", [443]),
        ("spec.ports[*].port", [80, 443]),
        ('metadata.annotations["a.b/c"]', ["x"]),
        ("metadata.annotations['a.b/c']", ["x"]),
        ('metadata.annotations["it\'s"]', ["y"]),
        ("['spec'].$ref", ["z"]),
        ("spec.with-dash", [1]),
        ("status.byName[*].n", [1, 2]),
        ("status.null", [None]),
        ("spec.ports[3]", []),
        ("spec.ports.port", []),
        ("status.phase", []),
        ("status.null.deeper", []),
        ("metadata.finalizers[*]", []),
        ("spec.with-dash[*]", []),
        ("spec[0]", []),
    ],
)
def test_a_path_leads_to_its_values(path: str, values: list[Any]) -> None:
    assert Path.parse(path).values(OBJECT) == values


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", "empty"),
        (" . ", "'.'"),
        ("status..phase", "'..phase'"),
        ("status.phase.", "'.'"),
        ("metadata.annotations.a/b", "'/b'"),
        ("status[x]", "'status'"),
        ("status[-1]", "'status'"),
        ("status[0", "'status'"),
        ("[0]name", "'name'"),
        ("status phase", "' phase'"),
        ("{.status.phase}", "'{.status.phase}'"),
    ],
)
def test_a_path_that_can_not_be_read_is_refused_with_the_place(path: str, place: str) -> None:
    with pytest.raises(InvalidPath) as error:
        Path.parse(path)
    assert place in str(error.value)


@given(st.lists(st.one_of(st.integers(0, 9), st.text().filter(lambda key: '"' not in key)), min_size=1, max_size=6))
def test_every_key_can_be_written_in_brackets(steps: list[int | str]) -> None:
    text = "".join(f"[{step}]" if isinstance(step, int) else f'["{step}"]' for step in steps)
    nested: Any = "the value"
    for step in reversed(steps):
        nested = {step: nested} if isinstance(step, str) else [None] * step + [nested]
    assert Path.parse(text).values(nested) == ["the value"]


def test_the_parents_of_a_field_are_what_it_would_stand_in() -> None:
    assert Path.parse("spec.ports[*].targetPort").parents(OBJECT) == OBJECT["spec"]["ports"]
