# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a certificate request, read without a library, as a library wrote it."""

from __future__ import annotations

import base64
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multicluster.interconnect.plugins.module_utils._ocm.importing_der import (
    Malformed,
    elements,
    pem_content,
    request_subject,
    valid_until,
)
from tests.unit.ocm.requests_of_agents import agent_subject, certificate_pem, request_pem

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=60)
KINDS = st.sampled_from(["CN", "O", "L"])


@given(st.lists(st.tuples(KINDS, TEXT), max_size=6, unique=True))
def test_a_subject_is_read_as_it_was_written(attributes: list[tuple[str, str]]) -> None:
    locality = "550407"
    written = sorted((locality if kind == "L" else kind, value) for kind, value in attributes)
    assert sorted(request_subject(request_pem(attributes))) == written


def test_a_long_subject_has_long_lengths() -> None:
    subject = agent_subject("c" * 63, "a" * 36)
    assert sorted(request_subject(request_pem([*subject, ("O", "x" * 60)]))) == sorted([*subject, ("O", "x" * 60)])


@pytest.mark.parametrize("version_one", [False, True])
@pytest.mark.parametrize("year", [2026, 2049, 2051])  # behind 2049 there are four digits
def test_the_end_of_a_certificate_is_read(year: int, version_one: bool) -> None:
    until = datetime.datetime(year, 11, 22, 1, 2, 3, tzinfo=datetime.UTC)
    assert valid_until(certificate_pem(until, version_one)) == until


@given(st.binary(max_size=60))
def test_other_bytes_are_malformed_or_elements_and_never_anything_else(data: bytes) -> None:
    try:
        found = elements(data)
    except Malformed:
        return
    assert sum(len(content) for _tag, content in found) <= len(data)


@given(st.integers(min_value=0), st.integers(0, 255))
def test_a_damaged_request_is_malformed_or_says_something(place: int, value: int) -> None:
    der = bytearray(pem_content(REQUEST, "CERTIFICATE REQUEST"))
    der[place % len(der)] = value
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE REQUEST-----"
    try:
        subject = request_subject(pem)
    except Malformed:
        return
    assert all(isinstance(part, str) for attribute in subject for part in attribute)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE REQUEST-----\n!!!\n-----END CERTIFICATE REQUEST-----",
        "-----BEGIN CERTIFICATE REQUEST-----\n\n-----END CERTIFICATE REQUEST-----",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----",  # an empty sequence
        "-----BEGIN CERTIFICATE REQUEST-----\nMIA=\n-----END CERTIFICATE REQUEST-----",  # of indefinite length
    ],
)
def test_what_is_no_request_is_malformed(pem: str) -> None:
    with pytest.raises(Malformed):
        request_subject(pem)


def test_a_certificate_is_no_request() -> None:
    pem = certificate_pem(datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))
    with pytest.raises(Malformed, match="no CERTIFICATE REQUEST"):
        request_subject(pem)
    with pytest.raises(Malformed, match="no CERTIFICATE in PEM"):
        valid_until(REQUEST)


REQUEST = request_pem(agent_subject("ca-regina"))
