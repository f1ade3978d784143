# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version stands in a namespace; durations as Go writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.multicluster.interconnect.plugins.module_utils._client.errors import (
    InputError,
    InterconnectError,
)
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.durations import parse
from ansible_collections.multicluster.interconnect.plugins.module_utils._skupper.sites import (
    active_site,
    refuse_other_version,
    standing,
)

WHERE = "namespace boutique of https://hub"
CONFIG = {"metadata": {"name": "skupper-site"}}


def site(name: str, created: str = "", configured: str = "") -> dict[str, Any]:
    conditions = [{"type": "Configured", "status": configured}] if configured else None
    return {"metadata": {"name": name, "creationTimestamp": created}, "status": {"conditions": conditions}}


@pytest.mark.parametrize(
    ("config", "sites", "version"),
    [(None, [], ""), (CONFIG, [], "v1"), (None, [site("a")], "v2"), (CONFIG, [site("a")], "both")],
)
def test_version_is_told_by_what_stands_there(config: Any, sites: list[Any], version: str) -> None:
    assert standing(config, sites) == version


@pytest.mark.parametrize(
    ("version", "found", "words"),
    [
        ("v2", "v1", "version: is v2, but namespace boutique of https://hub has a Skupper v1 site"),
        ("v1", "v2", "version: is v1, but namespace boutique of https://hub has a Skupper v2 site"),
        ("v2", "both", "Remove one of them"),
        ("v1", "", "has no Skupper v1 site"),
    ],
)
def test_other_version_is_refused(version: str, found: str, words: str) -> None:
    with pytest.raises(InterconnectError, match=words):
        refuse_other_version(version, found, WHERE)
    refuse_other_version(version, version, WHERE)


def test_site_that_the_controller_took_up_counts() -> None:
    first, second = site("first", "2026-01-01", "False"), site("second", "2026-01-02", "True")
    assert active_site([first, second]) is second
    assert active_site([]) is None


def test_first_site_counts_where_none_is_taken_up_yet() -> None:
    later, sooner = site("later", "2026-01-02"), site("sooner", "2026-01-01")
    assert active_site([later, sooner]) is sooner


@pytest.mark.parametrize(
    ("text", "seconds"), [("15m", 900), ("1h30m", 5400), ("90s", 90), ("1h", 3600), ("1h1m1s", 3661)]
)
def test_duration_is_read(text: str, seconds: int) -> None:
    assert parse(text, "expiration") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "0m", "15", "m", "-5m", "5 m", "1d", "5m1h", "1.5h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expiration"):
        parse(text, "expiration")
