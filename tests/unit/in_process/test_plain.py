# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible makes of YAML becomes plain data before a module's work sees it."""

from __future__ import annotations

import datetime
import json
import os
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.plugin_utils._in_process import _environment
from ansible_collections.multicluster.interconnect.plugins.plugin_utils._plain import plain


class Tagged(str):
    """As Ansible's own subclasses of str."""

    __slots__ = ("origin",)


class Encrypted:
    """As a value of `!vault`, which is text only when it is read as such."""

    def __str__(self) -> str:
        return "decrypted"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Tagged("x"), "x"),
        ({Tagged("a"): [Tagged("b"), (1, 2.5, True, None)]}, {"a": ["b", [1, 2.5, True, None]]}),
        (datetime.date(2026, 11, 22), "2026-11-22"),
        (datetime.datetime(2026, 11, 22, 1, 2, 3, tzinfo=datetime.UTC), "2026-11-22T01:02:03+00:00"),
        (Encrypted(), "decrypted"),
        ({"a"}, ["a"]),
    ],
)
def test_everything_becomes_what_json_has(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert json.loads(json.dumps(found)) == expected
    assert "Tagged" not in str(types_in(found))


def types_in(value: Any) -> list[type]:
    if isinstance(value, dict):
        return [found for pair in value.items() for entry in pair for found in types_in(entry)]
    if isinstance(value, list):
        return [found for entry in value for found in types_in(entry)]
    return [type(value)]


def test_variables_are_set_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFORE", "1")
    monkeypatch.delenv("ABSENT", raising=False)

    def fail_meanwhile() -> None:
        with _environment({"BEFORE": "2", "ABSENT": "2"}):
            assert (os.environ["BEFORE"], os.environ["ABSENT"]) == ("2", "2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_meanwhile()
    assert os.environ["BEFORE"] == "1"
    assert "ABSENT" not in os.environ
