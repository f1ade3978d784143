# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys from a supply: making one takes long, and what is tested here are not keys."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

generate = rsa.generate_private_key


@pytest.fixture(scope="session")
def supply() -> Iterator[rsa.RSAPrivateKey]:
    """More different keys in a row than any test needs."""
    return itertools.cycle([generate(65537, 2048) for _number in range(8)])


@pytest.fixture(autouse=True)
def keys_are_at_hand(monkeypatch: pytest.MonkeyPatch, supply: Iterator[rsa.RSAPrivateKey]) -> None:
    """Hand out the next key of the supply, of the size that every key must have."""

    def next_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        assert (public_exponent, key_size) == (65537, 2048)
        return next(supply)

    monkeypatch.setattr(rsa, "generate_private_key", next_key)
